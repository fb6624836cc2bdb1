"""Rule pages, each the documentation and the test of a rule: parsing, and tests by the engine and `audit`."""
