"""The peers: what hobby firmware and a textbook would do, under the same guard, drive, soft start, ceiling and valve sequence.

Both close what must be closed, open the zone, drive, let it settle, and keep a zone with its own sensor inside a thermostat's
band. They differ from ours, and from each other, in what the pump does and when it stops. Host code: floats are allowed here.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from peristal.core import model
from peristal.core.learned import Learned
from peristal.core.units import NONE, pa

MMHG = 1 / 133.322
NO_JOB, FILL, RELIEVE, RELEASE = range(4)
CLOSING, OPENING, DRIVING, SETTLING = range(4)
SETTLE_MS = 120
FILL_MS = 60000
LOW_MMHG, HIGH_MMHG, LASTING_MS = 3.0, 4.0, 2200
LOOK_MS = 8000
RELIEF_MS = 60
EMPTY_MMHG = 10.0
THROTTLE_MMHG = 30.0
SLACK_MMHG, SLACK_SHARE_BLIND, SLACK_SHARE = 15.0, 0.95, 1.3
DONE_MMHG, RIGHT_MMHG = 1.5, 2.5
CALM_SHARE, CALM_MS = 0.1, 200
TICK_MS = 20


@dataclass(frozen=True)
class Gains:
    """Of the PID, in pump share per mmHg (and second); an error of 1/kp and more drives the pump fully."""

    kp: float
    ki: float
    kd: float


class Peer:
    """The interface of the firmware's regulator; `duty` of a subclass gives permille, or None when the fill has ended."""

    looks = False

    def __init__(self, net: Any, sensing: Any, drive: Any) -> None:
        count = net.n_zones
        self.net, self.sensing, self.drive = net, sensing, drive
        self.target_pa = array("i", [0] * count)
        self.est_pa = array("i", [0] * count)
        self.est_age_ms = array("i", [0] * count)
        self.reached = bytearray([1] * count)
        self.gave_up = bytearray(count)
        self.notices = 0
        self.learned = Learned(net)  # only its declared figures: what the session plans with
        self.lead = SimpleNamespace(kind=0, zone=0)  # the session's eyes on what is being filled, and for its record
        self.estimate = SimpleNamespace(pa=[0] * count)
        self.pump = SimpleNamespace(stretched=False, quiet_permille=1000)  # the session's quiet mode; off in the benchmark
        self.job, self.zone, self.stage = NO_JOB, NONE, CLOSING
        self._stage_ms = self._job_ms = self._vented_ms = 0
        self._off_ms = [0] * count
        self._held_ms = [0] * count
        self.filtered = 0.0
        first = net.zones
        if net.independent:
            self._empty_ms = max(model.vent_ms(z.volume_ml, z.exhaust.c_ml_s_bar, pa(100), pa(6)) for z in first)
        else:
            out = model.series(sum(z.valve.c_ml_s_bar for z in first), net.valves[net.vent_valve].c_ml_s_bar)
            self._empty_ms = model.vent_ms(sum(z.volume_ml for z in first), out, pa(100), pa(6))

    def busy_sensor(self) -> int:
        """The sensor that is read every tick now, or NONE."""
        return NONE if self.zone == NONE else self.net.zone_sensor[self.zone]

    def set_target(self, zone: int, target_pa: int) -> None:
        """As the regulator's."""
        if self.target_pa[zone] != target_pa:
            if self.zone == zone and target_pa < self.target_pa[zone]:
                self._end()
            self.target_pa[zone] = target_pa
            self.reached[zone] = self.gave_up[zone] = 0

    def all_reached(self, first: int = 0, end: int = NONE) -> bool:
        """As the regulator's."""
        return all(r or g for r, g in zip(self.reached[first:end], self.gave_up[first:end]))

    def tick(self, elapsed_ms: int, wish: Any) -> None:
        """One step of 20 ms."""
        for zone, target in enumerate(self.target_pa):
            wish.target_pa[zone] = target
            self._held_ms[zone] += elapsed_ms
        if not any(self.target_pa):
            self._end()
            self._vented_ms += elapsed_ms
            wish.all_off()
            for zone in range(self.net.n_zones):
                self.reached[zone] = 1 if self._vented_ms >= self._empty_ms else 0
            return
        self._vented_ms = 0
        self._stage_ms += elapsed_ms
        self._job_ms += elapsed_ms
        if self.zone != NONE:
            self.filtered += (self.reading(self.zone) - self.filtered) / 4
        pump = 0
        if self.job == NO_JOB:
            self._choose(elapsed_ms)
        else:
            pump = self._work(elapsed_ms)
        self._write(wish.coil)
        wish.pump_permille = pump

    def reading(self, zone: int) -> float:
        """What the zone's sensor reads in mmHg: its own, or the line's."""
        sensor = self.net.zone_sensor[zone]
        return self.sensing.pa[self.net.line_sensor if sensor == NONE else sensor] * MMHG

    def target(self) -> float:
        """Target of the job's zone in mmHg."""
        return self.target_pa[self.zone] * MMHG

    def _choose(self, elapsed_ms: int) -> None:
        for zone in self.net.foot_first:
            target = self.target_pa[zone]
            if target == 0 and not self.reached[zone]:
                return self._begin(RELEASE, zone)
            if target and not self.reached[zone] and not self.gave_up[zone]:
                return self._begin(FILL, zone)
        for zone in self.net.foot_first:
            target = self.target_pa[zone] * MMHG
            if target < 15:
                continue
            if self.net.zone_sensor[zone] == NONE:
                if self.looks and self._held_ms[zone] >= LOOK_MS:
                    return self._begin(FILL, zone)
                continue
            error = self.reading(zone) - target
            self._off_ms[zone] = 0 if -LOW_MMHG <= error <= HIGH_MMHG else self._off_ms[zone] + elapsed_ms
            if self._off_ms[zone] >= LASTING_MS:
                return self._begin(FILL if error < 0 else RELIEVE, zone)
        return None

    def _begin(self, job: int, zone: int) -> None:
        self.job, self.zone = job, zone
        self._off_ms[zone] = self._job_ms = 0
        self.filtered = 0.0
        self._enter(CLOSING)
        self.start()

    def _enter(self, stage: int) -> None:
        self.stage, self._stage_ms = stage, 0
        if stage == DRIVING:
            self.filtered = self.reading(self.zone)

    def _end(self) -> None:
        self.job, self.zone = NO_JOB, NONE

    def _work(self, elapsed_ms: int) -> int:
        if self.stage in (CLOSING, OPENING):
            if self._stage_ms > elapsed_ms and self.drive.in_place:
                self._enter(self.stage + 1)
            return 0
        if self.stage == SETTLING:
            if self._stage_ms >= self.net.coast_ms + SETTLE_MS:
                self._settled()
            return 0
        if self.job == FILL:
            pump = self._slack() if self.target() < SLACK_MMHG else self.duty(self.filtered, self._stage_ms)
            if pump is not None and self._job_ms < FILL_MS:
                return self._throttled(pump)
            self._enter(SETTLING)
        elif self.job == RELIEVE:
            if self._stage_ms >= RELIEF_MS:
                self._enter(SETTLING)
        elif self._stage_ms >= self._empty_ms:
            self.reached[self.zone] = 1
            self._end()
        return 0

    def _slack(self) -> int | None:
        """Before the first cycle: as much air as the declared volume; the reading decides where it is the zone's own."""
        known = self.net.zone_sensor[self.zone] != NONE
        flow_ml_ms = self.net.board.pump.flow_ml_min / 60000
        share = SLACK_SHARE if known else SLACK_SHARE_BLIND
        full = self._stage_ms >= share * self.net.zones[self.zone].volume_ml / flow_ml_ms
        return None if full or (known and self.filtered >= self.target()) else 1000

    def _settled(self) -> None:
        zone, static = self.zone, self.filtered
        if self.job == FILL and self._job_ms >= FILL_MS:
            self.gave_up[zone] = 1
            self._end()
        elif self.job == FILL and self.target() > SLACK_MMHG and not self.enough(static):
            self._enter(DRIVING)
        elif self.job == RELIEVE and static > self.target() + LOW_MMHG and self._job_ms < 3000:
            self._enter(DRIVING)
        else:
            self.reached[zone] = 1
            self._held_ms[zone] = 0
            self._end()

    def _throttled(self, permille: int) -> int:
        """Under the line's ceiling: proportionally from 30 mmHg below it, off above it."""
        line = self.net.line_sensor
        if line == NONE:
            return permille
        room = (self.net.ceiling_pa - self.sensing.pa[line]) * MMHG / THROTTLE_MMHG
        if room < 0.0:
            return 0
        lowest = self.net.board.pump.min_duty_permille
        return min(permille, round(lowest + (1000 - lowest) * min(1.0, room)))

    def _write(self, coil: Any) -> None:
        net = self.net
        if net.independent:
            for zone in range(net.n_zones):
                coil[net.fill_valve[zone]] = 0
                coil[net.exhaust_valve[zone]] = 1 if self.target_pa[zone] else 0
            if self.job == FILL and self.stage >= OPENING:
                coil[net.fill_valve[self.zone]] = 1
            elif self.job == RELIEVE and self.stage == DRIVING:
                coil[net.exhaust_valve[self.zone]] = 0
            return
        for valve in range(net.n_valves):
            coil[valve] = 1
        if self.job != NO_JOB and self.stage >= OPENING:
            coil[net.fill_valve[self.zone]] = 0
            if self.job == RELEASE or (self.job == RELIEVE and self.stage == DRIVING):
                coil[net.vent_valve] = 0

    def start(self) -> None:
        """A job begins."""

    def duty(self, reading: float, driven_ms: int) -> int | None:
        """Permille of the pump, None: the fill has ended."""
        raise NotImplementedError

    def enough(self, static: float) -> bool:
        """Whether the zone may be declared held at its static reading."""
        return True


