"""The wheel and the source package: the same whoever builds them, and all there is to fikad where
nothing else is."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
_SECONDS = 240


def ran(
    *words: str | Path, folder: Path, **environment: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run a program there; `environment` is on top of this one's."""
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_SECONDS,
        check=False,
    )


def build(checkout: Path, into: Path) -> Path:
    """What `make dist` does: both packages, in a folder."""
    built = ran(sys.executable, "-m", "hatchling", "build", "-d", into, folder=checkout)
    assert built.returncode == 0, built.stderr
    return into


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the source package."""
    return build(CHECKOUT, tmp_path_factory.mktemp("dist"))


def the_wheel(folder: Path) -> Path:
    [wheel] = folder.glob("*.whl")
    return wheel


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("fikad-*")
    }


def test_two_builds_have_one_hash_also_from_the_source_package_on_another_day(packages, tmp_path):
    [source] = packages.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    [checkout] = (path for path in tmp_path.iterdir() if path.is_dir())
    for path in checkout.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
        path.chmod(path.stat().st_mode & 0o700)
    assert hashes(build(checkout, tmp_path / "again")) == hashes(packages)


def test_the_source_package_has_what_it_takes_to_test_it(packages):
    [source] = packages.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    kept = ran("git", "ls-files", folder=CHECKOUT)
    if kept.returncode != 0:
        pytest.skip("this is no checkout of git's")
    there = {name for name in kept.stdout.splitlines() if (CHECKOUT / name).exists()}
    assert there - {".gitignore"} <= packed


def test_the_wheel_brings_every_file_of_both_packages_the_service_files_and_the_manual(packages):
    with zipfile.ZipFile(the_wheel(packages)) as archive:
        packed = {re.sub(r"^fikad-[^/]*\.data/data/", "", name) for name in archive.namelist()}
    beside = {f"share/fikad/{path.name}": path for path in service_files()}
    assert {*beside, "share/man/man1/fikad.1"} <= packed
    for package in ("connectors", "daemon"):
        there = (path for path in (CHECKOUT / package).rglob("*") if path.is_file())
        names = {str(path.relative_to(CHECKOUT)) for path in there if path.suffix != ".pyc"}
        assert names <= packed
    assert not {name for name in packed if name.startswith(("tests", "bench", "tools"))}


def service_files() -> list[Path]:
    return [path for name in ("systemd", "launchd") for path in (CHECKOUT / name).iterdir()]


# --- where nothing else is ---


@dataclass(frozen=True)
class Installed:
    """fikad, installed by a tool into an environment of its own."""

    program: Path
    environment: Path
    home: Path

    def __call__(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        bare = dict.fromkeys(("PYTHONPATH", "VIRTUAL_ENV", "FIKAD_CONFIG", "FIKAD_STATE"), "")
        return ran(self.program, *words, folder=self.home, **bare, HOME=str(self.home), **more)


def versions(folder: Path) -> Path:
    """The versions of the lock as constraints, without the hashes, which would bind fikad, too."""
    lock = (CHECKOUT / "requirements.lock").read_text()
    lines = re.findall(r"^([a-z0-9][^\s\\]*==[^\\\n]*)", lock, re.MULTILINE)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(lines))
    return constraints


def installed_by(tool: str, wheel: Path, home: Path) -> Installed:
    """Install fikad with what its demo needs. Skips where the packages it needs cannot be had."""
    told: dict[str, str | Path] = {
        "PIPX_HOME": home / "pipx",
        "PIPX_BIN_DIR": home / "bin",
        "PIPX_MAN_DIR": home / "man",
        "PIP_NO_COMPILE": "1",  # what is never run need not be compiled
        "UV_TOOL_DIR": home / "uv",
        "UV_TOOL_BIN_DIR": home / "bin",
        "UV_CONSTRAINT": versions(home),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    beside = Path(sys.executable).parent
    words: tuple[str | Path, ...] = {
        "pipx": (beside / "pipx", "install", "--python", sys.executable),
        "uv": (beside / "uv", "tool", "install", "--python", sys.executable),
    }[tool]
    done = ran(*words, f"{wheel}[demo]", folder=home, **told)
    if done.returncode != 0:
        control = ran(*words, "pycowsay==0.0.0.2", folder=home, **told)
        if control.returncode != 0:
            pytest.skip(f"no package can be had here: {control.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    environment = (home / "bin/fikad").resolve().parents[1]
    return Installed(home / "bin/fikad", environment, home)


@pytest.mark.parametrize("tool", ["pipx", "uv"])
def test_installed_it_plays_the_demo_and_brings_man_page_completion_and_units(
    tool, packages, tmp_path
):
    fikad = installed_by(tool, the_wheel(packages), tmp_path)
    demo = fikad("demo", TMPDIR=str(tmp_path))
    assert demo.returncode == 0, demo.stderr
    [page] = tmp_path.glob("fikad-demo-*/report.html")
    assert str(page) in demo.stdout

    page = fikad.environment / "share/man/man1/fikad.1"
    assert page.read_bytes() == (CHECKOUT / "docs/fikad.1").read_bytes()
    if tool == "pipx":
        assert (tmp_path / "man/man1/fikad.1").resolve() == page.resolve()
    asked = {"COMP_WORDS": "fikad stat", "COMP_CWORD": "1", "_FIKAD_COMPLETE": "bash_complete"}
    assert fikad(**asked).stdout.strip() == "plain,status"

    (tmp_path / "c.toml").write_text('[accounts.a]\ntype = "files"\npath = "."\n')
    unit = fikad("--config", "c.toml", "service", "install", "--print", "--for", "systemd")
    assert unit.returncode == 0, unit.stderr
    assert f"ExecStart={fikad.environment}/bin/python" in unit.stdout
    assert "PYTHONPATH" not in unit.stdout
    brought = {path.name for path in (fikad.environment / "share/fikad").iterdir()}
    assert brought == {path.name for path in service_files()}
