"""Words for the wearer's own programs. A program is sent line by line and kept only when all of it was right.

    program put              begins one; what was begun before is forgotten
    program add LINE         the next line, as core/grammar.py has it
    program end [LINES]      checks and keeps it; with the number of lines sent, one that was lost is noticed
"""

from peristal.commands.rights import ALWAYS, ANYONE, AT_REST, OWNER, whole_number
from peristal.commands.session import start
from peristal.core.borrow import borrow
from peristal.core.program import ProgramError


def _list(app, words):
    names = app.programs.names()
    for name in names:
        yield "  " + name
    yield "ok programs=%d" % len(names)


def _build(app, name):
    """(program, None) of any name that can be started, or (None, why not)."""
    zones = app.session.net.longest_leg
    try:
        if app.session.built_in(name):
            row = app.stalls.borrow("core.presets").find(name)
            return app.stalls.borrow("core.modes").build(row[1], zones), None
        return app.programs.program(name, zones), None
    except ProgramError as error:
        return None, "error: %s" % error


def _show(app, words):
    program, why = _build(app, words[0].lower())
    return why or _lines(program)


def _lines(program):
    lines = 0
    for line in borrow("core.grammar").lines_of(program):
        lines += 1
        yield "  " + line
    yield "ok lines=%d" % lines


def _put(app, words):
    app.programs.parser = app.stalls.borrow("core.grammar").Parser()
    return "ok send lines with program add, then program end"


def _add(app, words):
    parser = app.programs.parser
    if parser is None:
        return "error: program: none was begun; program put begins one"
    try:
        parser.take(" ".join(words))
    except ProgramError as error:
        parser.line -= 1
        return "error: %s" % error
    return "ok line=%d" % parser.line


def _end(app, words):
    parser = app.programs.parser
    if parser is None:
        return "error: program: none was begun; program put begins one"
    if words and whole_number(words[0]) != parser.line:
        return "error: program: %d lines came, %s were sent; nothing is kept" % (parser.line, words[0])
    try:
        program = parser.end()
    except ProgramError as error:
        return "error: %s" % error
    why = _taken(app, program.name) or app.stalls.write(app.programs.put, program)
    if why:
        return "error: " + why
    app.programs.parser = None
    if app.session.program == program.name:
        _choose_again(app, program.name)
    return "ok program=%s steps=%d" % (program.name, program.length())


def _taken(app, name):
    return "program: %r is a built-in one; take another name" % name if app.session.built_in(name) else None


def _choose_again(app, name):
    """The chosen program has changed: its ranges may have too, and another one may be needed."""
    session = app.session
    session.forget_program()
    for one in [name] + session.names():
        if one and session.choose(one) is None:
            return


def _known(app, name):
    return None if name in app.programs.names() else "program: %r is not one of your own; program list lists them" % name


def _rename(app, words):
    name, new = words[0].lower(), words[1].lower()
    why = _known(app, name) or _taken(app, new)
    grammar = app.stalls.borrow("core.grammar")
    if why is None and not grammar.is_name(new):
        why = "name: %r is not allowed; allowed: up to %d of a-z, 0-9, _, a letter first" % (new, grammar.LONGEST_NAME)
    if why is None and new in app.programs.names():
        why = "program: %r is there already" % new
    why = why or app.stalls.write(app.programs.rename, name, new)
    if why:
        return "error: " + why
    if app.session.program == name:
        _choose_again(app, new)
    return "ok program=" + new


def _remove(app, words):
    name = words[0].lower()
    why = _known(app, name) or app.stalls.write(app.programs.remove, name)
    if why:
        return "error: " + why
    if app.session.program == name:
        _choose_again(app, None)
    return "ok programs=%d" % len(app.programs.names())


COMMANDS = (
    ("program list", "", "lists your own programs", ALWAYS, ANYONE, _list),
    ("program show", "NAME", "the lines of any program", AT_REST, OWNER, _show),
    ("program put", "", "begins a program of your own", AT_REST, OWNER, _put),
    ("program add", "LINE...", "its next line", AT_REST, OWNER, _add),
    ("program end", "[LINES]", "checks and keeps it", AT_REST, OWNER, _end),
    ("program run", "NAME [mmhg] [minutes]", "begins a session with it", AT_REST, OWNER, start),
    ("program rename", "NAME NEW", "gives one of your own another name", AT_REST, OWNER, _rename),
    ("program rm", "NAME", "removes one of your own", AT_REST, OWNER, _remove),
)
