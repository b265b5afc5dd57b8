"""`fikad contacts`: who is kept in touch with, changed from the command line."""

from __future__ import annotations

import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.ledger.ledger import open_ledger
from daemon.ledger.lock import locked
from tests.daemon.cli.running import ALWAYS, Fikad, days_ago, event, with_guests
from tests.daemon.cli.terminal import Terminal

CONFIG = (
    "# Sam's config, kept by hand\n"
    + ALWAYS
    + """
[accounts.home]
type = "files"
path = "calendars"

[circles.friends]
cadence = "1 month"   # at least
[circles.council]
cadence = "2 weeks"

# ----- People -----

[[contacts]]
name = "Jane Doe"   # since school
emails = ["jane@example.org"]
circle = "friends"

[[contacts]]
name = "Leopold Quist"
emails = ["leo@example.org"]
paused = true
# the end
"""
)


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    """Jane was met 40 days ago."""
    (tmp_path / "calendars" / "Personal").mkdir(parents=True)
    jane = event("jane", "Coffee", days_ago(40), 60, *with_guests("jane@example.org"))
    (tmp_path / "calendars" / "Personal" / "jane.ics").write_text(jane, newline="")
    made = Fikad(tmp_path)
    made.configure(CONFIG)
    return made


def entries(fikad: Fikad) -> dict[str, dict[str, Any]]:
    contacts = tomllib.loads(fikad.config.read_text()).get("contacts", [])
    return {contact["name"]: contact for contact in contacts}


def known(fikad: Fikad) -> dict[str, dict[str, Any]]:
    contacts = fikad("contacts", "--json").json["contacts"]
    return {contact["name"]: contact for contact in contacts}


class TestListing:
    def test_everybody_is_listed_as_programs_rely_on(self, fikad: Fikad) -> None:
        assert known(fikad)["Jane Doe"] == {
            "name": "Jane Doe",
            "emails": ["jane@example.org"],
            "aliases": [],
            "circle": "friends",
            "cadence_days": 30,
            "occasions": ["coffee"],
            "tags": [],
            "new": False,
            "kin": False,
            "paused": False,
            "until": None,
            "birthday": None,
            "phone": None,
            "timezone": None,
            "source": "config",
        }
        assert known(fikad)["Leopold Quist"]["paused"]
        before = fikad("contacts", "--json").out
        for line in ("contacts list --json", "contacts --json list"):
            assert fikad(*line.split()).out == before

    def test_the_list_names_the_paused_only_when_asked(self, fikad: Fikad) -> None:
        shown = fikad("contacts").out
        assert "Jane Doe" in shown
        assert "every month" in shown
        assert "Leopold" not in shown
        assert max(map(len, fikad("contacts", "--all", COLUMNS="80").out.splitlines())) <= 80
        assert "1 contact is paused: `fikad contacts --all` names them." in shown
        assert "Leopold" in fikad("contacts", "list", "--all").out

    def test_the_paths_may_stand_anywhere(self, fikad: Fikad) -> None:
        away = {"FIKAD_CONFIG": "/nowhere/config.toml"}
        given = ("--config", str(fikad.config))
        for line in ((*given, "contacts"), ("contacts", *given), ("contacts", "list", *given)):
            assert "Jane Doe" in fikad(*line, **away).out
        between = fikad("contacts", *given, "list", **away)
        assert "Jane Doe" in between.out, between.err

    def test_a_broken_config_is_refused_with_its_place(self, fikad: Fikad) -> None:
        fikad.configure(CONFIG.replace('circle = "friends"', 'circle = "freinds"'))
        for arguments in (["contacts"], ["contacts", "add", "Zoe"]):
            ran = fikad(*arguments)
            assert ran.code == 10
            assert "config.toml:" in ran.err
            assert 'did you mean "friends"' in ran.err
        assert "Zoe" not in fikad.config.read_text()


