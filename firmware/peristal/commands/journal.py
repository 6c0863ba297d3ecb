"""Words for what happened: the journal, and how well the loop keeps its time."""

from peristal.commands.rights import ALWAYS, ANYONE, OWNER


def _journal(app, words):
    words = app.stalls.lend("core.journal_words")
    while words is None:
        yield None
        words = app.stalls.lend("core.journal_words")
    shown = 0
    for at_s, code, zone, value, times in app.journal.rows():
        said = words.text(code, zone, value, app.shelf.path)
        yield "  %d:%02d:%02d %s%s" % (at_s // 3600, at_s // 60 % 60, at_s % 60, said, " (%d times)" % times if times > 1 else "")
        shown += 1
    yield "ok events=%d" % shown


def _loop(app, words):
    pace = app.pace
    return "ok worst_ms=%d worst_period_ms=%d late=%d ticks=%d" % (pace.worst_ms, pace.worst_period_ms, pace.late, pace.ticks)


COMMANDS = (
    ("journal", "", "what happened, since each start-up", ALWAYS, OWNER, _journal),
    ("loop", "", "the longest tick, the longest period, late ticks", ALWAYS, ANYONE, _loop),
)
