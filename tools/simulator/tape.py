"""The tape: every value the firmware was given and every output it made, in call order.

A run recorded in the simulator is replayed on another interpreter: the inputs are fed back, the outputs must come out the same.
Two byte streams, both little-endian without padding:

    inputs   INPUT_FORMAT   kind, value         what a call returned, or which call let time pass
    outputs  OUTPUT_FORMAT  kind, pin, value    what a call set (pin 0 where there is none)

Every value fits the 31-bit small integer of MicroPython. The kind numbers are given here and nowhere else; a number once given keeps its
meaning.
"""

import struct
from pathlib import Path

INPUT_FORMAT = "<Bi"
OUTPUT_FORMAT = "<BBi"
INPUT_BYTES = struct.calcsize(INPUT_FORMAT)
OUTPUT_BYTES = struct.calcsize(OUTPUT_FORMAT)

# Inputs: kind -> meaning of the value.
INPUTS = {
    "TICKS_MS": 1,  # time.ticks_ms()
    "TICKS_US": 2,  # time.ticks_us()
    "ADC_MV": 3,  # ADC.read_uv() / 1000 (the chip gives whole millivolts)
    "PIN_LEVEL": 4,  # Pin.value() and Pin(): 0 or 1
    "RESET_CAUSE": 5,  # machine.reset_cause()
    "RTC_LENGTH": 6,  # RTC().memory(): its length; then as many RTC_BYTES as needed
    "RTC_BYTES": 7,  # three bytes of RTC memory, the first one lowest (the last entry filled up with zeros)
    "SLEEP": 8,  # time passed in sleep_us/sleep_ms/sleep: the argument in us, cut to 2**30 - 1; returns nothing
    "TIMER_FIRED": 9,  # a timer callback ran inside this call, before its value was made: the timer's id
    "PIN_IRQ": 10,  # a pin's irq handler ran inside this call, before its value was made: the GPIO
    "ADC_U16": 11,  # ADC.read_u16()
    "ADC_RAW": 12,  # ADC.read(): 0..4095
    "SCHEDULED": 13,  # a micropython.schedule callback ran inside this call, before its value was made: 0
    "TIME_S": 14,  # time.time(): seconds since 2000-01-01
    "STDIN_READY": 15,  # poll() or ipoll(): the events of the first stream that is ready, 0 when none is
    "STDIN_BYTE": 16,  # one byte of sys.stdin or its buffer, as it came in
}

# Outputs: kind -> meaning of the value.
OUTPUTS = {
    "PIN_VALUE": 1,  # level written to an output pin (value=, value(), on(), off(), toggle()): 0 or 1
    "PWM_FREQ": 2,  # frequency asked for, Hz
    "PWM_DUTY_U16": 3,  # duty asked for, 0..65535
    "PWM_DUTY_NS": 4,  # pulse width asked for, ns
    "PWM_DUTY": 5,  # duty asked for in the port's old unit, 0..1023
    "PWM_DEINIT": 6,  # PWM.deinit(): 0
    "WDT_FEED": 7,  # WDT.feed(): 0
    "NEOPIXEL": 8,  # one LED at NeoPixel.write(): red << 16 | green << 8 | blue, an entry for each LED in order
    "WDT_TIMEOUT": 9,  # WDT(timeout=): milliseconds
}

INPUT_NAMES = {number: name for name, number in INPUTS.items()}
OUTPUT_NAMES = {number: name for name, number in OUTPUTS.items()}


class Tape:
    """Records while it is a chip's `tape`.

    `inputs` and `outputs` are the byte streams, `marks` maps a name to its (input, output) entry index.
    """

    def __init__(self) -> None:
        self.inputs = bytearray()
        self.outputs = bytearray()
        self.marks: dict[str, tuple[int, int]] = {}
        self._pack_input = struct.Struct(INPUT_FORMAT).pack
        self._pack_output = struct.Struct(OUTPUT_FORMAT).pack

    def given(self, kind: int, value: int) -> None:
        """Append an input. Raises struct.error for a value beyond 32 bits."""
        self.inputs += self._pack_input(kind, value)

    def made(self, kind: int, pin: int, value: int) -> None:
        """Append an output. Raises struct.error for a pin beyond 0..255 or a value beyond 32 bits."""
        self.outputs += self._pack_output(kind, pin, value)

    def rtc_read(self, memory: bytes) -> None:
        """Append a read of the RTC memory: its length, then its bytes by threes."""
        self.given(INPUTS["RTC_LENGTH"], len(memory))
        for start in range(0, len(memory), 3):
            self.given(INPUTS["RTC_BYTES"], int.from_bytes(memory[start : start + 3], "little"))

    def mark(self, name: str) -> None:
        """Remember this point of the tape, in entries from the start."""
        self.marks[name] = (len(self.inputs) // INPUT_BYTES, len(self.outputs) // OUTPUT_BYTES)

    def input_list(self) -> list[tuple[str, int]]:
        """The inputs as (kind name, value), for tests and for messages."""
        return [(INPUT_NAMES[kind], value) for kind, value in struct.iter_unpack(INPUT_FORMAT, self.inputs)]

    def output_list(self) -> list[tuple[str, int, int]]:
        """The outputs as (kind name, pin, value), for tests and for messages."""
        return [(OUTPUT_NAMES[kind], pin, value) for kind, pin, value in struct.iter_unpack(OUTPUT_FORMAT, self.outputs)]

    def save(self, folder: Path) -> None:
        """Write `inputs.bin` and `outputs.bin` into an existing folder."""
        (folder / "inputs.bin").write_bytes(self.inputs)
        (folder / "outputs.bin").write_bytes(self.outputs)
