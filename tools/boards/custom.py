"""The files that make a board's folder a custom MicroPython board, from the same board.py."""

from __future__ import annotations

import json

from peristal.core.board import Board
from tools.boards.names import CHIP_NAMES, panel_parts, place

MADE = "generated from board.py by tools/dev.py documents"
# What ports/esp32 of MicroPython 1.26 and later has for each chip.
SDKCONFIG = {
    "esp32": ("boards/sdkconfig.base", "boards/sdkconfig.ble"),
    "esp32s3": ("boards/sdkconfig.base", "boards/sdkconfig.ble", "boards/sdkconfig.240mhz"),
    "esp32c3": ("boards/sdkconfig.base", "boards/sdkconfig.ble"),
    "esp32c6": ("boards/sdkconfig.base", "boards/sdkconfig.ble"),
}
FLASH_OFFSET = {"esp32": "0x1000", "esp32s3": "0", "esp32c3": "0", "esp32c6": "0"}


def files(board: Board) -> dict[str, str]:
    """File name -> content."""
    return {
        "board.json": board_json(board),
        "mpconfigboard.h": mpconfigboard_h(board),
        "mpconfigboard.cmake": mpconfigboard_cmake(board),
        "pins.csv": pins_csv(board),
        "manifest.py": manifest(board),
    }


def board_json(board: Board) -> str:
    """What MicroPython's list of boards shows."""
    fields = {
        "deploy": ["board.md"],
        "deploy_options": {"flash_offset": FLASH_OFFSET[board.chip]},
        "docs": "",
        "features": ["BLE"],
        "images": ["wiring.svg"],
        "mcu": board.chip,
        "product": board.title,
        "thumbnail": "",
        "url": "",
        "vendor": "Peristal",
    }
    return json.dumps(fields, indent=4) + "\n"


def mpconfigboard_h(board: Board) -> str:
    """Names; the REPL stays on the port that the module's USB has."""
    lines = [
        f"// {MADE}",
        f'#define MICROPY_HW_BOARD_NAME               "Peristal {board.name}"',
        f'#define MICROPY_HW_MCU_NAME                 "{CHIP_NAMES[board.chip].replace("-", "")}"',
        "",
        "#define MICROPY_HW_ENABLE_SDCARD            (0)",
        "#define MICROPY_PY_MACHINE_I2S              (0)",
    ]
    if board.chip in ("esp32s3", "esp32c3"):
        lines += ["", "// Modules with a USB-UART bridge besides the chip's own USB.", "#define MICROPY_HW_ENABLE_UART_REPL         (1)"]
    return "\n".join(lines) + "\n"


def mpconfigboard_cmake(board: Board) -> str:
    """Chip, settings and what is frozen."""
    defaults = "\n".join(f"    {name}" for name in SDKCONFIG[board.chip])
    if board.psram != "none":
        defaults += "\n    boards/sdkconfig.spiram_sx" if board.chip == "esp32s3" else "\n    boards/sdkconfig.spiram"
        if board.psram == "octal":
            defaults += "\n    boards/sdkconfig.spiram_oct"
    return f"""# {MADE}
set(IDF_TARGET {board.chip})

set(SDKCONFIG_DEFAULTS
{defaults}
)

if(NOT MICROPY_FROZEN_MANIFEST)
    set(MICROPY_FROZEN_MANIFEST ${{MICROPY_BOARD_DIR}}/manifest.py)
endif()
"""


def pins_csv(board: Board) -> str:
    """Names for Pin.board."""
    rows = [(board.pump.pin, "PUMP")]
    if board.supply.enable_pin is not None:
        rows.append((board.supply.enable_pin, "ENABLE"))
    rows += [(valve.pin, place(board, path)) for path, valve in board.valves()]
    rows += [(sensor.pin, place(board, path)) for path, sensor in board.sensors() if sensor.pin is not None]
    if board.mux:
        rows.append((board.mux.pin, "MUX"))
        rows += [(pin, f"MUX_S{bit}") for bit, pin in enumerate(board.mux.select_pins)]
    rows += [(pin, key.removesuffix("_pin")) for key, pin, _ in panel_parts(board)]
    return "".join(f"{name.upper().replace(' ', '_')},GPIO{pin}\n" for pin, name in rows)


def manifest(board: Board) -> str:
    """Everything that runs, frozen; a board.py on the flash still wins over the frozen one."""
    return f"""# {MADE}
include("$(PORT_DIR)/boards/manifest.py")
package("peristal", base_path="../../firmware")
module("main.py", base_path="../../firmware")
module("board.py", base_path="$(BOARD_DIR)")
"""
