"""`--no-skips`: a run in which a test was skipped or is expected to fail has failed. Continuous integration runs with it.

The longest files come first: a long one that begins last would keep one worker busy when the others have nothing left to do. Three workers
have two cores: where two of them wait for something outside, a core has nothing to do.
"""
import gc

import pytest
from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # these are shared: how long an example takes says nothing
settings.load_profile("any machine")
gc.set_threshold(50_000, 20, 20)  # simulated sessions make hardly any cycles; looking for them took a thirtieth of the time


LONGEST = (  # 3 s and more; those that wait for a browser, a radio or a cable are spread among those that compute
    "test_panel", "test_replay", "test_peristal", "test_regulator", "test_fault_cases", "test_flash", "test_modes", "test_bringup",
    "test_crashes", "test_mutants", "test_run_command", "test_fault_sample", "test_guard", "test_backup", "test_self_test", "test_wearer",
    "test_console_replay", "test_session", "test_reach", "test_fault_judge", "test_ble_strangers", "test_panel_bluetooth",
    "test_state_machine", "test_ble_session", "test_guard_eyes", "test_front_panel", "test_maintenance", "test_replay_on_a_board",
    "test_budgets", "test_wasm_rig", "test_side_by_side", "test_bench", "test_guard_wear", "test_dev", "test_resets", "test_taking_turns",
    "test_ble_robust", "test_ble_replay", "test_link", "test_journal", "test_ble_real_radio", "test_guard_time", "test_own_programs",
    "test_wishes", "test_console", "test_soak", "test_storage", "test_start_up", "test_guard_faults", "test_console_floods",
    "test_power_cuts", "test_frozen_sensor", "test_report", "test_compiles", "test_plant_whole", "test_shown", "test_choices",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail the run when a test is skipped or marked as expected to fail")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for report in _left_out(terminalreporter) if config.getoption("no_skips") else ():
        terminalreporter.write_line(f"left out, which --no-skips forbids: {report.nodeid}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("no_skips") and reporter is not None and _left_out(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _left_out(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    return [*reporter.stats.get("skipped", []), *reporter.stats.get("xfailed", [])]
