"""`fikad check`: one row for each thing, on real servers that work, are down, or say no."""

from __future__ import annotations

import http.server
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.demo.life import config_text
from daemon.demo.server import DemoServer
from tests.connectors.google.server import CONTACTS_SCOPE, LEAST_SCOPES, GoogleServer
from tests.connectors.servers import make_calendar, radicale
from tests.daemon.cli.running import ALWAYS, Fikad, Ran, days_ago, event
from tests.daemon.cli.terminal import Terminal


@pytest.fixture
def fikad(tmp_path: Path, sam: DemoServer) -> Fikad:
    """The demo's config, on the demo's server."""
    made = Fikad(tmp_path)
    made.configure(config_text(sam.url, str(sam.password_file)))
    return made


def states(ran: Ran) -> dict[str, str]:
    """The gravest state of each thing."""
    order = ("ok", "warning", "failed")
    by_thing: dict[str, str] = {}
    for row in ran.json["rows"]:
        by_thing[row["thing"]] = max(
            by_thing.get(row["thing"], "ok"), row["state"], key=order.index
        )
        assert row["message"]
        assert row["next"] or row["state"] == "ok", row
    return by_thing


def row(ran: Ran, thing: str) -> dict[str, str]:
    return next(
        line for line in ran.json["rows"] if line["thing"] == thing and line["state"] != "ok"
    )


def test_all_is_well(fikad: Fikad) -> None:
    fikad("once", "--no-plan")
    ran = fikad("check", "--json")
    assert ran.code == 0
    assert ran.json["ok"] is True
    by_thing = states(ran)
    wrong = {thing for thing, state in by_thing.items() if state != "ok"}
    # Noor and Amira stand in the config and in no one-on-one; nobody started the daemon.
    assert wrong <= {"service", "contacts"}
    assert by_thing.keys() >= {
        *(
            "config",
            "state folder",
            "secret of home",
            "account home",
            "server of home",
            "hold calendar",
        ),
        "changes of home",
        *("names", "own addresses", "contacts", "slots", "service"),
    }


def test_before_anything_was_read_it_says_so_and_writes_nothing(fikad: Fikad) -> None:
    ran = fikad("check", "--json")
    assert ran.code == 0
    assert states(ran)["calendars"] == "warning"
    assert not fikad.state.exists()


def test_a_refused_password_is_11_and_does_not_show_it(fikad: Fikad) -> None:
    kept = fikad.folder / "pw"
    kept.touch(0o600)
    kept.write_text("wr0ng-s3cret\n")
    fikad.configure(
        fikad.config.read_text().replace(
            'password = { file = "', f'password = {{ file = "{kept}" }} #'
        )
    )
    ran = fikad("check", "--json")
    assert ran.code == 11
    assert states(ran)["account home"] == "failed"
    assert "fikad auth home" in row(ran, "account home")["next"]
    assert "wr0ng" not in ran.out + ran.err


def test_a_secret_that_is_not_there_is_11(fikad: Fikad, sam: DemoServer) -> None:
    fikad.configure(fikad.config.read_text().replace(str(sam.password_file), "nowhere"))
    ran = fikad("check", "--json")
    assert ran.code == 11
    assert states(ran)["secret of home"] == "failed"


def test_a_server_that_is_down_is_12_and_the_others_are_looked_at(fikad: Fikad) -> None:
    down = '[accounts.down]\ntype = "caldav"\nurl = "http://127.0.0.1:1/"\n'
    fikad.configure(fikad.config.read_text().replace("[holds]", f"{down}[holds]"))
    ran = fikad("check", "--json")
    assert ran.code == 12
    by_thing = states(ran)
    assert (by_thing["account down"], by_thing["account home"]) == ("failed", "ok")


def test_offline_asks_no_server(fikad: Fikad, sam: DemoServer) -> None:
    fikad("once", "--no-plan")
    fikad.configure(fikad.config.read_text().replace(sam.url, "http://127.0.0.1:1/"))
    ran = fikad("check", "--offline", "--json")
    assert ran.code == 0
    assert states(ran)["account home"] == "ok"
    assert "server of home" not in states(ran)


