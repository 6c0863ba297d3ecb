"""What a wearer changes while the sleeves are on, judged by the true pressures of whole sessions on the simulated boards."""

import itertools
import json

import pytest

from host_tests import modifying
from host_tests.sessions import PA_PER_MMHG
from peristal.core import faults
from tools.simulator.rig import Rig, stored_file


class Worn:
    """A session that is acted on when something has come to be: act((condition, action), ...) one after the other."""

    def __init__(self, board_name="esp32s3_independent", **settings):
        self.rig = Rig(board_name, settings={"program": "sequential", "pressure_mmhg": 50, "minutes": 20, **settings}, snug=True)
        self.seen = []  # (seconds, cycle, targets in mmHg, true pressures, step)
        self.rig.press(2.5)
        self.rig.every(0.1, self._look)
        self._acts = []

    def _look(self):
        rig = self.rig
        if rig.state == "off":
            return
        targets = [pa / PA_PER_MMHG for pa in rig.app.regulator.target_pa]
        sequencer = rig.app.session.sequencer
        self.seen.append((rig.now_s, sequencer.cycle, targets, list(rig.plant.zone_mmhg), sequencer.row))
        if self._acts and self._acts[0][0](self):
            do = self._acts.pop(0)[1]
            if isinstance(do, str):
                rig.chip.type(do + "\n")
            else:
                do(self)

    def act(self, *acts):
        """Each action is a line to type, or what is called; the last one ends the run."""
        self._acts = [*acts, (lambda _: True, lambda worn: worn.rig.chip.power_off())]
        self.rig.run_until(400)
        assert not self._acts, "not everything came to be"
        return self

    @property
    def now_s(self):
        return self.rig.now_s

    @property
    def cycle(self):
        return self.seen[-1][1]

    @property
    def true(self):
        return self.seen[-1][3]

    def between(self, first_s, last_s=1e9):
        return [row for row in self.seen if first_s <= row[0] <= last_s]


def full(cycle):
    """All zones hold in this cycle."""
    return lambda worn: worn.cycle == cycle and min(worn.seen[-1][2]) > 20 and min(worn.true) > min(worn.seen[-1][2]) - 4


def later(seconds):
    """So long after the act before it."""
    at = []

    def condition(worn):
        if not at:
            at.append(worn.now_s + seconds)
        return worn.now_s >= at[0]

    return condition


def test_boost_trim_and_skip_over_true_pressures():
    times = {}

    def mark(name, line):
        def do(worn):
            times[name] = worn.now_s
            worn.rig.chip.type(line + "\n")

        return do

    worn = Worn().act(
        (full(1), mark("boost", "boost 2")),
        (full(2), mark("tight", "tight 1")),
        (later(4), mark("skip", "skip 4")),
        (later(12), mark("off", "boost 2 off")),
        (later(4), mark("back", "skip 4 off")),
        (full(3), lambda _: None),
    )
    raises = [(row[4], after[4]) for row, after in itertools.pairwise(worn.between(times["boost"])) if after[2][1] > row[2][1] + 1]
    assert raises and all(row != after for row, after in raises), "more pressure waits for the next step"
    second = [row for row in worn.seen if row[1] == 2]
    assert max(row[3][1] for row in second) == pytest.approx(60, abs=4), "boosted by 10"
    assert all(max(row[3][zone] for row in second) <= 56 for zone in (0, 2, 3)), "and no other zone"
    assert worn.between(times["tight"])[3][2][0] == pytest.approx(45, abs=0.2), "less acts at once"
    eased = worn.between(times["tight"] + 3.5, times["tight"] + 4)
    assert all(row[2][0] == 0 or row[3][0] < 48.5 for row in eased)
    assert worn.between(times["skip"])[3][2][3] == 0, "skipped at once"
    assert worn.between(times["skip"] + 6, times["back"])[-1][3][3] < 5
    assert worn.rig.app.guarding.fault == faults.OK
    assert max(row[3][0] for row in worn.seen if row[1] == 3) == pytest.approx(45, abs=3), "and the trim stays"


