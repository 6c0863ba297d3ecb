"""The house rules that a machine can hold: integers in the core, hardware only in its rooms, imports one way."""

import ast
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).resolve().parents[1] / "firmware"
FILES = sorted(FIRMWARE.rglob("*.py"))
CORE = sorted((FIRMWARE / "peristal" / "core").glob("*.py"))
HARDWARE = {"machine", "esp32", "neopixel", "bluetooth"}
NOT_TICKED = {"marker.py", "protocol.py", "services.py"}  # they work once at a start-up, or for a packet
ROOMS = {"core": set(), "store": {"core"}, "hw": {"core"}, "ble": {"core"}}


def imports(path):
    """Module names a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def name_of(path):
    return str(path.relative_to(FIRMWARE))


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_has_no_float_and_no_true_division(path):
    for node in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"line {node.lineno}: a float"
        assert not (isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div)), f"line {node.lineno}: /"
        assert not (isinstance(node, ast.Name) and node.id == "float"), f"line {node.lineno}: float"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_knows_no_hardware_and_no_clock(path):
    host = {"time", "os", "gc"} if path.name == "borrow.py" else {"time", "os", "gc", "sys"}  # that one forgets modules
    assert not {name.split(".")[0] for name in imports(path)} & (HARDWARE | host)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_hardware_is_imported_only_in_its_rooms(path):
    room = path.parent.name
    for name in imports(path):
        top = name.split(".")[0]
        assert not (top == "bluetooth" and room != "ble")
        assert not (top in HARDWARE - {"bluetooth"} and room != "hw" and path.name != "main.py")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_one_way(path):
    room = path.parent.name
    if room not in ROOMS:
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "peristal" and len(parts) > 1 and parts[1] in ROOMS:
            assert parts[1] == room or parts[1] in ROOMS[room], f"{room} imports {name}"
        assert name != "peristal.app"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_under_firmware_knows_of_the_simulator(path):
    text = path.read_text().lower()
    assert "simulat" not in text.replace("simulated board", "") or path.name == "__init__.py"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_ticks_are_never_compared_or_subtracted_plainly(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.BinOp, ast.Compare)):
            sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.left, *node.comparators]
            for side in sides:
                assert not (isinstance(side, ast.Call) and getattr(side.func, "id", "") in ("ticks_ms", "ticks_us")), node.lineno


@pytest.mark.parametrize("path", [path for path in CORE if path.name not in NOT_TICKED], ids=name_of)
def test_no_more_than_three_names_are_set_at_once(path):
    """MicroPython makes a tuple for four, on the heap: in a tick that is 32 bytes each time."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple):
            assert len(node.targets[0].elts) <= 3, f"line {node.lineno}: a tuple"
