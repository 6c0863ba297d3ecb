"""The panel in real headless Chromium by real Web Bluetooth, against the unmodified firmware: a stand-in plays BlueZ (host_tests/bluez)."""

import shutil

import pytest

from host_tests import panel_flow as flow
from host_tests.bluez import Bluez, environment
from host_tests.panel_rig import NEEDS_CHROMIUM, choose_device, chromium, new_page, said, static_host, until
from tools.simulator.live_pair import LivePair

pytestmark = [NEEDS_CHROMIUM, pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs Debian's dbus: apt install dbus")]


@pytest.fixture
def bluez():
    pair = LivePair(speed=8, snug=True).start()
    with Bluez(pair) as bluez:
        yield bluez
    pair.stop()


def test_the_same_session_by_web_bluetooth(bluez):
    pair = bluez.pair
    with static_host() as url, chromium("--enable-features=WebBluetooth", **environment(bluez)) as browser:
        page = new_page(browser)
        page.goto(url)
        choose_device(page, "#bluetooth")
        page.wait_for_selector("#pair")
        assert page.locator("#next").is_hidden(), "not paired: it may watch and stop"
        pair.open_window()
        page.click("#pair")
        page.click("dialog .primary")
        page.wait_for_selector("#next:not([hidden])")
        assert "Paired" in said(page, "#toasts")
        flow.acknowledge_and_start(page)
        flow.live_values_move(page, pair)
        flow.boost_by_touch(page, pair)
        flow.stop_by_space_bar(page, pair)
        pair.silence()
        flow.lost_and_back(page, pair, lambda: pair.silence(False))
        flow.fault_is_shown(page, pair)
        assert not page.errors


def test_a_device_that_refuses_a_stranger_is_said_so(bluez):
    with static_host() as url, chromium("--enable-features=WebBluetooth", **environment(bluez)) as browser:
        page = new_page(browser)
        page.goto(url)
        choose_device(page, "#bluetooth")
        until(page, "() => document.querySelector('#pair')?.checkVisibility()")
        page.evaluate("import('./core/device.js').then((device) => void device.hello())")
        until(page, "() => document.querySelector('#toasts').textContent.includes('lets nobody in')")
        assert page.locator("#next").is_hidden()