def test_a_boost_ends_at_the_wearers_cap_and_a_lower_cap_acts_at_once():
    times = []
    worn = Worn(cap_mmhg=56).act(
        (lambda worn: worn.now_s > 1, "boost 1"),
        (full(1), lambda worn: (times.append(worn.now_s), worn.rig.chip.type("set cap 40\n"))),
        (later(5), lambda _: None),
    )
    assert 54 < max(row[3][0] for row in worn.seen) <= 59
    assert max(max(row[2]) for row in worn.seen) <= 56.1
    assert max(worn.between(times[0] + 0.2)[0][2]) <= 46.1, "ten mmHg at once, the rest follows when the zones are there"
    assert worn.rig.app.session.pressure_mmhg == 40
    assert max(worn.true) < 44


def test_what_is_lowered_in_a_pause_is_lower_from_the_first_tick_after_it():
    resumed = []
    worn = Worn(pressure_mmhg=80).act(
        (full(1), "pause"),
        (lambda worn: worn.rig.state == "paused" and max(worn.true) < 5, "set cap 40"),
        (later(5), lambda worn: (resumed.append(worn.now_s), worn.rig.chip.type("resume\n"))),
        (lambda worn: worn.rig.state == "running", lambda _: None),
        (later(20), lambda _: None),
    )
    after = worn.between(resumed[0])
    assert 30 < max(max(row[2]) for row in after) <= 40.1 and max(max(row[3]) for row in after) < 44


def test_one_leg_only_never_fills_the_other():
    worn = Worn("esp32_manifold", leg=1).act((full_leg(1), lambda _: None))
    assert max(max(row[3][4:]) for row in worn.seen) < 2
    assert max(max(row[3][:4]) for row in worn.seen) > 46


def full_leg(cycle):
    return lambda worn: worn.cycle == cycle and min(worn.seen[-1][2][:4]) > 20 and min(worn.true[:4]) > 46


def test_legs_in_turns_are_never_under_pressure_together():
    worn = Worn("esp32_manifold", arrangement=1, program="flush").act((lambda worn: worn.cycle == 3, lambda _: None))
    highest = [(max(row[3][:4]), max(row[3][4:])) for row in worn.seen]
    assert max(left for left, _ in highest) > 46 and max(right for _, right in highest) > 46
    assert max(min(pair) for pair in highest) < 20


def test_a_new_device_rises_over_two_cycles_to_55_mmhg():
    worn = Worn()
    worn.rig.flash.files.pop("profile.json")
    worn.act((lambda worn: worn.cycle == 4, lambda _: None))
    peaks = [max(max(row[3]) for row in worn.seen if row[1] == cycle) for cycle in (1, 2, 3)]
    assert peaks == pytest.approx([0.7 * 55, 0.85 * 55, 55], abs=4)
    assert worn.rig.app.session.program == "easy_run"


def jump(worn):
    """To 3 s before the gentle release."""
    session = worn.rig.app.session
    session.elapsed_ms = (session.minutes - session.wearer.breathing_min) * 60000 - 3000


