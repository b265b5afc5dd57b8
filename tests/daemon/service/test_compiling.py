"""What is compiled when the service is installed."""

from __future__ import annotations

import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

import connectors
import daemon
from daemon.service.compiling import compile_sources, folders_to_compile


@pytest.fixture(autouse=True)
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_every_module_is_compiled_once_and_a_broken_one_stops_nothing(tmp_path, capfd):
    (tmp_path / "a" / "b").mkdir(parents=True)
    sources = [tmp_path / "one.py", tmp_path / "a" / "two.py", tmp_path / "a" / "b" / "three.py"]
    for source in sources:
        source.write_text("VALUE = 1\n")
    (tmp_path / "a" / "broken.py").write_text("print 'of another time'\n")
    (tmp_path / "a" / "strange.py").write_bytes(b"\xff\xfe\n")
    compile_sources([tmp_path, tmp_path / "missing"])
    compiled = [Path(cache_from_source(str(source))) for source in sources]
    assert all(path.exists() for path in compiled)
    before = [path.stat().st_mtime_ns for path in compiled]
    compile_sources([tmp_path])
    assert [path.stat().st_mtime_ns for path in compiled] == before
    assert capfd.readouterr() == ("", "")


def test_nothing_is_written_where_python_was_told_not_to(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "one.py").write_text("VALUE = 1\n")
    compile_sources([tmp_path])
    assert not Path(cache_from_source(str(tmp_path / "one.py"))).exists()


def test_the_libraries_of_an_environment_of_its_own_belong_to_it_and_a_systems_do_not(monkeypatch):
    own = [Path(daemon.__path__[0]), Path(connectors.__path__[0])]
    assert folders_to_compile()[:2] == own
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    assert folders_to_compile() == own