class Threshold(Peer):
    """Full duty until the raw reading is at target + lead; what that gave is taken as it is. The lead is fixed for each plant."""

    lead_mmhg = 0.0

    def duty(self, reading: float, driven_ms: int) -> int | None:
        """Full or ended; the first 100 ms of a fill show only the line filling."""
        return None if reading >= self.target() + self.lead_mmhg and driven_ms >= 100 else 1000


class Pid(Peer):
    """PID on pump duty over the filtered reading: the pump slows down as the reading nears the target, so the reading's excess goes.

    Ends when the reading has stayed at the target with hardly any flow, confirms with the pump off, goes on if it was not enough.
    """

    looks = True
    gains = Gains(0.05, 0.0, 0.0)

    def start(self) -> None:
        """Forgets the job before."""
        self._sum = 0.0
        self._last: float | None = None
        self._calm_ms = 0

    def duty(self, reading: float, driven_ms: int) -> int | None:
        """Permille above the pump's least duty in proportion to the PID's output."""
        error = self.target() - reading
        if driven_ms <= TICK_MS:
            self._calm_ms = 0
            if error <= DONE_MMHG:  # a look that finds nothing to do
                return None
        gains = self.gains
        slope = 0.0 if self._last is None else (reading - self._last) * 1000 / TICK_MS
        self._last = reading
        share = gains.kp * error + gains.ki * self._sum - gains.kd * slope
        if 0.0 < share < 1.0:
            self._sum += error * TICK_MS / 1000  # no wind-up while the pump is at either end
        self._calm_ms = self._calm_ms + TICK_MS if error <= DONE_MMHG and share < CALM_SHARE else 0
        if self._calm_ms >= CALM_MS:
            return None
        lowest = self.net.board.pump.min_duty_permille
        return round(lowest + (1000 - lowest) * min(1.0, max(0.0, share)))

    def enough(self, static: float) -> bool:
        """Not more than 2.5 mmHg short."""
        return static >= self.target() - RIGHT_MMHG