def test_breathing_is_vented_and_quiet_paced_by_light_and_sound_and_part_of_the_sessions_minutes():
    lit, left = [], []

    def look(worn):
        rig = worn.rig
        lit.append((rig.now_s, rig.wiring.led))
        left.append(rig.app.session.seconds_left())
        return rig.state == "done"

    worn = Worn("esp32_manifold", breathing_min=2, program="wave")
    sounds = []
    output = worn.rig.wiring.output

    def heard(gpio, duty):
        if gpio == worn.rig.board.panel.buzzer_pin:
            sounds.append((worn.now_s, duty > 0))
        output(gpio, duty)

    worn.rig.wiring.output = heard  # pyright: ignore[reportAttributeAccessIssue]
    worn.act(
        (lambda worn: worn.rig.state == "running" and worn.cycle == 1, jump),
        (lambda worn: worn.rig.state == "breathing", lambda _: None),
        (look, lambda _: None),
    )
    began = lit[0][0]
    assert lit[-1][0] - began == pytest.approx(120, abs=1)
    breathing = worn.between(began)
    assert max(max(row[3]) for row in breathing) < 6 and max(max(row[2]) for row in breathing) == 0
    for at_s, led in lit[:-1]:
        into_s = (at_s - began) % 10
        if 0.3 < into_s < 3.7 or 4.3 < into_s < 9.7:
            assert led == (1 if into_s < 4 else 0), into_s
    beeps = [at_s - began for at_s, on in sounds if on and began - 0.2 < at_s < began + 119]
    assert beeps == pytest.approx([turn for breath in range(12) for turn in (10 * breath, 10 * breath + 4)], abs=0.3)
    assert all(off - on < 0.2 for (on, is_on), (off, _) in itertools.pairwise(sounds) if is_on and on > began + 1)
    assert left[0] == 120 and left[-1] <= 1 and left == sorted(left, reverse=True)
    assert not worn.rig.app.guarding.enable and worn.rig.wiring.pump_duty == 0
    record = json.loads(worn.rig.flash.files["record.json"][9:])[1]
    assert record[-1][5] == "done"


@pytest.mark.parametrize("how", ("typed", "held"))
def test_tingling_vents_locks_until_the_button_and_is_recorded(how):
    def report(worn):
        if how == "typed":
            worn.rig.chip.type("tingling\n")
        else:
            worn.rig.press(worn.now_s, 5.3)

    locked = []
    worn = Worn().act(
        (full(1), report),
        (lambda worn: worn.rig.state == "fault", lambda worn: locked.append(worn.now_s)),
        (later(8), "start"),
        (later(0.5), "clear"),
        (later(0.5), "resume"),
        (later(5), lambda worn: worn.rig.press(worn.now_s)),
        (later(1), lambda worn: locked.append(worn.rig.state)),
    )
    assert max(worn.between(locked[0] + 7)[0][3]) < 3
    refused = [line for line in worn.rig.chip.console if line.startswith("error: ")]
    assert len(refused) == 3 and all("fault 30 tingling" in line for line in refused), refused
    assert locked[1] == "idle"
    assert json.loads(worn.rig.flash.files["record.json"][9:])[1][-1][5] == "tingling"
    assert worn.rig.app.session.wearer.sessions == 0, "no session that went well"


def test_the_record_holds_the_dose_that_the_zones_really_had_and_the_time_that_a_client_set():
    dose = [0.0] * 8
    started = []

    def add(worn):
        rig = worn.rig
        if rig.state in ("running", "finishing"):
            started.append(rig.now_s)
            for zone, mmhg in enumerate(rig.plant.zone_mmhg):
                dose[zone] += mmhg * 0.1 / 60
        return rig.state == "done"

    worn = Worn("esp32_manifold", program="wave", minutes=1, skip=[0, 0, 0, 1, 0, 0, 0, 0])
    worn.act(
        (lambda worn: worn.now_s > 1.5, "set time 1800000000"),
        (add, lambda _: None),
        (later(15), "record"),
        (later(1), lambda _: None),
    )
    line = next(line for line in worn.rig.chip.console if line.startswith("  time="))
    fields = dict(word.split("=") for word in line.split())
    assert int(fields["time"]) == pytest.approx(1800000001, abs=1), "when it was started"
    assert (fields["program"], fields["pressure_mmhg"], fields["ended"]) == ("wave", "50", "done")
    assert int(fields["seconds"]) == 60 and int(fields["cycles"]) >= 1
    told = [int(number) for number in fields["dose"].split(",")]
    assert told == pytest.approx(dose, abs=4, rel=0.15) and max(told) > 7 and told[3] < 3
    assert worn.rig.chip.console[-1] == "ok sessions=1" and len(line) < 150


