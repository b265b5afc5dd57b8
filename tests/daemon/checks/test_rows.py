"""The doctor's judgements: each thing by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import Attendee, Occurrence
from connectors.errors import CredentialsError, FikadError, MissingError, UnreachableError
from daemon.checks.account_rows import PublicAnswer, failed_row, secret_row, server_findings
from daemon.checks.doctor import exit_code
from daemon.checks.people_rows import Seen, contact_rows, name_rows, own_address_rows
from daemon.checks.rows import ACCOUNT, CONFIG, CREDENTIALS, Row, service_row, slot_row, state_rows
from daemon.config.schema import Config, GoogleEntry
from daemon.languages.vocabulary import vocabulary
from daemon.people.contacts import Contact, ContactIndex
from tests.daemon.occurrences import Passing
from tests.daemon.situations import situation

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
ME = frozenset({"sam@example.com"})
JANE = Contact("jane doe", "Jane Doe", MONTH, frozenset({"jane@example.org"}))


def index(*contacts: Contact) -> ContactIndex:
    return ContactIndex(contacts, vocabulary=vocabulary(), mine=ME)


def event(
    number: int, *guests: str | Attendee, title: str = "Tea", calendar: str = "Work"
) -> Occurrence:
    """One event so many days ago; a guest is an address or a whole row."""
    start = NOW - timedelta(days=number + 1)
    rows = tuple(
        guest if isinstance(guest, Attendee) else Attendee(guest, answer="accepted")
        for guest in guests
    )
    return Occurrence(
        f"e{number}",
        start,
        start + timedelta(hours=1),
        title,
        attendees=rows,
        account="home",
        calendar=calendar,
    )


def seen(rows: Iterable[Occurrence], mine: frozenset[str], index: ContactIndex) -> Seen:
    by_start = sorted(rows, key=lambda occurrence: occurrence.start)
    return Seen(by_start, Config(), mine, index, NOW)


def only(rows: Iterable[Row]) -> Row:
    [row] = rows
    return row


# --- exit codes ---


@pytest.mark.parametrize(
    ("codes", "code"),
    [((), 0), ((CREDENTIALS, ACCOUNT), 11), ((ACCOUNT, CONFIG), 10), ((0,), 1), ((0, ACCOUNT), 12)],
)
def test_the_exit_code_is_the_gravest_failure_s(codes: tuple[int, ...], code: int) -> None:
    rows = [Row("x", "failed", "", code=number) for number in codes]
    assert exit_code([Row("y", "ok", ""), Row("z", "warning", "", code=12), *rows]) == code


# --- this machine ---


def test_a_state_folder_that_is_not_there_yet_is_fine(tmp_path: Path) -> None:
    row = only(state_rows(tmp_path / "a" / "b", lambda: None))
    assert row.state == "ok"
    assert not (tmp_path / "a").exists()


def test_a_state_folder_that_is_a_file_or_holds_a_damaged_ledger_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert only(state_rows(tmp_path / "file", lambda: None)).state == "failed"

    def damaged() -> None:
        raise FikadError("it is damaged", "move it aside")

    tmp_path.chmod(0o700)
    row = only(state_rows(tmp_path, damaged))
    assert (row.state, row.message, row.next) == ("failed", "it is damaged", "move it aside")


def test_the_service_is_running_troubled_or_not_there() -> None:
    assert service_row(None, (), ()).state == "warning"
    assert service_row(12, (), ()).state == "ok"
    troubled = service_row(12, ("config.toml:3:1: unknown key",), ())
    assert (troubled.state, "unknown key" in troubled.message) == ("warning", True)


# --- the user's own addresses ---


def test_an_own_address_that_fikad_does_not_know_is_found() -> None:
    known = [event(number, "sam@example.com", "jane@example.org") for number in range(5)]
    strange = [
        event(number, "s.smith@work.example", f"p{number}@work.example") for number in range(5, 12)
    ]
    row = only(own_address_rows(seen([*known, *strange], ME, index(JANE))))
    assert row.state == "warning"
    assert "s.smith@work.example appears in 7 events" in row.message
    assert '"s.smith@work.example"' in row.next


def test_an_own_address_under_the_own_name_is_proposed() -> None:
    rows = [
        event(1, Attendee("sam@example.com", "Sam Lee"), Attendee("lee@work.example", "Lee, Sam"))
    ]
    row = only(own_address_rows(seen(rows, ME, index(JANE))))
    assert (row.state, row.next) == ("warning", 'if it is, add "lee@work.example" to `me`')


def test_an_account_that_tells_only_its_principal_tells_no_address() -> None:
    row = only(own_address_rows(seen([], frozenset({"/principals/users/sam"}), index(JANE))))
    assert "none of your addresses are known" in row.message
    row = only(own_address_rows(seen([], ME | {"/principals/users/sam"}, index(JANE))))
    assert row.message == "sam@example.com"


def test_a_contact_a_room_or_a_rare_address_is_not_taken_for_me() -> None:
    rows = [
        event(number, "jane@example.org", f"p{number}@x.example", "room-3@x.example")
        for number in range(8)
    ]
    rows += [event(20, "rare@x.example", "q@x.example", calendar="Other")]
    assert only(own_address_rows(seen(rows, ME, index(JANE)))).state == "ok"


def test_without_any_own_address_the_likeliest_is_proposed() -> None:
    rows = [event(number, "sam@example.com", f"p{number}@x.example") for number in range(4)]
    row = only(own_address_rows(seen(rows, frozenset(), index())))
    assert (row.state, 'me = ["sam@example.com"]' in row.next) == ("warning", True)


# --- contacts ---


def test_a_contact_that_no_calendar_knows_is_named() -> None:
    bob = Contact("bob", "Bob Lee", MONTH, frozenset({"bob@example.org"}))
    paused = Contact("old", "Old Friend", MONTH, paused=True)
    rows = [event(1, "sam@example.com", "jane@example.org")]
    row = only(contact_rows(seen(rows, ME, index(JANE, bob, paused))))
    assert row.state == "warning"
    assert row.message.startswith("Bob Lee:")


def test_an_address_under_a_contact_s_name_is_proposed_and_never_taken() -> None:
    stranger = Attendee("jd@new.example", "Doe, Jane", answer="accepted")
    rows = [event(number, "sam@example.com", stranger) for number in range(3)]
    row = only(contact_rows(seen(rows, ME, index(JANE))))
    assert row.state == "warning"
    assert "jd@new.example is shown as Jane Doe in 3 guest lists" in row.message


def test_everybody_known_is_fine() -> None:
    rows = [event(1, "sam@example.com", "jane@example.org")]
    assert only(contact_rows(seen(rows, ME, index(JANE)))).state == "ok"


def test_of_the_events_that_are_looked_at_few_are_in_memory() -> None:
    def daily(number: int) -> Occurrence:
        return event(99 - number, "sam@example.com", "jane@example.org")

    passing = Passing(99, daily)
    looked = Seen(passing, Config(), ME, index(JANE), NOW)
    assert looked.contacts == {JANE.key}
    assert looked.lists.addresses == {"sam@example.com", "jane@example.org"}
    assert passing.most <= 5


def test_a_name_that_two_contacts_bear_is_said() -> None:
    other = Contact("janet", "Janet Roe", MONTH, aliases=("jane  DOE",))
    assert only(name_rows((JANE, other))).state == "warning"
    assert only(name_rows((JANE,))).state == "ok"


# --- slots ---


def test_open_days_are_counted_and_closed_ones_explained() -> None:
    assert slot_row(situation(Config(), NOW)).state == "ok"
    config = Config.model_validate({"availability": {"blackout": ["2026-01-01..2027-12-31"]}})
    row = slot_row(situation(config, NOW))
    assert (row.state, "blackout days (15 days)" in row.message) == ("warning", True)
    assert "blackout" in row.next


def test_a_rhythm_that_wants_nothing_is_said() -> None:
    row = slot_row(situation(Config.model_validate({"rhythm": {"per_week": 0}}), NOW))
    assert (row.state, "per_week = 0" in row.message) == ("warning", True)


def test_two_busy_weeks_are_too_busy() -> None:
    full = Occurrence(
        "b",
        NOW - timedelta(days=1),
        NOW + timedelta(days=30),
        "Deep work",
        account="a",
        calendar="c",
    )
    row = slot_row(situation(Config(), NOW, [full]))
    assert row.state == "warning"
    assert "too busy" in row.message


# --- accounts and servers ---


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    row = failed_row(
        "account home", UnreachableError("x:8 refused the connection", "check the url"), "home"
    )
    assert (row.message, row.next, row.code) == ("x:8 refused the connection", "check the url", 12)
    row = failed_row(
        "account home", MissingError('there is no calendar "Work: new"', "correct it"), "home"
    )
    assert (row.message, row.next) == ('there is no calendar "Work: new"', "correct it")
    row = failed_row("account home", CredentialsError("no"), "home")
    assert (row.message, row.next, row.code) == ("no", "run `fikad auth home`", 11)


def test_a_clock_that_is_off_and_a_certificate_that_ends_are_warnings() -> None:
    off = PublicAnswer(NOW + timedelta(minutes=9), "nginx", NOW + timedelta(days=3))
    clock, certificate, fine = server_findings("server", "https://x.example/", off, NOW)
    assert "9 minutes behind" in clock.message
    assert "Wed 25 Nov 2026" in certificate.message
    assert fine.state == "ok"
    assert (
        only(
            server_findings("s", "https://x.example/", PublicAnswer(NOW, "", NOW + MONTH), NOW)
        ).state
        == "ok"
    )


def test_known_peculiarities_of_a_server_are_told() -> None:
    row = only(
        server_findings("s", "https://dav.example/", PublicAnswer(None, "SOGo/5.8", None), NOW)
    )
    assert (row.state, "conditional writes" in row.message) == ("ok", True)
    row = only(
        server_findings("s", "https://p1-caldav.icloud.com/", PublicAnswer(None, "", None), NOW)
    )
    assert "ETags" in row.message


def test_a_google_client_for_a_web_site_is_named_before_anybody_waits_for_its_answer(
    tmp_path: Path,
) -> None:
    client = tmp_path / "client.json"
    client.write_text('{"web": {"client_id": "x", "client_secret": "y"}}')
    token = {"file": str(tmp_path / "token.json")}
    account = GoogleEntry.model_validate(
        {"type": "google", "client_secrets": str(client), "token": token},
        context={"folder": tmp_path},
    )
    row = secret_row("work", account)
    assert row is not None
    assert (row.state, row.code) == ("failed", CREDENTIALS)
    assert 'type "Web application"' in row.message
    assert 'type "Desktop app"' in row.next
