"""The page on the disk: written whole or not at all, and readable by its user alone, since it names
their people."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from connectors.atomic_file import replace_file
from connectors.errors import FikadError
from daemon.config.schema import Config
from daemon.ledger.ledger import Ledger
from daemon.page.page import page


class PageFileError(FikadError):
    """The page could not be written where it should be."""


def write_page(path: Path, config: Config, ledger: Ledger, now: datetime) -> None:
    """Write the page at `now` (aware) to a file, in place of what is there, mode 0600; where `path`
    is a symbolic link, to the file that it leads to. Raises PageFileError, LedgerError."""
    text = page(config, ledger, now)
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise PageFileError(f"{path} is a folder", 'name a file in it, such as "fika.html"')
    try:
        replace_file(target, text.encode("utf-8", "replace"))
    except FileNotFoundError:
        raise PageFileError(
            f"{path} cannot be written: there is no folder {target.parent}",
            "make the folder, or name another one",
        ) from None
    except OSError as error:
        raise PageFileError(
            f"{path} cannot be written ({error.strerror})",
            "check its folder and permissions, or name another file",
        ) from None
