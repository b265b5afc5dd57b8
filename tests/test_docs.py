"""The documentation is true: its commands and options exist, its links lead somewhere, its configs
load, and what is generated is up to date."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from daemon.cli import COMMANDS, SUMMARIES, fikad
from daemon.cli.manual import manual
from daemon.config.reference import reference
from daemon.config.schema import load
from tests.daemon.cli.forking import run_command
from tests.daemon.cli.terminal import Terminal

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("[A-Z]*.md")])
IDS = [page.name for page in PAGES]


def commands_in(text: str) -> Iterator[str]:
    """Every `fikad …` in code: inline, and in blocks of a console."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    for language, block in blocks:
        if language == "console":
            for line in block.splitlines():
                yield from re.findall(r"(?:^\$ |/|\s)fikad ((?:[^#|]|#\S)*)", line)[:1]
    for code in re.findall(
        r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    ):
        if match := re.fullmatch(r"(?:\w+=\S+ )*fikad ([^…]*[^…\s])(?: …)?", code):
            yield match[1]


def refuse_strange(said: str) -> None:
    """Raise AssertionError unless the command, its subcommand and every option in it exist."""
    words = shlex.split(said.replace("[", "").replace("]", ""))
    command: click.Command = fikad
    context = click.Context(fikad)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        found_command = command.get_command(context, name)
        assert found_command is not None, f"there is no command `fikad {said}`"
        command, context = found_command, click.Context(found_command, parent=context)
    known = {
        option
        for parameter in command.get_params(context)
        for option in parameter.opts + parameter.secondary_opts
    }
    known |= {"--config", "--state", "--help", "-h"}
    for word in words:
        if re.match(r"--?[a-z]", word):
            assert word.partition("=")[0] in known, (
                f"`fikad {said}` has an option that is not there: {word}"
            )
    takes_words = any(isinstance(parameter, click.Argument) for parameter in command.params)
    assert takes_words or not words or words[0].startswith("-"), (
        f"`fikad {said}`: nothing takes {words[0]}"
    )


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    for said in commands_in(page.read_text()):
        refuse_strange(said)


