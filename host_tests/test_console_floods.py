"""What comes in on the serial line while a session runs: noise, floods, over-long lines; and which line ends are understood."""

import random

import pytest

from host_tests.talking import Talk

RUNNING_AT_S = 6.5  # after a start at 3 s


def noise(seed, count):
    """Random bytes with line ends, without Ctrl-C: that one is meant to stop the firmware."""
    draw = random.Random(seed)
    return bytes(draw.choice([byte for byte in range(256) if byte != 3] + [10, 13] * 4) for _ in range(count))


FLOODS = {
    "noise": noise(7, 2000),
    "one byte of noise": b"\xff",
    "half a character": b"\xe2\x82",
    "a line without end": b"start wave 100 60 " * 100,
    "help over and over": b"help\r\n" * 300,
    "status over and over": b"status\n" * 300,
    "nearly commands": b"starts\nstart wave 101\n set  pressure  0\n++\n+ 1\n- -\nresume now\n" * 20,
    "empty lines": b"\r\n\r\r\n\n" * 300,
    "backspaces": b"\x08\x7f" * 500 + b"sta\x08\x08\x08\x7f\x7f\n",
}


@pytest.mark.parametrize("name", FLOODS)
def test_no_flood_disturbs_a_running_session(name):
    talk = Talk([(3, "start sequential 60 5")])
    rig = talk.rig
    before = []
    rig.at(RUNNING_AT_S, lambda: before.append(choices(rig)))
    for second in range(7, 13):
        rig.at(second, lambda: rig.chip.type(FLOODS[name]))
    rig.at(24, lambda: rig.chip.type("\r\nstatus\n"))
    talk.run(27)  # the line that the flood left half is a whole help first
    assert rig.chip.starts == 1 and not rig.chip.in_repl, talk.heard[-5:]
    assert rig.state == "running" and rig.app.guarding.fault == 0 and not rig.app.deadman.fired
    assert before == [choices(rig)]
    assert max(talk.periods_ms) < 22, "the loop's period holds"
    assert talk.heard[-1][1].startswith("ok state=running program=sequential pressure_mmhg=60 ")
    assert not any(line.startswith("Traceback") for _, line in talk.heard)


def choices(rig):
    """What a stray command would change."""
    session = rig.app.session
    return session.program, session.pressure_mmhg, session.minutes, session.quiet, bytes(rig.app.sensing.zero16)


def test_carriage_returns_line_feeds_tabs_and_backspaces_are_understood():
    typed = [(1.0, "fault\r"), (1.5, "fault\r\n"), (2.0, "\n\tfault  \n"), (2.5, "faulx\x08t\n"), (3.0, "fa"), (3.3, "ult\n")]
    talk = Talk([], typed=typed).run(4)
    assert [line for _, line in talk.heard if not line.startswith("peristal")] == ["ok fault 0 none"] * 5


def test_a_line_that_lost_its_middle_to_a_full_buffer_is_refused():
    """What comes faster than it is read is lost in the port, and nothing tells of it: the console does not carry out what is left."""
    talk = Talk([(3, "start sequential 60 5")])
    before = []
    talk.rig.at(RUNNING_AT_S, lambda: before.append(choices(talk.rig)))
    for second in range(7, 12):
        talk.rig.at(second, lambda: talk.rig.chip.type(b"+ 1\n- -\n-  x\n+  1\n" * 60))
    talk.rig.at(30, lambda: talk.rig.chip.type("\nfault\n"))
    talk.run(33)
    assert talk.rig.chip.serial.lost_bytes > 1000
    assert before == [choices(talk.rig)]
    assert any("may have lost its middle; nothing was done" in line for _, line in talk.heard)
    assert talk.heard[-1][1] == "ok fault 0 none"


@pytest.mark.parametrize("kept", (1, 2, 3))
def test_the_last_bytes_that_a_full_port_kept_are_no_command(kept):
    """The port was full behind the "+" of "+ 123", and the line's end came when there was room again."""
    talk = Talk([(3, "start sequential 60 5")])
    rig = talk.rig

    def flood():
        rig.chip.type(b"\n" * (259 - kept) + b"+ 123")
        rig.chip.stall(25_000)  # a slow tick: nothing is read while it arrives

    rig.at(7, flood)
    rig.at(9, lambda: rig.chip.type("\nfault\n"))
    talk.run(11)
    assert rig.chip.serial.lost_bytes == 5 - kept
    assert rig.app.session.pressure_mmhg == 60
    assert talk.heard[-2][1].startswith("error: line: it came faster than it is read") and talk.heard[-1][1] == "ok fault 0 none"


def test_as_much_as_the_port_keeps_is_carried_out_when_nothing_was_lost():
    talk = Talk([], typed=[(1.0, "fault\n" * 8)]).run(4)
    assert [line for _, line in talk.heard if not line.startswith("peristal")] == ["ok fault 0 none"] * 8


def test_more_commands_than_the_console_answers_at_once_are_counted():
    talk = Talk([], typed=[(1.0, "help\n" * 40)]).run(16)
    assert any("answers were left out; send fewer commands at once" in line for _, line in talk.heard)
