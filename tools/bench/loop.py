"""The firmware's loop on a plant, without the chip's fakes: sensors, session, regulator, guard and drive are the real ones.

A tick reads as hw/sensors.py does (15 samples of a noisy 12-bit ADC, median of 3, mean), lets the core decide, and writes what
the guard allowed a few milliseconds later. Only the regulator is exchanged for a contender.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from peristal.core import faults, modes
from peristal.core.drive import Drive
from peristal.core.gate import STEPS
from peristal.core.guard import Guard
from peristal.core.net import Net, Wish
from peristal.core.regulator import Regulator
from peristal.core.sensing import Sensing, median_mean16
from peristal.core.sequencer import CYCLE
from peristal.core.session import Session
from peristal.core.states import RUNNING
from peristal.core.units import NONE
from tools.bench.ideal import copy_of, fill_s
from tools.bench.plants import Bench
from tools.simulator.plant import Plant

TICK_MS = 20
TICK_S = TICK_MS / 1000
ACT_S = 0.006  # from the sample to the output: ADC reads and the tick's own work
ADC_NOISE_MV, ADC_LOW_MV, ADC_HIGH_MV = 4.0, 150, 2450  # classic ESP32 at 11 dB: the chip with the least range
NOISE_SAMPLES = 4093
FULL_SHARE = 65503 / 65535  # hw/outputs.py never writes 100 %
PA_PER_MMHG = 133.322
MMHG = 1 / PA_PER_MMHG
PRESSED_MMHG = 15


@dataclass
class Command:
    """A zone's valve was told to let the pump fill it; `ideal_s` is what an oracle would have needed from here to the mark."""

    zone: int
    cycle: int
    at_s: float
    ideal_s: float | None


@dataclass
class Trace:
    """What happened, tick by tick; pressures are the plant's true ones, `path` says which zones were told to be open to the line."""

    bench: Bench
    tick_s: float = TICK_S
    t_s: list[float] = field(default_factory=list)
    mmhg: list[list[float]] = field(default_factory=list)
    line_mmhg: list[float] = field(default_factory=list)
    target_mmhg: list[tuple[float, ...]] = field(default_factory=list)
    reached: list[bytes] = field(default_factory=list)
    path: list[bytes] = field(default_factory=list)
    pump: list[int] = field(default_factory=list)
    cycle: list[int] = field(default_factory=list)
    coils: list[bytes] = field(default_factory=list)
    raw_mmhg: list[float] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    zero_mmhg: list[float] = field(default_factory=list)
    fault: str = ""
    refused: str = ""  # what the device said when it would not start
    notices: int = 0


def sensor_error_mmhg(bench: Bench, zero_mmhg: list[float], zone: int, mmhg: float) -> float:
    """How much too high the sensor that looks at a zone reads at a true pressure, once zeroed."""
    sensors = bench.params.sensors
    index = next((i for i, s in enumerate(sensors) if s.zone == zone), 0)
    return (sensors[index].gain - 1.0) * mmhg + zero_mmhg[index]


