"""A certificate authority of one's own, and a server that it vouches for."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

_REQUEST = "openssl req -newkey rsa:2048 -nodes -days 2"


def make_authority(folder: Path) -> Path:
    """The certificate of a private authority; beside it a server's for localhost, signed by it, and
    its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")

    def run(command: str, *more: str) -> None:
        subprocess.run([*command.split(), *more], check=True, capture_output=True, cwd=folder)

    run(f"{_REQUEST} -x509 -keyout ca.key -out ca.pem", "-subj", "/CN=Sam's own authority")
    signed = (
        "-x509 -CA ca.pem -CAkey ca.key -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    run(
        f"{_REQUEST} {signed} -addext basicConstraints=critical,CA:FALSE -keyout server.key -out "
        "server.pem"
    )
    return folder / "ca.pem"


def server_context(authority: Path) -> ssl.SSLContext:
    """For a server with the certificate beside an authority's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.with_name("server.pem"), authority.with_name("server.key"))
    return context
