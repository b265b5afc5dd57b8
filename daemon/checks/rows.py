"""What `fikad check` finds: one row for each thing, with what to do next.

Each function looks at one thing and judges it; what has to be asked over the network is in
`daemon.checks.account_rows`. A row is *failed* when fikad cannot do its work, a *warning* when it
works and somebody should know."""

from __future__ import annotations

import os
import shutil
import stat
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from connectors.base import Occurrence, Problem
from connectors.errors import AccountError, CredentialsError, FikadError
from connectors.mail_address import is_mail
from connectors.sanitize import sanitize
from daemon.config.chances import warnings
from daemon.config.schema import Config, ConfigError
from daemon.discovery.addresses import (
    display_names,
    guess_me,
    is_somebody,
    most_common,
    perhaps_own,
    same_name,
)
from daemon.durations import counted
from daemon.judging.copies import telling
from daemon.judging.meetings import judge_all
from daemon.judging.nearly import nearly_counted
from daemon.people.contacts import Contact, ContactIndex, joined
from daemon.people.folding import fold

if TYPE_CHECKING:
    from daemon.situation.situation import Situation

State = Literal["ok", "warning", "failed"]

CONFIG, CREDENTIALS, ACCOUNT = (
    error.exit_code for error in (ConfigError, CredentialsError, AccountError)
)
"""The exit codes that a failed row may stand for, the gravest first."""

_LEAST_FREE_BYTES = 200 * 1024 * 1024
_LOOKED_AHEAD = timedelta(weeks=2)
_UNANSWERED = 5
_FOREIGN_EVENTS = 5
_FOREIGN_SHARE = 0.8
"""An address in so many, and such a part, of the events that list nobody known as the user is
probably the user's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing, how it is, and what to do about it."""

    thing: str
    state: State
    message: str
    next: str = ""
    """What to do; empty when nothing has to be done."""
    code: int = 0
    """The exit code that a failure stands for."""


def config_rows(path: Path, load: Callable[[], Config]) -> tuple[Config | None, list[Row]]:
    """The config, if it can be used, and what is to be said of it."""
    try:
        config = load()
    except ConfigError as error:
        if not path.exists():
            return None, [
                Row(
                    "config",
                    "failed",
                    f"there is none at {path}",
                    "run `fikad init`, which writes it",
                    CONFIG,
                )
            ]
        return None, [
            Row("config", "failed", str(problem), "see `fikad config check`", CONFIG)
            for problem in error.problems
        ] or [Row("config", "failed", str(error), code=CONFIG)]
    people, accounts = len(config.contacts), len(config.accounts)
    told = (
        f"{counted(people, 'contact')}, {counted(accounts, 'account')}, time zone {config.zone.key}"
    )
    rows = [Row("config", "ok", f"{path}: {told}")]
    if not accounts:
        rows.append(
            Row("config", "failed", "it names no account", "run `fikad init --add-account`", CONFIG)
        )
    if not people:
        rows.append(
            Row("config", "warning", "it names no contact", "run `fikad discover`, then add people")
        )
    return config, rows


def chance_rows(config: Config, contacts: Iterable[Contact]) -> Iterator[Row]:
    """Contacts for whom nothing can ever be suggested."""
    yield from (
        Row("config", "warning", what, advice) for what, advice in warnings(config, contacts)
    )


# --- this machine ---


def state_rows(state: Path, open_ledger: Callable[[], None]) -> Iterator[Row]:
    """The state folder and the ledger in it; `look` opens the ledger for reading or raises
    FikadError."""
    if not state.exists():
        above = next((folder for folder in state.absolute().parents if folder.exists()), Path("/"))
        if os.access(above, os.W_OK):
            yield Row("state folder", "ok", f"{state} will be made at the first run")
        else:
            yield Row(
                "state folder",
                "failed",
                f"{state} cannot be made",
                f"allow writing to {above}, or give --state",
            )
        return
    if not state.is_dir() or not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        yield Row(
            "state folder",
            "failed",
            f"{state} cannot be written",
            "check its owner and permissions",
        )
        return
    try:
        open_ledger()
    except FikadError as error:
        yield Row("state folder", "failed", error.what, error.advice)
        return
    mode = stat.S_IMODE(state.stat().st_mode)
    free = shutil.disk_usage(state).free
    if os.name == "posix" and mode & 0o077:
        yield Row(
            "state folder",
            "warning",
            f"{state} can be seen by others (mode {mode:04o})",
            f"run `chmod 700 {state}`",
        )
    elif free < _LEAST_FREE_BYTES:
        yield Row(
            "state folder",
            "warning",
            f"only {free >> 20} MB are free at {state}",
            "free some space",
        )
    else:
        yield Row("state folder", "ok", f"{state}")


