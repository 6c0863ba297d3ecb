"""What a wearer may choose: ranges, caps, and that whatever is refused has changed nothing. The core alone, without a simulation."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peristal.core import limits, modes, presets
from peristal.core.choices import Choices
from peristal.core.net import Net
from peristal.core.units import pa
from peristal.core.wearer import CHOICES
from tools.simulator import boards

CAP_PA = pa(limits.CAP_MMHG)
NET = Net(boards.load("esp32_manifold"))


def session(cycle=5):
    one = Choices(NET)
    one.sequencer.cycle = cycle
    return one


def snapshot(one):
    """Everything that a choice may change."""
    return (
        one.program, one.pressure_mmhg, one.minutes, one.quiet, json.dumps(one.wearer.profile()), bytes(one.wearer.boost),
        [one.wearer.zone_pa(zone, pa(mmhg)) for zone in range(one.net.n_zones) for mmhg in (0, 6, 30, 100)],
    )  # fmt: skip


ANY = st.one_of(st.integers(-300, 300), st.none(), st.text(max_size=3), st.floats(0, 100), st.booleans())
ZONES = st.integers(0, 7)
CHANGES = st.one_of(
    st.tuples(st.just("choose"), st.fixed_dictionaries({}, optional={
        "program": st.one_of(st.sampled_from(presets.names()), st.text(max_size=4)),
        "pressure_mmhg": st.one_of(st.integers(0, 130), ANY), "minutes": st.one_of(st.integers(0, 61), ANY), "quiet": ANY,
    })),
    st.tuples(st.just("adjust"), st.sampled_from(CHOICES), st.one_of(st.integers(0, 4), ANY)),
    st.tuples(st.just("boost"), ZONES, st.integers(0, 1)),
    st.tuples(st.just("skip"), ZONES, st.integers(0, 1)),
    st.tuples(st.just("trim"), ZONES, ANY),
    st.tuples(st.just("tight"), ZONES),
    st.tuples(st.just("step"), st.sampled_from((-5, 5))),
    st.tuples(st.just("next")),
)  # fmt: skip


@settings(max_examples=75)
@given(st.lists(CHANGES, max_size=25), st.integers(0, 3))
def test_after_any_changes_no_zone_is_asked_for_more_than_the_smallest_cap_and_a_refusal_changes_nothing(changes, cycle):
    one = session(cycle)
    for name, *arguments in changes:
        before = snapshot(one)
        why = one.choose(**arguments[0]) if name == "choose" else getattr(one, name)(*arguments)
        if why:
            assert "allowed" in why or "last one left" in why or "skipped" in why, why
            assert snapshot(one) == before, (name, arguments, why)
        wearer = one.wearer
        most = min(wearer.cap_mmhg, limits.CAP_MMHG)
        if wearer.comfort and wearer.sessions < 3:
            most = min(most, 60)
        assert limits.lowest("pressure_mmhg") <= one.pressure_mmhg <= most
        for zone in range(one.net.n_zones):
            for mmhg in (0, 6, 15, 40, one.pressure_mmhg, 100, 120):
                asked = wearer.zone_pa(zone, pa(mmhg))
                assert 0 <= asked <= min(pa(most), pa(mmhg + 10)), (zone, mmhg)
                assert not asked or not wearer.skip[zone]
        assert any(wearer.zone_pa(zone, pa(100)) for zone in range(one.net.n_zones)), "something is left to be done"
        row = presets.find(one.program)
        assert row is not None
        assert one.pressure_mmhg <= row[2][2] and row[3][0] <= one.minutes <= row[3][2]
        assert not wearer.breathing_min or one.minutes - wearer.breathing_min >= 5
    other = session(cycle)
    other.wearer.recall(json.loads(json.dumps(one.wearer.profile())))
    assert other.wearer.profile() == one.wearer.profile()


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from((*CHOICES, "sessions", "trim_mmhg", "skip")), st.one_of(ANY, st.lists(ANY, min_size=8, max_size=8))))
def test_bad_stored_values_are_ignored_and_never_raise_what_is_allowed(stored):
    one = session()
    one.wearer.recall(stored)
    assert all(one.wearer.zone_pa(zone, pa(100)) <= CAP_PA for zone in range(8))
    assert any(one.wearer.zone_pa(zone, pa(100)) for zone in range(8))


class TestPresets:
    def test_those_of_the_guide_the_trials_and_the_review_are_there(self):
        figures = {name: (mode, mmhg[::2], minutes[::2]) for name, mode, mmhg, minutes, _ in presets.PRESETS}
        assert figures["easy_run"] == ("sequential", (40, 70), (15, 20))
        assert figures["intervals"] == ("wave", (60, 90), (20, 25))
        assert figures["long_run"] == ("sequential", (60, 90), (25, 30))
        assert figures["race"] == ("smooth", (50, 80), (20, 30))
        assert figures["travel_day"][2] == (10, 15) and figures["first_week"][1:] == ((40, 60), (20, 20))
        defaults = {name: (mmhg[1], minutes[1]) for name, _, mmhg, minutes, _ in presets.PRESETS}
        assert defaults["review"] == (80, 25)
        assert figures["soreness"][2] == (15, 15)
        assert figures["pulse_30"][0] == "pulse" and defaults["pulse_30"][1] == 30

    @pytest.mark.parametrize("row", presets.PRESETS, ids=lambda row: row[0])
    def test_each_has_a_mode_ranges_within_the_limits_and_a_source(self, row):
        name, mode, pressures, minutes, source = row
        assert mode in modes.names() and name not in modes.names() and len(source) > 20
        for limit, (low, default, high) in (("pressure_mmhg", pressures), ("minutes", minutes)):
            assert limits.lowest(limit) <= low <= default <= high <= limits.highest(limit)

    @pytest.mark.parametrize("row", presets.PRESETS, ids=lambda row: row[0])
    def test_out_of_its_range_is_refused_with_the_range_and_never_clamped(self, row):
        one = session()
        one.adjust("comfort", 0)
        name, _, (low, default, high), (shortest, usual, longest), _ = row
        for mmhg in (low - 1, high + 1):
            assert one.choose(name, mmhg, usual) == f"pressure_mmhg: {mmhg} is not allowed; allowed: {low} to {high} mmHg"
        for minutes in (shortest - 1, longest + 1):
            assert one.choose(name, default, minutes) == f"minutes: {minutes} is not allowed; allowed: {shortest} to {longest} min"
        assert (one.program, one.pressure_mmhg, one.minutes) == ("easy_run", 55, 20)
        assert one.choose(name) is None
        assert (one.program, one.pressure_mmhg, one.minutes) == (name, default, usual), "its own figures"
        assert one.choose(pressure_mmhg=low) is one.choose(minutes=longest) is one.choose(name) is None
        assert (one.pressure_mmhg, one.minutes) == (low, longest), "chosen again it keeps what was chosen last"

    def test_less_than_a_presets_pressure_is_always_allowed_while_it_is_worn(self):
        one = session()
        while one.step(-5) is None:
            pass
        assert one.pressure_mmhg == 20

    def test_a_first_wearer_is_kept_below_60_unless_lifted_on_purpose(self):
        one = session()
        why = "nothing: at least 70, and at most 60 mmHg in the first sessions (set comfort off lifts it)"
        assert one.choose("review") == f"pressure_mmhg: 80 is not allowed; allowed: {why}"
        assert str(one.choose("long_run", 65)).startswith("pressure_mmhg: 65 is not allowed; allowed: 60 to 60 mmHg in the first sessions")
        assert one.adjust("comfort", 0) is None and one.choose("review") is None
        assert one.adjust("comfort", 1) is None and one.pressure_mmhg == 60, "and switched on again it holds at once"
        for _ in range(3):
            one.wearer.end_session(True)
        assert one.choose("review", 80) is None

    def test_a_cap_lowers_what_was_chosen_at_once_and_says_so_when_more_is_asked_for(self):
        one = session()
        assert one.adjust("cap_mmhg", 45) is None and one.pressure_mmhg == 45
        assert one.step(5) == "pressure_mmhg: 50 is not allowed; allowed: 20 to 45 mmHg (the wearer's cap)"
        one.boost(0, 1)
        assert one.wearer.zone_pa(0, pa(45)) == pa(45), "a boost ends at the cap"

    def test_the_program_key_passes_over_what_this_wearer_may_not_have(self):
        one = session()
        seen = [one.next() or one.program for _ in range(len(presets.names()))]
        assert "review" not in seen and "pulse_30" in seen and seen[-1] in presets.names() and len(set(seen)) > 10


class TestModifiers:
    def test_boost_trim_and_skip_change_their_own_zone_only(self):
        one = session()
        one.boost(1, 1)
        assert one.trim(2, 15) is None and one.skip(3, 1) is None and one.tight(2) is None
        assert [one.wearer.zone_pa(zone, pa(40)) for zone in range(5)] == pytest.approx(
            [pa(40), pa(50), pa(20), 0, pa(40)], abs=1
        )
        assert one.tight(2) == "trim_mmhg: 25 is not allowed; allowed: 0 to 20 mmHg"

    def test_slack_is_taken_up_as_the_program_says(self):
        one = session()
        one.boost(0, 1)
        assert one.trim(1, 20) is None
        assert [one.wearer.zone_pa(zone, pa(6)) for zone in range(2)] == [pa(6), pa(6)]

    def test_one_leg_only_leaves_the_other_out(self):
        one = session()
        assert one.adjust("leg", 2) is None
        assert [bool(one.wearer.zone_pa(zone, pa(40))) for zone in range(8)] == [False] * 4 + [True] * 4
        assert one.adjust("leg", 3) == "leg: 3 is not allowed; allowed: 0 to 2"

    def test_the_last_zone_cannot_be_skipped(self):
        one = session()
        assert one.adjust("leg", 1) is None
        assert [one.skip(zone, 1) for zone in range(4)] == [None, None, None, "skip: zone 4 is the last one left"]
        assert one.adjust("leg", 2) is None and one.skip(3, 1) is None
        assert one.adjust("leg", 1) == "leg: every zone of it is skipped"

    def test_the_first_two_cycles_rise_and_none_goes_below_the_lowest_pressure(self):
        shares = []
        for cycle in (0, 1, 2, 3):
            one = session(cycle)
            shares.append([round(one.wearer.zone_pa(0, pa(mmhg)) * 100 / pa(mmhg)) for mmhg in (20, 60)])
        assert shares == [[100, 70], [100, 70], [100, 85], [100, 100]]
        one = session(1)
        assert one.adjust("comfort", 0) is None and one.wearer.zone_pa(0, pa(60)) == pa(60)

    def test_boosts_are_for_one_session_trims_and_skips_stay(self):
        one = session()
        one.boost(0, 1)
        assert one.tight(1) is one.skip(2, 1) is None
        one.wearer.end_session(False)
        assert not any(one.wearer.boost) and one.wearer.trim_mmhg[1] == 5 and one.wearer.skip[2] == 1
        assert one.wearer.sessions == 0


class Air:
    """A regulator that gets zones where they should be after some ticks, as the draw says."""

    def __init__(self, count):
        self.reached = bytearray([1] * count)
        self.gave_up = bytearray(count)

    def all_reached(self, first=0, end=None):
        return all(self.reached[first : len(self.reached) if end is None else end])


@settings(max_examples=60)
@given(
    st.sampled_from(modes.names()), st.integers(0, 2), st.lists(st.tuples(st.integers(1, 40), CHANGES), max_size=12), st.integers(0, 999)
)
def test_whatever_changes_in_a_running_cycle_more_pressure_waits_for_a_step_and_never_passes_the_cap(mode, arrangement, changes, seed):
    rng = Random(seed)
    one = Choices(NET)
    assert one.choose(mode, pressure_mmhg=60) is None and one.adjust("arrangement", arrangement) is None
    sequencer, wearer = one.sequencer, one.wearer
    sequencer.load(one.build(), pa(60))
    air = Air(NET.n_zones)
    for ticks, (name, *arguments) in [*changes, (200, ("next",))]:
        for _ in range(ticks):
            before, place = list(sequencer.targets.goal_pa), (bytes(sequencer.lanes.row), sequencer.phase, sequencer.cycle)
            asked = list(sequencer.target_pa)
            sequencer.tick(500, air, 0, 120000)
            for zone in range(NET.n_zones):
                if sequencer.target_pa[zone] != asked[zone]:
                    air.reached[zone] = 0
                    assert sequencer.target_pa[zone] <= max(asked[zone], pa(wearer.most_mmhg())), "nothing rises above the cap"
                    assert sequencer.target_pa[zone] <= asked[zone] or not wearer.is_out(zone)
                elif rng.random() < 0.6:
                    air.reached[zone] = 1
            assert all(goal <= max(end, old) for goal, end, old in zip(sequencer.targets.goal_pa, sequencer.lanes.to_pa, before) if end)
            ramps = any(sequencer.lanes.program.rows[row * 10 + 6] & 16 for row in place[0] if row != 255)
            if (bytes(sequencer.lanes.row), sequencer.phase, sequencer.cycle) == place and not ramps:
                assert all(goal <= old for goal, old in zip(sequencer.targets.goal_pa, before)), "more only with a step"
        before = list(sequencer.targets.goal_pa)
        _ = one.choose(**arguments[0]) if name == "choose" else getattr(one, name)(*arguments)
        assert all(goal <= old for goal, old in zip(sequencer.targets.goal_pa, before)), "a change itself only lowers"
        for zone in range(NET.n_zones):
            if sequencer.phase in (1, 3):
                assert sequencer.targets.goal_pa[zone] <= max(pa(6), pa(wearer.most_mmhg()))
                assert not (wearer.is_out(zone) and sequencer.targets.goal_pa[zone])
