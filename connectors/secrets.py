"""Secrets: read from the place the user chose, kept nowhere else.

The config never holds a secret, only its *source*: the system's keyring, a command that prints it,
a systemd credential, or a file that nobody else can read. Each source has one rule for what it
gives (the first line, except that a Google token's file is JSON) and a limit on how long it may
take, since a locked keyring can wait for ever.

All failures are SecretError with what to do next. They never quote a secret, nor what a command
printed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Literal

from connectors.errors import SecretError, SilentStoreError
from connectors.private_file import MOST_BYTES, decoded, first_line, read_private, write_private

SERVICE = "fikad"
"""The keyring's service; the user name is the account's name in the config."""

KEYRING_SECONDS = 8.0
PROMPT_SECONDS = 120.0
"""With somebody there to type: how long a keyring may take to be unlocked."""
COMMAND_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a secret is kept. Its repr shows the kind alone: a command's words may hold a secret,
    too."""

    kind: Literal["keyring", "command", "credential", "file"]
    command: tuple[str, ...] = field(default=(), repr=False)
    credential: str = field(default="", repr=False)
    file: Path = field(default=Path(), repr=False)


def read_secret(source: SecretSource, account: str, *, prompt: bool = False) -> str:
    """The secret of one account of the config: one line, not empty. Raises SecretError.

    `prompt`: somebody is there to unlock the keyring. Without it a locked keyring is an error at
    once, so that a daemon neither waits nor opens windows."""
    text = _fetch(source, account, prompt=prompt)
    secret = text if text is None or source.kind == "keyring" else first_line(text)
    if secret:
        return secret
    raise SecretError(*_nothing_there(source, account))


def store_secret(source: SecretSource, account: str, secret: str, *, prompt: bool = False) -> bool:
    """Keep a secret in a keyring or a file (mode 0600, replaced as a whole); True if it was not
    there already.

    Raises SecretError, also for sources that only somebody else can fill (command, credential).
    """
    if source.kind == "keyring":
        return bool(_ask_keyring(account, secret=secret, prompt=prompt)["stored"])
    if source.kind == "file":
        return write_private(source.file, secret)
    raise SecretError(
        f'the secret of account "{account}" comes from a {source.kind}, '
        "where fikad cannot store it",
        "store it there yourself, or use { keyring = true } or { file = … } in the config",
    )


_ACCESS = ("token", "expiry")
"""The parts of a token that are good for an hour."""


@dataclass(frozen=True, slots=True)
class StoredToken:
    """The OAuth token of one account: in a file Google's authorized-user JSON, elsewhere the
    refresh token alone, since a keyring may hold very little (Windows about 1,280 characters)."""

    source: SecretSource
    account: str
    prompt: bool = False
    session: dict[str, Any] | None = field(default=None, repr=False)
    """Memory that outlives this process but not the session, where the caller has some: the
    short-lived access token is kept there when its place is no file, so that it is asked for once
    an hour and not once a process."""

    @property
    def keeps_access_token(self) -> bool:
        """Whether the short-lived access token may be kept beside the refresh token."""
        return self.source.kind == "file" or self.session is not None

    def load(self) -> dict[str, Any] | None:
        """The token as authorized-user JSON, at least `refresh_token`; None when there is none yet.

        Raises SecretError when the place can't be read or holds something else."""
        text = (_fetch(self.source, self.account, prompt=self.prompt) or "").strip()
        if not text:
            return None
        if not text.startswith("{"):
            return self._with_access({"refresh_token": text.split("\n", 1)[0].rstrip()})
        try:
            stored = json.loads(text)
        except ValueError:
            stored = None
        if not isinstance(stored, dict) or not isinstance(stored.get("refresh_token"), str):
            raise SecretError(
                f'{_location(self.source)} holds no token of account "{self.account}"',
                f"run `fikad auth {self.account}`",
            )
        return self._with_access(stored)

    def save(self, token: dict[str, Any]) -> None:
        """Replace what is kept, if it differs. Raises SecretError."""
        if self.source.kind == "file":
            store_secret(
                self.source, self.account, json.dumps(token, indent=2) + "\n", prompt=self.prompt
            )
            return
        refresh = str(token["refresh_token"])
        known = None
        if self.session is not None:
            known = self.session.get("refresh_token")
            self.session.update({key: token.get(key) for key in _ACCESS}, refresh_token=refresh)
        if refresh != known:
            store_secret(self.source, self.account, refresh, prompt=self.prompt)

    def _with_access(self, token: dict[str, Any]) -> dict[str, Any]:
        """The token with the session's access token, if it was got by this very refresh token."""
        session = self.session
        if session is None or self.source.kind == "file":
            return token
        if session.get("refresh_token") == token["refresh_token"]:
            return token | {key: session[key] for key in _ACCESS if session.get(key)}
        session.clear()
        session["refresh_token"] = token["refresh_token"]
        return token


# --- the four kinds ---


def _fetch(source: SecretSource, account: str, *, prompt: bool) -> str | None:
    """What the source holds; None if it answers and holds nothing."""
    match source.kind:
        case "keyring":
            secret = _ask_keyring(account, prompt=prompt)["secret"]
            return None if secret is None else str(secret)
        case "command":
            return _run(source.command)
        case "credential":
            return _read_credential(source.credential)
        case "file":
            return read_private(source.file)


