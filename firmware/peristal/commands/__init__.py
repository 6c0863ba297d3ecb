"""The console's words, one module a theme; each ends with its rows of the table."""
