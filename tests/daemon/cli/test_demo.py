"""`fikad demo`: the story it tells, on the server it starts."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from tests.connectors import servers
from tests.daemon.cli.running import Fikad


def test_the_demo_plays_the_whole_story(tmp_path: Path) -> None:
    ran = Fikad(tmp_path)("demo")
    assert (ran.code, ran.err) == (0, "")
    for word in ("proposed: ", "accepted: ", "dismissed: ", "moved: ", "Jane Doe", "Lee Chen"):
        assert word in ran.out
    assert "\x1b" not in ran.out
    assert list(tmp_path.iterdir()) == []


def test_keep_leaves_the_server_running_and_says_how_to_reach_it(tmp_path: Path) -> None:
    ran = Fikad(tmp_path)("demo", "--keep", TMPDIR=str(tmp_path))
    assert ran.code == 0
    process = int(re.search(r"kill (\d+)", ran.out)[1])  # type: ignore[index]
    try:
        address = re.search(r"address +(\S+)", ran.out)[1]  # type: ignore[index]
        password = re.search(r"password +(\S+)", ran.out)[1]  # type: ignore[index]
        reply = servers.propfind(f"{address}sam/", auth=("sam", password))
        assert "/sam/coffee/" in reply.text
    finally:
        os.kill(process, signal.SIGTERM)
