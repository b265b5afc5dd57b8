"""The text of one `[[contacts]]` table, cut out of a config: whatever is done to it, the rest stays
byte for byte what it was."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from daemon.config.positions import positions

_HEADER = re.compile(r"\s*\[\[")


@dataclass(frozen=True, slots=True)
class ContactBlock:
    """A config in three parts."""

    before: str
    own: str
    """From the header to the last line of the last key."""
    after: str
    """Comments that stand below the last key may be about what follows, so they are here."""

    @property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.own else "\n"

    def replaced(self, own: str) -> str:
        """The config with another text for this contact."""
        lines = own.replace("\r\n", "\n")
        ended = lines if lines.endswith("\n") or not self.after else f"{lines}\n"
        return self.before + ended.replace("\n", self.newline) + self.after

    def removed(self) -> str:
        """The config without this contact, and without the blank lines that set them apart."""
        if not self.after.strip():
            return self.before.rstrip() + self.newline if self.before.strip() else ""
        if not self.before or re.search(r"\n[ \t]*\r?\n\Z", self.before):
            return self.before + re.sub(r"\A([ \t]*\r?\n)+", "", self.after)
        return self.before + self.after

    def followed_by(self, own: str) -> str:
        """The config with one more contact after this one, and after the comments right below
        it."""
        remarks = re.match(r"(?:[ \t]*#[^\n]*(?:\n|\Z))*", self.after)
        end = remarks.end() if remarks else 0
        head, tail = self.before + self.own + self.after[:end], self.after[end:]
        head += "" if head.endswith("\n") else self.newline
        apart = "" if not tail or re.match(r"[ \t]*\r?\n", tail) else self.newline
        new = f"\n{own.strip()}\n".replace("\n", self.newline)
        return head + new + apart + tail


def contact_block(text: str, index: int) -> ContactBlock | None:
    """The block of the contact of that index, from 0; None where it has no header of its own but
    stands in a list. `text` is valid TOML."""
    line, _ = positions(text).key(("contacts", index))
    lines = re.findall(r"[^\n]*\n|[^\n]+\Z", text)  # as TOML ends lines, and nothing else
    if line > len(lines) or not _HEADER.match(lines[line - 1]):
        return None
    first, end = line - 1, line
    while end < len(lines) and not _is_header(lines, first, end):
        end += 1
    while end > line and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return ContactBlock("".join(lines[:first]), "".join(lines[first:end]), "".join(lines[end:]))


def _is_header(lines: list[str], first: int, place: int) -> bool:
    """Whether another table begins there, and no line of a value that goes over several."""
    if not lines[place].lstrip().startswith("["):
        return False
    try:
        tomllib.loads("".join(lines[first:place]))
    except tomllib.TOMLDecodeError:
        return False
    return True