def service_row(process: int | None, problems: Sequence[str], troubles: Sequence[str]) -> Row:
    """Whether the daemon runs, by its process id, and what it says about itself."""
    if process is None:
        return Row(
            "service",
            "warning",
            "the daemon is not running",
            "run `fikad service install`, or `fikad run`",
        )
    said = [*problems, *troubles]
    if said:
        return Row(
            "service", "warning", f"running (process {process}): {said[0]}", "see `fikad status`"
        )
    return Row("service", "ok", f"running (process {process})")


# --- people ---


def own_address_rows(
    occurrences: Sequence[Occurrence], mine: Set[str], index: ContactIndex
) -> Iterator[Row]:
    """Whether the calendars know the user by addresses that fikad does not know to be theirs."""
    mails = sorted(filter(is_mail, mine))
    if not mails:
        guess = guess_me(occurrences)
        told = (
            f"; the calendars seem to belong to {joined(guess.addresses)}"
            if guess.addresses
            else ""
        )
        example = guess.addresses[0] if guess.addresses else "sam@example.com"
        yield Row(
            "own addresses",
            "warning",
            f"none of your addresses are known{told}",
            f'add me = ["{example}"] to the config',
        )
        return
    alike = perhaps_own(
        occurrences, mine, [email for contact in index.contacts for email in contact.emails]
    )
    for email, why in alike.items():
        yield Row(
            "own addresses",
            "warning",
            f"{email} may be yours, since {why}",
            f'if it is, add "{email}" to `me`',
        )
    strange = [each for each in _likely_own(occurrences, mine, index) if each[0] not in alike]
    for email, times in strange:
        yield Row(
            "own addresses",
            "warning",
            f"{email} appears in {counted(times, 'event')} in which none of your addresses appears",
            f'if it is yours, add "{email}" to `me`',
        )
    if not strange and not alike:
        yield Row("own addresses", "ok", ", ".join(mails))


def _likely_own(
    occurrences: Iterable[Occurrence], mine: Set[str], index: ContactIndex
) -> Iterator[tuple[str, int]]:
    """Addresses that stand in most of a calendar's events which list people and none of the user's
    addresses."""
    foreign: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(dict)
    for occurrence in occurrences:
        rows = (
            (*occurrence.attendees, occurrence.organizer)
            if occurrence.organizer
            else occurrence.attendees
        )
        listed = {row.email for row in rows if row.email}
        if occurrence.attendees and not any(row.me or row.email in mine for row in rows):
            foreign[occurrence.account, occurrence.calendar][occurrence.uid] = listed
    counts: Counter[str] = Counter()
    for events in foreign.values():
        for email, count in Counter(
            email for listed in events.values() for email in listed
        ).items():
            if count >= max(_FOREIGN_EVENTS, _FOREIGN_SHARE * len(events)):
                counts[email] += count
    for email, count in counts.most_common(3):
        if index.by_email(email) is None and is_somebody(email):
            yield email, count


def set_aside_rows(problems: Sequence[tuple[str, str, Problem]]) -> Iterator[Row]:
    """How many events were set aside, and why the first one: account, calendar and problem, as in a
    pass."""
    if problems:
        account, calendar, first = problems[0]
        example = f'{sanitize(first.uid, 60) or "one"} in "{sanitize(calendar, 60)}" of "{account}"'
        yield Row(
            "events",
            "warning",
            f"{counted(len(problems), 'event')} could not be read and "
            f"{'is' if len(problems) == 1 else 'are'} set"
            f" aside, as {example}: {sanitize(first.reason, 300)}",
            "see `fikad once --json` for all of them",
        )


def contact_rows(
    occurrences: Sequence[Occurrence],
    config: Config,
    mine: Set[str],
    index: ContactIndex,
    now: datetime,
) -> Iterator[Row]:
    """Contacts that no calendar knows, and addresses that are shown under a contact's name."""
    seen = {
        verdict.contact_key for verdict in judge_all(occurrences, index, mine, config.meetings, now)
    }
    unseen = [
        contact for contact in index.contacts if contact.key not in seen and not contact.paused
    ]
    hints = dict(_addresses_by_name(occurrences, index, mine))
    for contact in (contact for contact in index.contacts if not contact.paused):
        for email, times in hints.get(contact.key, ()):
            yield Row(
                "contacts",
                "warning",
                f"{email} is shown as {contact.name} in {counted(times, 'guest list')}, and is "
                "not in your config",
                f'if it is theirs, add "{email}" to the emails of {contact.name}',
            )
    nameless = [contact for contact in unseen if contact.key not in hints]
    if nameless:
        yield Row(
            "contacts",
            "warning",
            f"{joined([contact.name for contact in nameless])}: never seen in any calendar",
            "check their emails, or how their names are written in titles",
        )
    if not unseen and not hints and index.contacts:
        yield Row("contacts", "ok", f"all {len(index.contacts)} are known to your calendars")


