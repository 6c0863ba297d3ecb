"""Why the guard made a wish safer: bits of its `reasons`. In the journal their code is 96 and the bit's place."""

WHY_FAULT = 1  # a fault is latched
WHY_HAND = 2  # a person's button is down
WHY_PATH = 4  # the pump has no open path into a zone that is meant to have pressure
WHY_CAP = 8  # a target or a zone at the cap
WHY_LEFT_OUT = 16  # a zone that is left out
WHY_RELIEF = 32  # a zone well above its target is relieved
WHY_TRIP = 64  # above the trip, or the line far above its ceiling: everything opens
WHY_FLOW = 128  # the line reads higher than flow alone explains
WHY_UNSEEN = 256  # a zone has had a portion of air and must be seen first

ROUTINE = WHY_PATH | WHY_FAULT | WHY_UNSEEN  # a valve still moves, a first fill is looked at; the fault itself is told elsewhere
