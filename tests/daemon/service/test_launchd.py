"""The launch agent, as far as it can be looked at without a Mac."""

from __future__ import annotations

import plistlib
from pathlib import Path

from daemon.service.unit_files import launchd_agent, template
from tests.daemon.cli.running import CONTACTS, Fikad

SOURCE = template("fikad.plist")
WORDS = (
    "/opt/venv/bin/python",
    "-P",
    "-m",
    "daemon",
    "run",
    "--config",
    "/c d.toml",
    "--state",
    "/s",
)


def test_it_leads_the_same_life_as_the_systemd_unit():
    agent = plistlib.loads(SOURCE)
    assert agent["Label"] == "fikad"
    assert agent["RunAtLoad"] is True
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["ProcessType"] == "Background"
    assert agent["Umask"] == 0o077
    unit = template("fikad.service").decode()
    assert f"TimeoutStopSec={agent['ExitTimeOut']}s" in unit
    assert f"Nice={agent['Nice']}" in unit


def test_launchd_keeps_the_time_itself_nowhere():
    """Firings of StartInterval and StartCalendarInterval during sleep are lost; a daemonised
    process is not watched."""
    agent = plistlib.loads(SOURCE)
    assert not {"StartInterval", "StartCalendarInterval", "AbandonProcessGroup", "OnDemand"} & set(
        agent
    )
    assert "daemonize" not in " ".join(agent["ProgramArguments"])


def test_installing_fills_in_the_words_and_the_log_and_keeps_the_rest():
    before = plistlib.loads(SOURCE)
    agent = plistlib.loads(
        launchd_agent(SOURCE, WORDS, Path("/Users/sam/Library/Logs/fikad.log"), "")
    )
    assert agent["ProgramArguments"] == list(WORDS)
    assert agent["StandardErrorPath"] == "/Users/sam/Library/Logs/fikad.log"
    own = {"ProgramArguments", "StandardErrorPath"}
    assert {key: agent[key] for key in agent.keys() - own} == {
        key: before[key] for key in before.keys() - own
    }


def test_print_shows_it_on_any_machine(tmp_path):
    fikad = Fikad(tmp_path)
    fikad.configure(f'timezone = "UTC"\n{CONTACTS}')
    shown = fikad("service", "install", "--print", "--for", "launchd")
    assert shown.code == 0
    agent = plistlib.loads(shown.out.encode())
    assert agent["ProgramArguments"][-4:] == [
        "--config",
        str(fikad.config),
        "--state",
        str(fikad.state),
    ]
    assert Path(agent["StandardErrorPath"]).is_absolute()
