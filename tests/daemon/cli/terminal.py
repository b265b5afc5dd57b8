"""A real terminal, and somebody in front of it: the command runs on a pseudo-terminal of a given
width."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import termios
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect
import ptyprocess

from tests.daemon.cli.forking import Forker, forker_for
from tests.daemon.cli.running import CHECKOUT

_ROWS = 60
_SECONDS = 300
"""How long something may take to be shown."""
_CURSOR = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]")
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")


@dataclass(slots=True)
class Screen:
    """What was on the terminal when the command had ended."""

    code: int
    raw: str

    @property
    def text(self) -> str:
        """Without styles and movements of the cursor."""
        return _STYLE.sub("", _CURSOR.sub("", self.raw)).replace("\r\n", "\n")

    @property
    def coloured(self) -> bool:
        return bool(_COLOUR.search(self.raw))

    def strange(self) -> set[str]:
        """Characters that a terminal acts on and that are none of ours, and marks that turn the
        direction of text."""
        return {
            character
            for character in self.text
            if not character.isprintable() and character not in "\n\r\t"
        }


@dataclass(slots=True)
class Terminal:
    """One command on a pseudo-terminal."""

    arguments: tuple[str, ...]
    home: Path
    columns: int = 100
    environment: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = ()
    """What is run there; else `fikad`."""
    into: tuple[Path, ...] = ()
    """The files to which its output and its errors are sent."""
    _child: Any = None
    _log: _Log = field(default_factory=lambda: _Log())

    def __enter__(self) -> Terminal:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        folders = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_STATE_HOME": str(self.home / ".local/state"),
            "PYTHONPATH": str(CHECKOUT),
            "TERM": "xterm-256color",
        }
        self._child = self._begun({**kept, **folders, **self.environment})
        self._child.logfile_read = self._log
        self._child.delaybeforesend = None
        return self

    def _begun(self, environment: dict[str, str]) -> Any:
        forker = None if self.program else forker_for(environment)
        if forker is not None:
            return self._forked(forker, environment)
        words = [*(self.program or (sys.executable, "-m", "daemon")), *self.arguments]
        if self.into:
            out, err = (shlex.quote(str(file)) for file in self.into)
            words = ["/bin/sh", "-c", f"{shlex.join(words)} >{out} 2>{err}"]
        return pexpect.spawn(
            words[0],
            words[1:],
            env=environment,
            encoding="utf-8",
            dimensions=(_ROWS, self.columns),
            timeout=_SECONDS,
            cwd=str(self.home),
            preexec_fn=_as_in_a_terminal,
        )

    def _forked(self, forker: Forker, environment: dict[str, str]) -> Any:
        """The command, forked onto a pseudo-terminal, as pexpect has its own children."""
        ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (_ROWS, self.columns))
        with ExitStack() as stack:
            stack.callback(os.close, theirs)
            sent = [stack.enter_context(file.open("wb")).fileno() for file in self.into]
            files = [theirs, *(sent or (theirs, theirs))]
            command = forker.begin(self.arguments, self.home, environment, files, terminal=True)
        process = ptyprocess.PtyProcess(command.pid, ours)

        def is_alive() -> bool:
            if not process.terminated and (process.flag_eof or command.has_ended()):
                process.exitstatus, process.terminated = command.wait(), True
                command.close()
            return not process.terminated

        process.isalive = is_alive  # of a child of another process only that can tell
        child = pexpect.spawn(None, encoding="utf-8", timeout=_SECONDS)
        child.ptyproc, child.pid, child.child_fd = process, process.pid, process.fd
        child.terminated = child.closed = False
        return child

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    def wait(self, words: str) -> None:
        """Wait until these words are shown."""
        self._child.expect(r"\s+".join(map(re.escape, words.split())))

    def answer(self, question: str, text: str) -> None:
        """Wait for a question (its words, wherever the line breaks) and answer it."""
        self._child.expect(r"\s+".join(map(re.escape, question.split())))
        self._child.expect(r"[:\]] $|: ")
        if question.startswith("Password"):
            # What is typed before the echo is off is thrown away.
            assert self._child.waitnoecho(timeout=_SECONDS)
        self._child.sendline(text)

    def end(self) -> Screen:
        """Wait until the command has ended."""
        self._child.expect(pexpect.EOF)
        self._child.close()
        screen = Screen(self._child.exitstatus, self._log.text)
        assert "Traceback" not in screen.text, screen.text
        return screen


def _as_in_a_terminal() -> None:
    """Ctrl-C does what it does in a terminal. A script that starts tests with `&` has them ignore
    Ctrl-C, and all that they start in turn."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class _Log:
    """Keeps what the terminal showed."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        """Nothing is buffered."""
