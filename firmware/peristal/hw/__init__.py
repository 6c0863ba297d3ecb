"""The only rooms that import machine."""
