"""The README's pictures, made of what `fikad demo` leaves: its calendars in Thunderbird, and its
page in Chromium. For maintainers: both programs have to be installed."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from icalendar import Calendar

from tools.thunderbird import thunderbird

PICTURES = Path("docs/pictures")
_NEEDED = ("thunderbird", "chromium")
_CALENDARS = (("Personal", "#4a7ebb"), ("Work", "#8a8f94"), ("Coffee", "#b5651d"))
_PAGE_SIZE = "900,1130"


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that was played and keeps its server: where everything is, by what it printed."""

    said: str

    def told(self, pattern: str) -> str:
        """What the demo said there."""
        match = re.search(pattern, self.said, re.MULTILINE)
        assert match is not None, f"the demo no longer says {pattern}"
        return match[1]

    @property
    def url(self) -> str:
        return self.told(r"address +(\S+)")

    @property
    def login(self) -> tuple[str, str]:
        return self.told(r"user +(\S+)"), self.told(r"password +(\S+)")

    @property
    def page(self) -> Path:
        return Path(self.told(r"^  (/\S+\.html)$"))

    def next_hold(self) -> tuple[date, str]:
        """The day and the title of the first hold that still asks."""
        files = (self.page.parent / "server/collections").rglob("coffee/fikad-*.ics")
        asking = {
            event.start.isoformat(): str(event["summary"])
            for file in files
            for event in Calendar.from_ical(file.read_bytes()).events
            if str(event["summary"]).endswith("?")
        }
        first = min(asking)
        return date.fromisoformat(first[:10]), asking[first]

    def end(self) -> None:
        """Stop its server and remove what it left."""
        os.kill(int(self.told(r"kill (\d+)")), signal.SIGTERM)
        shutil.rmtree(self.page.parent, ignore_errors=True)


@contextmanager
def played_demo() -> Iterator[Demo]:
    """`fikad demo --keep`, and away with it at the end."""
    command = [sys.executable, "-m", "daemon", "demo", "--keep"]
    demo = Demo(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    try:
        yield demo
    finally:
        demo.end()


def realm(url: str) -> str:
    """What a server calls that to which it wants a login (RFC 9110 section 11.5)."""
    server = http.client.HTTPConnection(urlsplit(url).netloc)
    server.request("PROPFIND", "/sam/")
    asked = server.getresponse().headers["WWW-Authenticate"]
    return str(asked).split('realm="')[1].split('"')[0]


def take_hold(demo: Demo, picture: Path, folder: Path) -> None:
    """The week of the next hold, in a calendar app."""
    day, title = demo.next_hold()
    with thunderbird(folder) as app:
        app.subscribe(demo.url, realm(demo.url), demo.login, _CALENDARS)
        picture.write_bytes(app.picture_of_week(day, title))


def take_page(demo: Demo, picture: Path) -> None:
    """The beginning of the page, in a browser."""
    subprocess.run(
        [
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--hide-scrollbars",
            f"--window-size={_PAGE_SIZE}",
            f"--screenshot={picture}",
            demo.page.as_uri(),
        ],
        check=True,
        capture_output=True,
    )


def take_pictures() -> None:
    """Both, into PICTURES; ends with what is missing."""
    if missing := [name for name in _NEEDED if shutil.which(name) is None]:
        sys.exit(f"The pictures need {' and '.join(missing)}: apt-get install {' '.join(missing)}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    print("Playing the demo …", flush=True)
    with played_demo() as demo, tempfile.TemporaryDirectory() as profile:
        print("Its page, in Chromium …", flush=True)
        take_page(demo, PICTURES / "page.png")
        print("Its calendars, in Thunderbird …", flush=True)
        take_hold(demo, PICTURES / "hold.png", Path(profile))
    for picture in sorted(PICTURES.glob("*.png")):
        print(f"{picture}  {picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    try:
        take_pictures()
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"The pictures could not be made: {error}")
