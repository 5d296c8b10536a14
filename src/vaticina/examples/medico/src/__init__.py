"""medico's own code: where its patients come from, and how their values are put on one scale."""
