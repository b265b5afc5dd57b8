"""Address books in files: folders as khard and vdirsyncer keep them, and exported files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.address_book import AddressBook, Card, CardChanges, StoredCard
from connectors.errors import AccountError, MissingError, UnreachableError, UnreadableError
from connectors.files.address_books import FilesAddressBooks
from tests.connectors.book_backends import BROKEN, Person, card_text
from tests.connectors.test_address_books import NOW

JANE = card_text(Person("jane", "Jane Doe", ["jane@x.org"]))
BOB = card_text(Person("bob", "Bob Roe"))


def only(path: Path) -> AddressBook:
    [book] = FilesAddressBooks("home", path).books(NOW)
    return book


def read(
    path: Path, token: str | None = None, known: dict[str, str | None] | None = None
) -> tuple[list[StoredCard], CardChanges]:
    """The cards that came, and the last batch."""
    batches = list(only(path).changes(token, known or {}))
    return [stored for batch in batches for stored in batch.changed], batches[-1]


def etags(cards: list[StoredCard]) -> dict[str, str | None]:
    return {stored.href: stored.etag for stored in cards}


def names(cards: list[StoredCard]) -> list[str]:
    return [stored.card.name for stored in cards]


def test_an_exported_file_holds_many_cards(tmp_path: Path) -> None:
    file = tmp_path / "export.vcf"
    file.write_text(JANE + BOB)
    cards, last = read(file)
    assert names(cards) == ["Jane Doe", "Bob Roe"]
    assert only(file).name == "export"
    file.write_text(JANE + BOB.replace("Roe", "Poe"))
    changed, later = read(file, last.token, etags(cards))
    assert (names(changed), later.removed) == (["Bob Poe"], ())
    file.write_text(JANE)
    changed, later = read(file, later.token, etags(cards) | etags(changed))
    assert (names(changed), later.removed) == (["Jane Doe"], ("export.vcf/bob", "export.vcf/jane"))


def test_cards_without_a_uid_in_one_file_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "export.vcf"
    text = "".join(
        f"BEGIN:VCARD\nVERSION:2.1\nN:{name}\nTEL:1\nEND:VCARD\n" for name in ["Doe;Jo", "Roe;Al"]
    )
    file.write_text(text)
    cards, _ = read(file)
    assert len({stored.card.uid for stored in cards}) == 2
    file.write_text(text.replace("TEL:1", "TEL:2"))
    changed, last = read(file, None, etags(cards))
    assert {s.card.uid for s in changed} == {s.card.uid for s in cards}
    assert last.removed == ()


def test_folders_of_books_are_books(tmp_path: Path) -> None:
    for folder, text in (("family", JANE), ("work", BOB)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.vcf").write_text(text)
    (tmp_path / "family" / "displayname").write_text("The family")
    books = FilesAddressBooks("home", tmp_path).books(NOW)
    assert [(book.id, book.name) for book in books] == [("family", "The family"), ("work", "work")]
    (tmp_path / "c.vcf").write_text(JANE)
    assert next(book.id for book in FilesAddressBooks("home", tmp_path).books(NOW)) == "."


def test_while_nothing_changed_no_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "jane.vcf").write_text(JANE)
    cards, last = read(tmp_path)
    opened: list[str] = []
    real = os.open

    def watched(path: str | Path, *rest: int, **more: int) -> int:
        if str(path).endswith(".vcf"):
            opened.append(str(path))
        return real(path, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", watched)
        assert only(tmp_path).version == last.token
        assert read(tmp_path, last.token, etags(cards))[0] == []
        assert opened == []
        read(tmp_path, None, etags(cards))
        assert len(opened) == 1


def test_a_card_rewritten_with_the_same_size_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "jane.vcf"
    file.write_text(JANE)
    cards, last = read(tmp_path)
    status = file.stat()
    file.write_text(JANE.replace("Jane", "June"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    changed, _ = read(tmp_path, last.token, etags(cards))
    assert names(changed) == ["June Doe"]


@pytest.mark.parametrize(
    "content", [b"", JANE[:60].encode(), b"\0\1\2", BROKEN.format(key="jane").encode(), b"hello"]
)
def test_a_half_written_card_is_told_of_and_takes_nobody_away(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "bob.vcf").write_text(BOB)
    (tmp_path / "jane.vcf").write_text(JANE)
    cards, last = read(tmp_path)
    (tmp_path / "jane.vcf").write_bytes(content)
    changed, later = read(tmp_path, last.token, etags(cards))
    assert (changed, later.removed) == ([], ())
    [problem] = later.problems
    assert "jane.vcf" in problem.uid
    (tmp_path / "jane.vcf").write_text(JANE.replace("Jane", "June"))
    assert names(read(tmp_path, later.token, etags(cards))[0]) == ["June Doe"]


def test_a_broken_card_in_a_file_of_many_stops_no_other(tmp_path: Path) -> None:
    file = tmp_path / "export.vcf"
    file.write_text(JANE + BROKEN.format(key="x") + BOB + "BEGIN:VCARD\nFN:Cut")
    cards, last = read(file)
    assert names(cards) == ["Jane Doe", "Bob Roe"]
    assert [problem.uid for problem in last.problems] == [
        "card 2 of export.vcf",
        "card 4 of export.vcf",
    ]


def test_a_file_that_may_not_be_read_is_told_of_until_it_can(tmp_path: Path) -> None:
    (tmp_path / "bob.vcf").write_text(BOB)
    (tmp_path / "jane.vcf").write_text(JANE)
    cards, _ = read(tmp_path)
    (tmp_path / "jane.vcf").unlink()
    (tmp_path / "jane.vcf").symlink_to(tmp_path / "nowhere")
    _, last = read(tmp_path, None, etags(cards))
    assert last.removed == ()
    assert "links to a file that is not there" in last.problems[0].reason
    assert only(tmp_path).version != last.token  # so the next poll looks again


@pytest.mark.parametrize(
    ("content", "error"),
    [("", UnreadableError), ("hello", UnreadableError), ("BEGIN:VCARD\nFN:Cut", UnreadableError)],
)
def test_an_exported_file_without_a_card_is_an_error(
    content: str, error: type[AccountError], tmp_path: Path
) -> None:
    file = tmp_path / "export.vcf"
    file.write_text(content)
    with pytest.raises(error, match="no contact that can be read"):
        read(file)


def test_what_is_not_there_is_an_error_and_not_empty(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="is its disk mounted"):
        FilesAddressBooks("home", tmp_path / "gone").books(NOW)
    folder = tmp_path / "book"
    folder.mkdir()
    book = only(folder)
    folder.rmdir()
    with pytest.raises(MissingError):
        list(book.changes(None, {"jane.vcf": "1"}))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_listed_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    folder.mkdir(mode=0)
    with pytest.raises(UnreachableError):
        read(folder)


def test_cards_in_other_letters_are_read(tmp_path: Path) -> None:
    text = card_text(Person("j", "Jörg Müller"))
    for number, encoding in enumerate(("utf-8", "utf-8-sig", "utf-16", "cp1252")):
        (tmp_path / f"{number}.vcf").write_bytes(text.encode(encoding))
    assert set(names(read(tmp_path)[0])) == {"Jörg Müller"}


def test_what_tools_leave_beside_the_cards_is_passed_over(tmp_path: Path) -> None:
    for name in (".jane.vcf.swp", ".hidden.vcf", "a.sync-conflict-20260101.vcf", "notes.txt"):
        (tmp_path / name).write_text(JANE)
    (tmp_path / "folder.vcf").mkdir()
    os.mkfifo(tmp_path / "pipe.vcf")
    (tmp_path / "bob.vcf").write_text(BOB)
    assert [stored.card for stored in read(tmp_path)[0]] == [
        Card("bob", "Bob Roe", first_name="Bob")
    ]
