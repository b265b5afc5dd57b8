"""Cards of the user's address book, however they are written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from connectors.address_book import Card
from connectors.vcard.exported import VCardError, parse_cards, read_cards


def card(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""))


@pytest.mark.parametrize("text", [card("FN:a@x.org"), card("FN:Friends", "KIND:group")])
def test_groups_and_cards_named_by_an_address_are_left_out(text: str) -> None:
    cards = parse_cards(text)
    assert (cards.cards, cards.broken) == ((), 0)


def test_a_broken_card_is_counted_and_the_others_are_read() -> None:
    text = (
        card("FN:Jane")
        + card("FN", "=;:")
        + card("EMAIL:a@x.org")
        + "BEGIN:VCARD\nFN:Cut\n"
        + card("FN:Bob")
    )
    cards = parse_cards(text)
    assert [person.name for person in cards.cards] == ["Jane", "Bob"]
    assert cards.broken == 3


def test_large_and_hostile_files_are_survived_in_bounded_time() -> None:
    start = time.process_time()
    assert parse_cards("BEGIN:VCARD\n" * 100_000).broken == 100_000
    assert parse_cards(card("FN:Jane", "PHOTO:" + "A" * 10_000_000)).cards == (Card("0", "Jane"),)
    parse_cards(card(*(f"FN:{n}" for n in range(20_000))))
    parse_cards(card("FN" + ";a" * 500_000 + ":Jane"))
    parse_cards(card('FN;A="' * 50_000 + ":Jane"))
    parse_cards(card("FN;ENCODING=QUOTED-PRINTABLE:" + "=\r\n" * 500_000))
    parse_cards(card("FN:" + ";" * 500_000))
    parse_cards(card("N:" + "\\" * 200_001))
    assert time.process_time() - start < 10


def test_what_is_no_vcard_file_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text("hello")
    for path in (tmp_path / "a.vcf", tmp_path, tmp_path / "missing.vcf"):
        with pytest.raises(VCardError, match="export your contacts"):
            read_cards(path)
