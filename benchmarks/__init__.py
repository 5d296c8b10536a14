"""How fast Vaticina serves, beside floors, a hand-written service and its peers, on the machine at hand."""
