"""`make run`: a session on the simulated board, shown, drawn and summed up. `python -m tools.simulator --help` lists the options."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

FIRMWARE = str(Path(__file__).resolve().parents[2] / "firmware")
if FIRMWARE not in sys.path:
    sys.path.insert(0, FIRMWARE)

from tools.simulator import options, session_run, summary  # noqa: E402  (they need the firmware's tables)
from tools.simulator.recorder import Recorder  # noqa: E402
from tools.simulator.rig import Rig  # noqa: E402

STATUS = {session_run.DONE: 0, session_run.BROKEN: 1, session_run.FAULT: 3, session_run.STOPPED: 130}


def main(argv: list[str], meddle: Callable[[Rig], None] | None = None) -> int:
    """Runs the command line and returns its status. `meddle(rig)` may plant faults before the power comes on (for tests)."""
    on_terminal = sys.stdout.isatty()
    chosen = options.parse(argv, on_terminal)
    try:
        rig = _build(chosen)
    except RuntimeError as error:
        print(f"--radio: {error}", file=sys.stderr)
        return options.USAGE_ERROR
    if meddle is not None:
        meddle(rig)
    recorder = Recorder(rig)
    if on_terminal:
        from tools.simulator.live import LiveView

        with LiveView(rig, chosen) as view:
            outcome = session_run.run(rig, recorder, chosen, view)
    else:
        from tools.simulator.plain import PlainView

        outcome = session_run.run(rig, recorder, chosen, PlainView())
    print(f"\n{summary.text(chosen, recorder, outcome)}", flush=True)
    if len(recorder.t_s) < 2:
        print("files    none, nothing was recorded yet")
        return STATUS[outcome.kind]
    from tools.simulator import picture

    try:
        recorder.write_csv(chosen.csv)
        picture.draw(recorder, chosen, outcome, chosen.png)
    except OSError as error:
        print(f"not written: {error}", file=sys.stderr)
        return STATUS[outcome.kind] or 1
    print(f"files    {_short(chosen.png)}, {_short(chosen.csv)}")
    return STATUS[outcome.kind]


def _build(chosen: options.Options) -> Rig:
    """The rig. RuntimeError when a radio is asked for that cannot be had."""
    if chosen.radio is None:
        return session_run.build(chosen)
    from tools import env

    try:
        env.prepare(("radio",))  # only who asks for a radio needs Bumble
    except env.SetupError as error:
        raise RuntimeError(error) from None
    from tools.simulator import real_radio

    rig = session_run.build(chosen)
    print(real_radio.WORDS, flush=True)
    return rig


def _short(path: Path) -> str:
    """As seen from here, where that is shorter."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # while the picture is drawn; a running session ends by itself, see session_run
        sys.exit(130)
