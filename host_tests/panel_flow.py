"""What a wearer does with the panel, whichever way the packets travel. `page` is Playwright's, `pair` a LivePair."""

from __future__ import annotations

import contextlib
from typing import Any

from host_tests.panel_rig import said, until
from tools.simulator.live_pair import LivePair

ZONES = "[...document.querySelectorAll('.stage .zone text:not(.mark)')].map(one => Number(one.textContent))"


def state_is(page: Any, words: str) -> None:
    """Waits until the page says so."""
    until(page, "words => document.querySelector('#state')?.textContent === words", words)


def acknowledge_and_start(page: Any) -> None:
    """The first start asks about contraindications, and goes on only when they are acknowledged."""
    page.click("#next")
    assert page.locator("dialog .primary").is_disabled()
    assert "deep vein thrombosis" in said(page, "dialog")
    page.check("dialog input")
    page.click("dialog .primary")
    state_is(page, "Squeezing")


def live_values_move(page: Any, pair: LivePair) -> None:
    """The foot is squeezed, and the page shows what the plant's true pressure is."""
    until(page, f"() => {ZONES}[0] > 25")
    true = pair.do(lambda: list(pair.rig.plant.zone_mmhg))
    assert abs(page.evaluate(ZONES)[0] - true[0]) < 25, "another moment of the same fill"


def boost_by_touch(page: Any, pair: LivePair) -> None:
    """A zone is touched and boosted; the device says so."""
    page.click(".stage .zone >> nth=1")
    page.click("#boost")
    until(page, "() => document.querySelector('#boost').getAttribute('aria-pressed') === 'true'")
    assert pair.do(lambda: list(pair.rig.app.session.wearer.boost))[1] == 1
    page.keyboard.press("Escape")
    until(page, "() => document.querySelectorAll('.stage .zone .mark')[1].textContent === '+10'")


def pause_and_resume(page: Any, pair: LivePair) -> None:
    """Paused is without air, and it goes on when that is out."""
    page.click("#next")
    state_is(page, "Paused, no air")
    pair.until(lambda: not pair.rig.app.guarding.pressurised, 30, "empty legs")
    page.wait_for_timeout(300)
    page.click("#next")
    state_is(page, "Squeezing")


def stop_by_space_bar(page: Any, pair: LivePair) -> None:
    """Wherever the focus is: here on the button that would pause."""
    page.focus("#next")
    page.keyboard.press("Space")
    state_is(page, "Done")
    pair.until(lambda: max(pair.rig.plant.zone_mmhg) < 15, 30, "empty legs")
    until(page, "() => document.querySelectorAll('.stage .zone .mark')[1].textContent === ''")  # the boost was for that session


def lost_and_back(page: Any, pair: LivePair, back: Any) -> None:
    """The link is lost and found again without a hand on the page, and nothing starts by that; back() ends the silence."""
    until(page, "() => document.querySelector('#link').textContent === 'Reconnecting…'")
    assert "button" in said(page, "#alerts")
    back()
    until(page, "() => !['Reconnecting…', 'Connecting…'].includes(document.querySelector('#link').textContent)")
    page.wait_for_selector("#next:not([hidden])")
    assert pair.do(lambda: pair.rig.state) == "done"


def fault_is_shown(page: Any, pair: LivePair) -> None:
    """A sensor's wire comes off in a session: said at once, in words, with what to do; the button clears it."""
    pair.until(pair.rig.app.vented, 30, "empty legs")
    page.click("#next")
    state_is(page, "Squeezing")
    pair.do(lambda: pair.rig.plant.sensor_fault.__setitem__(0, "open"))
    page.wait_for_selector("#fault.bad")
    shown = said(page, "#fault")
    assert "Sensor low" in shown and "Check its plug" in shown, shown
    assert "Sensor low" in said(page, "#alerts"), said(page, "#alerts")
    state_is(page, "Locked, no air")
    pair.do(lambda: pair.rig.plant.sensor_fault.__setitem__(0, None))
    for _ in range(10):  # it clears nothing before the sensor has been healthy for a while
        pair.press(0.2)
        with contextlib.suppress(AssertionError):
            pair.until(lambda: pair.rig.state == "idle", 5)
            break
    state_is(page, "Ready")