def test_every_mistake_in_the_config_is_a_row_and_10(fikad: Fikad) -> None:
    fikad.configure('[rythm]\n[rhythm]\npoll = "soon"\n')
    ran = fikad("check", "--json")
    assert ran.code == 10
    assert [line["thing"] for line in ran.json["rows"] if line["state"] == "failed"] == [
        "config",
        "config",
    ]
    assert ":3:8:" in ran.out


def test_a_hold_calendar_that_cannot_be_written_is_10(tmp_path: Path) -> None:
    with radicale(htpasswd=False) as server:
        server.add_user("sam")
        server.make_read_only_calendar("sam", "Locked", {})
        fikad = Fikad(tmp_path)
        account = f'[accounts.home]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
        (tmp_path / "pw").touch(0o600)
        (tmp_path / "pw").write_text("any\n")
        fikad.configure(
            f'{ALWAYS}{account}password = {{ file = "pw" }}\n[holds]\ncalendar = "Locked"\n'
        )
        ran = fikad("check", "--json")
    assert ran.code == 10
    assert "cannot be written" in row(ran, "hold calendar")["message"]


def test_calendars_that_are_not_there_are_named(fikad: Fikad) -> None:
    text = fikad.config.read_text()
    fikad.configure(text.replace("[holds]", 'calendars = ["Persnal"]\n[holds]'))
    ran = fikad("check", "--json")
    assert ran.code == 12
    assert "Personal" in row(ran, "account home")["message"]
    assert row(ran, "account home")["next"] == "correct `calendars` in the config"
    fikad.configure(text.replace("[holds]", 'ignore = ["Birthdays"]\n[holds]'))
    ran = fikad("check", "--json")
    assert (ran.code, states(ran)["account home"]) == (0, "warning")


def test_a_state_folder_that_others_can_see_is_a_warning(fikad: Fikad) -> None:
    fikad("once", "--no-plan")
    fikad.state.chmod(0o755)
    ran = fikad("check", "--offline", "--json")
    assert ran.code == 0
    assert "chmod 700" in row(ran, "state folder")["next"]


def test_a_damaged_ledger_is_a_failure(fikad: Fikad) -> None:
    fikad.state.mkdir(mode=0o700)
    (fikad.state / "ledger.db").write_text(
        "this is no database, however long one looks at it" * 100
    )
    ran = fikad("check", "--offline", "--json")
    assert ran.code == 1
    assert states(ran)["state folder"] == "failed"


def test_google_is_looked_at_too(tmp_path: Path) -> None:
    fikad = Fikad(tmp_path)
    with GoogleServer() as server:
        server.write_client(tmp_path)
        fikad.configure(
            '[accounts.work]\ntype = "google"\nclient_secrets = "client_secret.json"\n'
            f'endpoint = "{server.endpoint}"\ntoken = {{ file = "token.json" }}\n'
        )
        ran = fikad("check", "--json")
        assert (ran.code, states(ran)["secret of work"]) == (11, "failed")
        (tmp_path / "token.json").touch(0o600)
        (tmp_path / "token.json").write_text(json.dumps(server.grant(LEAST_SCOPES)))
        ran = fikad("check", "--json")
        assert (ran.code, states(ran)["account work"]) == (0, "ok")
        assert (states(ran)["grant of work"], states(ran)["changes of work"]) == ("ok", "ok")
        (tmp_path / "token.json").write_text(json.dumps(server.grant(LEAST_SCOPES[:2])))
        told = row(fikad("check", "--json"), "grant of work")
        assert (told["state"], "calendar.app.created" in told["message"]) == ("warning", True)
        assert "fikad auth work" in told["next"]
        (tmp_path / "token.json").write_text(json.dumps(server.grant(LEAST_SCOPES[:1])))
        ran = fikad("check", "--json")
        assert (ran.code, states(ran)["grant of work"]) == (11, "failed")
        assert "calendarlist.readonly" in row(ran, "grant of work")["message"]


