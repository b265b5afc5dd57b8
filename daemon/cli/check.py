"""`fikad check`: a doctor. One row for each thing, ok, warning or failed, with what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from daemon.cli.console import print_finding, tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.durations import counted

if TYPE_CHECKING:
    from daemon.checks.rows import Row


@command(
    "check", help="Look for anything that keeps fikad from working, and say what to do about it."
)
@click.option("--offline", is_flag=True, help="Ask no server; use what was read last.")
@json_option
def check_command(paths: Paths, offline: bool, as_json: bool) -> int:
    """Writes nothing. Exit code: 0 when nothing failed, else 10 config, 11 a login, 12 an account,
    1 anything else."""
    from daemon.checks.doctor import check_facts, examined, exit_code

    rows = []
    for row in examined(paths.config, paths.state, clock(), offline=offline):
        rows.append(row)
        if not as_json:
            print_finding(row.state, _STYLES[row.state], row.thing, row.message, row.next)
    if as_json:
        print_json(check_facts(rows))
    else:
        _sum_up(rows)
    return exit_code(rows)


_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red"}


def _sum_up(rows: Sequence[Row]) -> None:
    failed = sum(row.state == "failed" for row in rows)
    warned = sum(row.state == "warning" for row in rows)
    if not failed and not warned:
        tell("Everything is in order.")
        return
    told = [f"{failed} failed"] * bool(failed) + [counted(warned, "warning")] * bool(warned)
    tell(f"{', '.join(told)}{'' if failed else '; fikad can work'}.")
