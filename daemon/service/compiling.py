"""Compiling, once, what the service loads at every poll.

Not every installer does (uv does not unless told to), and a service in a sandbox may write nothing
beside its sources: each poll, a process of its own, would compile everything anew."""

from __future__ import annotations

import compileall
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import connectors
import daemon


def folders_to_compile() -> list[Path]:
    """Fikad's own packages, and the libraries of an environment that is its own; never a
    system's."""
    packages = [Path(package.__path__[0]) for package in (daemon, connectors)]
    if sys.prefix == sys.base_prefix:
        return packages
    libraries = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    return [*packages, *sorted(libraries)]


def compile_sources(folders: Iterable[Path]) -> None:
    """Compile what is not compiled yet. What cannot be compiled, or written, stays as it is."""
    if sys.dont_write_bytecode:
        return
    for folder in folders:
        compileall.compile_dir(folder, maxlevels=20, quiet=2)