def _location(source: SecretSource) -> str:
    match source.kind:
        case "keyring":
            return "the keyring"
        case "command":
            return f'the command "{source.command[0]}"'
        case "credential":
            return f'the systemd credential "{source.credential}"'
        case "file":
            return f"the file {source.file}"


def _nothing_there(source: SecretSource, account: str) -> tuple[str, str]:
    """What happened, and what to do."""
    nothing = f'{_location(source)} holds no secret for account "{account}"'
    if source.kind in ("keyring", "file"):
        return nothing, f"run `fikad auth {account}` to store it"
    return nothing, "its first line must be the secret"


def _ask_keyring(account: str, *, prompt: bool, secret: str | None = None) -> dict[str, Any]:
    """One question to the keyring, in a process that can be killed (see `keyring_child`).

    A new process each time also finds a keyring that was not there before: the library remembers
    its absence."""
    request = {"service": SERVICE, "account": account, "prompt": "yes" if prompt else "no"}
    if secret is not None:
        request["secret"] = secret
    # -P: this folder must not be on the child's path, where secrets.py would hide the standard
    # library's module.
    child = [sys.executable, "-P", str(Path(__file__).with_name("keyring_child.py"))]
    limit = PROMPT_SECONDS if prompt else KEYRING_SECONDS
    try:
        done = subprocess.run(  # noqa: S603 - our own file, no words from outside
            child,
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=limit,
            check=False,
        )
        reply = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        waiting = "it may be waiting to be unlocked: unlock it, then try again"
        raise SilentStoreError(
            f"the keyring did not answer within {limit:.0f} seconds", waiting
        ) from None
    except (OSError, ValueError):
        raise SecretError("the keyring could not be asked", _OTHER_LOCATIONS) from None
    if "refused" in reply:
        raise SecretError(*_refusal(reply, account))
    return dict(reply)


_OTHER_LOCATIONS = (
    "use { command = [...] }, { credential = … } or { file = … } in the config instead"
)


def _refusal(reply: dict[str, str], account: str) -> tuple[str, str]:
    """What happened, and what to do."""
    backend, why = reply.get("backend", ""), reply["refused"]
    if why == "locked":
        return (
            "the keyring is locked",
            f"unlock it (or run `fikad auth {account}`, which asks for it)",
        )
    if why != "backend":
        return f"the keyring failed ({why})", f"check that its program runs, or {_OTHER_LOCATIONS}"
    start = "start GNOME Keyring, KWallet or KeePassXC"
    if backend.startswith("keyring.backends.fail"):
        return "there is no keyring in this session", f"{start}, or {_OTHER_LOCATIONS}"
    if backend.startswith("keyring.backends.null"):
        return f"the keyring is switched off ({backend})", f"{start}, or {_OTHER_LOCATIONS}"
    return f"the keyring {backend} does not keep secrets safe", f"{start}, or {_OTHER_LOCATIONS}"


def _run(command: tuple[str, ...]) -> str:
    """The first line a command prints. It gets no input and no shell, and is killed with all it
    started when late."""
    name = command[0]
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own words from the config, without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise SecretError(
            f'the command "{name}" cannot be run ({why})', "check its path in the config"
        ) from None
    lines: Queue[bytes] = Queue()
    threading.Thread(target=_read_lines, args=(process, lines), daemon=True).start()
    try:
        status = process.wait(COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        why = f"did not end within {COMMAND_SECONDS:.0f} seconds"
        raise SecretError(
            f'the command "{name}" {why}', "run it in a terminal to see why"
        ) from None
    finally:
        if process.returncode is None:
            _end(process)
    if status != 0:
        raise SecretError(
            f'the command "{name}" ended with status {status}', "run it in a terminal to see why"
        )
    try:
        line = lines.get(timeout=1.0)
    except Empty:
        line = b""  # not even an end: something it left in the background holds the pipe open
    return decoded(line, f'what the command "{name}" prints')


def _read_lines(process: subprocess.Popen[bytes], lines: Queue[bytes]) -> None:
    """Hand over the first line as soon as it is there, and take the rest, so that the command need
    not wait."""
    if process.stdout is None:
        return
    with process.stdout as output:
        lines.put(output.readline(MOST_BYTES))
        while output.read(MOST_BYTES):
            continue


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a command and what it started."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _read_credential(name: str) -> str:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    advice = f"LoadCredential={name}:/path/of/the/secret in the unit passes it"
    if not folder:
        raise SecretError(f'there is no systemd credential "{name}" outside a service', advice)
    if Path(name).name != name or name in ("", ".", ".."):
        raise SecretError(
            f'"{name}" is no name of a systemd credential', "write it without a folder"
        )
    try:
        with (Path(folder) / name).open("rb") as file:
            return decoded(file.read(MOST_BYTES), f'the systemd credential "{name}"')
    except OSError:
        raise SecretError(f'systemd did not pass the credential "{name}"', advice) from None
