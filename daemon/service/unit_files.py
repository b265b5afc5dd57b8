"""The files that make fikad a service, made from the ones in `systemd/` and `launchd/`.

Those are the only source: a wheel brings them along, a checkout has them beside the package.
Rendering fills in whom to run, with what, and where it may write; every other line is the source's.
"""

from __future__ import annotations

import os
import plistlib
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from connectors.errors import RefusedError

UNIT = "fikad.service"
AGENT = "fikad.plist"
"""The file of systemd and of launchd, by name."""
_TEMPORARY = tuple(map(Path, ("/tmp", "/var/tmp")))  # noqa: S108 - not used, but recognised


def service_file(platform: str) -> Path:
    """Where the service manager of a platform (systemd, launchd) looks for the user's file."""
    if platform == "launchd":
        return Path.home() / "Library/LaunchAgents" / AGENT
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return (
        (Path(config) if Path(config).is_absolute() else Path.home() / ".config")
        / "systemd/user"
        / UNIT
    )


def template(name: str) -> bytes:
    """The source of a service file, by its name. Raises RefusedError when the installation lacks
    it."""
    beside = (
        Path(__file__).parents[2] / ("launchd" if name.endswith(".plist") else "systemd") / name
    )
    if beside.is_file():
        return beside.read_bytes()
    try:
        files = metadata.files("fikad") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == name:
            return Path(str(file.locate())).read_bytes()
    raise RefusedError(
        f"this installation lacks {name}", "install fikad again from its wheel or checkout"
    )


def systemd_unit(
    source: str, command: Sequence[str], state: Path, writable: Sequence[Path], python_path: str
) -> str:
    """The user unit that runs `command`. `writable` are folders it may write to, beside `state`;
    `python_path` is where Python must look for fikad, if not where it looks by itself."""
    lines = []
    for line in source.splitlines():
        key = line.partition("=")[0]
        if key == "ExecStart":
            if python_path:
                lines.append(f"Environment={_word(f'PYTHONPATH={python_path}')}")
            lines.append("ExecStart=" + " ".join(_word(word, dollars=True) for word in command))
        elif key == "ExecStartPre":
            lines.append(f"ExecStartPre=+/bin/mkdir -p -m 0700 {_word(str(state), dollars=True)}")
        elif key == "ReadWritePaths":
            lines.append(f"ReadWritePaths={_word(str(state))}")
            # "-": a folder that is not there yet must not keep fikad from starting.
            lines += [f"ReadWritePaths={_word(f'-{folder}')}" for folder in writable]
        elif key == "PrivateTmp" and _needs_temporary(
            [*map(Path, command), state, *writable, *_paths(python_path)]
        ):
            lines.append("# PrivateTmp= would hide files of yours in /tmp that it needs.")
        else:
            lines.append(line)
    # The head speaks of copying the source by hand.
    body = lines[next(number for number, line in enumerate(lines) if not line.startswith("#")) :]
    head = (
        "# Written by `fikad service install`. Your own changes go into a drop-in: `systemctl "
        "--user edit fikad`."
    )
    return "\n".join([head, *body]) + "\n"


def launchd_agent(source: bytes, command: Sequence[str], log: Path, python_path: str) -> bytes:
    """The launch agent that runs `command` and appends what it says to `log`."""
    agent = plistlib.loads(source)
    agent["ProgramArguments"] = list(command)
    agent["StandardErrorPath"] = str(log)
    if python_path:
        agent["EnvironmentVariables"] = {"PYTHONPATH": python_path}
    return plistlib.dumps(agent, sort_keys=False)


def run_words(config: Path, state: Path) -> tuple[str, ...]:
    """How to start the daemon: by this very Python, without the folder it happens to be started
    in."""
    return (
        sys.executable,
        "-P",
        "-m",
        "daemon",
        "run",
        "--config",
        str(config),
        "--state",
        str(state),
    )


def _word(text: str, *, dollars: bool = False) -> str:
    """One word of a unit file (systemd.syntax(7), systemd.service(5)): specifiers and, in commands,
    variables are not expanded."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    if dollars:
        escaped = escaped.replace("$", "$$")
    return (
        f'"{escaped}"'
        if escaped == "" or any(character in escaped for character in " \t'\"\\;")
        else escaped
    )


def _needs_temporary(paths: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for path in paths for folder in _TEMPORARY)


def _paths(python_path: str) -> list[Path]:
    return [Path(part) for part in python_path.split(":") if part]