def test_contacts_that_google_was_not_asked_for_are_told(tmp_path: Path) -> None:
    fikad = Fikad(tmp_path)
    login = (
        'type = "google"\nclient_secrets = "client_secret.json"\ntoken = { file = "token.json" }\n'
    )
    shared = '[addressbooks.friends]\ntype = "google"\naccount = "work"\n'
    with GoogleServer() as server:
        server.write_client(tmp_path)
        (tmp_path / "token.json").touch(0o600)
        for config, name in (
            (f'[accounts.work]\n{login}endpoint = "{server.endpoint}"\n{shared}', "work"),
            (f'[addressbooks.friends]\n{login}endpoint = "{server.endpoint}"\n', "friends"),
        ):
            fikad.configure(config)
            (tmp_path / "token.json").write_text(json.dumps(server.grant(LEAST_SCOPES)))
            ran = fikad("check", "--json")
            assert states(ran)[f"grant of {name}"] == "failed"
            told = row(ran, f"grant of {name}")
            assert told["message"].endswith("(contacts.readonly)")
            assert f"fikad auth {name}" in told["next"]
            (tmp_path / "token.json").write_text(
                json.dumps(server.grant((*LEAST_SCOPES, CONTACTS_SCOPE)))
            )
            assert states(fikad("check", "--json"))[f"grant of {name}"] == "ok"


