"""What each chip allows a pin to do. Sources: ESP-IDF 5.5 and ports/esp32 of MicroPython 1.28.

ADC range at 11 dB in mV; a reading at either end says nothing about the sensor.
"""

# name: (pins that exist and are not the flash's, input only, never an actuator (start-up pulses, UART0, USB), ADC1 pins,
#        lowest and highest mV of the ADC, PWM channels, PWM timers (different frequencies))
CHIPS = {
    "esp32": (
        (0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33, 34, 35, 36, 37, 38, 39),
        (34, 35, 36, 37, 38, 39),
        (0, 1, 3, 5, 12, 14, 15),
        (32, 33, 34, 35, 36, 37, 38, 39),
        150,
        2450,
        16,
        8,
    ),
    "esp32s3": (
        tuple(list(range(22)) + list(range(33, 49))),
        (),
        (0, 3, 19, 20, 43, 44, 45, 46),
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        0,
        3100,
        8,
        4,
    ),
    "esp32c3": (
        (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 19, 20, 21),
        (),
        (2, 8, 9, 18, 19, 20, 21),
        (0, 1, 2, 3, 4),
        0,
        2500,
        6,
        4,
    ),
    "esp32c6": (
        (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23),
        (),
        (8, 9, 12, 13, 15, 16, 17),
        (0, 1, 2, 3, 4, 5, 6),
        0,
        3300,
        6,
        4,
    ),
}

# Pins that the chip's own PSRAM takes.
PSRAM = {("esp32", "quad"): (16, 17), ("esp32s3", "octal"): (33, 34, 35, 36, 37)}

PINS, INPUT_ONLY, NEVER_ACTUATOR, ADC1, ADC_LOW_MV, ADC_HIGH_MV, PWM_CHANNELS, PWM_TIMERS = range(8)
