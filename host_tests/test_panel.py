"""The panel in real headless Chromium over the WebSocket, against the unmodified firmware on the simulated pair."""

import json
import re
import time

import pytest

from host_tests import panel_flow as flow
from host_tests.bottles import bottles
from host_tests.panel_rig import AXE, NEEDS_CHROMIUM, PICTURES, SPEED, Served, chromium, new_page, said, static_host, until
from peristal.core.gate import STEPS
from tools.simulator import boards

pytestmark = NEEDS_CHROMIUM
FAST = 8.0


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served():
    served = Served(speed=1.0)
    yield served
    served.close()


@pytest.fixture
def fast(served):
    """Only while something has to happen: a pair that hurries costs a third of a core, and page and server wait for their turn."""
    served.pair.speed = FAST
    yield served
    served.pair.speed = 1.0


@pytest.fixture
def page(browser):
    page = new_page(browser)
    yield page
    page.close()
    assert not page.errors


def test_a_session_with_everything_on_the_way(page, fast):
    served = fast
    page.goto(served.url)
    page.click("#simulator")
    page.wait_for_selector("#next:not([hidden])")
    flow.acknowledge_and_start(page)
    flow.live_values_move(page, served.pair)
    flow.boost_by_touch(page, served.pair)
    flow.pause_and_resume(page, served.pair)
    page.click("#less")
    until(page, "() => document.querySelector('output').textContent.startsWith('50 mmHg')")
    flow.stop_by_space_bar(page, served.pair)
    served.hands.do({"do": "away", "seconds": 1.0})
    flow.lost_and_back(page, served.pair, lambda: None)
    flow.fault_is_shown(page, served.pair)


def test_who_is_not_paired_watches_and_may_stop_and_a_stop_without_a_link_is_sent_when_it_is_back(browser):
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
        served.hands.do({"do": "away", "seconds": 3.0})
        until(page, "() => document.querySelector('#link').textContent === 'Reconnecting…'")
        page.keyboard.press("Space")
        until(page, "() => document.querySelector('#alerts').textContent.includes('as soon as the link is back')")
        assert served.state() == "running", "nobody could hear it"
        flow.state_is(page, "Done")
        assert served.state() == "done" and not page.errors
    finally:
        page.close()
        served.close()


KEPT_OFFLINE = """async () => {
    await navigator.serviceWorker.ready;
    const end = Date.now() + 15000;
    const kept = async () => (await (await caches.open("peristal")).keys()).some(({ url }) => url.endsWith("/demo.js"));
    while (Date.now() < end && !(await kept())) await new Promise((go) => setTimeout(go, 50));
}"""


def test_without_a_device_it_plays_a_recorded_session_and_works_offline_once_loaded(page):
    with static_host() as url:
        page.goto(url)
        page.evaluate(KEPT_OFFLINE)
    page.reload()
    page.emulate_media(reduced_motion="no-preference")  # here everything moves, as for most people
    page.click("#demo")
    page.wait_for_selector("#next:not([hidden])")
    flow.state_is(page, "Squeezing")
    until(page, f"() => Math.max(...{flow.ZONES}) > 30")
    page.keyboard.press("Space")
    flow.state_is(page, "Done")
    page.errors[:] = [one for one in page.errors if "ERR_CONNECTION_REFUSED" not in one]  # the host is gone: that is the point


def test_an_own_program_is_written_checked_by_the_device_and_kept(page, fast):
    served = fast
    page.goto(served.url)
    page.click("#simulator")
    page.wait_for_selector("#next:not([hidden])")
    served.pair.speed = 1.0
    page.click("#tabs [data-view=programs]")
    page.click("#write")
    page.fill("#name", "evening")
    page.locator(".step select[aria-label='Step 5, zone 1']").select_option("60")
    page.locator(".step input").nth(1).fill("0.5")  # the rest: the device wants five seconds
    page.locator(".step input").nth(1).blur()
    page.click("#keep")
    until(page, "() => /5000 ms/.test(document.querySelector('dialog [role=status]').textContent)")
    assert not served.pair.do(lambda: list(served.pair.rig.app.programs.names()))
    page.locator(".step input").nth(1).fill("9")
    page.locator(".step input").nth(1).blur()
    page.click("#keep")
    page.wait_for_selector("[data-program=evening]")
    assert served.pair.do(lambda: list(served.pair.rig.app.programs.names())) == ["evening"]