def test_a_google_calendar_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    fikad = Fikad(tmp_path)
    with GoogleServer() as server:
        server.store.add_calendar(
            "Boss", id="boss@example.com", role="freeBusyReader", lists_busy_times=False
        )
        server.write_client(tmp_path)
        (tmp_path / "token.json").touch(0o600)
        (tmp_path / "token.json").write_text(json.dumps(server.grant(LEAST_SCOPES)))
        fikad.configure(
            '[accounts.work]\ntype = "google"\nclient_secrets = "client_secret.json"\n'
            f'endpoint = "{server.endpoint}"\ntoken = {{ file = "token.json" }}\n'
        )
        fikad("once", "--no-plan")
        ran = fikad("check", "--json")
    assert (ran.code, states(ran)["account work"]) == (0, "warning")
    assert row(ran, "account work")["message"].startswith(
        "Boss is left out: shared as free/busy only"
    )


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """The address of a server with TLS whose certificate nobody vouches for."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
        "subjectAltName=DNS:localhost"
    )
    subprocess.run(
        [*words.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), http.server.BaseHTTPRequestHandler
    ) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_address[1]}/"
        server.shutdown()


def test_a_certificate_that_nobody_vouches_for_fails_and_one_that_is_known_does_not(
    fikad: Fikad, self_signed: str
) -> None:
    fikad.configure(f'[accounts.home]\ntype = "caldav"\nurl = "{self_signed}"\n')
    ran = fikad("check", "--json")
    assert (ran.code, states(ran)["account home"]) == (12, "failed")
    assert (
        "certificate is not trusted: self-signed certificate"
        in row(ran, "server of home")["message"]
    )
    ran = fikad("check", "--json", SSL_CERT_FILE=str(fikad.folder / "certificate.pem"))
    [*_, last] = [line for line in ran.json["rows"] if line["thing"] == "server of home"]
    assert last["state"] == "ok"
    assert last["message"].startswith("TLS")
    assert "certificate expires on" in row(ran, "server of home")["message"]


def test_an_address_of_two_contacts_fails(fikad: Fikad) -> None:
    both = "".join(
        f'[[contacts]]\nname = "{name}"\nemails = ["a@example.org"]\n' for name in ("Ann", "Bob")
    )
    fikad.configure(f'timezone = "UTC"\n{both}')
    ran = fikad("check", "--json")
    assert ran.code == 10
    [failed] = [line for line in ran.json["rows"] if line["state"] == "failed"]
    assert ":7:" in failed["message"]
    assert "belongs to another contact on line 4" in failed["message"]


@pytest.mark.parametrize("columns", [160, 40])
def test_it_fits_the_terminal(fikad: Fikad, columns: int) -> None:
    paths = ("--config", str(fikad.config), "--state", str(fikad.state))
    with Terminal(("check", *paths), fikad.folder, columns) as terminal:
        screen = terminal.end()
    assert screen.code == 0
    assert screen.coloured
    assert max(map(len, screen.text.splitlines())) <= columns
    with Terminal(("check", *paths), fikad.folder, columns, {"NO_COLOR": "1"}) as terminal:
        assert not terminal.end().coloured


def test_piped_it_is_plain(fikad: Fikad) -> None:
    ran = fikad("check")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert ran.out.splitlines()[-1].startswith("2 warnings")


def test_calendar_names_are_inert(tmp_path: Path) -> None:
    with radicale(htpasswd=False) as server:
        server.add_user("sam")
        make_calendar(f"{server.home('sam')}personal/", "Per\u202eso\u2066nal", auth=("sam", "any"))
        (tmp_path / "pw").touch(0o600)
        (tmp_path / "pw").write_text("any\n")
        fikad = Fikad(tmp_path)
        account = f'[accounts.home]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
        fikad.configure(f'{ALWAYS}{account}password = {{ file = "pw" }}\n')
        paths = ("--config", str(fikad.config), "--state", str(fikad.state))
        with Terminal(("check", *paths), tmp_path, 60) as terminal:
            screen = terminal.end()
    assert "Personal" in screen.text
    assert screen.strange() == set()


def test_why_no_slot_is_open(tmp_path: Path) -> None:
    folder = tmp_path / "calendars" / "Personal"
    folder.mkdir(parents=True)
    (folder / "a.ics").write_text(event("a", "Tea with Ann", days_ago(3)))
    fikad = Fikad(tmp_path)
    closed = '[availability]\nmonday = ["07:00-07:30"]\n'
    fikad.configure(
        f'timezone = "Europe/Berlin"\nme = ["sam@example.com"]\n{closed}[accounts.home]\n'
        'type = "files"\n'
        'path = "calendars"\n'
    )
    fikad("once", "--no-plan")
    slots = row(fikad("check", "--json"), "slots")
    assert "not available on that weekday" in slots["message"]
    assert "[availability]" in slots["next"]


@pytest.fixture
def with_files(tmp_path: Path) -> Fikad:
    """Calendars as files: one with a meeting long ago and a broken event, and one with a hold."""
    calendars = tmp_path / "calendars"
    for name in ("Personal", "Coffee"):
        (calendars / name).mkdir(parents=True)
        (calendars / name / "displayname").write_text(name)
    met = event("met", "Lunch with Carla Rossi", days_ago(90))
    (calendars / "Personal" / "met.ics").write_text(met)
    (calendars / "Personal" / "broken.ics").write_text(
        met.replace("UID:met", "UID:broken").replace("DTSTART", "X-NO")
    )
    made = Fikad(tmp_path)
    made.configure(
        'timezone = "UTC"\nme = ["sam@example.com"]\n[rhythm]\nhorizon = "1 week"\n[holds]\n'
        'calendar = "Coffee"\n'
        f'[accounts.home]\ntype = "files"\npath = "{calendars}"\n'
        '[availability]\nmonday = ["09:00-18:00"]\ntuesday = ["09:00-18:00"]\n'
        'wednesday = ["09:00-18:00"]\n'
        'thursday = ["09:00-18:00"]\nfriday = ["09:00-18:00"]\n'
        '[[contacts]]\nname = "Carla Rossi"\ncadence = "4 weeks"\n'
    )
    made("once")
    return made


def test_events_that_were_set_aside_are_counted(with_files: Fikad) -> None:
    events = row(with_files("check", "--json"), "events")
    assert events["state"] == "warning"
    assert events["message"].startswith(
        '1 event could not be read and is set aside, as broken in "Personal" of "home"'
    )
    assert with_files("status", "--json").json["accounts"][0]["set_aside"] == 1
    assert "1 event set aside" in with_files("status").out


def test_a_hold_calendar_that_is_gone_is_seen_by_check_and_status_as_by_a_pass(
    with_files: Fikad,
) -> None:
    before = with_files("status", "--json").json
    assert before["contacts"][0]["hold"]
    assert "Carla" in before["practice"]["week"]
    shutil.rmtree(with_files.folder / "calendars" / "Coffee")
    ran = with_files("check", "--json")
    assert states(ran)["account home"] == states(ran)["hold calendar"] == "failed"
    assert 'the calendar "Coffee" is not listed any more' in row(ran, "account home")["message"]
    assert with_files("once").code == 12
    facts = with_files("status", "--json").json
    assert not facts["healthy"]
    assert 'the calendar "Coffee" is not listed any more' in facts["accounts"][0]["message"]
    assert facts["practice"]["week"] is None or "Carla" not in facts["practice"]["week"]
