"""Where the config and the state are. Nothing else is loaded to find them."""

from __future__ import annotations

import os
from pathlib import Path


def locate(given: str | Path | None = None) -> Path:
    """The config file: the one given (`--config`), else $FIKAD_CONFIG, else in the user's config
    folder."""
    if place := given or os.environ.get("FIKAD_CONFIG"):
        return Path(place).expanduser()
    from platformdirs import user_config_path

    return user_config_path("fikad", appauthor=False) / "config.toml"


def state_dir(given: str | Path | None = None) -> Path:
    """The folder of fikad's state: the one given (`--state`), else $FIKAD_STATE, else the user's
    state folder."""
    if place := given or os.environ.get("FIKAD_STATE"):
        return Path(place).expanduser()
    from platformdirs import user_state_path

    return user_state_path("fikad", appauthor=False)
