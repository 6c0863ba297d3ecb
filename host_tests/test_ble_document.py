"""PROTOCOL.md and the vectors are what the firmware's tables say, and their examples are what the firmware does."""

import pytest

from host_tests.ble_client import UUID, VECTORS, Talk, decode
from peristal.console import table
from peristal.core import protocol, services
from tools.ble import document, texts, vectors

COMMANDS = table()


def test_the_document_is_up_to_date():
    assert document.DOCUMENT.read_text() == document.text(), "run: python -m tools.ble.document"


def test_the_vectors_are_up_to_date():
    assert vectors.FILE.read_text() == vectors.text(), "run: python -m tools.ble.vectors"


def test_everything_in_the_tables_is_explained_and_nothing_else():
    fields = {row[1] for table in vectors.FIELDS.values() for row in table}
    assert set(texts.CHARACTERISTICS) == {row[1] for row in services.CHARACTERISTICS}
    assert set(texts.FIELDS) == fields and set(texts.OPS) == set(vectors.OPS)
    assert set(texts.ARGUMENTS) == {opcode for opcode, row in vectors.OPS.items() if row[2]}


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row[0])
def test_every_console_word_is_in_the_document(row):
    assert f"| `{f'{row[0]} {row[1]}'.rstrip()}`".replace("|", "\\|")[1:] in document.DOCUMENT.read_text()


def test_what_was_given_once_keeps_its_number():
    """Append only: this list grows and never changes."""
    assert [row[1] for row in services.CHARACTERISTICS][:9] == [
        "Features", "Stop", "Control Point", "Last Result", "Status", "Zone Pressures", "Target Pressure", "Duration", "Program",
    ]  # fmt: skip
    assert [row["words"] for row in VECTORS["opcodes"]][:17] == [
        "", "start", "stop", "pause", "resume", "set pressure", "set minutes", "set program", "set quiet", "boost", "tight", "skip",
        "set time", "", "tingling", "+", "-",
    ]  # fmt: skip
    assert VECTORS["states"][:7] == ["idle", "preflight", "running", "paused", "finishing", "done", "fault"]


def test_every_packet_fits_into_the_smallest_mtu():
    longest = max(len(bytes.fromhex(row["hex"])) for row in VECTORS["packets"] + VECTORS["commands"])
    assert longest <= 20 and protocol.LONGEST_COMMAND == 6
    assert 3 + 2 * 6 <= 20, "six zones a leg"
    for opcode, (_, _, fields) in vectors.OPS.items():
        assert 1 + sum(vectors.SIZES[field.upper()] for field in fields) <= protocol.LONGEST_COMMAND, opcode


@pytest.mark.parametrize("row", VECTORS["packets"], ids=lambda row: row["characteristic"])
def test_the_example_packets_decode_to_what_is_said_of_them(row):
    found = decode(row["characteristic"], bytes.fromhex(row["hex"]))
    for name, value in row["fields"].items():
        if name == "tenths_mmhg":
            assert found["mmhg"] == [one / 10 for one in value]
        else:
            assert found[name] == (VECTORS["states"][value] if name == "state" else value)


def test_the_example_commands_succeed_in_their_order():
    known = {row[0] for row in COMMANDS}
    talk = Talk()

    async def go():
        client = await talk.owner()
        for row in VECTORS["commands"]:
            if vectors.OPS[row["opcode"]][1] not in known | {""}:
                continue  # a word of the console that is not there yet
            if row["says"] == "resume":
                await client.until(lambda: not talk.app.guarding.pressurised, 30)
            before = len(client.told(UUID["Control Point"]))
            await client.write(UUID["Control Point"], bytes.fromhex(row["hex"]))
            await client.until(lambda before=before: len(client.told(UUID["Control Point"])) > before, 2)
            assert client.told(UUID["Control Point"])[-1].hex() == row["answer"], row
            if row["says"].startswith(("start", "resume")):
                await client.until_state("running")

    talk.run(go)
