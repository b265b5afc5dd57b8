"""A card as programs write it, whatever the version, is a person with everything that is theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.address_book import Card, YearlyDay
from connectors.sanitize import sanitize
from connectors.vcard.card import UnfitCardError, only_card

JANE = Card("jane", "Jane Doe")
UUID = "03a0e51f-d1aa-4385-8a53-e29025acd8af"


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


def jane(*lines: str, version: str = "3.0") -> Card:
    return only_card(card("UID:jane", "FN:Jane Doe", *lines, version=version), "unused")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("N:Doe;Jane;;Dr.;",), replace(JANE, first_name="Jane")),
        (("NICKNAME:Janie,J\\, the one",), replace(JANE, aliases=("Janie", "J, the one"))),
        (("N:Doe;Johanna;;;",), replace(JANE, first_name="Johanna", aliases=("Johanna Doe",))),
        (("FN;LANGUAGE=ja:ジェーン",), replace(JANE, aliases=("ジェーン",))),
        (
            ("X-PHONETIC-FIRST-NAME:Dschein", "X-PHONETIC-LAST-NAME:Do"),
            replace(JANE, aliases=("Dschein Do",)),
        ),
        (("N;PHONETIC=ipa:doʊ;dʒeɪn;;;",), replace(JANE, first_name="dʒeɪn")),
        (
            ("N:Doe;Jane;;;", "X-MAIDENNAME:Roe"),
            replace(JANE, first_name="Jane", aliases=("Jane Roe",)),
        ),
        (("ORG:Acme;Sales", "TITLE:CEO", "NOTE:Joe", "ROLE:Boss"), JANE),
        (
            ("EMAIL;TYPE=INTERNET:Jane@X.org", "item1.EMAIL:b@x.org", "EMAIL:none"),
            replace(JANE, emails=("jane@x.org", "b@x.org")),
        ),
        (
            ("EMAIL:a@x.org", "EMAIL;TYPE=home,pref:b@x.org", "EMAIL:MAILTO:a@x.org"),
            replace(JANE, emails=("b@x.org", "a@x.org")),
        ),
        (
            ("EMAIL;PREF=2:a@x.org", "EMAIL;PREF=1:b@x.org"),
            replace(JANE, emails=("b@x.org", "a@x.org")),
        ),
        (
            (
                "TEL;TYPE=home:1",
                'TEL;TYPE="voice,cell":2',
                "TEL;TYPE=FAX:3",
                "TEL;VALUE=uri;PREF=1:tel:+4;ext=5",
            ),
            replace(JANE, phones=("+4", "2", "1")),
        ),
        (
            ("CATEGORIES:Friends,a\\,b", "CATEGORIES:Friends,Choir"),
            replace(JANE, labels=("Friends", "a,b", "Choir")),
        ),
        (("TZ:Europe/Berlin",), replace(JANE, timezone="Europe/Berlin")),
        (("TZ:-05:00",), JANE),
        (("TZ;VALUE=utc-offset:-0500",), JANE),
        (("TZ:Etc/GMT+5",), JANE),
        (("TZ:Raleigh/North America",), JANE),
        (("TZ:../../etc/passwd",), JANE),
        (("TZ:America",), JANE),
        (("BDAY:1990-04-12",), replace(JANE, birthday=YearlyDay(4, 12, 1990))),
        (("BDAY;VALUE=date:19900412",), replace(JANE, birthday=YearlyDay(4, 12, 1990))),
        (("BDAY:1990-04-12T22:00:00Z",), replace(JANE, birthday=YearlyDay(4, 12, 1990))),
        (("BDAY:--0229",), replace(JANE, birthday=YearlyDay(2, 29))),
        (("BDAY:--04-12",), replace(JANE, birthday=YearlyDay(4, 12))),
        (("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12",), replace(JANE, birthday=YearlyDay(4, 12))),
        (("BDAY;X-APPLE-OMIT-YEAR=2000:2000-04-12",), replace(JANE, birthday=YearlyDay(4, 12))),
        (("BDAY;VALUE=text:1990-04-12 or so",), JANE),
        (("BDAY:---12",), JANE),
        (("BDAY:1990",), JANE),
        (("BDAY:1990-13-12",), JANE),
        (("BDAY:--0230",), JANE),
        (("BDAY:٢٠٠٠-01-01",), JANE),
        (("ANNIVERSARY:20100612",), replace(JANE, anniversary=YearlyDay(6, 12, 2010))),
        (
            ("X-EVOLUTION-ANNIVERSARY:2010-06-12",),
            replace(JANE, anniversary=YearlyDay(6, 12, 2010)),
        ),
        (
            ("item1.X-ABDATE;type=pref:2010-06-12", "item1.X-ABLabel:_$!<Anniversary>!$_"),
            replace(JANE, anniversary=YearlyDay(6, 12, 2010)),
        ),
        (("item1.X-ABDATE:2010-06-12", "item1.X-ABLabel:First kiss"), JANE),
        (("item1.X-ABDATE:2010-06-12", "item2.X-ABLabel:Anniversary"), JANE),
        (("DEATHDATE:2020-01-01",), replace(JANE, dead=True)),
        (("DEATHDATE;VALUE=text:circa 2020",), replace(JANE, dead=True)),
        (("DEATHPLACE:Rome",), replace(JANE, dead=True)),
        (("X-DEATHDATE:20200101",), replace(JANE, dead=True)),
        (("DEATHDATE:",), JANE),
        (("NICKNAME:Ja", " nie"), replace(JANE, aliases=("Janie",))),
        (
            ("NICKNAME:\x1b[31mJa\x00n\u202eie\nEMAIL", "EMAIL:"),
            replace(JANE, aliases=("[31mJanie",)),
        ),
        (("NOTE:a", " EMAIL:b@x.org"), JANE),
        (("EMAIL:" + "a" * 5000 + "@x.org", "EMAIL:b@x.org"), replace(JANE, emails=("b@x.org",))),
    ],
)
def test_what_a_card_says_of_a_person(lines: tuple[str, ...], expected: Card) -> None:
    assert jane(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen =", "M=C3=BCller"),
            replace(JANE, name="Jürgen Müller"),
        ),
        (
            ("N;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:M=FCller;J=FCrgen",),
            replace(JANE, name="Jürgen Müller", first_name="Jürgen"),
        ),
        (
            ("FN:Jane Doe", "TEL;HOME:1", "TEL;CELL;PREF:2", "EMAIL;INTERNET:j@x.org"),
            replace(JANE, phones=("2", "1"), emails=("j@x.org",)),
        ),
        (("FN:Jane Doe", "NOTE;ENCODING=QUOTED-PRINTABLE:see=", "EMAIL:mallory@x.org"), JANE),
        (
            ("FN:Jane Doe", "PHOTO;ENCODING=BASE64;JPEG:", " AAAA", " BBBB", "", "TEL:1"),
            replace(JANE, phones=("1",)),
        ),
    ],
)
def test_the_oldest_version_is_read_too(lines: tuple[str, ...], expected: Card) -> None:
    assert only_card(card("UID:jane", *lines, version="2.1"), "") == expected


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("KIND:group", "MEMBER:urn:uuid:"),
        ("X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:"),
        ("kind:GROUP", "member:URN:UUID:"),
    ],
)
def test_a_group_names_its_people_as_their_cards_do(kind: str, member: str) -> None:
    group = only_card(
        card("FN:Friends", "UID:f", kind, f"{member}{UUID.upper()}", f"{member}b"), ""
    )
    assert group == Card("f", "Friends", is_group=True, members=(UUID, "b"))
    assert only_card(card(f"UID:urn:uuid:{UUID}", "FN:Jane"), "").uid == UUID
    assert only_card(card(f"UID:{UUID.upper()}", "FN:Jane"), "").uid == UUID


@pytest.mark.parametrize(
    "lines",
    [
        ("FN:Acme", "ORG:Acme;", "X-ABShowAs:COMPANY"),
        ("FN:Acme", "N:;;;;", "ORG:Acme"),
        ("FN:", "ORG:Acme"),
        ("FN:Acme", "KIND:org"),
    ],
)
def test_a_company_is_nobody_to_meet(lines: tuple[str, ...]) -> None:
    assert only_card(card("UID:a", *lines, "CATEGORIES:Friends"), "") == Card(
        "a", "Acme", is_group=True
    )


def test_a_card_without_a_uid_is_named_by_where_it_stands() -> None:
    assert only_card(card("FN:Jane"), "here").uid == "here"
    assert only_card(card("FN:Jane", "UID: "), "here").uid == "here"
    long = only_card(card("FN:Jane", "UID:" + "u" * 1500), "here").uid
    assert long != only_card(card("FN:Jane", "UID:" + "u" * 1501), "here").uid
    assert len(long) <= 200


@pytest.mark.parametrize(
    "text", ["", "hello", "BEGIN:VCARD\nFN:Cut", card(), card("FN: ", "EMAIL:a@x.org")]
)
def test_what_names_nobody_is_no_card(text: str) -> None:
    with pytest.raises(UnfitCardError):
        only_card(text, "x")


# --- whatever is written ---

words = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Co", "Cn", "Z")), min_size=1, max_size=20
)
days = st.builds(
    YearlyDay, st.integers(1, 12), st.integers(1, 28), st.none() | st.integers(1900, 2026)
)
addresses = st.from_regex(r"[a-z]{1,10}@[a-z]{1,10}\.org", fullmatch=True)
phones = st.from_regex(r"\+[0-9]{5,12}", fullmatch=True)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")


def folded(line: str, width: int) -> str:
    return "\r\n ".join(line[at : at + width] for at in range(0, len(line), width))


def written(day: YearlyDay, dashes: bool) -> str:
    separator = "-" if dashes else ""
    year = "--" if day.year is None else f"{day.year}{separator}"
    return f"{year}{day.month:02}{separator}{day.day:02}"


@given(
    given=words, family=words, nicknames=st.lists(words, max_size=4),
    labels=st.lists(words, max_size=4),
    emails=st.lists(addresses, max_size=4, unique=True),
    tel=st.lists(phones, max_size=3, unique=True),
    birthday=st.none() | days, dashes=st.booleans(), width=st.integers(20, 80),
    version=st.sampled_from(["3.0", "4.0"]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_what_another_program_writes_is_what_is_read(
    given: str, family: str, nicknames: list[str], labels: list[str], emails: list[str],
    tel: list[str],
    birthday: YearlyDay | None, dashes: bool, width: int, version: str,
) -> None:  # fmt: skip
    name = sanitize(f"{given} {family}")
    lines = [
        "UID:u", f"FN:{escaped(name)}", f"N:{escaped(family)};{escaped(given)};;;",
        f"NICKNAME:{','.join(map(escaped, nicknames))}",
        f"CATEGORIES:{','.join(map(escaped, labels))}",
        *(f"EMAIL;TYPE=home:{address}" for address in emails),
        *(f"item{n}.TEL:{t}" for n, t in enumerate(tel)),
    ]  # fmt: skip
    if birthday:
        lines.append(f"BDAY:{written(birthday, dashes)}")
    text = card(*(folded(line, width) for line in lines), version=version)
    read = only_card(text, "")
    assert (read.name, read.first_name) == (name, given)
    assert read.aliases == tuple(dict.fromkeys(nick for nick in nicknames if nick != name))
    assert read.labels == tuple(dict.fromkeys(labels))
    assert (read.emails, read.phones) == (tuple(emails), tuple(tel))
    assert read.birthday == birthday


WHOLE = card(
    "UID:u", "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg", "N:Doe;Jane;;;",
    'TEL;TYPE="a,b":1',
    "item1.X-ABDATE:2010-06-12", "item1.X-ABLabel:Anniversary", "BDAY:1990-04-12",
    "TZ:Europe/Berlin", "KIND:group",
    f"MEMBER:urn:uuid:{UUID}", "CATEGORIES:a,b", "EMAIL;PREF=1:a@x.org", "DEATHDATE:2020",
)  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 20), st.text(max_size=10)), max_size=12
    )
)
@settings(max_examples=150, deadline=None)
def test_a_damaged_card_is_read_or_refused_and_is_inert(
    damages: list[tuple[int, int, str]],
) -> None:
    text = WHOLE
    for at, length, put in damages:
        text = text[:at] + put + text[at + length :]
    try:
        read = only_card(text, "href")
    except UnfitCardError:
        return
    shown = (read.uid, read.name, read.first_name, *read.aliases, *read.emails, *read.phones)
    assert all(each.isprintable() for each in (*shown, *read.labels, *read.members, read.timezone))
    assert read.uid
