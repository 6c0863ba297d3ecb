// generated from board.py by tools/dev.py documents
#define MICROPY_HW_BOARD_NAME               "Peristal esp32_manifold"
#define MICROPY_HW_MCU_NAME                 "ESP32"

#define MICROPY_HW_ENABLE_SDCARD            (0)
#define MICROPY_PY_MACHINE_I2S              (0)