class Bench:
    """The builder in front of the page: what is asked there is answered by what the plant really does."""

    def __init__(self, page, served):
        self.page, self.pair = page, served.pair
        self.asked: list[str] = []

    def look(self):
        page, plant = self.page, self.pair.rig.plant
        asks = page.evaluate(ASKS)
        self.pair.speed = SLOW if asks["what"] in ("yes", "mmhg", "cut") else SPEED  # who does not answer within a minute has left
        if asks["what"] == "":
            page.wait_for_timeout(100)
            return
        if asks["what"] != "run":
            self.asked.append(asks["what"])
        if asks["what"] == "mmhg":
            zone = int(re.findall(r"zone (\d+)", asks["says"])[0]) - 1
            box = page.locator("input[aria-label='The gauge shows, mmHg']")
            true = round(self.pair.do(lambda: plant.zone_mmhg[zone]))
            box.press_sequentially(str(true), delay=600)  # in all longer than the page waits for news
            page.click("ol.steps + .wrap button.primary")
        elif asks["what"] == "cut":
            self.pair.do(lambda: plant.cut_supply(True))
        elif asks["what"] == "yes":
            page.get_by_role("button", name="Yes", exact=True).click()
        else:
            page.get_by_role("button", name="Begin the next step").click()
        until(page, f"before => JSON.stringify(({ASKS})()) !== before", json.dumps(asks, separators=(",", ":"), ensure_ascii=False))


ASKS = """() => {
    const strong = document.querySelector("ol.steps + .wrap strong"), box = document.querySelector("ol.steps + .wrap input");
    const word = [...document.querySelectorAll("ol.steps + .wrap button")].map((one) => one.textContent)[0];
    const says = [...document.querySelectorAll("ol.steps li")].map((one) => one.textContent).join("; ");
    return { what: strong ? "cut" : box ? "mmhg" : word === "Yes" ? "yes" : word ? "run" : "", says };
}"""
SLOW = 2.0


def test_a_new_board_is_brought_up_in_the_panel_and_a_sensor_calibrated(browser):
    """From the gauge on: the steps before it only ask yes or no, which the chambers do too."""
    board = boards.load("esp32c3_mini")
    served = Served(speed=SPEED, board="esp32c3_mini", plant=bottles(board), snug=False, brought_up=STEPS[:2])
    page, gate = new_page(browser), lambda: served.pair.do(lambda: served.pair.rig.app.session.gate.missing())
    page.goto(served.url)
    page.click("#simulator")
    page.wait_for_selector("#next:not([hidden])")
    page.click("#tabs [data-view=device]")
    page.wait_for_selector("ol.steps li >> nth=6")
    served.pair.press(3.3)  # an owner who is connected meanwhile is in service mode
    served.pair.until(lambda: served.pair.rig.app.radio.pairing, 10)
    page.click("summary:has-text('Calibrate a sensor')")
    page.fill("#gauge", "60")
    page.get_by_role("button", name="This is right").click()
    until(page, "() => document.querySelector('#toasts').textContent.length > 10")
    assert not page.locator("text=is calibrated").count()
    page.get_by_role("button", name="This is zero").click()
    until(page, "() => document.body.textContent.includes('Sensor 1 is calibrated at 0 mmHg.')")
    bench = Bench(page, served)
    end = time.monotonic() + 120
    while gate() and time.monotonic() < end:
        bench.look()
    assert not gate(), page.inner_text("ol.steps")
    until(page, "() => [...document.querySelectorAll('ol.steps .tag')].filter((one) => one.textContent === 'passed').length === 7")
    assert {"mmhg", "yes", "cut"} == set(bench.asked) and not page.errors
    page.close()
    served.close()


THEMES = ("light", "dark")
SIZES = ((360, 740), (768, 1024), (1280, 800))