class Loop:
    """One session on one plant."""

    def __init__(self, bench: Bench, make_regulator: Callable[[Any, Any, Any], Any] = Regulator) -> None:
        self.bench = bench
        self.plant = Plant(bench.params, bench.seed)
        self.net = net = Net(bench.board)
        self.sensing = Sensing(net)
        self.drive = Drive(net)
        self.regulator = make_regulator(net, self.sensing, self.drive)
        self.guard = Guard(net, self.sensing, self.drive)
        self.session = Session(net, self.sensing, self.regulator, self.guard)
        self.session.gate.passed = (1 << len(STEPS)) - 1  # a plant of the bench is brought up
        self.wish = Wish(net)
        self.trace = Trace(bench)
        rng = Random(f"adc {bench.seed}")
        self._noise = [
            [rng.gauss(0.0, (ADC_NOISE_MV**2 + s.noise_mv**2) ** 0.5) + 0.5 for _ in range(NOISE_SAMPLES)] for s in bench.params.sensors
        ]
        self._next = 0
        self._samples = [0] * 32
        # The sensor's own noise is drawn sample by sample here, together with the ADC's.
        self._law = [(500 * s.divider + s.offset_mmhg * (k := 4000 * s.divider / s.range_mmhg), k * s.gain) for s in bench.params.sensors]
        self._place = [s.zone for s in bench.params.sensors]
        self._ripple = self.plant._sensors.ripple_mmhg
        self.on_command: Callable[[Plant, int, int], object] | None = None
        self._before: list[Any] = [None] * net.n_zones
        self._was_open = bytearray(net.n_zones)
        self._commanded = [-1] * net.n_zones

    def _read(self) -> None:
        sensing, samples, plant = self.sensing, self._samples, self.plant
        sensing.make_plan(self.regulator.busy_sensor())
        sensing.grow_older(TICK_MS)
        for slot in range(sensing.plan_length):
            sensor, count = sensing.plan_sensor[slot], sensing.plan_reads[slot]
            zone = self._place[sensor]
            mmhg = plant.line_mmhg + self._ripple(plant.t_s) * plant._drive.speed if zone is None else plant.zone_mmhg[zone]
            zero, slope = self._law[sensor]
            mv = zero + slope * mmhg
            noise, at = self._noise[sensor], self._next
            self._next = at + count if at + 2 * count < NOISE_SAMPLES else 0
            for index in range(count):
                value = int(mv + noise[at + index])
                samples[index] = ADC_LOW_MV if value < ADC_LOW_MV else ADC_HIGH_MV if value > ADC_HIGH_MV else value
            sensing.take(sensor, median_mean16(samples, count))

    def _write(self) -> None:
        """Outputs to the plant; a zone's path that opens is remembered with the plant as it was just before."""
        plant, drive = self.plant, self.drive
        plant.advance(ACT_S)
        self._watch_paths()
        for valve, permille in enumerate(drive.duty_permille):
            plant.drive_valve(valve, permille * FULL_SHARE / 1000)
        plant.drive_pump(drive.pump_permille * FULL_SHARE / 1000)
        if self.guard.enable:
            plant.enable_edge()
        plant.advance(TICK_S - ACT_S)

    def _watch_paths(self) -> None:
        net, drive, sequencer = self.net, self.drive, self.session.sequencer
        vent_shut = net.vent_valve == NONE or drive.state[net.vent_valve]
        for zone in range(net.n_zones):
            energised = drive.state[net.fill_valve[zone]]
            if net.independent:
                is_open = energised and drive.state[net.exhaust_valve[zone]]
            else:
                is_open = vent_shut and not energised
            wanted = sequencer.target_pa[zone]
            if is_open and wanted > 2000 and sequencer.phase == CYCLE and self._commanded[zone] != sequencer.cycle:
                if not self._was_open[zone]:
                    self._before[zone] = (copy_of(self.plant), self.plant.t_s)
                if drive.pump_permille and self._before[zone]:
                    before, at_s = self._before[zone]
                    if self.on_command:
                        self.on_command(copy_of(before), zone, sequencer.cycle)
                    ideal_s = fill_s(before, zone, wanted * MMHG - 3.0, self.bench.board.ceiling_mmhg())
                    self.trace.commands.append(Command(zone, sequencer.cycle, at_s, ideal_s))
                    self._commanded[zone] = sequencer.cycle
            if not is_open:
                self._before[zone] = None
            self._was_open[zone] = 1 if is_open else 0

    def run(self, cycles: int, longest_s: float) -> Trace:
        """Until so many cycles are complete, a fault latches, or the time is over."""
        session, sequencer, trace = self.session, self.session.sequencer, self.trace
        session.adjust("comfort", 0)
        session.choose(program=modes.names()[0], pressure_mmhg=self.bench.target_mmhg, minutes=60)
        trace.refused = session.start() or ""
        while not trace.refused and self.plant.t_s < longest_s and sequencer.cycle <= cycles and self.guard.fault == faults.OK:
            self._read()
            if session.state == RUNNING and not trace.zero_mmhg:
                trace.zero_mmhg = self._zeros()
            session.tick(TICK_MS)
            self.regulator.tick(TICK_MS, self.wish)
            self.guard.tick(TICK_MS, self.wish, session.active, False)
            self.drive.tick(self.guard.coil, self.guard.pump_permille, TICK_MS)
            self._record()
            self._write()
        trace.notices = session.notices
        if self.guard.fault != faults.OK:
            trace.fault = faults.line(self.guard.fault, self.guard.fault_zone)
        trace.zero_mmhg = trace.zero_mmhg or self._zeros()
        return trace

    def _zeros(self) -> list[float]:
        """What is left of each sensor's offset after the session has taken its zeros."""
        sensing = self.sensing
        sensors = self.bench.params.sensors
        return [(zero - sensing.zero16[i] / 16) / (slope / s.gain) for i, ((zero, slope), s) in enumerate(zip(self._law, sensors))]

    def _record(self) -> None:
        trace, plant, drive, net = self.trace, self.plant, self.drive, self.net
        if drive.pump_permille:
            plant.sync()  # to the tick exactly: the plant's own step would make a fill look up to 5 ms longer
        trace.t_s.append(plant.t_s)
        trace.mmhg.append(plant.zone_mmhg[:])
        trace.line_mmhg.append(plant.line_mmhg)
        trace.target_mmhg.append(tuple([p * MMHG for p in self.session.sequencer.target_pa]))
        trace.reached.append(bytes(self.regulator.reached))
        trace.pump.append(drive.pump_permille)
        trace.cycle.append(self.session.sequencer.cycle)
        state = drive.state
        trace.coils.append(bytes([1 if on else 0 for on in state]))
        if net.independent:
            trace.path.append(bytes([1 if state[v] and state[net.exhaust_valve[z]] else 0 for z, v in enumerate(net.fill_valve)]))
        else:
            shut = state[net.vent_valve]
            trace.path.append(bytes([1 if shut and not state[v] else 0 for v in net.fill_valve]))
        zone = next((z for z, is_open in enumerate(trace.path[-1]) if is_open), NONE)
        sensor = net.line_sensor if zone == NONE or net.zone_sensor[zone] == NONE else net.zone_sensor[zone]
        trace.raw_mmhg.append(self.sensing.pa[sensor] * MMHG if sensor != NONE else 0.0)
