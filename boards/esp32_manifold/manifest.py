# generated from board.py by tools/dev.py documents
include("$(PORT_DIR)/boards/manifest.py")
package("peristal", base_path="../../firmware")
module("main.py", base_path="../../firmware")
module("board.py", base_path="$(BOARD_DIR)")
