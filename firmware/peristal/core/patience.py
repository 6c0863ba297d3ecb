"""How long a zone that is driven may show nothing of it: by the air that the declared parts bring it."""

from peristal.core import model
from peristal.core.flow import AT_ONCE_MS, START_MS, gain_permille, pumped_permille
from peristal.core.others import SURE
from peristal.core.second_look import FIRM_PA
from peristal.core.units import NONE, mmhg, pa, zeros

LEAST_MS = 200
AT_PA = pa(80)  # of a zone that is filled to the usual pressures
AIR_PERMILLE = 1038  # so much sooner where the drop is counted: with 1300 permille of the volume instead of 1350


class Patience:
    """What answer.py counts by; flow_ml_s is what each zone gets at the most at usual pressures."""

    def __init__(self, net, levels, flow):
        count = net.n_zones
        pump = net.board.pump
        flow_ml_s = pump.flow_ml_min // 60
        self.net = net
        self.levels = levels
        self.flow = flow
        self.unfolded = bytearray(count)  # SEEMS or SURE
        self.driven_ms = zeros(count)
        self._folded_ms = zeros(count)
        self._all_folded_ms = 0
        self._full_ms = zeros(count)
        # What tells of a dead sensor of a zone's own is the air. Behind a narrow valve a pump at part of its duty brings more than its
        # share: by how much of its flow at full duty it gains at the most, and what a slack chamber gets at that.
        self._gain_permille = zeros(count)
        self._slack_permille = zeros(count)
        self._firm_permille = zeros(count)  # the pump's flow against the ceiling, of what a firm zone gets at the most
        self._across_pa = max(pa(1), net.ceiling_pa - AT_PA)  # which drives that through its valve
        self.flow_ml_s = zeros(count)
        stall = pump.stall_mmhg
        ceiling = net.board.line.ceiling_mmhg
        for zone in range(count):
            volume = net.zones[zone].volume_ml
            fill_c = net.fill_c[zone]
            most_flow = max(1, min(flow_ml_s, model.flow_ml_s(fill_c, net.ceiling_pa, 0)))
            # Volume and flow may each be a tenth off; a line shows what builds up, a dead sensor of the zone's own does not.
            self._folded_ms[zone] = volume * (1350 if net.line_sensor == NONE else 1800) // most_flow + 300
            self._all_folded_ms += self._folded_ms[zone]
            if net.zone_sensor[zone] != NONE:
                drop = mmhg(net.drop_pa(zone, 0))
                self._gain_permille[zone] = gain_permille(drop, stall)
                self._slack_permille[zone] = flow_ml_s * (stall - drop) // stall * AIR_PERMILLE // most_flow
            self._full_ms[zone] = max(AT_ONCE_MS, volume * 150 // most_flow + 500)
            against = flow_ml_s * (stall - ceiling) // stall
            self.flow_ml_s[zone] = max(1, min(against, model.flow_ml_s(fill_c, net.ceiling_pa, AT_PA)))
            self._firm_permille[zone] = against * 1000 // self.flow_ml_s[zone]

    def _patience_ms(self, zone, zone_pa, from_line):
        if self.unfolded[zone] != SURE:
            # Side by side the air goes where it finds least resistance: until all of them have theirs.
            return self._folded_ms[zone] if self.levels.sharing == 1 else self._all_folded_ms // self.levels.sharing
        if zone_pa < FIRM_PA:
            return self._full_ms[zone]
        brings_ms = self.levels.ten_ul(zone, zone_pa) // self.flow_ml_s[zone] << from_line
        patience = max(LEAST_MS, brings_ms)
        driven_ms = self.driven_ms[zone]
        if driven_ms >= START_MS:
            return patience
        # Only what this drive brings may be late: what the pulses before it have brought a zone's own sensor shows by now.
        return patience + START_MS if from_line else brings_ms + driven_ms

    def _brings_permille(self, zone, reading_pa, flow_permille):
        """How much of what its patience counts with a zone with a sensor of its own gets, while the pump runs at part of its duty.

        A pump that is held at its ceiling has more than passes: a firm zone gets that all the same, as far as the line shows it.
        """
        if self.unfolded[zone] != SURE:
            return pumped_permille(flow_permille, self._gain_permille[zone]) * self._slack_permille[zone] // 1000
        most_permille = 1000
        if self.net.line_sensor != NONE:
            most_permille = min(1000, max(0, self.flow.line_pa - reading_pa) * 1000 // self._across_pa)
        return min(most_permille, flow_permille * self._firm_permille[zone] // 1000)
