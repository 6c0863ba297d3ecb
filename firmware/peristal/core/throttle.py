"""The pump's duty: full, or what keeps the line under its ceiling, the pump quiet, or the pump within its own limits.

Flow is linear in the duty above the least one, and the line reads high by the square of the flow. So what is set is the
flow drop the line may have, as a share (permille) of that at full duty under the ceiling, corrected slowly by what the line shows.
"""

from peristal.core.model import ATM_PA, isqrt
from peristal.core.units import NONE, clamp, pa

MARGIN_PA = pa(6)  # the line is kept this much below its ceiling
END_MARGIN_PA = pa(4)  # and ends a fill this much below it, at a duty that stays as it is from a little before the target on
NEAR_PA = pa(15)
FLOW_MS = 200  # until the line shows the flow of a pump that has spun up
MOST_RISE = 10
MOST_FALL = 100
AHEAD_TICKS = 4
LEAST_SHARE = 40  # a fifth of the flow
LEAST_CAREFUL, MORE_CAREFUL = 300, 50
IDLE_SHARE = 4  # a line above its ceiling gets less; in truth more than that, so not where a zone is blind and its flow must be known
WINDOW_S = 600
PAUSE_MS = 1000  # between two long runs


class Throttle:
    """permille() is the duty to ask for; quiet_permille is the ceiling of the wearer's quiet mode (1000 = off)."""

    def __init__(self, net, sensing):
        pump = net.board.pump
        self.net = net
        self.sensing = sensing
        self._seen = net.zone_sensor[0] != NONE
        self.quiet_permille = 1000
        self.stretched = False  # the pump was held back, and the cycle takes longer for it
        self._least_duty = pump.min_duty_permille
        self._stall_da_pa = pa(pump.stall_mmhg) // 100
        self._line_permille = net.board.line.volume_ml * 60 * 1000 // pump.flow_ml_min  # of the free flow, for one atmosphere a second
        self._up_ms = max(pump.spin_up_ms, pump.soft_start_ms) + FLOW_MS
        self._share = self._most_share = 1000
        self._full_pa = pa(5)  # flow drop at full duty, the line at its ceiling
        self._careful = 1000  # of the flow (permille): less after a run that was too much for the line
        self._end_share = 0  # of the last part of a fill: there the same duty each time, because what it really delivers is not known
        self.asked = 0  # the duty of the last tick
        self._got = 0  # what the pump really had
        self._line_pa = self._rise_pa = 0
        # A bucket of pump time: it fills while the pump runs and empties at the rate that the pump can bear for ever.
        self._on_ms = 0
        self._most_on_ms = pump.max_on_s_per_10_min * 1000
        self._leak_permille = pump.max_on_s_per_10_min * 1000 // WINDOW_S
        self._leak_rest = 0
        self._resting = False
        self.run_ms = 0
        self._most_run_ms = pump.max_run_s * 1000 - PAUSE_MS
        self._pause_ms = 0

    def tick(self, pump_permille, elapsed_ms):
        """Counts how long the pump has run, of what it may in ten minutes."""
        self._pause_ms = max(0, self._pause_ms - elapsed_ms)
        self._got = pump_permille
        if pump_permille:
            self._on_ms += elapsed_ms
            self.run_ms += elapsed_ms
            if self.run_ms >= self._most_run_ms:
                self._pause_ms = PAUSE_MS
                self.run_ms = 0
        else:
            self.run_ms = 0
        self._leak_rest += elapsed_ms * self._leak_permille
        leaked = self._leak_rest // 1000
        self._leak_rest -= leaked * 1000
        self._on_ms = max(0, self._on_ms - leaked)
        if self._on_ms >= self._most_on_ms:
            self._resting = self.stretched = True
        elif self._on_ms * 10 < self._most_on_ms * 9:
            self._resting = False

    def rested(self):
        """Whether a new fill may begin; when the pump must rest, the cycle waits."""
        return not self._resting

    def start(self, full_drop_pa, zone_pa, target_pa, learned, most_permille, slack):
        """A run begins at this pressure: the duty at which the flow drop just fits under the ceiling, at most this share of the flow.

        A drop that was only declared may be half as large again in truth, and the line rises faster than it can be throttled.
        slack: it only takes up the slack for a fill to target_pa, at the duty at which that will end. What a duty delivers is known
        to a tenth, its square to a fifth: a drop that was seen at another one misses the target by that.
        """
        ceiling = self.net.ceiling_pa
        room = ceiling - MARGIN_PA - zone_pa
        full = self._full_pa = full_drop_pa * self.drop_share(1000, ceiling) // 1000
        self._end_share = 0
        self._rise_pa = 0
        if self.net.line_sensor != NONE:
            self._line_pa = self.sensing.pa[self.net.line_sensor]
        self._most_share = most_permille * most_permille // 1000
        end = ceiling - END_MARGIN_PA - target_pa
        if slack:
            self._most_share = clamp(end * 1000 // full, LEAST_SHARE, self._most_share)
        if learned:
            self._end_share = min(end * 1000 // full, self._most_share)
            if target_pa - zone_pa < NEAR_PA:
                room = min(room, end)
        self._share = clamp(room * (1000 if learned else 700) // full * self._careful // 1000, LEAST_SHARE, self._most_share)
        self._careful = min(1000, self._careful + MORE_CAREFUL)
        return self._duty()

    def permille(self, run_ms):
        """The duty for this tick; 0 for a moment when even the least duty is too much for the line."""
        if self._pause_ms > 0:
            return 0
        line = self.net.line_sensor
        if line != NONE:
            reading = self.sensing.pa[line]
            rose_pa = reading - self._line_pa
            self._rise_pa += (rose_pa - self._rise_pa) >> 1
            self._line_pa = reading
            room = self.net.ceiling_pa - MARGIN_PA - reading
            # At the least duty nothing but a rest keeps the line from where it will be a tick later.
            if room - (max(0, rose_pa) if self._share <= LEAST_SHARE else 0) < -3 * MARGIN_PA:
                if self.asked:
                    self._careful = max(LEAST_CAREFUL, self._careful * 3 >> 2)
                return 0
            # Where the line will be when the pump has followed.
            early = run_ms < self._up_ms
            # A line that fills slows down by itself, and where it comes to rest may be known.
            ahead = AHEAD_TICKS if not early else 1 if self._end_share else 2
            step = (room - self._rise_pa * ahead) * 1000 // (self._full_pa << 3)
            if step < 0:
                step <<= 2
            elif early or self._got < self.asked:
                step = 0  # the pump is not yet at its flow, or gets less than was asked: a low line says nothing
            least = IDLE_SHARE if room < -MARGIN_PA and self._seen else LEAST_SHARE
            share = clamp(self._share + clamp(step, -MOST_FALL, MOST_RISE), least, self._most_share)
            if share < self._end_share <= self._share and room > -MARGIN_PA:
                share = self._end_share
            self._share = share
        return self._duty()

    def _duty(self):
        duty = 1000
        if self._share < 1000:
            duty = self._least_duty + (1000 - self._least_duty) * isqrt(self._share * 1000) // 1000
        quiet = max(self.quiet_permille, min(1000, self._least_duty + 50))
        if duty > quiet:
            self.stretched = True
            return quiet
        return duty

    def drop_share(self, duty_permille, line_pa, rises_pa_s=0):
        """Flow drop at a duty and a pressure of the line, in permille of that at the pump's free flow.

        It goes with the square of the flow, which falls with the duty and with the pressure the pump works against, and with
        the air's density. rises_pa_s: what raises the line itself does not pass the valve.
        """
        flow = clamp((duty_permille - self._least_duty) * 1000 // (1000 - self._least_duty), 200, 1000)
        flow = flow * (1000 - clamp(line_pa * 10 // self._stall_da_pa, 0, 800)) // 1000
        flow = max(flow >> 1, flow - rises_pa_s // 10 * self._line_permille // (ATM_PA // 10))
        return flow * flow // (1000 + line_pa * 10 // (ATM_PA // 100))
