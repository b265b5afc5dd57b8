"""All peers of the benchmark read the same."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bench import peers, table
from bench.server import serving


def test_fikad_the_libraries_and_the_limit_have_the_same_rows(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    asked = dict(peers.PEERS)
    limit = peers.limit(tmp_path / "limit")
    if limit is not None:
        asked["limit"] = limit
    with serving(tmp_path / "server", 100, datetime.now(UTC)) as server:
        costs, count = peers.in_turns(asked, tmp_path, server, 1)
    assert count > 100, "series are expanded"
    assert table.peers(costs).count("\n") == len(asked) + 1
    if limit is None:
        pytest.skip("the limit cannot be built here; the others agree")


def test_peers_that_do_not_agree_are_not_compared(tmp_path: Path) -> None:
    rows = {"fikad": [(0, 1)], "another": [(0, 2)]}
    asked: dict[str, peers.Peer] = {
        name: partial(lambda told, home, server: ([], told), told) for name, told in rows.items()
    }
    with pytest.raises(RuntimeError, match="another has 1 rows"):
        peers.in_turns(asked, tmp_path, None, 1)  # type: ignore[arg-type]
