"""A user with a browser: runs a command that prints Google's address, and goes there."""

from __future__ import annotations

import os
import re
import tempfile
import urllib.request
from pathlib import Path

from tests.daemon.cli.forking import begin_command
from tests.daemon.cli.running import CHECKOUT, Ran


def run_and_browse(home: Path, *arguments: str, **environment: str) -> Ran:
    """Run fikad in `home` and open the address it prints, as the user would."""
    folders = {
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local/state"),
    }
    environment = {
        **os.environ,
        **folders,
        "HOME": str(home),
        "PYTHONPATH": str(CHECKOUT),
        **environment,
    }
    showing, shown = os.pipe()
    with (
        os.fdopen(showing) as lines,
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile("w+") as errors,
    ):
        files = [nothing.fileno(), shown, errors.fileno()]
        with begin_command(arguments, home, environment, files) as command:
            os.close(shown)
            out = ""
            for line in lines:
                out += line
                if address := re.match(r"https?://127\.0\.0\.1\S+/auth\?\S+", line):
                    with urllib.request.urlopen(address[0], timeout=60) as answer:
                        assert answer.status == 200
                    break
            out += lines.read()
            code = command.wait()
        errors.seek(0)
        err = errors.read()
    ran = Ran(code, out, err)
    assert "Traceback" not in ran.out + ran.err, ran.err
    return ran
