"""A user with a browser: runs a command that prints Google's address, and goes there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.daemon.cli.running import CHECKOUT, Ran


def run_and_browse(home: Path, *arguments: str, **environment: str) -> Ran:
    """Run fikad in `home` and open the address it prints, as the user would."""
    folders = {
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local/state"),
    }
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "daemon", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env={
            **os.environ,
            **folders,
            "HOME": str(home),
            "PYTHONPATH": str(CHECKOUT),
            **environment,
        },
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if address := re.match(r"https?://127\.0\.0\.1\S+/auth\?\S+", line):
                with urllib.request.urlopen(address[0], timeout=30) as answer:
                    assert answer.status == 200
                break
        out, err = process.communicate(timeout=60)
    ran = Ran(process.returncode, said + out, err)
    assert "Traceback" not in ran.out + ran.err, ran.err
    return ran
