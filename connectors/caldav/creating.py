"""A new calendar for holds, made once and seen before anything is written to it."""

from __future__ import annotations

from connectors.caldav.dialect import is_calendar
from connectors.caldav.requests import mkcalendar_body
from connectors.dav.failures import FailedAnswerError, LostAnswerError
from connectors.dav.homes import Homes
from connectors.dav.multistatus import DAV, Part
from connectors.dav.naming import display_name, path_segment
from connectors.dav.requests import rename_body
from connectors.dav.wire import XML
from connectors.errors import TakenError, UncertainError
from connectors.sanitize import sanitize

_NAMES_TRIED = 9


def make_calendar(homes: Homes, name: str) -> Part:
    """A calendar of this name in the first home, at a path made from the name, as the server shows
    it. An empty-named one that stands at that path already is taken over: some servers drop the
    name. Raises TakenError, UncertainError, ReadOnlyError, and as `Homes.listing`."""
    for number in range(1, _NAMES_TRIED + 1):
        suffix = "" if number == 1 else f"-{number}"
        path = f"{homes.first}{path_segment(name)}{suffix}/"
        part = homes.at(path)
        if part is None:
            return _made(homes, path, name, ours=_make(homes, path, name))
        if is_calendar(part) and not part.text(f"{DAV}displayname"):
            return part
    raise TakenError(
        f"{homes.wire.host} has calendars at {sanitize(homes.first)} under all names fikad would "
        "take",
        "create one",
    )


def _make(homes: Homes, path: str, name: str) -> bool:
    """MKCALENDAR; whether it is certain that this made the calendar. What is uncertain, the look
    that follows settles: a lost answer, and a refusal where somebody else was quicker (405, 409,
    some say 403)."""
    try:
        answer = homes.wire.send("MKCALENDAR", path, mkcalendar_body(name), XML)
    except (FailedAnswerError, LostAnswerError):
        return False
    made = answer.status in {200, 201, 204, 207}
    if not made and answer.status not in {405, 409}:
        homes.ask()
        part = homes.at(path)
        if part is None or not is_calendar(part):
            raise homes.wire.refusal(answer, writing=True)
    return made


def _made(homes: Homes, path: str, name: str, *, ours: bool) -> Part:
    """The calendar that was just made, as the server shows it, with its name."""
    homes.ask()
    part = homes.at(path)
    if part is None or not is_calendar(part):
        raise UncertainError(
            f"{homes.wire.host} does not show the new calendar {sanitize(name)}",
            "fikad looks again later",
        )
    shown = display_name(part)
    if ours and shown != name:  # some ignore the properties of MKCALENDAR
        homes.wire.send("PROPPATCH", path, rename_body(name), XML)
        homes.ask()
        return homes.at(path) or part
    if shown not in {None, name}:
        raise TakenError(
            f"{homes.wire.host} has another calendar at {sanitize(path)}",
            "fikad looks again later",
        )
    return part
