"""`peristal`: the legs from a terminal or a script, over Bluetooth (bleak) or in the simulator (`--sim`)."""
