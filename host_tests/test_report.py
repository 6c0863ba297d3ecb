"""The report and the plot: figures against what is known, faults on the timeline, and logs that are none."""

import random
from html.parser import HTMLParser

import pytest

from tools.cli import files
from tools.report import charts, page
from tools.report.__main__ import main
from tools.report.log import LogError, read
from tools.report.measure import measure
from tools.simulator.__main__ import main as make_run

HEAD = "time_s,state,phase,cycle,pump,left_1_mmhg,left_1_target_mmhg,left_2_mmhg,left_2_target_mmhg,events\n"
FAULT_S = 75


class Checker(HTMLParser):
    """Tags that are open, and every address that the page would fetch."""

    VOID = {"meta", "line", "path", "rect", "circle", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href", "data", "action")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert tag in self.open, tag
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        self.text.append(data)


def checked(path):
    """The page's words; it has to be whole and to stand alone."""
    text = path.read_text()
    checker = Checker()
    checker.feed(text)
    assert not checker.addresses and "url(" not in text and "@import" not in text and "<script" not in text, "it stands alone"
    assert "nan" not in text.lower().split() and "None" not in text
    return " ".join(checker.text)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A session in which a sensor comes off in the second minute."""
    folder = tmp_path_factory.mktemp("faulty")

    def meddle(rig):
        rig.at(FAULT_S, lambda: rig.plant.sensor_fault.__setitem__(0, "open"))

    arguments = ["--board", "esp32c3_mini", "--program", "gradient", "--mmhg", "60", "--minutes", "5", "--comfort", "off"]
    assert make_run([*arguments, "--csv", str(folder / "s.csv"), "--png", str(folder / "s.png")], meddle) == 3
    return folder / "s.csv"


def written(path, rows, head=HEAD):
    path.write_text(head + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


def made(path, sag=0.0, slow=0.0):
    """One cycle: at 2 s the target goes to 60, the pressure follows `slow` later, holds with a sag, falls at 12 s. 10 samples a second."""
    rows = []
    for tenth in range(200):
        at = tenth / 10
        aim = 60 if 2 <= at < 12 else 0
        mmhg = 60 if 2 + slow <= at < 12 else 0
        if mmhg and at >= 8:
            mmhg -= sag
        rows.append((at, "running", "cycle", 1, 0, mmhg, aim, mmhg / 2, aim, ""))
    return written(path, rows)


def test_a_session_with_a_fault_tells_it_with_what_to_do_and_when(faulty, tmp_path, capsys):
    assert main(["--log", str(faulty), "-o", str(tmp_path / "r.html")]) == 0
    words = checked(tmp_path / "r.html")
    assert "gradient at 60 mmHg" in words and "ended in a fault" in words and "board esp32c3_mini" in words
    assert "sensor low: A pressure sensor is unplugged or shorted to ground." in words
    session = read(faulty)
    (fault,) = [event for event in session.events if event.kind == "fault"]
    assert FAULT_S < fault.at_s < FAULT_S + 2 and fault.text == "sensor low"
    assert "KB" in capsys.readouterr().out


def test_the_figures_are_those_of_the_simulator(faulty):
    from peristal.core import limits

    measured = measure(read(faulty))
    rows = [line.split(",") for line in faulty.read_text().splitlines()]
    for zone in measured.zones:
        column = rows[0].index(f"{zone.name.replace(' ', '_')}_mmhg")
        values = [max(0.0, float(row[column])) for row in rows[1:]]
        assert zone.dose_mmhg_min == pytest.approx(sum(values) * 0.1 / 60, rel=0.01)
        assert zone.peak_mmhg == pytest.approx(max(values))
        assert zone.pressed_s == pytest.approx(sum(0.1 for value in values if value > limits.highest("released_mmhg")), abs=0.3)
    lowest, highest = measured.zones[3], measured.zones[0]
    assert highest.dose_mmhg_min > lowest.dose_mmhg_min, "a gradient gives the foot more"
    assert len(measured.cycles) >= 2 and all(zone.reached == len(zone.squeezes) > 0 for zone in measured.zones)


def test_reached_time_to_reach_and_sag_are_what_was_drawn(tmp_path):
    first, second = measure(read(made(tmp_path / "a.csv", sag=6.0, slow=1.5))).zones
    (squeeze,) = first.squeezes
    assert squeeze.reach_s == pytest.approx(1.5, abs=0.11)
    assert squeeze.sag_mmhg == pytest.approx(6.0) and squeeze.held_s == pytest.approx(8.4, abs=0.2)
    assert [one.reached for one in second.squeezes] == [False] and second.reach_s is None, "30 of 60 mmHg"
    assert first.dose_mmhg_min == pytest.approx((8.5 * 60 - 4 * 6) / 60, rel=0.02)
    assert first.leak_mmhg_10s == pytest.approx(6.0 / 8.4 * 10, rel=0.2)
    (squeeze,) = measure(read(made(tmp_path / "b.csv"))).zones[0].squeezes
    assert squeeze.reach_s == 0.0 and squeeze.sag_mmhg == 0.0


def test_a_gap_in_the_log_counts_for_nothing(tmp_path):
    rows = [(at, "running", "cycle", 1, 0, 60, 60, 60, 60, "") for at in (0, 1, 2, 600, 601)]
    zone = measure(read(written(tmp_path / "gap.csv", rows))).zones[0]
    assert zone.dose_mmhg_min == pytest.approx(3.0) and zone.pressed_s == pytest.approx(3.0)


DAMAGED = {
    "nothing": ("", "the log is empty"),
    "another file": ("a,b,c\n1,2,3\n", "names no column time_s, state"),
    "no zones": ("time_s,state\n0,idle\n1,idle\n", "0 zones .* allowed: 1 to 12"),
    "only a head": (HEAD, "no session in it"),
    "one sample": (HEAD + "0,idle,,0,0,0,0,0,0,\n", "no session in it, only 1"),
    "cut off": (HEAD + "0,idle,,0,0,0,0,0,0,\n1,idle,,0,0\n", "row 3 has 5 columns where the first line names 10"),
    "no number": (HEAD + "0,idle,,0,0,0,0,0,0,\n1,idle,,0,0,x,0,0,0,\n", "row 3: .*'x'"),
    "not a number": (HEAD + "0,idle,,0,0,nan,0,0,0,\n1,idle,,0,0,0,0,0,0,\n", "nothing can measure"),
    "time goes back": (HEAD + "5,idle,,0,0,0,0,0,0,\n1,idle,,0,0,0,0,0,0,\n", "the time goes back, from 5 to 1 s"),
    "no time": (HEAD + "5,idle,,0,0,0,0,0,0,\n5,idle,,0,0,0,0,0,0,\n", "no session in it"),
    "a state of its own": (HEAD + "0,flying,,0,0,0,0,0,0,\n1,idle,,0,0,0,0,0,0,\n", "'flying' is not known"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_broken_log_is_refused_with_the_place(name, tmp_path, capsys):
    text, says = DAMAGED[name]
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(LogError, match=says):
        read(tmp_path / "log.csv")
    assert main(["--log", str(tmp_path / "log.csv")]) == 2
    assert "LOG: " in capsys.readouterr().err and not (tmp_path / "log.html").exists()


def test_what_is_no_text_no_file_or_too_large_is_refused(tmp_path, monkeypatch, capsys):
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(5000))
    for path, says in ((tmp_path / "noise", "no text|no log"), (tmp_path, "a folder"), (tmp_path / "none.csv", "cannot be read")):
        with pytest.raises(LogError, match=says):
            read(path)
    monkeypatch.setattr("tools.report.log.LARGEST_BYTES", 1000)
    with pytest.raises(LogError, match="too large"):
        read(made(tmp_path / "large.csv"))
    monkeypatch.setattr("tools.report.log.LARGEST_BYTES", 10**9)
    monkeypatch.setattr("tools.report.log.MOST_ROWS", 50)
    with pytest.raises(LogError, match="too long"):
        read(tmp_path / "large.csv")
    same = made(tmp_path / "same.csv")
    assert main(["--log", str(same), "-o", str(same)]) == 2 and same.read_text().startswith("time_s"), "never over the log"
    assert main(["--log", str(same), "-o", str(tmp_path / "no" / "such.html")]) == 2
    capsys.readouterr()


def test_a_long_log_makes_a_small_page_and_keeps_its_peaks(tmp_path):
    rows = [(at / 10, "running", "cycle", 1 + at // 600, 1, 97 if at == 20000 else 40, 40, 40, 40, "") for at in range(36000)]
    session = read(written(tmp_path / "hour.csv", rows))
    text = page.build(session)
    assert len(text) < 250_000
    drawn = charts.thinned(session.t_s, session.mmhg[0], 0, len(session.t_s))
    assert len(drawn) <= 2 * charts.POINTS and max(value for _, value in drawn) == pytest.approx(97)


def test_a_log_of_a_device_gets_its_targets_from_the_program_and_its_events_from_the_journal(tmp_path):
    head = (
        "# peristal log 1\n# program: tide\n# comfort: off\n# line: less 0 4\n# line: step 100 100 ramp reached 15000\n"
        "# line: step 60 hold time 5000\n# journal: 0:09:00 session 50 mmHg\n# journal: 0:09:04 guard: relief zone 2 61 mmHg\n"
        "# journal: 0:09:06 fault 21 leak zone 1 5 mmHg\n"
        "time_s,state,phase,cycle,left_s,pump,pressure_mmhg,fault,fault_zone,notices,leg_1_mmhg,leg_2_mmhg\n"
    )
    rows = [(at / 5, "idle" if at < 5 else "running", "cycle", int(at >= 5), 600, 0, 50, 0, "", 0, 50, 30) for at in range(41)]
    rows += [(at / 5, "running", "cycle", 1, 600, 0, 50, 21, 1, 0, 50, 30) for at in range(41, 60)]
    session = read(written(tmp_path / "device.csv", rows, head))
    assert session.wanted == [50, 46] and session.target is None and session.told["program"] == "tide"
    events = [(round(one.at_s), one.kind, one.text, one.zone) for one in session.events if one.kind != "session"]
    assert events == [(5, "guard", "relief", "leg 2"), (8, "fault", "leak", "leg 1")], "the fault is there once"
    first, second = measure(session).zones
    assert first.reached == 1 and second.reached == 0
    (tmp_path / "d.html").write_text(page.build(session))
    assert "the device's own readings" in checked(tmp_path / "d.html")


def test_names_in_a_log_cannot_put_markup_into_the_page(tmp_path):
    head = "# program: <script>alert(1)</script>\n" + HEAD
    rows = [(at, "running", "cycle", 1, 0, 60, 60, 60, 60, "<img src=x>") for at in range(5)]
    (tmp_path / "x.html").write_text(page.build(read(written(tmp_path / "x.csv", rows, head))))
    checked(tmp_path / "x.html")


def test_the_plot_has_a_dot_for_every_four_lines_and_the_highest_wins(tmp_path):
    session = read(made(tmp_path / "a.csv"))
    lines = files.dots(session, 0, 20, 5, 60.0)
    assert len(lines) == 5 and all(len(line) == 20 for line in lines)
    filled = [line[10] for line in lines]
    assert filled == ["⣿"] * 5 and lines[0][0] == "⠀" and lines[0][19] == "⠀"