def nearly_rows(
    occurrences: Iterable[Occurrence],
    config: Config,
    mine: Set[str],
    index: ContactIndex,
    now: datetime,
) -> Iterator[Row]:
    """What was nearly counted, and what would mend it."""
    verdicts = telling(judge_all(occurrences, index, mine, config.meetings, now))
    for near in nearly_counted(verdicts, {contact.key: contact for contact in index.contacts}):
        # That an invitation stays unanswered happens; that they all do is a habit.
        usual = near.code == "unanswered" and near.events < _UNANSWERED
        yield Row(
            "meetings",
            "ok" if usual else "warning",
            near.why.removesuffix("."),
            near.advice.removesuffix("."),
        )


def _addresses_by_name(
    occurrences: Iterable[Occurrence], index: ContactIndex, mine: Set[str]
) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Unknown addresses that bear the full name of one contact, by contact key, with how often."""
    names = {
        same_name(name): contact
        for contact in index.contacts
        for name in (contact.name, *contact.aliases)
    }
    addresses: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for email, called in display_names(occurrences).items():
        name = same_name(most_common(called))
        if len(name) > 1 and name in names and email not in mine and index.by_email(email) is None:
            addresses[names[name].key].append((sanitize(email, 100), called.total()))
    yield from addresses.items()


def name_rows(contacts: Iterable[Contact]) -> Iterator[Row]:
    """Names and addresses that two contacts share. (The same address twice is refused by the config
    already.)"""
    owners: dict[str, list[str]] = defaultdict(list)
    for contact in contacts:
        for name in {fold(contact.name), *map(fold, contact.aliases)}:
            owners[name].append(contact.name)
    shared = {name: people for name, people in owners.items() if len(people) > 1}
    for name, people in shared.items():
        yield Row(
            "names",
            "warning",
            f'"{name}" could be {joined(people, "or")}: titles with it count for nobody',
            "give them different aliases",
        )
    if not shared:
        yield Row("names", "ok", "no two contacts share an address or a name")


# --- slots ---


def slot_row(situation: Situation) -> Row:
    """Whether any slot is open in the next two weeks; if not, which rules close the days."""
    config = situation.config
    rhythm = config.rhythm.model_copy(update={"horizon": _LOOKED_AHEAD})
    off = [name for name in ("per_week", "per_day", "open") if getattr(rhythm, name) == 0]
    if off:
        return Row(
            "slots",
            "warning",
            f"the config wants no suggestions ({off[0]} = 0)",
            f"raise {off[0]} in [rhythm]",
        )
    near = replace(situation, config=config.model_copy(update={"rhythm": rhythm}))
    openings = near.open()
    if openings.slots:
        days = len({slot.start.astimezone(config.zone).date() for slot in openings.slots})
        return Row("slots", "ok", f"there are open ones on {days} of the next 14 days")
    rules = Counter(closed.rule for closed in openings.closed)
    told = ", ".join(
        f"{_RULES[rule]} ({counted(count, 'day')})" for rule, count in rules.most_common()
    )
    return Row(
        "slots",
        "warning",
        f"no slot is open in the next two weeks: {told}",
        _ADVICE.get(
            rules.most_common(1)[0][0] if rules else "", "see `fikad why NAME` for each day"
        ),
    )


_RULES: dict[str, str] = {
    "blackout": "blackout days",
    "holiday": "public holidays",
    "availability": "you are not available on that weekday",
    "all-day": "taken all day",
    "out-of-office": "out of office",
    "days": "not a day for any occasion",
    "between": "you are not available at an occasion's times of day",
    "notice": "sooner than the notice",
    "horizon": "beyond the horizon",
    "busy": "too busy",
}
_ADVICE: dict[str, str] = {
    "availability": "widen [availability]",
    "blackout": "shorten blackout in [availability]",
    "days": "widen `days` of an occasion",
    "between": "widen [availability], or `between` of an occasion",
    "notice": "shorten notice in [rhythm]",
    "busy": "widen `between` of an occasion, offer a shorter one, or shorten buffer in [rhythm]",
}


def unread_row(accounts: Collection[str]) -> Row:
    """Nothing was read yet, so nothing can be said about people and slots."""
    return Row(
        "calendars",
        "warning",
        f"not read yet: {joined(sorted(accounts))}",
        "run `fikad once --no-plan`",
    )
