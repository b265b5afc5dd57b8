"""`fikad discover`: everybody met one-on-one, and into the config with them."""

from __future__ import annotations

import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.demo.life import life
from tests.daemon.cli.running import Fikad

CONFIG = """\
# Sam's config, kept by hand
timezone = "Europe/Berlin"  # home
me = ["sam@example.com"]

[accounts.export]
type = "files"
path = "sam.ics"

[circles.council]
cadence = "1 month"

[circles.wider]
cadence = "3 months"   # at least

[[contacts]]
name = "Jane Doe"   # since school
emails = ["jane@example.org"]
circle = "council"
# the end
"""


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    """Two years of Sam's calendars, read once; Jane is in the config."""
    (tmp_path / "sam.ics").write_text(
        "".join(entry.text for entry in life(datetime.now(UTC))), newline=""
    )
    made = Fikad(tmp_path)
    made.configure(CONFIG)
    assert made("once", "--no-plan").code == 0
    return made


def contacts(fikad: Fikad) -> dict[str, dict[str, object]]:
    return {
        contact["name"]: contact for contact in tomllib.loads(fikad.config.read_text())["contacts"]
    }


class TestShowing:
    def test_everybody_is_found_and_who_is_in_the_config_is_marked(self, fikad: Fikad) -> None:
        people = {person["name"]: person for person in fikad("discover", "--json").json["people"]}
        assert set(people) == {
            "Jane Doe", "Priya", "Omar Haddad", "Klaus Weber", "Rose-Lynn", "tomas@example.org",
            "lee@example.org",
        }  # fmt: skip
        assert [name for name, person in people.items() if person["in_config"]] == ["Jane Doe"]
        jane = people["Jane Doe"]
        assert (jane["count"], jane["usual_gap_days"], jane["usual_weekday"],
        jane["usual_time"]) == (
            24, 28, "wednesday", "10:00",
        )  # fmt: skip
        assert people["lee@example.org"]["proposed"]["circle"] == "wider", (
            "of the circles in the config"
        )
        shown = fikad("discover").out
        [jane_shown] = [line for line in shown.splitlines() if line.startswith("Jane Doe")]
        assert jane_shown.rstrip().endswith("in your config")
        assert not any(line.startswith("Priya") and "config" in line for line in shown.splitlines())
        assert 'fikad discover --add "Priya"' in shown

    def test_lapsed_shows_only_who_has_gone_quiet(self, fikad: Fikad) -> None:
        assert [
            person["name"] for person in fikad("discover", "--lapsed", "--json").json["people"]
        ] == ["lee@example.org"]
        shown = fikad("discover", "--lapsed").out
        assert "lee@example.org" in shown
        assert "Priya" not in shown

    @pytest.mark.parametrize("columns", [50, 80])
    def test_the_table_has_one_line_for_everybody(self, fikad: Fikad, columns: int) -> None:
        shown = fikad("discover", COLUMNS=str(columns)).out.splitlines()
        people = [line for line in shown if " ago" in line]
        assert len(people) == 7
        assert max(map(len, shown)) <= columns
        assert any("in your config" in line for line in shown)

    def test_looking_changes_nothing(self, fikad: Fikad) -> None:
        before = fikad.config.read_bytes()
        fikad("discover")
        assert fikad.config.read_bytes() == before

    def test_before_anything_was_read_it_says_what_to_do(self, tmp_path: Path) -> None:
        fresh = Fikad(tmp_path)
        fresh.configure(CONFIG)
        ran = fresh("discover")
        assert ran.code == 1
        assert "run `fikad once" in ran.err
        assert not fresh.state.exists()


class TestAdding:
    def test_people_go_into_the_config_and_everything_else_stays(self, fikad: Fikad) -> None:
        fikad.config.chmod(0o640)
        ran = fikad("discover", "--add", "omar", "lee@example.org")
        assert (ran.code, ran.err) == (0, "")
        assert "Added Omar Haddad" in ran.out
        added = contacts(fikad)
        assert added["Omar Haddad"] == {
            "name": "Omar Haddad",
            "circle": "council",
            "cadence": "6 weeks",
        }
        assert added["lee@example.org"] == {
            "name": "lee@example.org", "emails": ["lee@example.org"], "circle": "wider",
        }, "the circle's cadence is not repeated"  # fmt: skip
        text = fikad.config.read_text()
        for line in CONFIG.splitlines():
            assert line in text
        assert stat.S_IMODE(fikad.config.stat().st_mode) == 0o640
        assert fikad("config", "check").code == 0
        people = {person["name"]: person for person in fikad("discover", "--json").json["people"]}
        assert people["Omar Haddad"]["in_config"] == "Omar Haddad"

    def test_what_is_counted_once_added_is_what_was_shown(self, fikad: Fikad) -> None:
        shown = {
            person["name"]: person["count"] for person in fikad("discover", "--json").json["people"]
        }
        names = ["Omar Haddad", "Priya", "Klaus Weber", "Rose-Lynn", "tomas@example.org"]
        fikad("discover", "--add", *names)
        fikad("once", "--no-plan")
        for name in names:
            assert len(fikad("why", name, "--json").json["counted"]) == shown[name], name

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (["Jane Doe"], "in your config already"),
            (["Priya", "Jane"], "in your config already"),
            (["Priya", "priya@example.org"], "in your config already"),
            (["Prya"], 'did you mean "Priya"'),
            (["Priya", "Nobody"], "nobody called"),
            ([""], "nobody called"),
        ],
    )
    def test_one_refused_and_nothing_is_written(
        self, fikad: Fikad, names: list[str], message: str
    ) -> None:
        before = fikad.config.read_bytes()
        ran = fikad("discover", "--add", *names)
        assert ran.code == 1
        assert message in ran.err
        assert fikad.config.read_bytes() == before

    def test_a_name_without_add_is_a_usage_error(self, fikad: Fikad) -> None:
        ran = fikad("discover", "Omar")
        assert ran.code == 2
        assert "--add Omar" in ran.err


