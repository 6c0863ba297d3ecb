"""Mutants that nothing which a person or a pin could notice depends on: the key of each, and why."""

EQUIVALENT: dict[str, str] = {
    "core/zone_watch.py module: removed (times 1000): MOST_GAP_MS = 400": "a sensor that is not read for 400 ms is stale and has latched "
    "before; without a session nothing is driven, and the count of a zone without a target stands still while all is off",
    "core/plausible.py Plausible._watch_swings: inverted: change > 0": "up and down change their names, and only that the one follows "
    "the other is asked",
}
