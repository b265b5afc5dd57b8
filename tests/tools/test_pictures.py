"""The README's pictures: there, small, described, and made by a command that says what it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n\x1a\n"


def test_the_readme_shows_every_picture_and_says_what_is_seen() -> None:
    shown = {
        file: alt
        for alt, file in re.findall(
            r"!\[(.+?)\]\((.+?)\)", (ROOT / "README.md").read_text(), re.DOTALL
        )
    }
    made = {str(file.relative_to(ROOT)) for file in (ROOT / "docs/pictures").iterdir()}
    assert shown.keys() == made == {"docs/pictures/hold.png", "docs/pictures/page.png"}
    for file, alt in shown.items():
        picture = (ROOT / file).read_bytes()
        assert picture.startswith(PNG)
        assert len(picture) < 150_000
        assert len(alt.split()) > 15


def test_what_is_needed_for_them_is_said_where_it_is_missing(tmp_path: Path) -> None:
    (tmp_path / "chromium").touch(mode=0o755)
    ran = subprocess.run(
        [sys.executable, "-m", "tools.pictures"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = "The pictures need thunderbird: apt-get install thunderbird\n"
    assert (ran.returncode, ran.stderr) == (1, told)
