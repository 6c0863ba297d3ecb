"""What the firmware costs on the chip: bytes of heap, opcodes, ADC time, bytecode."""
