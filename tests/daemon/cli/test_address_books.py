"""People of address books, end to end: a real CardDAV server whose login the calendars' account
lends, and a folder of cards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors import servers
from tests.daemon.cli.running import ALWAYS, Fikad, days_ago, event, with_guests

CIRCLES = '[circles.council]\ncadence = "2 weeks"\n[circles.friends]\ncadence = "2 weeks"\n'


def vcard(uid: str, name: str, *lines: str) -> str:
    told = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", f"N:{name};;;;", *lines]
    return "\r\n".join([*told, "END:VCARD", ""])


class Sam:
    """Jane was met 40 days ago, by the address that only her card knows."""

    def __init__(self, server: servers.RadicaleServer, fikad: Fikad) -> None:
        self.server, self.fikad = server, fikad
        home = server.add_user("sam", "secret")
        self.auth = server.auth("sam")
        self.personal = servers.make_calendar(f"{home}personal/", "Personal", self.auth)
        self.meet("jane@example.org", 40)
        self.book = servers.make_address_book(f"{home}contacts/", "Contacts", self.auth)
        self.put("u1", "Jane Doe", "EMAIL:jane@example.org", "CATEGORIES:Fika,Work")
        self.put("u2", "Bob Ray", "EMAIL:bob@example.org")
        self.password = fikad.folder / "password"
        self.password.touch(mode=0o600)
        self.password.write_text("secret\n")
        fikad.configure(
            ALWAYS
            + f'[accounts.home]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
            + f'password = {{ file = "{self.password}" }}\n'
            + '[addressbooks.people]\ntype = "carddav"\naccount = "home"\n'
            + 'circles = { Fika = "council" }\n'
            + CIRCLES
        )

    def meet(self, address: str, days: int) -> None:
        uid = address.partition("@")[0]
        text = event(uid, "Coffee", days_ago(days), 60, *with_guests(address))
        servers.put(f"{self.personal}{uid}.ics", text, self.auth)

    def put(self, uid: str, name: str, *lines: str) -> None:
        servers.put(f"{self.book}{uid}.vcf", vcard(uid, name, *lines), self.auth)


@pytest.fixture
def sam(tmp_path: Path) -> Iterator[Sam]:
    with servers.radicale(htpasswd=True) as server:
        yield Sam(server, Fikad(tmp_path))


def test_a_person_with_a_label_is_met_suggested_and_told_of(sam):
    ran = sam.fikad("once", "--json")
    assert ran.code == 0, ran.err
    facts = ran.json
    assert [met["contact"] for met in facts["met"]] == ["Jane Doe"]
    assert [hold["title"] for hold in facts["holds"]["proposed"]] == ["Coffee with Jane Doe?"]
    (book,) = facts["addressbooks"]
    assert (book["name"], book["state"], book["books"]) == ("people", "ok", ["Contacts"])
    status = sam.fikad("status", "--json").json
    assert [(each["name"], each["source"]) for each in status["contacts"]] == [
        ("Jane Doe", "people")
    ]
    (book,) = status["addressbooks"]
    assert (book["name"], book["state"], book["people"]) == ("people", "ok", 1)
    why = sam.fikad("why", "Jane", "--json").json
    assert why["contact"] == "Jane Doe"
    assert sam.fikad("note", "Jane", "likes tea").code == 0
    quiet = sam.fikad("once", "--json").json
    assert quiet["addressbooks"][0]["requests"] == 1


def test_check_tells_of_the_book_its_labels_and_what_is_wrong(sam):
    sam.put("u3", "Bob Ray", "EMAIL:other@example.org", "CATEGORIES:Work")
    sam.fikad("once")
    rows = {row["thing"]: row for row in sam.fikad("check", "--json").json["rows"]}
    assert not any(thing.startswith("free/busy") for thing in rows), "nobody wants that"
    assert rows["address book people"]["state"] == "ok"
    assert rows["address book people"]["message"] == "it lets fikad in; read: Contacts"
    assert rows["labels of people"]["message"] == (
        "1 contact by label: Fika (1); labels that make no circle: Work (2)"
    )
    rows = {row["thing"]: row for row in sam.fikad("check", "--offline", "--json").json["rows"]}
    assert rows["address book people"]["message"].startswith("last read ")
    sam.password.write_text("wrong\n")
    ran = sam.fikad("check", "--json")
    rows = {row["thing"]: row for row in ran.json["rows"]}
    assert (ran.code, rows["address book people"]["state"]) == (11, "failed")


def test_discover_says_who_only_lacks_a_label(sam):
    sam.meet("bob@example.org", 50)
    sam.fikad("once")
    people = {each["name"]: each for each in sam.fikad("discover", "--json").json["people"]}
    assert people["Bob Ray"]["address_book"] == "people"
    assert people["Jane Doe"]["address_book"] is None
    told = " ".join(sam.fikad("discover").out.split())
    assert (
        'Bob Ray is in your address book "people": give them the label "Fika" there, or use'
        ' `fikad contacts add "Bob Ray"`.'
    ) in told


def test_a_rename_and_a_lost_label_on_the_server_are_followed_with_care(sam):
    first = sam.fikad("once", "--json").json["holds"]["proposed"]
    sam.put("u1", "Jane Smith", "EMAIL:jane@example.org", "CATEGORIES:Fika")
    facts = sam.fikad("once", "--json").json
    assert facts["holds"]["proposed"] == []
    (jane,) = sam.fikad("status", "--json").json["contacts"]
    assert jane["name"] == "Jane Smith"
    assert jane["hold"]["uid"] == first[0]["uid"]
    sam.put("u1", "Jane Smith", "EMAIL:jane@example.org")
    ran = sam.fikad("once", "--json")
    assert ran.code == 12
    assert 'address book "people" (suspect): the label "Fika" of 1 person is gone' in (
        sam.fikad("once").err
    )
    status = sam.fikad("status", "--json").json
    assert not status["healthy"]
    assert [each["name"] for each in status["contacts"]] == ["Jane Smith"]
    assert sam.fikad("once", "--accept-empty", "people").code == 0
    assert sam.fikad("status", "--json").json["contacts"] == []


def test_a_wrong_password_is_exit_11_and_the_book_takes_nobody_away(sam):
    sam.fikad("once")
    sam.password.write_text("wrong\n")
    ran = sam.fikad("once", "--json")
    assert ran.code == 11
    assert ran.json["addressbooks"][0]["state"] == "auth"
    assert "secret" not in ran.out + ran.err
    assert [each["name"] for each in sam.fikad("status", "--json").json["contacts"]] == ["Jane Doe"]


def test_a_folder_of_cards_is_an_address_book(tmp_path):
    fikad = Fikad(tmp_path)
    calendars, cards = tmp_path / "calendars", tmp_path / "cards"
    for folder in (calendars, cards):
        folder.mkdir()
    text = event("jane", "Coffee", days_ago(40), 60, *with_guests("jane@example.org"))
    (calendars / "jane.ics").write_text(text)
    lines = ("EMAIL:jane@example.org", "CATEGORIES:Fika")
    (cards / "jane.vcf").write_text(vcard("u1", "Jane Doe", *lines))
    (cards / "broken.vcf").write_text("BEGIN:VCARD\r\nnonsense")
    fikad.configure(
        ALWAYS
        + f'[accounts.home]\ntype = "files"\npath = "{calendars}"\n'
        + f'[addressbooks.cards]\ntype = "files"\npath = "{cards}"\n'
        + 'circles = { Fika = "council" }\n'
        + CIRCLES
    )
    ran = fikad("once", "--json")
    assert ran.code == 0, ran.err
    assert [hold["contact"] for hold in ran.json["holds"]["proposed"]] == ["Jane Doe"]
    (cards / "again.vcf").write_text(vcard("u2", "Jane Doe", "EMAIL:j@x.org", "CATEGORIES:Fika"))
    assert fikad("once").code == 0
    rows = {row["thing"]: row for row in fikad("check", "--json").json["rows"]}
    assert rows["cards"]["message"].startswith("1 card could not be read, as broken.vcf in cards:")
    assert rows["people"]["message"] == (
        'several cards in cards are called "Jane Doe", and were taken for one person'
    )
