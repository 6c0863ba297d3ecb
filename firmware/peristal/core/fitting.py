"""A program meets the board: what that takes (reach.py, check.py, walk.py) is in the heap only while a session is being started."""

from peristal.core.borrow import borrow


class Fitting:
    """fit() as in reach.py; afterwards alternate says whether the legs take turns.

    host, when there is one: thinking(on) is called around it and walked() after each step, for it takes some tenths of a second.
    """

    def __init__(self, net, regulator, dump_ms):
        self.alternate = False
        self.host = None
        self._net = net
        self._regulator = regulator
        self._dump_ms = dump_ms

    def walked(self):
        """A step was walked through."""
        if self.host:
            self.host.walked()

    def fit(self, program, set_pa, wearer, alternate):
        """See reach.py: how the program was changed; raises ProgramError."""
        if self.host:
            self.host.thinking(True)
        try:
            reach = borrow("core.reach").Reach(self._net, self._regulator, self._dump_ms, self.walked)
            said = reach.fit(program, set_pa, wearer, alternate)
            self.alternate = reach.alternate
            return said
        finally:
            if self.host:
                self.host.thinking(False)
