"""Writing into a config: what is added is there, and nothing else has changed."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.schema import load
from daemon.setup.config_writer import (
    ConfigWriteError,
    NewContact,
    _edited,
    create_config,
    read_text,
    replace_config,
    with_account,
    with_circles,
    with_contacts,
    with_me,
)
from daemon.setup.new_config import Beginnings, new_config

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
FILES = {"type": "files", "path": "/calendars"}
CALDAV = {
    "type": "caldav",
    "url": "https://x.example/",
    "username": "sam",
    "password": {"keyring": True},
}

LAYOUTS = {
    "empty": "",
    "the example": EXAMPLE.read_text(),
    "inline": 'contacts = [{ name = "X" }] # theirs\n'
    'accounts = { x = { type = "files", path = "x" } } # mine\n',
    "dotted": 'accounts.x.type = "files"\naccounts.x.path = "x" # here\n[holds]\n# end\n',
    "apart": '[accounts.a]\ntype = "files"\npath = "x"\n[holds]\n# b comes late\n[accounts.b]\n'
    'type = "files"\n'
    'path = "y"\n',
    "no last newline": '[accounts.a]\ntype = "files"\npath = "x" # the end',
    "windows": '[accounts.a]\r\ntype = "files"\r\npath = "x"\r\n\r\n# more\r\n[[contacts]]\r\n'
    'name = "X"\r\n',
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_in_any_layout_the_additions_are_all_that_changes(layout: str) -> None:
    before = LAYOUTS[layout]
    after = with_account(before, "wörk 2", CALDAV)
    after = with_circles(after, {"inner": "2 weeks"})
    after = with_contacts(
        after, [NewContact("Ann", ("ann@x.example",), circle="inner"), NewContact('"B" \\ C')]
    )
    after = with_me(after, ("sam@x.example",))
    wanted = tomllib.loads(before)
    wanted.setdefault("accounts", {})["wörk 2"] = CALDAV
    wanted.setdefault("circles", {})["inner"] = {"cadence": "2 weeks"}
    new = [{"name": "Ann", "emails": ["ann@x.example"], "circle": "inner"}, {"name": '"B" \\ C'}]
    wanted["contacts"] = [*wanted.get("contacts", []), *new]
    wanted["me"] = ["sam@x.example"]
    assert tomllib.loads(after) == wanted
    for comment in (part for line in before.splitlines() for part in line.split("#")[1:]):
        assert comment.strip() in after


def test_own_addresses_stand_where_the_config_speaks_of_them() -> None:
    before = new_config(Beginnings("Europe/Berlin", "de", "DE", "home", CALDAV, (), ""))
    lines = with_me(before, ("sam@x.example",)).splitlines()
    place = lines.index('me = ["sam@x.example"]')
    assert lines[place - 1] == '#me = ["sam@example.com"]'
    assert lines[:place] + lines[place + 1 :] == before.splitlines()
    assert with_me("[holds]\n# me = x\n", ("a@b.c",)).index("me = [") < 5


def test_a_new_table_stands_beside_its_kind_and_before_the_next_heading() -> None:
    after = with_contacts(with_account(EXAMPLE.read_text(), "second", FILES), [NewContact("Zoe")])
    places = [
        after.index(part)
        for part in ("[accounts.home]", "[accounts.second]", "# ----- Holds", "[holds]")
    ]
    assert places == sorted(places)
    assert after.rstrip().endswith('[[contacts]]\nname = "Zoe"')
    rest = iter(after.splitlines())
    assert all(line in rest for line in EXAMPLE.read_text().splitlines()), (
        "every line is there, in its order"
    )


def test_a_heading_after_the_contacts_stays_with_what_it_heads() -> None:
    text = '[[contacts]]\nname = "X"\n# about X\n\n# ----- Rhythm -----\n\n[rhythm]\n'
    after = with_contacts(text, [NewContact("Zoe")])
    assert after.replace("\n\n", "\n").splitlines() == [
        *("[[contacts]]", 'name = "X"', "# about X"),
        *("[[contacts]]", 'name = "Zoe"'),
        *("# ----- Rhythm -----", "[rhythm]"),
    ]


def test_a_change_that_loses_a_comment_is_not_taken() -> None:
    block = '[[contacts]]\nname = "A"\n'
    assert (
        _edited("# mine\n", lambda: block, block, {"contacts": [{"name": "A"}]})
        == f"# mine\n\n{block}"
    )


def test_circles_that_are_there_are_left_alone() -> None:
    text = '[circles.inner]\ncadence = "1 year" # hm\n'
    assert with_circles(text, {"inner": "2 weeks"}) == text


def test_an_account_s_name_is_taken_once() -> None:
    with pytest.raises(ConfigWriteError, match="another name"):
        with_account('[accounts.a]\ntype = "files"\n', "a", FILES)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_and_address_comes_back_as_it_was(name: str, address: str) -> None:
    text = with_contacts("# first\n", [NewContact(name, (address,))])
    [contact] = tomllib.loads(text)["contacts"]
    assert (contact.get("name", ""), contact["emails"]) == (name, [address])


# --- files ---


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n[rhythm]\nper_week = 2\n")
    path.chmod(0o640)
    return path


def test_a_replaced_file_keeps_its_mode_and_its_link(config: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(config)
    before = read_text(link)
    replace_config(link, before, with_contacts(before, [NewContact("Ann")]))
    assert link.is_symlink()
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert [contact.name for contact in load(config).people] == ["Ann"]
    assert {path.name for path in tmp_path.iterdir()} == {"config.toml", "link.toml"}


def test_what_the_loader_would_refuse_is_not_written(config: Path) -> None:
    before = read_text(config)
    with pytest.raises(ConfigWriteError, match="there is no circle"):
        replace_config(config, before, with_contacts(before, [NewContact("Ann", circle="nowhere")]))
    assert config.read_text() == before


def test_what_somebody_wrote_meanwhile_is_not_lost(config: Path) -> None:
    before = read_text(config)
    config.write_text("# theirs\n")
    with pytest.raises(ConfigWriteError, match="meanwhile"):
        replace_config(config, before, with_contacts(before, [NewContact("Ann")]))
    assert config.read_text() == "# theirs\n"


def test_a_byte_order_mark_stays(config: Path) -> None:
    config.write_bytes(b"\xef\xbb\xbf# mine\n")
    before = read_text(config)
    replace_config(config, before, with_contacts(before, [NewContact("Ann")]))
    assert config.read_bytes().startswith(b"\xef\xbb\xbf# mine\n")
    assert [contact.name for contact in load(config).people] == ["Ann"]


def test_a_first_config_is_private_and_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "new" / "fikad" / "config.toml"
    create_config(path, "# first\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigWriteError):
        create_config(path, "# second\n")
    assert path.read_text() == "# first\n"


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigWriteError, match="check that you may write"):
        create_config(tmp_path / "file" / "config.toml", "")


# --- the first config ---


def test_the_first_config_says_what_was_said_and_nothing_else(tmp_path: Path) -> None:
    said = Beginnings("Europe/Berlin", "en", "", 'ho"me', CALDAV, ("sam@x.example",), "Cof{f}ee")
    text = new_config(said)
    assert tomllib.loads(text) == {
        "timezone": "Europe/Berlin",
        "language": "en",
        "me": ["sam@x.example"],
        "accounts": {'ho"me': CALDAV},
        "holds": {"calendar": "Cof{f}ee"},
        "rhythm": {},
        "availability": {},
        "occasions": {"coffee": {}},
    }
    path = tmp_path / "config.toml"
    create_config(path, text)
    plain = load(path).model_copy(update={"accounts": {}})
    assert plain.rhythm == type(plain.rhythm)()


_EXAMPLES = ("me =", "languages =", "country =", "blackout =", "monday =")


def test_every_line_that_is_commented_out_shows_a_default(tmp_path: Path) -> None:
    """What the first config says about defaults is true."""
    text = new_config(Beginnings("Europe/Berlin", "en", "", "home", FILES))
    bare = load(_written(tmp_path / "bare.toml", text))
    lines = [line.removeprefix("#") if line.startswith("#") and not line.startswith("# ") else line
             for line in text.splitlines()]  # fmt: skip
    lines = [line for line in lines if not line.startswith(_EXAMPLES)]
    assert load(_written(tmp_path / "said.toml", "\n".join(lines))) == bare


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
