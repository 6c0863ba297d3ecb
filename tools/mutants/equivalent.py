"""Mutants that nothing which a person or a pin could notice depends on: the key of each, and why."""

EQUIVALENT: dict[str, str] = {
    "core/zone_watch.py module: removed (times 1000): MOST_GAP_MS = 400": "a sensor that is not read for 400 ms is stale and has latched "
    "before; without a session nothing is driven, and the count of a zone without a target stands still while all is off",
    "core/line_watch.py LineWatch._watch_flow: operand 1 removed: not blind and own_pa < SLACK_PA": "a blind zone whose line shows less "
    "than 12 mmHg is below each limit whatever its flow drops",
    "core/plausible.py Plausible._watch_swings: inverted: change > 0 #2": "up and down change their names, and only that the one follows "
    "the other is asked",
    "core/answer.py Answer.tick: operand 2 removed: own != NONE and driven and (driven_ms > START_MS)": "of a zone that is not "
    "driven the time of the drive is nothing",
    "core/answer.py Answer.tick: operand 1 removed: self.coming.owed_ul[zone] and self.coming.is_silent(zone)": "a zone that is owed "
    "nothing is not silent: the call only takes time",
    "core/drive.py Drive.tick: always: if waits:": "with nothing that waits there is nothing to pull in: the look for it only takes time",
    "core/zone_watch.py ZoneWatch.tick: always: if target != ceil_pa[zone] or target != high_pa[zone] or ceil_ms[zone]:": "a target "
    "that is what it was has nothing to follow: the call only takes time",
    "core/zone_watch.py ZoneWatch.tick: always: if filling[zone] or fill_ms[zone] or owed_ul[zone]:": "of a zone that is not driven "
    "and owes neither time nor air there is nothing to count or to give back: the call only takes time",
    "core/zone_watch.py ZoneWatch._count_fill: operand 1 removed: (here_ul or coming.owed_ul[zone]) and self.net.zone_sensor[zone] "
    "!= NONE": "where nothing came and nothing is owed there is nothing to forget: the call only takes time",
    "core/plausible.py Plausible._watch_swings: removed: swings[sensor] = 0 #2": "the fault is latched by then, and what is latched "
    "first stays; half a second later the count begins anew by itself",
    "core/runs_on.py RunsOn.__init__: times 1000: self._apart_ms = APART_MS": "there was no look before the first one: any time that is "
    "long enough will do",
}
