"""Of the tests that kill fikad at its steps: at how many they did."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Also where the tests ran in other processes."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = [int(value) for each in reports for name, value in each.user_properties if name == STEPS]
    if told:
        terminalreporter.write_line(f"killed at {sum(told)} steps of {len(told)} polls")


STEPS = "killed at steps"