class TestAdding:
    def test_somebody_is_added_with_all_that_is_said(self, fikad: Fikad) -> None:
        fikad.config.chmod(0o640)
        ran = fikad(
            "contacts", "add", "Bob  Ray", "--email", "Bob@Example.org", "--email", "b@x.example",
            "--alias", "Bobby", "--circle", "council", "--cadence", "6 weeks", "--occasion", "walk",
            "--occasion", "coffee", "--tag", "climate", "--new", "--kin", "--birthday", "04-12",
            "--phone", "+49 171 2345678", "--json",
        )  # fmt: skip
        assert (ran.code, ran.err) == (0, "")
        assert ran.json == {"contacts": [known(fikad)["Bob Ray"]]}
        assert list(entries(fikad)["Bob Ray"].items()) == [
            ("name", "Bob Ray"),
            ("emails", ["bob@example.org", "b@x.example"]),
            ("phone", "+49 171 2345678"),
            ("aliases", ["Bobby"]),
            ("circle", "council"),
            ("cadence", "6 weeks"),
            ("occasions", ["walk", "coffee"]),
            ("tags", ["climate"]),
            ("new", True),
            ("kin", True),
            ("birthday", "04-12"),
        ]
        assert fikad.config.read_text().startswith(CONFIG), "all that was there is there"
        assert stat.S_IMODE(fikad.config.stat().st_mode) == 0o640
        assert fikad("config", "check").code == 0

    def test_a_linked_config_stays_a_link(self, fikad: Fikad) -> None:
        kept = fikad.folder / "dotfiles.toml"
        fikad.config.rename(kept)
        fikad.config.symlink_to(kept.name)
        ran = fikad("contacts", "add", "Zoe")
        assert "Added Zoe (no address known: counted by titles), every month." in ran.out
        assert fikad.config.is_symlink()
        assert 'name = "Zoe"' in kept.read_text()

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["Zoe", "--circle", "freinds"], '"freinds": did you mean "friends"?'),
            (["Zoe", "--occasion", "cofee"], '"cofee": did you mean "coffee"?'),
            (["Zoe", "--email", "nope"], '"nope" is not an e-mail address'),
            (["Zoe", "--cadence", "6 weaks"], "is not a duration: did you mean"),
            (["Zoe", "--birthday", "13-45"], "is no day of the year"),
            (["Zoe", "--email", "sam@example.com"], "is your own"),
            (["Zoe", "--email", "JANE@example.org"], 'belongs to "Jane Doe" already'),
            (["Zoe", "--alias", "jane doe"], '"Jane Doe" is called "jane doe" already'),
            (["jane  doe"], 'contacts edit "jane doe"'),
            ([" "], "name must not be empty"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_meant_is_refused_and_nothing_written(
        self, fikad: Fikad, arguments: list[str], says: str
    ) -> None:
        ran = fikad("contacts", "add", *arguments)
        assert (ran.code, ran.out) == (1, "")
        assert says in ran.err
        assert len(ran.err.splitlines()) == 1
        assert fikad.config.read_text() == CONFIG

    def test_who_is_paused_is_not_named_by_their_address(self, fikad: Fikad) -> None:
        ran = fikad("contacts", "add", "Zoe", "--email", "leo@example.org")
        assert "belongs to another contact" in ran.err
        assert "Leopold" not in ran.err


class TestEditing:
    def test_only_the_lines_of_what_is_said_change(self, fikad: Fikad) -> None:
        ran = fikad("contacts", "edit", "jane", "--circle", "council", "--email", "j@x.example",
                    "--alias", "Janie", "--kin", "--cadence", "3 weeks")  # fmt: skip
        assert (ran.code, ran.err) == (0, "")
        assert "Changed: Jane Doe (jane@example.org), circle council, every 3 weeks, kin" in ran.out
        assert fikad.config.read_text() == CONFIG.replace(
            'emails = ["jane@example.org"]\ncircle = "friends"\n',
            'emails = ["jane@example.org", "j@x.example"]\ncircle = "council"\n'
            'aliases = ["Janie"]\ncadence = "3 weeks"\nkin = true\n',
        )
        fikad("contacts", "edit", "janie", "--no-kin", "--no-cadence", "--no-alias", "janie",
              "--circle", "friends", "--no-email", "J@X.example")  # fmt: skip
        assert fikad.config.read_text() == CONFIG

    def test_no_with_a_list_and_no_value_takes_all_of_it(self, fikad: Fikad) -> None:
        fikad("contacts", "edit", "jane", "--tag", "a", "--tag", "b")
        assert entries(fikad)["Jane Doe"]["tags"] == ["a", "b"]
        fikad("contacts", "edit", "jane", "--no-tag", "--no-circle", "--new")
        assert entries(fikad)["Jane Doe"] == {
            "name": "Jane Doe", "emails": ["jane@example.org"], "new": True,
        }  # fmt: skip

    def test_a_pause_is_begun_and_ended_with_its_day(self, fikad: Fikad) -> None:
        fikad.configure(CONFIG.replace("paused = true", 'until = "2100-01-01"'))
        assert known(fikad)["Leopold Quist"]["until"] == "2100-01-01"
        fikad("contacts", "edit", "leopold", "--no-paused")
        assert entries(fikad)["Leopold Quist"] == {
            "name": "Leopold Quist", "emails": ["leo@example.org"],
        }  # fmt: skip
        assert fikad("contacts", "edit", "leopold", "--paused", "--json").json["contacts"][0][
            "paused"
        ]

    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (["Jnae", "--new"], 1, 'did you mean "Jane Doe"'),
            (["jane"], 2, "say what to change"),
            (["jane", "--circle", "x", "--no-circle"], 2, "cannot both be meant"),
            (["jane", "--no-email", "x@y.z"], 1, 'there is "jane@example.org"'),
            (["jane", "--no-birthday"], 1, "gives Jane Doe no birthday"),
            (["jane", "--circle", "freinds"], 1, 'did you mean "friends"'),
            (["jane", "--name", "leopold quist"], 1, "is a contact already"),
            (["jane", "--email", "leo@example.org"], 1, "belongs to another contact"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_and_nothing_written(
        self, fikad: Fikad, arguments: list[str], code: int, says: str
    ) -> None:
        ran = fikad("contacts", "edit", *arguments)
        assert (ran.code, ran.out) == (code, "")
        assert says in ran.err
        assert fikad.config.read_text() == CONFIG

    def test_what_was_so_before_is_said_to_be(self, fikad: Fikad) -> None:
        assert fikad("contacts", "edit", "jane", "--no-kin").out.startswith("Nothing to change")
        assert fikad.config.read_text() == CONFIG

    def test_who_is_called_otherwise_keeps_their_hold_and_note(self, fikad: Fikad) -> None:
        [hold] = fikad("once", "--json").json["holds"]["proposed"]
        fikad("note", "jane", "her garden")
        ran = fikad("contacts", "edit", "jane", "--name", "Jane Roe")
        assert ran.code == 0, ran.err
        assert fikad.config.read_text() == CONFIG.replace('"Jane Doe"', '"Jane Roe"')
        after = fikad("once", "--no-plan", "--json").json["holds"]
        assert not after["withdrawn"] + after["dismissed"] + after["proposed"]
        [jane] = fikad("status", "--json").json["contacts"]
        assert (jane["name"], jane["note"]) == ("Jane Roe", "her garden")
        assert jane["hold"]["uid"] == hold["uid"]

    def test_a_former_name_is_said_to_count_no_more(self, fikad: Fikad) -> None:
        ran = fikad("contacts", "edit", "jane", "--name", "Jane Roe")
        assert '`fikad contacts edit "Jane Roe" --alias "Jane Doe"`' in ran.out
        fikad("contacts", "edit", "jane", "--alias", "JD")
        ran = fikad("contacts", "edit", "jane", "--name", "jd", "--alias", "Jane Roe")
        assert (ran.code, "speak of nobody" in ran.out) == (0, False), "an own alias may be taken"

    def test_nobody_is_renamed_while_a_pass_is_at_work(self, fikad: Fikad) -> None:
        with locked(fikad.state):
            ran = fikad("contacts", "edit", "jane", "--name", "Jane Roe")
        assert ran.code == 13
        assert "another fikad" in ran.err
        assert fikad.config.read_text() == CONFIG

    def test_who_was_answered_with_never_stays_paused(self, fikad: Fikad) -> None:
        with open_ledger(fikad.state) as ledger:
            ledger.never("jane doe", datetime.now(UTC))
        assert "since you answered" in fikad("contacts", "edit", "jane", "--no-paused").out

    def test_a_rename_that_is_refused_carries_nothing_over(self, fikad: Fikad) -> None:
        fikad("note", "jane", "her garden")
        ran = fikad("contacts", "edit", "jane", "--name", "Jane Roe", "--circle", "freinds")
        assert ran.code == 1
        assert fikad("contacts", "edit", "jane", "--alias", "JD").code == 0
        assert fikad("status", "--json").json["contacts"][0]["note"] == "her garden"


class TestRemoving:
    def test_nobody_is_removed_where_nobody_can_be_asked(self, fikad: Fikad) -> None:
        ran = fikad("contacts", "remove", "jane")
        assert ran.code == 13
        assert "add --yes" in ran.err
        assert fikad.config.read_text() == CONFIG

    def test_with_yes_nobody_is_asked(self, fikad: Fikad) -> None:
        [hold] = fikad("once", "--json").json["holds"]["proposed"]
        ran = fikad("contacts", "remove", "jane", "--yes")
        assert (ran.code, ran.out) == (0, "Removed Jane Doe.\n")
        jane = '[[contacts]]\nname = "Jane Doe"   # since school\nemails = ["jane@example.org"]\n'
        assert fikad.config.read_text() == CONFIG.replace(f'{jane}circle = "friends"\n\n', "")
        after = fikad("once", "--json").json["holds"]["withdrawn"]
        assert [each["uid"] for each in after] == [hold["uid"]]
        assert fikad("contacts", "remove", "leopold", "--yes", "--json").json == {"contacts": []}

    @pytest.mark.parametrize(("answer", "stays"), [("n", True), ("y", False)])
    def test_it_asks_first(self, fikad: Fikad, answer: str, stays: bool) -> None:
        line = ("--config", str(fikad.config), "--state", str(fikad.state))
        with Terminal((*line, "contacts", "remove", "jane"), fikad.folder, 80) as terminal:
            terminal.answer("Remove Jane Doe?", answer)
            screen = terminal.end()
        assert screen.code == 0, screen.text
        assert ("Nobody was removed." if stays else "Removed Jane Doe.") in screen.text
        assert ("Jane Doe" in entries(fikad)) is stays


CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nFN:Lena Berg\r\nN:Berg;Lena;;;\r\n"
    "EMAIL:lena@example.org\r\nCATEGORIES:Fika\r\nBDAY:1980-05-02\r\nEND:VCARD\r\n"
)


class TestPeopleOfAnAddressBook:
    @pytest.fixture
    def lena(self, fikad: Fikad) -> Fikad:
        """Lena has a label in a folder of cards; Ulla is there without one."""
        book = fikad.folder / "book"
        book.mkdir()
        (book / "lena.vcf").write_text(CARD, newline="")
        ulla = CARD.replace("Lena", "Ulla").replace("lena@", "ulla@").replace("UID:u1", "UID:u2")
        (book / "ulla.vcf").write_text(ulla.replace("CATEGORIES:Fika\r\n", ""), newline="")
        books = (
            '\n[addressbooks.people]\ntype = "files"\npath = "book"\n'
            'circles = { Fika = "friends" }\n'
        )
        fikad.configure(CONFIG + books)
        assert fikad("once", "--no-plan").code == 0
        return fikad

    def test_they_are_listed_with_their_source(self, lena: Fikad) -> None:
        assert known(lena)["Lena Berg"]["source"] == "people"
        assert known(lena)["Lena Berg"]["birthday"] == "1980-05-02"
        assert "book people" in lena("contacts").out

    def test_they_are_edited_by_an_entry_of_the_same_name(self, lena: Fikad) -> None:
        ran = lena("contacts", "edit", "lena", "--cadence", "2 weeks", "--json")
        assert ran.code == 0, ran.err
        assert entries(lena)["Lena Berg"] == {"name": "Lena Berg", "cadence": "2 weeks"}
        [told] = ran.json["contacts"]
        assert (told["cadence_days"], told["emails"]) == (14, ["lena@example.org"])
        assert (told["circle"], told["source"]) == ("friends", "config")
        lena("contacts", "edit", "lena", "--no-cadence", "--paused")
        assert entries(lena)["Lena Berg"] == {"name": "Lena Berg", "paused": True}

    def test_an_edit_that_says_nothing_makes_no_entry(self, lena: Fikad) -> None:
        assert "Nothing to change" in lena("contacts", "edit", "lena", "--no-kin").out
        assert "Lena Berg" not in entries(lena)

    def test_what_the_book_says_is_changed_in_the_book(self, lena: Fikad) -> None:
        for arguments in (["--name", "Lena Roe"], ["--no-circle"], ["--no-email"]):
            ran = lena("contacts", "edit", "lena", *arguments)
            assert (ran.code, "people" in ran.err) == (1, True), ran.err
        assert "Lena Berg" not in entries(lena)

    def test_removing_them_says_what_can_be_done_instead(self, lena: Fikad) -> None:
        ran = lena("contacts", "remove", "lena", "--yes")
        assert ran.code == 1
        assert "take the label away there" in ran.err
        assert "--paused" in ran.err
        lena("contacts", "edit", "lena", "--kin")
        ran = lena("contacts", "remove", "lena", "--yes")
        assert ran.code == 0
        assert 'stays a contact by a label in the address book "people"' in ran.out
        assert "Lena Berg" not in entries(lena)
        assert not known(lena)["Lena Berg"]["kin"]

    def test_who_has_no_label_becomes_a_contact_by_an_entry(self, lena: Fikad) -> None:
        assert "Ulla Berg" not in known(lena)
        [told] = lena("contacts", "add", "Ulla Berg", "--circle", "friends", "--json").json[
            "contacts"
        ]
        assert (told["emails"], told["source"]) == (["ulla@example.org"], "config")
        ran = lena("contacts", "add", "Lena Berg")
        assert 'is a contact already, from the address book "people"' in ran.err

    def test_a_renamed_entry_stays_with_its_card(self, lena: Fikad) -> None:
        lena("contacts", "edit", "lena", "--kin")
        lena("once", "--no-plan")
        lena("contacts", "edit", "lena", "--name", "Lena Roe")
        lena("once", "--no-plan")
        assert "Lena Berg" not in known(lena)
        assert known(lena)["Lena Roe"]["emails"] == ["lena@example.org"]


class TestCompletion:
    @pytest.mark.parametrize(
        ("typed", "offered"),
        [
            ("contacts e", ["edit"]),
            ("contacts edit J", ["Jane Doe"]),
            ("contacts edit L", []),
            ("contacts add Zoe --circle ", ["friends", "council"]),
            ("contacts edit jane --occasion w", ["walk"]),
        ],
    )
    def test_names_circles_and_occasions_are_completed(
        self, fikad: Fikad, typed: str, offered: list[str]
    ) -> None:
        words = f"fikad {typed}"
        ran = fikad(
            _FIKAD_COMPLETE="fish_complete",
            COMP_WORDS=words,
            COMP_CWORD=words.rpartition(" ")[2],
        )
        assert [
            line.split(",", 1)[1].split("\t")[0] for line in ran.out.split("\n") if line
        ] == offered
