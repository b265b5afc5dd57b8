"""The process that talks to the system's keyring, so that a keyring which never answers can be
killed.

Run by path with `connectors.secrets` at the other end: one JSON request on stdin, one JSON answer
on stdout. A secret passes through these pipes alone, never through arguments, environment or a
file. It imports nothing of fikad.

Only stores that encrypt are used: Secret Service (GNOME Keyring, KeePassXC, KDE), KWallet, macOS
and Windows. Another backend may be installed, or be all there is; it is named in the answer, and
nothing is read from it or written to it."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

ALLOWED = (
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)
"""The modules of backends that keep a secret secret."""


def answer(request: dict[str, str]) -> dict[str, Any]:
    """Read or store one secret.

    `request` has `service`, `account`, `prompt` ("yes": a locked keyring may ask the user), and
    `secret` to store. The answer has `secret` (None when there is none), or `stored`, or `refused`:
    a word why not, and `backend`."""
    _find_session_bus()
    backend, name = _backend()
    if backend is None:
        return {"refused": "backend", "backend": name}
    if request.get("prompt") != "yes" and _locked(backend):
        return {"refused": "locked", "backend": name}
    secret = backend.get_password(request["service"], request["account"])
    if "secret" not in request:
        return {"secret": secret, "backend": name}
    if secret == request["secret"]:
        # macOS forgets "Always Allow" at every write.
        return {"stored": False, "backend": name}
    backend.set_password(request["service"], request["account"], request["secret"])
    return {"stored": True, "backend": name}


def _find_session_bus() -> None:
    """A daemon started before the desktop session lacks the bus's address; systemd always puts it
    here."""
    folder = os.environ.get("XDG_RUNTIME_DIR")
    if folder and "DBUS_SESSION_BUS_ADDRESS" not in os.environ and sys.platform == "linux":
        bus = Path(folder) / "bus"
        if bus.exists() and stat.S_ISSOCK(bus.stat().st_mode):
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={bus}"


def _backend() -> tuple[Any, str]:
    """The best allowed backend, or None; and the name of what the machine would use."""
    import keyring
    from keyring import backend, core

    try:
        # What the user chose for all programs is respected or refused, never replaced behind their
        # back.
        chosen = core.load_env() or core.load_config()
    except Exception as error:  # noqa: BLE001 - any backend's own trouble, told by name only
        return (
            None,
            f"{os.environ.get('PYTHON_KEYRING_BACKEND', 'the configured one')} "
            f"({type(error).__name__})",
        )
    if chosen is not None and not hasattr(chosen, "backends"):
        return (chosen if _allowed(chosen) else None), _name(chosen)
    allowed = [candidate for candidate in backend.get_all_keyring() if _allowed(candidate)]
    if allowed:
        best = max(allowed, key=lambda candidate: candidate.priority)
        return best, _name(best)
    return None, _name(keyring.get_keyring())


def _allowed(backend: Any) -> bool:
    return type(backend).__module__ in ALLOWED


def _name(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _locked(backend: Any) -> bool:
    """Whether a Secret Service is locked or still lacks its collection; asking it anyway would
    prompt the user."""
    if type(backend).__module__ != "keyring.backends.SecretService":
        return False
    import secretstorage
    from secretstorage.exceptions import ItemNotFoundException

    path = (
        getattr(backend, "preferred_collection", None) or "/org/freedesktop/secrets/aliases/default"
    )
    bus = secretstorage.dbus_init()
    try:
        return bool(secretstorage.Collection(bus, path).is_locked())
    except ItemNotFoundException:
        return True
    finally:
        bus.close()


def main() -> None:
    """Answer the one request on stdin."""
    try:
        reply = answer(json.load(sys.stdin))
    except Exception as error:  # noqa: BLE001 - a traceback could hold the secret: its kind is all that is told
        reply = {
            "refused": "locked" if type(error).__name__ == "KeyringLocked" else type(error).__name__
        }
    json.dump(reply, sys.stdout)


if __name__ == "__main__":
    main()
