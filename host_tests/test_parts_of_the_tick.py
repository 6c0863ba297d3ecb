"""The small rooms of the tick: coils, model, stores."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peristal.core import fault_words, faults, limits, model, units
from peristal.core.drive import HOLD, OFF, PEAK, Drive
from peristal.core.net import Net
from peristal.core.units import pa
from tools.simulator import boards
from tools.simulator.rig import Rig


class TestUnits:
    @given(st.integers(-500, 2000))
    def test_mmhg_survive_the_way_through_pascals(self, mmhg):
        assert units.mmhg(pa(mmhg)) == mmhg

    def test_a_millimetre_of_mercury_is_133_322_pa(self):
        assert pa(1000) == 133322


class TestDrive:
    def drive(self):
        net = Net(boards.load("esp32_manifold"))
        return net, Drive(net)

    def test_a_coil_pulls_in_at_full_duty_then_holds_and_is_refreshed(self):
        net, drive = self.drive()
        coil = bytearray([1] + [0] * (net.n_valves - 1))
        seen = []
        for _ in range(35 * 50):
            drive.tick(coil, 0, 20)
            seen.append(drive.duty_permille[0])
        pull = net.valves[0].pull_in_ms // 20
        assert seen[:pull] == [1000] * pull
        assert set(seen[pull + 1 : 1400]) == {net.valves[0].hold_permille}
        assert 1000 in seen[1450:], "refreshed after about 30 s"

    def test_releasing_a_coil_and_stopping_the_pump_are_never_delayed(self):
        net, drive = self.drive()
        for _ in range(100):
            drive.tick(bytearray([1] * net.n_valves), 1000, 20)
        assert min(drive.duty_permille) > 0 and drive.pump_permille == 1000
        drive.tick(bytearray(net.n_valves), 0, 20)
        assert max(drive.duty_permille) == 0 and drive.pump_permille == 0
        assert max(drive.state) == OFF

    def test_pull_ins_are_staggered_within_the_supply(self):
        net, drive = self.drive()
        board = net.board
        most_ma = 0
        for _ in range(200):
            drive.tick(bytearray([1] * net.n_valves), 1000, 20)
            now_ma = sum(valve.current_ma * drive.duty_permille[index] // 1000 for index, valve in enumerate(net.valves))
            most_ma = max(most_ma, now_ma)
        assert most_ma + board.pump.current_ma <= board.supply.current_ma * 9 // 10
        assert set(drive.state) == {HOLD} and drive.in_place
        assert PEAK not in drive.state

    def test_the_pump_starts_softly_from_its_least_duty(self):
        _, drive = self.drive()
        seen = []
        for _ in range(20):
            drive.tick(bytearray(9), 1000, 20)
            seen.append(drive.pump_permille)
        assert 250 <= seen[0] <= 350
        assert seen == sorted(seen) and seen[-1] == 1000 and len(set(seen)) >= 4

    def test_in_place_waits_for_the_slowest_valve(self):
        net, drive = self.drive()
        coil = bytearray([1] * net.n_valves)
        for _ in range(100):
            drive.tick(coil, 0, 20)
        coil[3] = 0
        ticks = 0
        drive.tick(coil, 0, 20)
        while not drive.in_place:
            drive.tick(coil, 0, 20)
            ticks += 1
        assert ticks * 20 >= net.valves[3].off_ms


class TestModel:
    """Against the sanity table of the simulator's plant, which is a different implementation."""

    @pytest.mark.parametrize("c, seconds", ((200, 4.7), (500, 1.9)))
    def test_the_vent_time_of_one_litre(self, c, seconds):
        assert model.vent_ms(1000, c, pa(80), pa(10)) / 1000 == pytest.approx(seconds, rel=0.12)

    @pytest.mark.parametrize("litres_min, stall, c, drop", ((6, 400, 200, 28), (15, 600, 500, 35), (15, 600, 200, 134), (20, 600, 500, 56)))
    def test_how_much_the_line_reads_high(self, litres_min, stall, c, drop):
        found = model.drop_pa(c, litres_min * 1000 // 60, pa(stall), pa(80))
        assert found / 133.3 == pytest.approx(drop, rel=0.12)

    @given(st.integers(0, 2**30))
    @settings(max_examples=200)
    def test_the_integer_root_is_the_floor(self, number):
        root = model.isqrt(number)
        assert root * root <= number < (root + 1) ** 2


class TestLimits:
    def test_every_row_is_ordered_and_names_its_source(self):
        for name, (low, default, high, unit, source) in limits.LIMITS.items():
            assert low <= default <= high, name
            assert unit and len(source) > 10, name

    @pytest.mark.parametrize("value", (19, 101, 55.0, "55", None, True))
    def test_a_refusal_names_the_thing_the_value_and_the_range(self, value):
        if value is True:
            return
        assert limits.refuse("pressure_mmhg", value) == f"pressure_mmhg: {value!r} is not allowed; allowed: 20 to 100 mmHg"

    def test_what_is_in_range_is_not_refused(self):
        assert limits.refuse("minutes", 60) is None

    def test_every_fault_says_what_happens_what_clears_it_and_what_to_tell_the_wearer(self):
        constants = [value for name, value in vars(faults).items() if name.isupper() and isinstance(value, int)]
        first_notice = faults.FIRST_NOTICE
        told = [number for number, _, _ in fault_words.WORDS]
        first, notices = [number for number in told if number < first_notice], [number for number in told if number >= first_notice]
        assert told == first + notices and first == list(range(1, len(first) + 1))  # append-only, and nothing left out
        assert notices == list(range(first_notice, first_notice + len(notices)))
        assert set(first) <= set(constants) and {1 << number - first_notice for number in notices} <= set(constants)
        for number, name, words in fault_words.WORDS:
            assert faults.name(number) == name and words[-1] in ".?" and len(words) <= 80
            assert faults.cleared_by(number) and fault_words.HAPPENS[faults.rank(number)]


class TestStore:
    def start(self, settings_text, until_s=3.0):
        rig = Rig("esp32s3_independent")
        if settings_text is not None:
            rig.flash.put("profile.json", settings_text)
        rig.run_until(until_s)
        return rig

    @pytest.mark.parametrize("text", ("", "garbage", "00000000 [1, {}]\n", '3b5c0f6a [1, {"minutes": 20}', "\x00" * 40))
    def test_a_damaged_profile_is_set_aside_and_never_stops_the_start(self, text):
        rig = self.start(text)
        assert rig.state == "idle"
        assert "profile.json.bad" in rig.flash.files

    def test_a_stored_value_out_of_range_is_left_at_its_default(self):
        from tools.simulator.rig import stored_file

        rig = self.start(stored_file({"program": "none", "pressure_mmhg": 250, "minutes": 18}))
        session = rig.app.session
        assert (session.program, session.pressure_mmhg, session.minutes) == ("easy_run", 55, 18)

    def test_choices_survive_a_power_cycle(self):
        rig = Rig("esp32_manifold")
        rig.press(1.0, 0.1, "minus_pin")
        rig.run_until(20)
        rig.chip.power_cycle()
        rig.run_until(25)
        assert rig.app.session.pressure_mmhg == 50

    def test_nothing_is_written_while_anything_is_under_pressure(self):
        rig = Rig("esp32_manifold", settings={"program": "wave", "pressure_mmhg": 40, "minutes": 2}, snug=True)
        rig.press(2.5)
        before: dict = {}
        rig.at(3.5, lambda: before.update(rig.flash.files))
        rig.press(25.0, 0.1, "plus_pin")
        rig.at(50, lambda: before.update(now=dict(rig.flash.files)))
        rig.run_until(51)
        assert rig.app.session.pressure_mmhg == 45
        assert before.pop("now") == before

    def test_the_pin_file_holds_led_and_actuators_and_is_written_once(self):
        rig = self.start(None)
        numbers = [int(word) for word in bytes(rig.flash.files["pins.txt"]).split()]
        assert numbers[:-1] == [rig.board.panel.led_pin, 1, *rig.board.actuator_pins()] and sum(numbers[:-1]) == numbers[-1]
