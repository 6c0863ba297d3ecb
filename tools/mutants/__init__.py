"""Mutants of the code that keeps people safe, and the tests that kill them: `make mutants`."""
