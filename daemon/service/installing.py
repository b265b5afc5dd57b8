"""The file by which a service manager starts fikad: where it goes, and what stands in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from daemon.config.schema import Config, FilesEntry, GoogleEntry
from daemon.service.unit_files import (
    AGENT,
    UNIT,
    launchd_agent,
    run_words,
    service_file,
    systemd_unit,
    template,
)


def service_file_of(
    config: Config, config_path: Path, state: Path, platform: str
) -> tuple[Path, bytes]:
    """Where the service's file goes, and what stands in it."""
    state = state.absolute()
    words = run_words(config_path.absolute(), state)
    if platform == "launchd":
        log = Path.home() / "Library/Logs/fikad.log"
        return service_file(platform), launchd_agent(template(AGENT), words, log, _python_path())
    unit = systemd_unit(template(UNIT).decode(), words, state, _writable(config), _python_path())
    return service_file(platform), unit.encode()


def _writable(config: Config) -> list[Path]:
    """Folders that fikad writes to by this config, beside its state: of token files, of calendars
    on disk, and of the page."""
    folders = set()
    if config.report.write is not None:
        folders.add(Path(os.path.realpath(config.report.write)).parent)
    for name, account in config.accounts.items():
        if isinstance(account, GoogleEntry) and account.token.source.kind == "file":
            folders.add(account.token.source.file.absolute().parent)
        if (
            isinstance(account, FilesEntry)
            and config.holds.account in (None, name)
            and not account.path.is_file()
        ):
            folders.add(account.path.absolute())
    return sorted(folders)


def _python_path() -> str:
    """Where Python must be told to look for fikad: nowhere, if it is installed."""
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [sys.executable, "-P", "-c", "import daemon.cli, connectors"],
        cwd="/",
        env=bare,
        capture_output=True,
        check=False,
    )
    if result.returncode == 0:
        return ""
    folders = [str(Path(__file__).parents[2]), *os.environ.get("PYTHONPATH", "").split(":")]
    return ":".join(dict.fromkeys(filter(None, folders)))
