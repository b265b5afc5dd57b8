"""The clipboard, by the programs that desktops bring along."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

from connectors.errors import FikadError


@dataclass(frozen=True, slots=True)
class _Tool:
    """A program that takes what it is given to the clipboard."""

    command: tuple[str, ...]
    needs: str = ""
    """The environment variable without which it has no clipboard to write to."""
    encoding: str = "utf-8"


_TOOLS = (
    _Tool(("wl-copy",), "WAYLAND_DISPLAY"),
    _Tool(("xclip", "-selection", "clipboard"), "DISPLAY"),
    _Tool(("xsel", "--input", "--clipboard"), "DISPLAY"),
    _Tool(("pbcopy",)),
    _Tool(("clip.exe",), encoding="utf-16-le"),
    _Tool(("termux-clipboard-set",)),
)
_PATIENCE = 10
"""Seconds."""


class ClipboardError(FikadError):
    """Nothing could be put on the clipboard."""


def put_on_clipboard(text: str) -> None:
    """Put a text on the clipboard. Raises ClipboardError when there is none at hand."""
    for tool in _TOOLS:
        program = shutil.which(tool.command[0])
        if program is None or (tool.needs and not os.environ.get(tool.needs)):
            continue
        if _ran([program, *tool.command[1:]], text.encode(tool.encoding)):
            return
    raise ClipboardError(
        "no clipboard is at hand", "install wl-clipboard or xclip, or leave --copy out"
    )


def _ran(command: list[str], given: bytes) -> bool:
    # These programs stay in the background to hand out what they hold: nothing may wait for them.
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, what is copied goes in by a pipe
            command, input=given, stdout=quiet, stderr=quiet, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
