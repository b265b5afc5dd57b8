"""What fikad's commands cost on a full ledger: `python -m bench.filled`.

Years of a calendar lie in a few files, so that reading them asks nobody; each command is a process
of its own, measured whole, and a process that stays polls beside them. `--beside` takes another
checkout of fikad, which is measured in turns with this one, on a ledger that it made itself."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.calendars import ME, events, people, weekly_series
from bench.comparison import MEGABYTE
from bench.measured import Cost, run
from bench.ours import ROOT

_CONFIG = """\
timezone = "Europe/Berlin"
me = ["{me}"]
[accounts.home]
type = "files"
path = "{folder}/calendar"
[availability]
monday = ["09:00-18:00"]
wednesday = ["09:00-18:00"]
[circles.friends]
cadence = "3 months"
"""
_CONTACT = '[[contacts]]\nname = "{name}"\nemails = ["{email}"]\ncircle = "friends"\n'
_CONTACTS = 50
_IN_A_FILE = 1_000
"""Events."""
_POLLS = 7
_COMMANDS: Mapping[str, Sequence[str]] = {
    "quiet poll": ("once", "--no-plan", "--json"),
    "status": ("status", "--json"),
    "why": ("why", people(1)[0].name, "--json"),
    "check": ("check", "--offline", "--json"),
    "discover": ("discover", "--json"),
    "backtest": ("backtest", "--json"),
}
_STAYING = "quiet poll, staying"
_JUDGING = "judging, staying"


@dataclass(frozen=True, slots=True)
class Full:
    """A ledger that was filled by one checkout."""

    program: Path
    """The checkout."""
    folder: Path
    """Config and state."""

    def fikad(self, *arguments: str) -> Cost:
        """Run one of its commands."""
        return self._run("daemon", *arguments)

    def staying(self) -> tuple[Cost, Mapping[str, float]]:
        """A process that stays and polls, and what it tells of its own costs in seconds."""
        cost = self._run("bench.resident", str(_POLLS))
        return cost, json.loads(cost.output)

    @property
    def ledger_bytes(self) -> int:
        return (self.folder / "state" / "ledger.db").stat().st_size

    def _run(self, module: str, *arguments: str) -> Cost:
        environment = {
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(self.program),
        }
        places = ["--config", f"{self.folder}/config.toml", "--state", f"{self.folder}/state"]
        # -P: the folder it is started in is not where it takes its modules from.
        command = [sys.executable, "-P", "-m", module, *places, *arguments]
        return run(command, environment, self.folder)


def filled(program: Path, folder: Path, texts: Path) -> tuple[Full, Cost]:
    """A ledger with all these calendar files in it, in an empty folder, and what reading them
    cost."""
    (folder / "calendar").symlink_to(texts, target_is_directory=True)
    contacts = "".join(
        _CONTACT.format(name=person.name, email=person.email) for person in people(_CONTACTS)
    )
    (folder / "config.toml").write_text(_CONFIG.format(me=ME, folder=folder) + contacts)
    full = Full(program, folder)
    cost = full.fikad("once", "--no-plan", "--json")
    facts = json.loads(cost.output)
    if facts["accounts"][0]["state"] != "ok" or facts["problems"]:
        raise RuntimeError(f"the calendar was not read well: {facts['accounts'][0]}")
    return full, cost


def write_calendar(folder: Path, texts: Iterator[tuple[str, str]]) -> None:
    """Files of events, so many to each."""
    for number, (_, text) in enumerate(texts):
        begin, _, rest = text.partition("BEGIN:VTIMEZONE")
        path = folder / f"part-{number // _IN_A_FILE:04d}.ics"
        with path.open("a", newline="") as file:
            if number % _IN_A_FILE == 0:
                zones = [text for _, text in events(30, datetime.now(UTC))]
                file.write(begin + "".join(sorted({_zone_of(zone) for zone in zones})))
            file.write(rest[rest.index("BEGIN:VEVENT") :].removesuffix("END:VCALENDAR\r\n"))
    for path in folder.iterdir():
        with path.open("a", newline="") as file:
            file.write("END:VCALENDAR\r\n")


def _zone_of(text: str) -> str:
    end = "END:VTIMEZONE\r\n"
    return text[text.index("BEGIN:VTIMEZONE") : text.index(end) + len(end)]


def measure(
    texts: Iterator[tuple[str, str]], programs: Sequence[Path], runs: int
) -> list[dict[str, list[float]]]:
    """For each program its figures by name: seconds of processor time, and megabytes (`… MB`)."""
    with TemporaryDirectory(prefix="fikad-bench-") as place:
        calendar = Path(place) / "calendar"
        calendar.mkdir()
        write_calendar(calendar, texts)
        ledgers = []
        figures: list[dict[str, list[float]]] = []
        for number, program in enumerate(programs):
            folder = Path(place) / f"program-{number}"
            folder.mkdir()
            full, first = filled(program, folder, calendar)
            ledgers.append(full)
            figures.append({})
            _note(figures[-1], "first reading", first)
            figures[-1]["ledger MB"] = [full.ledger_bytes / MEGABYTE]
        for _ in range(runs):
            for full, told in zip(ledgers, figures, strict=True):
                for name, arguments in _COMMANDS.items():
                    _note(told, name, full.fikad(*arguments))
                cost, facts = full.staying()
                told.setdefault(_STAYING, []).append(facts["poll"])
                told.setdefault(_JUDGING, []).append(facts["judging"])
                told.setdefault(f"{_STAYING} MB", []).append(cost.peak_bytes / MEGABYTE)
        return figures


def _note(figures: dict[str, list[float]], name: str, cost: Cost) -> None:
    figures.setdefault(name, []).append(cost.cpu_seconds)
    figures.setdefault(f"{name} MB", []).append(cost.peak_bytes / MEGABYTE)


def main() -> None:
    """Measure, and print a table in Markdown for each size: medians, one column a program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=[1_000, 10_000, 30_000, 100_000])
    parser.add_argument("--series", type=int, nargs="*", default=[500], help="weekly, of ten years")
    parser.add_argument("--beside", type=Path, action="append", default=[], metavar="CHECKOUT")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    programs = [*(folder.resolve() for folder in asked.beside), ROOT]
    now = datetime.now(UTC)
    for what, make, sizes in (
        ("events", events, asked.events),
        ("weekly series", weekly_series, asked.series),
    ):
        for size in sizes:
            figures = measure(make(size, now), programs, asked.runs)
            print(f"\n{size:,} {what}\n")
            print(table([str(program.name) for program in programs], figures), flush=True)


def table(names: Sequence[str], figures: Sequence[Mapping[str, Sequence[float]]]) -> str:
    """One line a figure, one column a program; with several, what part the last is of the first."""
    lines = [f"| | {' | '.join(names)} |{' ratio |' if len(names) > 1 else ''}"]
    lines.append("|---|" + "--:|" * (len(names) + (len(names) > 1)))
    for name in figures[0]:
        values = [median(each[name]) for each in figures]
        digits = 0 if name.endswith("MB") else 3
        ratio = f" {values[-1] / values[0]:.2f} |" if len(values) > 1 else ""
        cells = " | ".join(f"{value:,.{digits}f}" for value in values)
        lines.append(f"| {name} | {cells} |{ratio}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
