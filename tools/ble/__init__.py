"""The Bluetooth protocol for people and programs: PROTOCOL.md and the vectors, both made from the firmware's own table."""
