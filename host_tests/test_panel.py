"""The panel in real headless Chromium over the WebSocket, against the unmodified firmware on the simulated pair."""

import pytest

from host_tests import panel_flow as flow
from host_tests.panel_rig import NEEDS_CHROMIUM, Served, chromium, new_page, said, until

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served():
    served = Served()
    yield served
    served.close()


@pytest.fixture
def page(browser):
    page = new_page(browser)
    yield page
    page.close()
    assert not page.errors


def test_a_session_with_everything_on_the_way(page, served):
    page.goto(served.url)
    page.click("#simulator")
    page.wait_for_selector("#next:not([hidden])")
    flow.acknowledge_and_start(page)
    flow.live_values_move(page, served.pair)
    flow.boost_by_touch(page, served.pair)
    page.click("#less")
    until(page, "() => document.querySelector('output').textContent.startsWith('50 mmHg')")
    flow.stop_by_space_bar(page, served.pair)
    served.hands.do({"do": "away", "seconds": 1.0})
    flow.lost_and_back(page, served.pair, lambda: None)
    flow.fault_is_shown(page, served.pair)


def test_who_is_not_paired_watches_and_may_stop_and_is_told_why_not_more(browser):
    served = Served(speed=4.0, open_door=False)
    page = new_page(browser)
    try:
        page.goto(served.url)
        page.click("#simulator")
        page.wait_for_selector("#pair")
        assert page.locator("#next").is_hidden()
        page.click("#pair")
        page.click("dialog .primary")
        assert "Waiting for the button" in said(page, "dialog [role=status]")
        assert not served.pair.do(lambda: served.pair.rig.app.radio.links.owners())
        page.keyboard.press("Escape")
        served.pair.press(0.2)  # somebody starts it by hand
        flow.state_is(page, "Squeezing")
        page.keyboard.press("Space")
        flow.state_is(page, "Done")
        assert served.state() == "done" and not page.errors
    finally:
        page.close()
        served.close()