CARDS = """\
BEGIN:VCARD
VERSION:3.0
FN:Lee Chen
EMAIL;TYPE=HOME:Lee@example.org
EMAIL:lee.chen@work.example
PHOTO;ENCODING=b:AAAA
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN
:::
END:VCARD
BEGIN:VCARD
VERSION:3.0
N:Weber;Klaus;;;
EMAIL:klaus@example.org
END:VCARD
BEGIN:VCARD
FN:Cut off
"""


class TestTheAddressBook:
    def test_names_and_addresses_come_from_cards_and_broken_ones_are_counted(
        self, fikad: Fikad
    ) -> None:
        file = fikad.folder / "book.vcf"
        file.write_text(CARDS)
        facts = fikad("discover", "--vcard", str(file), "--json").json
        assert facts["cards"] == {"read": 2, "skipped": 2}
        people = {person["name"]: person for person in facts["people"]}
        assert people["Lee Chen"]["addresses"] == ["lee@example.org", "lee.chen@work.example"]
        assert "address book" in people["Lee Chen"]["same_as"]
        assert people["Klaus Weber"]["addresses"] == ["klaus@example.org"], (
            "known by titles, the card has the address"
        )
        fikad("discover", "--vcard", str(file), "--add", "Lee Chen")
        assert contacts(fikad)["Lee Chen"]["emails"] == ["lee@example.org", "lee.chen@work.example"]

    def test_one_address_of_several_can_be_added_alone(self, fikad: Fikad) -> None:
        file = fikad.folder / "book.vcf"
        file.write_text(CARDS)
        fikad("discover", "--vcard", str(file), "--add", "lee@example.org")
        assert contacts(fikad)["Lee Chen"]["emails"] == ["lee@example.org"]

    def test_who_was_never_met_is_added_with_their_nicknames(self, fikad: Fikad) -> None:
        file = fikad.folder / "book.vcf"
        lena = (
            "BEGIN:VCARD\nVERSION:3.0\nFN:Lena Berg\nNICKNAME:Leni,Jane Doe\nEMAIL:lena@x.example\n"
        )
        gone = "BEGIN:VCARD\nVERSION:4.0\nFN:Gustav Adler\nDEATHDATE:20200101\nEND:VCARD\n"
        lee = CARDS.replace("FN:Lee Chen\n", "FN:Lee Chen\nNICKNAME:Leechen\n")
        file.write_text(f"{lena}END:VCARD\n{gone}{lee}")
        ran = fikad("discover", "--vcard", str(file), "--add", "leni", "Lee Chen")
        assert (ran.code, ran.err) == (0, "")
        assert "Added Lena Berg (lena@x.example).\n" in ran.out
        added = contacts(fikad)
        assert added["Lena Berg"] == {
            "name": "Lena Berg", "emails": ["lena@x.example"], "aliases": ["Leni"],
        }, "what somebody else is called is no alias"  # fmt: skip
        assert added["Lee Chen"]["aliases"] == ["Leechen"]
        ran = fikad("discover", "--vcard", str(file), "--add", "Gustav Adlr")
        assert (ran.code, "Gustav Adler" in ran.err) == (1, False)
        ran = fikad("discover", "--vcard", str(file), "--add", "Lena Brg")
        assert '"Lena Berg" (lena@x.example)' in ran.err

    @pytest.mark.parametrize("content", ["", "no cards here", None])
    def test_a_file_without_cards_is_refused_in_one_line(
        self, fikad: Fikad, content: str | None
    ) -> None:
        file = fikad.folder / "book.vcf"
        if content is not None:
            file.write_text(content)
        ran = fikad("discover", "--vcard", str(file))
        assert ran.code == 1
        assert len(ran.err.splitlines()) == 1
