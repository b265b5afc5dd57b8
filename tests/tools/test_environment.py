"""`.venv` as `make` sets it up: whole, or a reason; and never silent for long."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.environment import StepError, how_far, step

SCRIPT = Path(__file__).parents[2] / "tools/environment.py"

BACKEND = '''
import zipfile

def write_wheel(folder, name):
    """A package of one module, as small as a wheel can be."""
    file, about = f"{name}-1.0-py3-none-any.whl", f"{name}-1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/{file}", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        whose = f"Name: {name}\\nVersion: 1.0\\n"
        kind = "Root-Is-Purelib: true\\nTag: py3-none-any\\n"
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\\n{whose}")
        wheel.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\\n{kind}")
        wheel.writestr(f"{about}/RECORD", "")
    return file

def build_editable(folder, settings=None, metadata=None):
    return write_wheel(folder, "project")
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project whose two locked packages lie in a folder, so that nothing is fetched from afar."""
    (tmp_path / "backend.py").write_text(BACKEND)
    spec = importlib.util.spec_from_file_location("backend", tmp_path / "backend.py")
    assert spec is not None
    assert spec.loader is not None
    backend = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(backend)
    (tmp_path / "wheels").mkdir()
    locked = ""
    for name in ("first", "second"):
        wheel = tmp_path / "wheels" / backend.write_wheel(tmp_path / "wheels", name)
        locked += f"{name}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    locked += f"third==1.0 ; sys_platform == 'win32' --hash=sha256:{'0' * 64}\n"
    (tmp_path / "requirements.lock").write_text(locked)
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "project"\nversion = "1.0"\n'
    )
    return tmp_path


def test_what_is_locked_is_installed_and_counted(checkout: Path) -> None:
    ran = set_up(checkout)
    assert ran.returncode == 0, ran.stdout
    assert "2 of 2 packages installed" in ran.stdout
    site = next(checkout.glob(".venv/lib/python*/site-packages"))
    assert {"first.py", "second.py", "project.py"} <= {file.name for file in site.iterdir()}

    lock = checkout / "requirements.lock"
    lock.write_text(re.sub(r"sha256:\w{64}", f"sha256:{'0' * 64}", lock.read_text()))
    refused = set_up(checkout)
    assert refused.returncode == 1
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    assert "Traceback" not in refused.stderr


def set_up(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run the script there, with nothing but its own packages to be had."""
    own = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(checkout / "wheels"),
        "PIP_CONFIG_FILE": os.devnull,
    }
    return subprocess.run(
        [sys.executable, str(SCRIPT)],
        cwd=checkout,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "0 of 4 packages fetched"),
        ("Ignoring d: markers don't match\nCollecting a==1\n  Using cached a\nProcessing ./b.whl\n",
         "2 of 3 packages fetched"),
        ("Collecting a==1\nInstalling collected packages: c, b, a\n", "2 of 3 packages installed"),
    ],
)  # fmt: skip
def test_how_far_pip_is_follows_from_what_it_said(said: str, told: str) -> None:
    assert how_far(said, locked=4, installed=2) == told


def test_a_log_hears_of_a_long_step_before_it_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tools.environment._SECONDS_BETWEEN_LINES", 0.0)
    until = tmp_path / "heard"
    waiting = (
        "import os, time; print('begun', flush=True)\n"
        f"for _ in range(1200): os.path.exists({str(until)!r}) or time.sleep(0.05)"
    )

    def state(said: str) -> str:
        if "begun" in capsys.readouterr().out:
            until.touch()
        return said.strip()

    step([sys.executable, "-c", waiting], state)
    assert until.exists()


def test_a_step_that_fails_ends_with_the_last_it_said() -> None:
    failing = "import sys; print('\\n'.join(map(str, range(99)))); sys.exit('no room left')"
    with pytest.raises(StepError, match=r"(?s)^7\d\n.*98\nno room left$"):
        step([sys.executable, "-c", failing], lambda said: "")
