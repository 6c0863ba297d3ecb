"""The 12 V side of the plant: supply with sag, enable, coils with their delays, and the speed of the pump."""

from __future__ import annotations

from tools.simulator.plant_params import PlantParams

NEVER = 1e18
SAG_SEEN_V = 0.01
"""A change of the supply below this does not make the coils look again (speed)."""


class Drive:
    """Electrics and mechanics of pump and valves. Times are absolute seconds; the caller moves them on.

    `energised[v]` is the mechanical position of valve v; `speed` is the pump's share of its full speed.
    """

    def __init__(self, params: PlantParams) -> None:
        self.valves = params.valves
        self.pump = params.pump
        self.supply = params.supply
        self.duties = [0.0] * len(params.valves)
        self.energised = [False] * len(params.valves)
        self.deadline = [NEVER] * len(params.valves)
        self._soonest_s = NEVER  # of the deadlines
        self.pump_duty = 0.0
        self.pump_stuck_on = False
        self.speed = 0.0
        self.cut = False
        self.volts_share = 1.0
        self.last_edge_s = -NEVER
        self.live = False
        self.volts = 0.0
        self.turning = False
        self._target = 0.0
        self._seen_volts = 0.0
        # What each valve does at which coil voltage, and the coils as they were looked at last.
        self._switching = [(p.release_share * p.volts, p.pull_in_share * p.volts, p.on_s, p.off_s) for p in params.valves]
        self._coil_a = [p.coil_a for p in params.valves]
        self._looked: tuple[float, list[float], list[bool]] = (-1.0, [], [])

    def expiry_s(self) -> float:
        """When the enable runs out unless another edge comes."""
        return self.last_edge_s + self.supply.enable_hold_s if self.live and self.supply.has_enable else NEVER

    def next_event_s(self) -> float:
        """The next moment at which something changes by itself."""
        if self.live and self.supply.has_enable:
            expiry_s = self.last_edge_s + self.supply.enable_hold_s
            if expiry_s < self._soonest_s:
                return expiry_s
        return self._soonest_s

    def update(self, t_s: float) -> bool:
        """Evaluates supply, coils and pump at `t_s`, ends delays that are due; True when a valve moved."""
        self.live = not self.cut and (not self.supply.has_enable or t_s < self.last_edge_s + self.supply.enable_hold_s - 1e-9)
        self._supply()
        self._coils(t_s)
        if self._soonest_s > t_s + 1e-9:
            return False
        for v, deadline in enumerate(self.deadline):
            if deadline <= t_s + 1e-9:
                self.energised[v] = not self.energised[v]
                self.deadline[v] = NEVER
        self._soonest_s = min(self.deadline)
        return True

    def spin(self, h: float, t_s: float) -> float:
        """Moves the pump on by `h` seconds to `t_s`; returns its mean speed over that time."""
        before, target, pump = self.speed, self._target, self.pump
        if before == target:
            return before
        if before < target:
            after = min(target, before + h / pump.spin_up_s) if pump.spin_up_s > 0 else target
        else:
            after = max(target, before - h / pump.coast_s) if pump.coast_s > 0 else target
        self.speed = after
        self._supply()
        if abs(self.volts - self._seen_volts) > SAG_SEEN_V:
            self._coils(t_s)
        return 0.5 * (before + after)

    def _supply(self) -> None:
        """Every load draws in proportion to the voltage it gets, so the sag has a closed form; PWM is averaged."""
        supply, pump = self.supply, self.pump
        duty = 1.0 if self.pump_stuck_on else self.pump_duty
        if not self.live:
            self.volts = self._target = 0.0
        else:
            # a DC motor: the full inrush at standstill, the run current once back-EMF has built up
            amps = duty * pump.run_a * max(0.0, duty * pump.inrush - (pump.inrush - 1.0) * self.speed)
            for coil, coil_a in zip(self.duties, self._coil_a):
                if coil:
                    amps += coil * coil * coil_a
            self.volts = self.volts_share * supply.volts / (1.0 + supply.r_ohm * amps / supply.volts)
            # rated at the open-circuit voltage, so that q0 is what the table of a datasheet says
            target = (duty * self.volts / supply.volts - pump.u0) / (1.0 - pump.u0)
            self._target = target if target > 0.0 else 0.0
        self.turning = self.speed > 0.0 or self._target > 0.0

    def _coils(self, t_s: float) -> None:
        """Starts or cancels the delay of each coil whose voltage asks for the other position."""
        volts = self._seen_volts = self.volts
        duties, energised, deadline = self.duties, self.energised, self.deadline
        if self._looked == (volts, duties, energised):
            return
        self._looked = (volts, duties[:], energised[:])
        for v, (release_v, pull_in_v, on_s, off_s) in enumerate(self._switching):
            coil_volts = duties[v] * volts
            if energised[v]:
                if coil_volts >= release_v:
                    deadline[v] = NEVER
                elif deadline[v] == NEVER:
                    deadline[v] = t_s + off_s
            elif coil_volts < pull_in_v:
                deadline[v] = NEVER
            elif deadline[v] == NEVER:
                deadline[v] = t_s + on_s
        self._soonest_s = min(deadline, default=NEVER)
