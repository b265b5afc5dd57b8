"""`fikad service`: make fikad start by itself, in the background: systemd on Linux, launchd on a
Mac."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from daemon.cli.console import tell
from daemon.cli.options import Paths, command, json_option, print_json, verbose_option
from daemon.service.daemon_state import running
from daemon.service.unit_files import UNIT, service_file


@click.group("service", help="Install, remove or look at the background service.")
@verbose_option
def service_command() -> None:
    pass


_platform = click.option(
    "--for",
    "platform",
    type=click.Choice(["systemd", "launchd"]),
    default="launchd" if sys.platform == "darwin" else "systemd",
    help="The service manager to write it for. [default: the one that this machine has]",
)


@command(
    "install", help="Write the service for your user, start it, and have it start at every login."
)
@click.option(
    "--print", "only_print", is_flag=True, help="Only print the file; write and start nothing."
)
@_platform
def install(paths: Paths, only_print: bool, platform: str) -> int:
    """Exit code: 10 when the config has mistakes (it would not start), 1 when the service did not
    start."""
    from daemon.service.compiling import compile_sources, folders_to_compile
    from daemon.service.installing import service_file_of

    path, content = service_file_of(paths.load(), paths.config, paths.state, platform)
    if only_print:
        click.echo(content.decode(), nl=False)
        return 0
    _require(platform)
    paths.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    compile_sources(folders_to_compile())
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    tell(
        f"{path}: "
        f"{'as it was' if before == content else 'written' if before is None else 'replaced'}"
    )
    return (
        _start_systemd(before is not None)
        if platform == "systemd"
        else _start_launchd(path, before is not None)
    )


@command("uninstall", help="Stop the service and remove it. Config, state and holds stay.")
@_platform
def uninstall(paths: Paths, platform: str) -> int:
    path = service_file(platform)
    if not path.exists():
        tell(f"{path}: not there, nothing to remove")
        return 0
    _require(platform)
    if platform == "systemd":
        _run(["systemctl", "--user", "disable", "--now", UNIT])
    else:
        _run(["launchctl", "bootout", f"{_domain()}/fikad"])
    path.unlink()
    if platform == "systemd":
        _run(["systemctl", "--user", "daemon-reload"])
    tell(f"{path}: stopped and removed")
    tell(
        f"kept: {paths.config} and {paths.state}. `fikad purge` removes the holds that you did "
        "not touch"
    )
    return 0


@command("status", help="Is the service installed and running?")
@_platform
@json_option
def status(paths: Paths, platform: str, as_json: bool) -> int:
    """Exit code 1 when it is not running."""
    path = service_file(platform)
    installed = path.exists()
    facts: dict[str, Any] = {
        "file": str(path),
        "installed": installed,
        "running": running(paths.state),
        "says": _says(platform) if installed else "",
    }
    if as_json:
        print_json(facts)
        return 0 if facts["running"] else 1
    tell(
        f"{path}: "
        f"{'installed' if installed else 'not installed; `fikad service install` does that'}"
    )
    tell(
        f"running as process {facts['running']}"
        if facts["running"]
        else f"no daemon serves {paths.state}"
    )
    if facts["says"]:
        tell(facts["says"])
    return 0 if facts["running"] else 1


for _command in (install, uninstall, status):
    service_command.add_command(_command)


# --- starting it ---


def _start_systemd(known: bool) -> int:
    """`known`: it was installed before, and may be running as it was written then."""
    log_in = "log in on a desktop or by ssh, and run `fikad service install` again"
    advice_to_look = "`systemctl --user status fikad` and `journalctl --user -u fikad` say why"
    steps = [
        (["systemctl", "--user", "daemon-reload"], "", log_in),
        (["systemctl", "--user", "enable", UNIT], "it starts when you log in", log_in),
        (
            ["systemctl", "--user", "restart" if known else "start", UNIT],
            "it is running",
            advice_to_look,
        ),
    ]
    done = _follow(steps)
    if done == 0:
        tell("to have it run while you are logged out, too: loginctl enable-linger")
        tell("what it says: journalctl --user -u fikad")
    return done


def _start_launchd(path: Path, known: bool) -> int:
    if known:
        _run(["launchctl", "bootout", f"{_domain()}/fikad"])
    words = ["launchctl", "bootstrap", _domain(), str(path)]
    return _follow(
        [
            (
                words,
                "it is running, and starts when you log in",
                "run it in a terminal of your desktop session",
            )
        ]
    )


def _follow(steps: Sequence[tuple[list[str], str, str]]) -> int:
    """Take steps (a command, what it did, what to do when it fails) until one fails."""
    for words, told, advice in steps:
        done = _run(words)
        if done.returncode != 0:
            why = next(iter((done.stderr or done.stdout).strip().splitlines()), "it gave no reason")
            tell(f"fikad: `{' '.join(words)}` failed ({why}): {advice}", err=True)
            return 1
        if told:
            tell(told)
    return 0


def _says(platform: str) -> str:
    if platform == "launchd":
        lines = _run(["launchctl", "print", f"{_domain()}/fikad"]).stdout.splitlines()
        return next((line.strip() for line in lines if line.strip().startswith("state =")), "")
    return _run(
        ["systemctl", "--user", "show", UNIT, "--property=StatusText", "--value"]
    ).stdout.strip()


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _require(platform: str) -> None:
    tool = "systemctl" if platform == "systemd" else "launchctl"
    if shutil.which(tool) is None:
        raise click.ClickException(
            f"there is no {tool} here: have `fikad run` started by whatever starts programs"
        )


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=150, check=False)  # noqa: S603 - fixed words
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(list(words), 1, "", type(error).__name__)