def test_the_search_for_commands_finds_them() -> None:
    text = (
        "Run `fikad once --dry-run`, `FIKAD_DEBUG=1 fikad …`.\n```console\n"
        "$ .venv/bin/fikad try x.ics  # hm\n```\n"
    )
    assert [said.strip() for said in commands_in(text)] == ["try x.ics", "once --dry-run"]
    for wrong in ("frobnicate", "once --dryrun", "service remove", "config check --jsn"):
        with pytest.raises(AssertionError):
            refuse_strange(wrong)


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            slugs = [
                re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings
            ]
            assert anchor in slugs, f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_config_that_is_shown_loads(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(
        re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    ):
        path = tmp_path / f"{number}.toml"
        path.write_text(block)
        load(path)


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_file_of_the_project_that_is_named_exists(page: Path) -> None:
    for name in re.findall(
        r"`((?:daemon|connectors|docs|tests|systemd|launchd)/[\w./*@-]*)`", page.read_text()
    ):
        assert list(ROOT.glob(name.rstrip("/"))), f"{page.name} names {name}"


def test_the_map_shows_every_room_and_only_modules_that_are_there() -> None:
    page = (ROOT / "docs/design.md").read_text()
    rooms = {
        f"{folder.relative_to(ROOT)}/"
        for top in ("connectors", "daemon")
        for folder in (ROOT / top).iterdir()
        if list(folder.glob("*.py"))
    }
    rows = re.findall(r"^\| `([\w/]+/)` \|(.*)$", page, re.MULTILINE)
    assert rooms <= {room for room, _ in rows}
    for room, told in rows:
        for name in re.findall(r"`([\w/]+\.py)`", told):
            path = ROOT / name if "/" in name else ROOT / room / name
            assert path.exists(), f"the row of {room} names {name}"


def test_the_reference_of_the_config_is_up_to_date() -> None:
    """Renew it with `fikad config schema --markdown > docs/config.md`."""
    assert (ROOT / "docs/config.md").read_text() == reference()


def test_the_manual_page_is_up_to_date() -> None:
    """Renew it with `python -m daemon.cli.manual > docs/fikad.1`."""
    assert (ROOT / "docs/fikad.1").read_text() == manual()


def test_the_manual_page_has_every_command_and_is_sound() -> None:
    page = manual()
    for name in COMMANDS:
        assert f'.SS "{name}' in page
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_every_command_has_a_summary_and_help() -> None:
    assert COMMANDS.keys() == SUMMARIES.keys()
    for name in COMMANDS:
        command = fikad.get_command(click.Context(fikad), name)
        assert command is not None
        assert command.help


# --- completion ---


def completed(tmp_path: Path, *words: str) -> list[str]:
    """What a shell would offer after these words, the last one unfinished."""
    environment = {
        "_FIKAD_COMPLETE": "bash_complete",
        "COMP_WORDS": shlex.join(["fikad", *words]),
        "COMP_CWORD": str(len(words)),
        "FIKAD_CONFIG": str(tmp_path / "config.toml"),
    }
    done = run_command((), ROOT, {**os.environ, "PYTHONPATH": str(ROOT), **environment})
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_the_shell_completes_commands_options_and_accounts(tmp_path: Path) -> None:
    assert completed(tmp_path, "st") == ["status"]
    assert "--dry-run" in completed(tmp_path, "once", "--d")
    assert completed(tmp_path, "auth", "") == []
    (tmp_path / "config.toml").write_text('[accounts.home]\ntype = "files"\npath = "x"\n')
    assert completed(tmp_path, "auth", "h") == ["home"]
    (tmp_path / "config.toml").write_text("[accounts")
    assert completed(tmp_path, "auth", "h") == []


@pytest.mark.parametrize("command", ["met", "snooze", "note", "why"])
def test_the_shell_completes_the_names_of_contacts(tmp_path: Path, command: str) -> None:
    people = ("Jane Doe", "Jänis O'Hara (Kiki)", "Omar Haddad")
    (tmp_path / "config.toml").write_text(
        "".join(f'[[contacts]]\nname = "{person}"\n' for person in people)
    )
    assert completed(tmp_path, command, "om") == [r"Omar\\ Haddad"]
    assert len(completed(tmp_path, command, "j")) == 2
    assert len(completed(tmp_path, command, "")) == 3


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_a_name_completed_in_bash_is_a_name_that_fikad_understands(tmp_path: Path) -> None:
    """The line of docs/shell.md, a tab, and enter."""
    [line] = re.findall(
        r"^\$ (eval .*bash_source.*)$", (ROOT / "docs/shell.md").read_text(), re.MULTILINE
    )
    name = "Jäne O'Hara (Kiki)"
    (tmp_path / "config.toml").write_text(
        f'[[contacts]]\nname = "Jane Doe"\n[[contacts]]\nname = "{name}"\n'
    )
    places = {"FIKAD_CONFIG": str(tmp_path / "config.toml"), "FIKAD_STATE": str(tmp_path / "state")}
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    shell = (str(shutil.which("bash")), "--norc", "--noprofile", "-i")
    with Terminal((), tmp_path, 120, {**places, "PATH": path, "PS1": "ready: "}, shell) as terminal:
        terminal.answer("ready", line)
        for beginning in ("Ja", r"Jane\ D", '"Ja', "Jä"):
            terminal.answer("ready", f"fikad snooze {beginning}\t3 weeks")
        terminal.answer("ready", "exit")
        screen = terminal.end()
    assert screen.text.count("Jane Doe is left alone until") == 3, screen.text
    assert f"{name} is left alone until" in screen.text


def test_the_schema_is_what_editors_read() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "daemon", "config", "schema"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert json.loads(done.stdout)["title"] == "fikad's config"
