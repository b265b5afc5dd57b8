"""A process that stays, as the daemon does: passes without changes, and what they are made of, each
with its price.

    python -m bench.resident --config FILE --state DIR POLLS

Prints JSON. Processor time is that of this process and of the children it has waited for.
"""

from __future__ import annotations

import argparse
import json
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from daemon.config.schema import load
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.cycle.report import Report
from daemon.ledger.ledger import open_ledger
from daemon.opening import opener
from daemon.planning.planner import plan
from daemon.situation.assessing import situation_in

_WARM_UP = 2


def cpu_seconds() -> float:
    """Of this process and of its children so far."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def timed(act: Callable[[], object], times: int) -> float:
    """The median price of doing something, in seconds of processor time."""
    prices = []
    for _ in range(times):
        before = cpu_seconds()
        act()
        prices.append(cpu_seconds() - before)
    return median(prices)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--config", type=Path, required=True)
    arguments.add_argument("--state", type=Path, required=True)
    arguments.add_argument("polls", type=int)
    given = arguments.parse_args()
    config = load(given.config)
    with open_ledger(given.state) as ledger:
        reports: list[Report] = []

        def poll() -> None:
            reports.append(
                run_pass(config, ledger, opener(config, ledger), now, PassOptions("lost"))
            )

        for _ in range(_WARM_UP):
            poll()
        price = timed(poll, given.polls)
        readings = [reading for report in reports for reading in report.readings]
        assert all(reading.state == "ok" and not reading.changed for reading in readings), readings[
            -1
        ]
        situation = situation_in(config, ledger, now())
        facts = {
            "poll": price,
            "passes": len(reports),
            "requests": max(reading.requests for reading in readings),
            "judging": timed(lambda: situation_in(config, ledger, now()), given.polls),
            "planning": timed(lambda: situation.plan_with(plan), given.polls),
        }
    print(json.dumps(facts))


def now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
