"""Which certificates are trusted: one answer for everything that speaks TLS.

An account's own authority, where it names one; else the file that `SSL_CERT_FILE` names, as
everywhere else on the machine; else the system's."""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path

from connectors.errors import UnreachableError


def authorities(ca: Path | None) -> Path | None:
    """The file with the certificates of the authorities to trust; None for the system's."""
    named = os.environ.get("SSL_CERT_FILE")
    return ca or (Path(named) if named else None)


def context(ca: Path | None) -> ssl.SSLContext:
    """For a client that trusts `authorities`. Raises UnreachableError."""
    file = authorities(ca)
    try:
        return ssl.create_default_context(cafile=None if file is None else str(file))
    except (OSError, ssl.SSLError) as error:
        named = "`ca` in the config" if ca is not None else "SSL_CERT_FILE"
        raise UnreachableError(
            f"{file} holds no certificate that can be read", f"correct {named}: a file in PEM form"
        ) from error


def speaks_tls(host: str, port: int, timeout_seconds: float = 3.0) -> bool:
    """Whether a TLS handshake succeeds there, whoever it is."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=timeout_seconds) as plain,
            anybody.wrap_socket(plain, server_hostname=host),
        ):
            return True
    except (OSError, ValueError):
        return False
