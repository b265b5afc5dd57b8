"""Which certificates are trusted: one answer for everything that speaks TLS.

An account's own authority, where it names one; else the file that `SSL_CERT_FILE` names, as
everywhere else on the machine; else the system's."""

from __future__ import annotations

import os
import socket
import ssl

from connectors.errors import UnreachableError

TYPE_CHECKING = False  # typing and pathlib are more to load than a poll needs
if TYPE_CHECKING:
    from pathlib import Path


def authorities(ca: Path | str | None) -> Path | str | None:
    """The file with the certificates of the authorities to trust; None for the system's."""
    named = os.environ.get("SSL_CERT_FILE")
    return ca or named or None


def context(ca: Path | str | None) -> ssl.SSLContext:
    """For a client that trusts `authorities`. Raises UnreachableError."""
    file = authorities(ca)
    try:
        return ssl.create_default_context(cafile=None if file is None else str(file))
    except (OSError, ssl.SSLError) as error:
        named = "`ca` in the config" if ca is not None else "SSL_CERT_FILE"
        raise UnreachableError(
            f"{file} holds no certificate that can be read", f"correct {named}: a file in PEM form"
        ) from error


def lazy_context(ca: Path | str | None) -> ssl.SSLContext:
    """The same, except that of the system's authorities it trusts those alone that lie in a folder,
    each of which is read when it is needed: a bundle takes longer to read than a request."""
    folder = ssl.get_default_verify_paths().capath
    if folder is None or authorities(ca) is not None:
        return context(ca)
    return ssl.create_default_context(capath=folder)


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
