"""`--no-skips`: a run in which a test was skipped or is expected to fail has failed. Continuous integration runs with it."""
import gc

import pytest

gc.set_threshold(50_000, 20, 20)  # simulated sessions make hardly any cycles; looking for them took a thirtieth of the time


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