def test_the_last_32_sessions_are_kept():
    rows = [[0, f"own_{number}", 50, 600, 9, "done", 1, 2, 3, 4] for number in range(32)]
    worn = Worn("esp32s3_independent", program="wave")
    worn.rig.flash.put("record.json", stored_file(rows))
    worn.act((lambda worn: worn.rig.state == "running", lambda worn: worn.rig.press(worn.now_s + 3)), (later(20), lambda _: None))
    kept = json.loads(worn.rig.flash.files["record.json"][9:])[1]
    assert len(kept) == 32 and kept[:-1] == rows[1:]
    assert kept[-1][1] == "wave" and kept[-1][5] == "stopped" and len(kept[-1]) == 10


def test_a_pause_keeps_the_place_of_both_legs_when_they_are_offset():
    places = []

    def place(worn):
        sequencer = worn.rig.app.session.sequencer
        places.append((bytes(sequencer.lanes.row), sequencer.cycle, list(sequencer.lanes._share)))

    def squeezed(worn):
        # Not while the other leg vents: a pause ends that step, because it lets the rest of the air out.
        return worn.cycle == 2 and max(worn.true[:4]) > 40 and worn.rig.app.session.sequencer.lanes.row[1] != 5

    worn = Worn("esp32_manifold", arrangement=2, program="flush").act(
        (squeezed, lambda worn: (place(worn), worn.rig.chip.type("pause\n"))),
        (later(20), lambda worn: (places.append(max(worn.true)), worn.rig.chip.type("resume\n"))),
        (later(0.2), place),
        (lambda worn: max(worn.true) > 45, lambda _: None),
    )
    assert places[0] == places[2] and places[1] < 4
    assert worn.rig.app.guarding.fault == faults.OK


def test_quiet_acts_on_the_pump_at_once_and_its_end_waits_for_the_next_step():
    duties = {"before": [], "quiet": [], "after": []}

    def note(name):
        def see(worn):
            duties[name].append((worn.seen[-1][4], worn.rig.wiring.pump_duty))
            return False

        return see

    def both(name, condition):
        return lambda worn: note(name)(worn) or condition(worn)

    filling = lambda worn: worn.rig.wiring.pump_duty > 60000 and worn.cycle >= 1  # noqa: E731
    Worn(program="sequential").act(
        (both("before", filling), "set quiet on"),
        (later(0.3), lambda _: None),
        (both("quiet", later(6)), "set quiet off"),
        (both("after", lambda worn: worn.rig.wiring.pump_duty > 60000), lambda _: None),
    )
    assert 0 < max(duty for _, duty in duties["quiet"]) <= 0.61 * 65535
    step = duties["after"][0][0]
    assert all(duty <= 0.61 * 65535 for row, duty in duties["after"] if row == step)


def test_a_pump_that_runs_quietly_by_wish_is_no_slow_fill():
    worn = Worn(program="sequential", pressure_mmhg=80).act(
        (lambda worn: worn.cycle == 2, "set quiet on"),
        (later(75), lambda _: None),
    )
    fills = worn.rig.app.guarding.trends.fills
    assert worn.cycle == 3 and all(fills.usual) and not any(fills.slow)


def test_a_zone_that_is_skipped_in_the_middle_of_its_fill_does_not_keep_what_it_had():
    """On a manifold nobody can see what is in a zone whose valve has shut."""
    worn = Worn("esp32_manifold", program="uniform").act(
        (lambda worn: worn.cycle == 1 and 25 < worn.true[0] < 45, "skip 1"),
        (later(12), lambda _: None),
    )
    assert worn.rig.app.session.sequencer.cycle == 1 and max(worn.seen[-1][2]) == pytest.approx(50, abs=1), "the others are still full"
    assert worn.true[0] < 10


def test_tingling_may_be_reported_just_after_the_end_too():
    worn = Worn().act(
        (full(1), lambda worn: worn.rig.chip.type("stop\n")),
        (later(1), "tingling"),
        (later(0.5), lambda _: None),
    )
    assert worn.rig.state == "fault" and worn.rig.app.guarding.fault == faults.TINGLING


def test_whatever_is_changed_at_random_no_zone_passes_the_cap_and_nothing_latches():
    """One of the campaign's."""
    rig, wrong = modifying.run(36, until_s=80, snug=True)
    assert wrong == []
    assert sum(line.startswith("ok ") for line in rig.chip.console) >= 5
