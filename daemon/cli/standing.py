"""What is known now of one contact, as JSON: after everything that is entered by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.cli.options import print_json

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.config.schema import Config
    from daemon.ledger.ledger import Ledger


def print_standing(key: str, config: Config, ledger: Ledger, now: datetime) -> None:
    """What is known of one contact now, as one JSON document."""
    from daemon.overview.contact import facts_of_contact

    print_json(facts_of_contact(key, config, ledger, now))
