"""The panel in a real browser: a simulated pair, the server that gives it to the page, and headless Chromium."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import shutil
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tools.panel.guest import Phones
from tools.panel.hands import Hands
from tools.panel.server import PAGE, Server
from tools.simulator.live_pair import LivePair

CHROMIUM = shutil.which("chromium")
ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "build" / "panel"
AXE = ROOT / "tools" / "panel" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
QUIET_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
SPEED = 20.0
WAIT_MS = 20_000
LOOK_MS = 50  # who looks at every frame makes the browser draw 60 a second
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium: apt install chromium")


class Served:
    """A pair, and the page at `url`. `open_door`: the button is held for a phone that is new."""

    def __init__(self, speed: float = SPEED, open_door: bool = True, **options: Any) -> None:
        self.pair = LivePair(speed=speed, **{"snug": True, **options}).start()
        self.hands = Hands(self.pair, open_door)
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._server = Server(Phones(self.pair), self.hands, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def _run(self) -> None:
        self._task = self._loop.create_task(self._server.serve(self._listens))
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)

    def _listens(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self._ready.set()

    def state(self) -> str:
        """The session's state, as the firmware has it."""
        return self.pair.do(lambda: self.pair.rig.state)

    def close(self) -> None:
        """Ends server and pair; raises what went wrong in the simulator."""
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)
        self.pair.stop()


@contextlib.contextmanager
def static_host() -> Iterator[str]:
    """The page on any web host: no simulator behind it."""
    handler = partial(_Quiet, directory=str(PAGE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{host.server_port}/"
        host.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def choose_device(page: Any, click: str, seconds: float = 10.0) -> None:
    """Clicks, and picks the first device in the browser's chooser as soon as it lists one (once: a second time kills the browser)."""
    prompts: list[Any] = []
    browser = page.context.new_cdp_session(page)
    browser.on("DeviceAccess.deviceRequestPrompted", lambda prompt: prompts.append(prompt))
    browser.send("DeviceAccess.enable")
    page.click(click)
    end = time.monotonic() + seconds
    while not (prompts and prompts[-1]["devices"]):
        assert time.monotonic() < end, "no device was found"
        page.wait_for_timeout(50)
    browser.send("DeviceAccess.selectPrompt", {"id": prompts[-1]["id"], "deviceId": prompts[-1]["devices"][0]["id"]})
    browser.send("DeviceAccess.disable")


@contextlib.contextmanager
def chromium(*arguments: str, **environ: str) -> Iterator[Any]:
    """A headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET_ARGUMENTS, *arguments], env=environ or None  # pyright: ignore[reportArgumentType]
        )
        yield browser
        browser.close()


def new_page(browser: Any, width: int = 360, height: int = 740, **options: Any) -> Any:
    """A fresh visitor; an error in the page or a file that is missing fails the test that looks at `page.errors`."""
    still = {"reduced_motion": "reduce", **options}  # a sheen that never ends keeps a core drawing
    page = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=True, **still)  # wait_for_function evaluates text
    page.set_default_timeout(WAIT_MS)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    return page


def until(page: Any, true: str, argument: Any = None) -> None:
    """Waits until an expression of the page's is true; says what the page shows when it does not become so."""
    from playwright.sync_api import TimeoutError as TooLate

    try:
        page.wait_for_function(true, arg=argument, polling=LOOK_MS)
    except TooLate:
        shown = f"{page.inner_text('main')}\n{page.inner_text('#toasts')}"
        raise AssertionError(f"{true} ({argument}) did not become true; the page says:\n{shown}") from None


def said(page: Any, selector: str) -> str:
    """The text of an element."""
    return page.inner_text(selector).strip()
