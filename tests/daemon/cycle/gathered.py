"""What a pass has before its eyes, without the pass: nothing is settled, proposed or written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from daemon.cycle.accounts import PassAccounts
from daemon.cycle.inputs import PassInputs, gather
from daemon.holds.record import Hold
from daemon.judging.recency import Held
from daemon.planning.busy import Busy, TimeSpan
from daemon.situation.assessing import held
from tests.daemon.world import Fikad, Inline


def gathered(
    fikad: Fikad,
    *,
    planning: bool = False,
    complete: bool = True,
    accept_empty: Iterable[str] = (),
) -> PassInputs:
    """All that the next pass of a fikad would look at. Its ledger must stay open."""
    expander: Any = Inline()
    now = fikad.clock()
    with PassAccounts(
        fikad.config,
        fikad.ledger,
        expander=expander,
        progress=lambda account, calendar, done, expected: None,
        accept_empty=frozenset(accept_empty),
        note=lambda reading: None,
    ) as accounts:
        accounts.open(fikad.opener)
        read = accounts.read(now)
    return gather(fikad.config, fikad.ledger, read, now, complete=complete, planning=planning)


def taken_in(inputs: PassInputs) -> Busy:
    """What is busy, also where holds stand elsewhere than recorded."""
    return inputs.situation.busy(
        [TimeSpan(placed.event.start, placed.event.end) for placed in inputs.found]
    )


def standing_in(inputs: PassInputs) -> list[Held]:
    """Every hold that counts."""
    return held(inputs.situation.holds, inputs.now)


def hold_of(inputs: PassInputs, name: str = "Jane Doe") -> Hold:
    """The recorded hold for a contact."""
    return next(hold for hold in inputs.situation.holds if hold.contact_name == name)
