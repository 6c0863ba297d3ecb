// generated from board.py by tools/dev.py documents
#define MICROPY_HW_BOARD_NAME               "Peristal esp32c3_mini"
#define MICROPY_HW_MCU_NAME                 "ESP32C3"

#define MICROPY_HW_ENABLE_SDCARD            (0)
#define MICROPY_PY_MACHINE_I2S              (0)

// Modules with a USB-UART bridge besides the chip's own USB.
#define MICROPY_HW_ENABLE_UART_REPL         (1)
