"""What every calendar does, on servers from Debian's packages as on all others."""

from __future__ import annotations

from tests.connectors import test_contract

place = test_contract.place
globals().update(
    {name: test for name, test in vars(test_contract).items() if name.startswith("test_")}
)