def test_everybody_can_use_it_and_it_is_pictured(browser, fast):
    """axe-core finds nothing serious, in any view, light or dark; the pictures in build/panel/ are for people to look at."""
    served = fast
    PICTURES.mkdir(parents=True, exist_ok=True)
    page = new_page(browser)
    page.goto(served.url)
    page.wait_for_selector("#simulator")
    look(page, "welcome")
    page.click("#simulator")
    page.wait_for_selector("#next:not([hidden])")
    served.pair.until(served.pair.rig.app.vented, 60)
    page.evaluate("() => localStorage.setItem('peristal.acknowledged', '1')")
    served.pair.speed = 1.0
    for view in ("programs", "plan", "device"):
        page.click(f"#tabs [data-view={view}]")
        page.wait_for_timeout(300)
        look(page, view)
    served.pair.speed = FAST
    page.click("#tabs [data-view=session]")
    page.click("#next")
    flow.state_is(page, "Squeezing")
    until(page, f"() => Math.max(...{flow.ZONES}) > 35")
    served.pair.speed = 1.0
    look(page, "session")
    served.pair.speed = FAST
    page.click(".stage .zone >> nth=1")
    page.wait_for_selector("#boost")
    check(page, "zone")
    assert page.locator("dialog .stop").is_visible(), "a sheet covers the bar: it has a stop of its own"
    page.click("dialog .stop")
    flow.state_is(page, "Done")
    assert not page.errors
    page.close()


def look(page, name):
    """A picture at each size in each theme, and what axe-core finds."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {width} px"
            page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png")
        page.set_viewport_size({"width": 360, "height": 740})
        check(page, f"{name}, {theme}")


def check(page, name):
    """No serious violation."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    serious = [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, (name, serious)


OTHER_DEVICES = """async ([major, minor, name]) => {
    const device = await import("./core/device.js"), codec = await import("./wire/codec.js");
    const bytes = {
        [codec.FEATURES]: new Uint8Array([major, minor, 2, 4, 4, 20, 100, 120, 1, 60, 10, 9, 9]),
        [codec.STATUS]: codec.fromHex("0004000000000000ff000037140100"),
    };
    window.stops = [];
    let hear = () => {};
    await device.connect({
        id: "x", kind: "bluetooth", open: async () => ({ name }), close() {},
        read: async (uuid) => bytes[uuid] ?? new Uint8Array(),
        subscribe: async (uuid, to) => { if (uuid === codec.CONSOLE_NOTIFY) hear = to; },
        write: async (uuid, data) => {
            if (uuid === codec.STOP) window.stops.push([...data]);
            else setTimeout(() => hear(new TextEncoder().encode("ok\\n")));
        },
    });
}"""


@pytest.mark.parametrize("version", [(2, 0), (0, 9)])
def test_of_a_device_with_another_protocol_nothing_is_believed_but_its_stop(page, served, version):
    page.goto(served.url)
    page.evaluate(OTHER_DEVICES, [*version, "Peristal"])
    page.wait_for_selector("#foreign")
    assert ".".join(map(str, version)) in said(page, "#foreign") and page.locator("#next").is_hidden()
    page.click("#stop")
    until(page, "() => window.stops.length === 1")


def test_a_newer_minor_version_and_an_empty_name_are_fine_and_said(page, served):
    page.goto(served.url)
    page.evaluate(OTHER_DEVICES, [1, 7, ""])
    flow.state_is(page, "Ready")
    assert "1.7" in said(page, "#toasts") and said(page, "#link") == "Peristal (no name)"


def test_a_second_phone_sees_the_same_and_stops_it_and_the_first_is_told(browser):
    served = Served(speed=8.0)  # a pair of its own: three phones are the most that one keeps
    pages = [new_page(browser), new_page(browser)]
    pages[0].goto(served.url)
    pages[0].evaluate("() => localStorage.setItem('peristal.acknowledged', '1')")
    pages[0].click("#simulator")
    pages[0].wait_for_selector("#next:not([hidden])")
    pages[0].click("#next")
    flow.state_is(pages[0], "Squeezing")
    pages[1].goto(served.url)
    pages[1].click("#simulator")
    flow.state_is(pages[1], "Squeezing")
    assert pages[1].locator("#next").is_hidden(), "not paired"
    pages[1].click("#stop")
    for page in pages:
        flow.state_is(page, "Done")
        assert not page.errors
        page.close()
    served.close()
