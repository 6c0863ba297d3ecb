"""A simulated board: the chip, its wiring and the air it moves, on one virtual clock."""
