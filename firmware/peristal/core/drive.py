"""From allowed coils to duty: peak and hold, pull-ins staggered within the supply, periodic refresh, soft start of the pump.

It can only delay an energising; releasing a coil and stopping the pump are never delayed.
"""

from array import array

from peristal.core.units import NONE, zeros

OFF, PEAK, HOLD = range(3)
FULL = 1000
LONG_MS = 1 << 20


class Drive:
    """duty_permille of every valve and pump_permille; in_place says that every valve has reached the state asked for."""

    def __init__(self, net):
        board = net.board
        count = net.n_valves
        self.count = count
        self.duty_permille = zeros(count)
        self.pump_permille = 0
        self.in_place = True
        self.show = NONE  # the guard wants to see this zone: whether what should be shut still has its air
        self.state = bytearray(count)
        self.still_ms = array("i", [LONG_MS] * count)  # since the coil was last switched on or off
        self.pump_still_ms = LONG_MS  # since the pump was last driven
        self._peak_ms = zeros(count)
        self._pull_in_ms = array("i", [valve.pull_in_ms for valve in net.valves])
        self.on_ms = array("i", [valve.on_ms for valve in net.valves])
        self.off_ms = array("i", [valve.off_ms for valve in net.valves])
        self._refresh_ms = array("i", [valve.refresh_s * 1000 for valve in net.valves])
        self._hold_permille = array("i", [FULL if valve.drive == "on_off" else valve.hold_permille for valve in net.valves])
        self._pull_ma = array("i", [valve.current_ma for valve in net.valves])
        self._hold_ma = array("i", [valve.current_ma * self._hold_permille[index] // FULL for index, valve in enumerate(net.valves)])
        pump = board.pump
        self._supply_ma = board.supply.current_ma * 9 // 10 - pump.current_ma
        self._pump_first = FULL if pump.drive == "on_off" else min(FULL, pump.min_duty_permille + 50)
        self._pump_rise_ms = max(1, pump.soft_start_ms)

    def refresh(self):
        """Pulls every held coil in again, as the supply allows: after a dip of the 12 V hold duty alone would not."""
        for valve in range(self.count):
            if self.state[valve] == HOLD:
                self._peak_ms[valve] = self._refresh_ms[valve]

    def tick(self, coil, pump_permille, elapsed_ms):
        """Moves every coil towards what the guard allowed; the pump rises softly and stops at once."""
        state = self.state
        still_ms = self.still_ms
        peak_ms, on_ms, off_ms = self._peak_ms, self.on_ms, self.off_ms
        refresh_ms, hold_ma = self._refresh_ms, self._hold_ma
        load_ma = 0
        in_place = True
        waits = False
        for valve in range(self.count):
            now = state[valve]
            still = still_ms[valve] + elapsed_ms
            if still < LONG_MS:
                still_ms[valve] = still
            if coil[valve]:
                if now == OFF:
                    in_place = False
                    waits = True
                    continue
                if now == PEAK:
                    peak_ms[valve] += elapsed_ms
                    if peak_ms[valve] >= self._pull_in_ms[valve]:
                        state[valve] = now = HOLD
                        self.duty_permille[valve] = self._hold_permille[valve]
                elif peak_ms[valve] < refresh_ms[valve]:
                    peak_ms[valve] += elapsed_ms
                if now == PEAK:
                    load_ma += self._pull_ma[valve]
                else:
                    load_ma += hold_ma[valve]
                    if peak_ms[valve] >= refresh_ms[valve]:
                        waits = True
                if still < on_ms[valve]:
                    in_place = False
            else:
                if now != OFF:
                    state[valve] = OFF
                    self.duty_permille[valve] = 0
                    still_ms[valve] = still = 0
                if still < off_ms[valve]:
                    in_place = False
        if waits:
            self._pull_in(coil, load_ma)
        self.in_place = in_place
        self._pump(pump_permille, elapsed_ms)

    def _pull_in(self, coil, load_ma):
        """Energises what waits, as far as the supply carries; refreshes one held coil when there is room."""
        state = self.state
        for valve in range(self.count):
            now = state[valve]
            if not coil[valve] or now == PEAK:
                continue
            due = now == HOLD and self._peak_ms[valve] >= self._refresh_ms[valve]
            if now == HOLD and not due:
                continue
            extra_ma = self._pull_ma[valve] - (self._hold_ma[valve] if due else 0)
            if load_ma + extra_ma > self._supply_ma:
                continue
            load_ma += extra_ma
            if now == OFF:
                self.still_ms[valve] = 0
            state[valve] = PEAK
            self._peak_ms[valve] = 0
            self.duty_permille[valve] = FULL

    def _pump(self, asked_permille, elapsed_ms):
        now = self.pump_permille
        if asked_permille == 0:
            if now == 0:
                if self.pump_still_ms < LONG_MS:
                    self.pump_still_ms += elapsed_ms
                return
            self.pump_permille = 0
            return
        self.pump_still_ms = 0
        if asked_permille <= now:
            self.pump_permille = asked_permille
        elif now == 0:
            self.pump_permille = min(asked_permille, self._pump_first)
        else:
            self.pump_permille = min(asked_permille, now + max(1, FULL * elapsed_ms // self._pump_rise_ms))

    def is_placed(self, valve):
        """Whether a valve has had its time since its coil was last switched."""
        return self.still_ms[valve] >= (self.on_ms[valve] if self.state[valve] else self.off_ms[valve])

    def is_open(self, valve, rest_open):
        """Whether a valve lets air through now or did within its delay (it may be moving)."""
        if (self.state[valve] == OFF) == (rest_open == 1):
            return True
        return self.still_ms[valve] < (self.on_ms[valve] if self.state[valve] else self.off_ms[valve])
