"""The tests: beside each other as the source is, plus architecture/, compat/, contracts/ and e2e/."""
