"""Cyrus and DAViCal from Debian's packages, on free ports of loopback and in folders of their own.

Nothing of the system's own installation is used but the programs: no service is started, no file
below /etc or /var is read or written. Started as root, each server runs as the user that its
package made, since none of them runs as root."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.connectors import servers

CYRUS = Path("/usr/lib/cyrus/bin")
DAVICAL = Path("/usr/share/davical")
PASSWORD = "open sesame"
STARTING_SECONDS = 60.0


class NotInstalledError(Exception):
    """Says which of Debian's packages to install."""


def demand(packages: str, *paths: Path | str | None) -> None:
    if any(path is None or not Path(path).exists() for path in paths):
        raise NotInstalledError(f"apt-get install --no-install-recommends {packages}")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def owned_folder(owner: str) -> Iterator[tuple[Path, Callable[..., list[str]]]]:
    """A temporary folder that belongs to whom a server runs as, and how to run a command as
    them."""
    with tempfile.TemporaryDirectory(prefix="fikad-server-", dir="/tmp") as temporary:
        folder = Path(temporary)
        prefix: list[str] = []
        if os.geteuid() == 0:
            account = pwd.getpwnam(owner)
            os.chown(folder, account.pw_uid, account.pw_gid)
            prefix = ["setpriv", "--reuid", owner, "--regid", str(account.pw_gid), "--init-groups"]
        yield folder, lambda *command: [*prefix, *map(str, command)]


@contextmanager
def running_server(command: list[str], log: Path, **options: object) -> Iterator[None]:
    """A server process and what it starts, ended together."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,  # type: ignore[call-overload]
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # PHP's workers outlive their parent
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until_it_answers(answers: Callable[[], bool], log: Path) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        try:
            if answers():
                return
        except (OSError, imaplib.IMAP4.error):
            pass  # it is not up yet; what it logged is told if it never is
        time.sleep(0.1)
    raise AssertionError(f"the server does not answer: {log.read_text(errors='replace')[-3000:]}")


@dataclass(slots=True)
class DebianServer(servers.Server):
    """A server on which every test has users of its own."""

    def auth(self, user: str) -> servers.Credentials:
        return user, PASSWORD

    def principal(self, user: str) -> str:
        """The path of the user's principal."""
        raise NotImplementedError

    @staticmethod
    def owner_of(calendar_url: str) -> str:
        return owner_and_name(calendar_url)[0]

    def share_for_writing(self, calendar_url: str, other: str) -> None:
        """Let another user read and write a calendar."""
        raise NotImplementedError

    def share_free_busy(self, user: str) -> None:
        """Let everybody ask when a user is busy."""
        raise NotImplementedError

    def hide_free_busy(self, user: str) -> None:
        """Let nobody ask."""
        raise NotImplementedError

    def fill(self, calendar_url: str, texts: Mapping[str, str]) -> None:
        owner = self.owner_of(calendar_url)
        for name, text in texts.items():
            servers.put(calendar_url + urllib.parse.quote(name), text, self.auth(owner))


def owner_and_name(calendar_url: str) -> tuple[str, str]:
    owner, name = urllib.parse.urlsplit(calendar_url).path.rstrip("/").split("/")[-2:]
    return owner, name


# --- Cyrus ---


@dataclass(slots=True)
class CyrusServer(DebianServer):
    imap_port: int = 0

    def home(self, user: str) -> str:
        return f"{self.url}dav/calendars/user/{user}/"

    def principal(self, user: str) -> str:
        return f"/dav/principals/user/{user}/"

    def add_user(self, user: str, password: str | None = None) -> str:
        """Make a mailbox, with which calendars come."""
        _saslpasswd(self.folder, user)
        with self._admin() as imap:
            answer, said = imap.create(f"user/{user}")
            assert answer == "OK", said
        return self.home(user)

    def share_for_writing(self, calendar_url: str, other: str) -> None:
        owner, name = owner_and_name(calendar_url)
        with self._admin() as imap:
            answer, said = imap.setacl(f"user/{owner}/#calendars/{name}", other, "lrswipkxten")
            assert answer == "OK", said

    def share_free_busy(self, user: str) -> None:
        """Cyrus lets everybody ask unless told otherwise."""

    def hide_free_busy(self, user: str) -> None:
        with self._admin() as imap:
            answer, said = imap.setacl(f"user/{user}/#calendars/Inbox", "anyone", '""')
            assert answer == "OK", said

    @contextmanager
    def _admin(self) -> Iterator[imaplib.IMAP4]:
        imap = imaplib.IMAP4("127.0.0.1", self.imap_port)
        try:
            imap.login("admin", PASSWORD)
            yield imap
        finally:
            imap.logout()


def _saslpasswd(folder: Path, user: str) -> None:
    database = folder / "sasldb2"
    subprocess.run(
        ["/usr/sbin/saslpasswd2", "-p", "-c", "-f", database, "-u", "fikad.test", user],
        input=PASSWORD.encode(),
        check=True,
        capture_output=True,
    )
    database.chmod(0o644)


_IMAPD_CONF = """
configdirectory: {folder}/config
partition-default: {folder}/spool
defaultpartition: default
admins: admin
cyrus_user: {user}
servername: fikad.test
loginrealms: fikad.test
defaultdomain: fikad.test
allowplaintext: yes
sasl_mech_list: PLAIN
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
httpmodules: caldav
httpallowcompress: no
unixhierarchysep: yes
altnamespace: yes
virtdomains: off
duplicate_db_path: {folder}/config/deliver.db
statuscache_db_path: {folder}/config/statuscache.db
ptscache_db_path: {folder}/config/ptscache.db
tls_sessions_db_path: {folder}/config/tls.db
mboxname_lockpath: {folder}/lock
proc_path: {folder}/proc
lmtpsocket: {folder}/lmtp
idlesocket: {folder}/idle
notifysocket: {folder}/notify
sievedir: {folder}/sieve
"""
_CYRUS_CONF = """
START {{
    recover cmd="{bin}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
    imap cmd="{bin}/imapd -C {folder}/imapd.conf" listen="127.0.0.1:{imap}" prefork=0
    http cmd="{bin}/httpd -C {folder}/imapd.conf" listen="127.0.0.1:{http}" prefork=0
}}
EVENTS {{
}}
"""


@contextmanager
def cyrus() -> Iterator[CyrusServer]:
    """A Cyrus IMAP with its CalDAV. Raises NotInstalledError."""
    demand(
        "cyrus-imapd cyrus-caldav sasl2-bin",
        CYRUS / "master",
        CYRUS / "httpd",
        "/usr/sbin/saslpasswd2",
    )
    with owned_folder("cyrus") as (folder, as_user):
        http, imap = free_port(), free_port()
        for name in ("config", "spool", "lock", "proc", "sieve"):
            subprocess.run(as_user("mkdir", folder / name), check=True)
        user = pwd.getpwuid(folder.stat().st_uid).pw_name
        (folder / "imapd.conf").write_text(_IMAPD_CONF.format(folder=folder, user=user))
        (folder / "cyrus.conf").write_text(
            _CYRUS_CONF.format(bin=CYRUS, folder=folder, imap=imap, http=http)
        )
        _saslpasswd(folder, "admin")
        log = folder / "log"
        command = as_user(
            CYRUS / "master",
            "-C",
            folder / "imapd.conf",
            "-M",
            folder / "cyrus.conf",
            "-p",
            folder / "master.pid",
        )
        with running_server(command, log):
            server = CyrusServer(f"http://127.0.0.1:{http}/", folder, imap_port=imap)

            def answers() -> bool:
                imaplib.IMAP4("127.0.0.1", imap).logout()
                return servers.send("OPTIONS", f"{server.url}dav/").status < 500

            until_it_answers(answers, log)
            yield server


# --- DAViCal ---


@dataclass(slots=True)
class DAViCalServer(DebianServer):
    run_sql: Callable[[str], str] = lambda sql: sql

    def home(self, user: str) -> str:
        return f"{self.url}caldav.php/{user}/"

    def principal(self, user: str) -> str:
        return f"/caldav.php/{user}/"

    def add_user(self, user: str, password: str | None = None) -> str:
        self.run_sql(
            "INSERT INTO usr (active, email_ok, username, password, fullname, email)"
            f" VALUES (true, now(), '{user}', '**{PASSWORD}', '{user}', '{user}@example.com');"
            "INSERT INTO principal (type_id, user_no, displayname, default_privileges)"
            f" SELECT 1, user_no, '{user}', 0::bit(24) FROM usr WHERE username = '{user}';"
        )
        return self.home(user)

    def share_for_writing(self, calendar_url: str, other: str) -> None:
        owner, name = owner_and_name(calendar_url)
        self.run_sql(
            "INSERT INTO grants (by_principal, by_collection, to_principal, privileges)"
            " SELECT NULL, c.collection_id, p.principal_id,"
            " privilege_to_bits(ARRAY['DAV::read','DAV::write'])"
            f" FROM collection c, dav_principal p WHERE c.dav_name = '/{owner}/{name}/'"
            f" AND p.username = '{other}';"
        )

    def share_free_busy(self, user: str) -> None:
        self.run_sql(
            "UPDATE principal SET default_privileges = privilege_to_bits("
            "ARRAY['caldav:read-free-busy'])"
            f" FROM usr WHERE usr.user_no = principal.user_no AND usr.username = '{user}';"
        )

    def hide_free_busy(self, user: str) -> None:
        """DAViCal lets nobody ask unless told otherwise."""


@contextmanager
def postgres(
    folder: Path, as_user: Callable[..., list[str]], address: str = "", port: int = 5432
) -> Iterator[None]:
    """A PostgreSQL that trusts everybody who reaches its socket in `folder`, or its address."""
    [binaries] = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
    options = {"cwd": folder}
    subprocess.run(
        as_user(binaries / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres", "-N"),
        check=True,
        capture_output=True,
        cwd=folder,
    )
    command = as_user(
        binaries / "postgres",
        "-D",
        folder / "data",
        "-k",
        folder,
        "-h",
        address,
        "-p",
        str(port),
        "-F",
    )
    log = folder / "postgres.log"
    with running_server(command, log, **options):
        until_it_answers(
            lambda: (folder / f".s.PGSQL.{port}").exists() and _ready(binaries, folder, port), log
        )
        yield


def _ready(binaries: Path, folder: Path, port: int) -> bool:
    ready = [str(binaries / "pg_isready"), "-q", "-h", str(folder), "-p", str(port)]
    asked = subprocess.run(ready, check=False)
    return asked.returncode == 0


_DAVICAL_CONF = """<?php
$c->pg_connect[] = 'host={folder} dbname=davical user=davical_app';
$c->domain_name = '127.0.0.1';
$c->sysabbr = 'fikad';
$c->admin_email = 'admin@example.com';
$c->system_name = 'DAViCal';
$c->default_locale = 'en';
$c->enable_row_linking = true;
$c->readonly_webdav_collections = false;
"""
_PHP_INI = """
display_errors = Off
log_errors = On
error_log = {folder}/php.log
error_reporting = E_ERROR
include_path = "/usr/share/davical/inc:/usr/share/awl/inc:/usr/share/php"
open_basedir = "{folder}:/usr/share/davical:/usr/share/awl:/usr/share/php"
"""
"""The folder's own config is found once the system's, which would come first, is out of reach."""


@contextmanager
def davical() -> Iterator[DAViCalServer]:
    """A DAViCal in PHP's own web server. Raises NotInstalledError."""
    demand(
        "davical php-cli php-pgsql php-xml postgresql libdbd-pg-perl libyaml-perl",
        DAVICAL / "htdocs" / "caldav.php",
        shutil.which("php"),
        "/usr/lib/postgresql",
    )
    with owned_folder("postgres") as (folder, as_user), postgres(folder, as_user):

        def psql(*arguments: str | Path) -> str:
            ran = subprocess.run(
                as_user(
                    "psql",
                    "-h",
                    folder,
                    "-U",
                    "postgres",
                    "-qXAt",
                    "-v",
                    "ON_ERROR_STOP=1",
                    *arguments,
                ),
                check=False,
                capture_output=True,
                text=True,
                cwd=folder,
            )
            assert ran.returncode == 0, ran.stderr
            return ran.stdout

        _make_database(folder, psql)
        port = free_port()
        (folder / "config").mkdir()
        (folder / "config" / "config.php").write_text(_DAVICAL_CONF.format(folder=folder))
        (folder / "php.ini").write_text(_PHP_INI.format(folder=folder))
        shutil.copytree(DAVICAL / "htdocs", folder / "htdocs", symlinks=True)
        command = as_user(
            "env",
            "PHP_CLI_SERVER_WORKERS=4",
            "php",
            "-c",
            folder / "php.ini",
            "-S",
            f"127.0.0.1:{port}",
            "-t",
            folder / "htdocs",
        )
        log = folder / "log"
        with running_server(command, log, cwd=folder):
            server = DAViCalServer(f"http://127.0.0.1:{port}/", folder)
            server.run_sql = lambda sql: psql("-c", sql, "davical")
            until_it_answers(
                lambda: servers.send("OPTIONS", f"{server.url}caldav.php/").status < 500, log
            )
            yield server


def _make_database(folder: Path, psql: Callable[..., str]) -> None:
    """DAViCal's own tables, as its `create-database.sh` makes them."""
    psql("-c", "CREATE USER davical_dba SUPERUSER", "-c", "CREATE USER davical_app", "template1")
    psql(
        "-c",
        "CREATE DATABASE davical OWNER davical_dba ENCODING 'UTF8' TEMPLATE template0",
        "template1",
    )
    awl = Path("/usr/share/awl/dba")
    for script in (
        awl / "awl-tables.sql",
        awl / "schema-management.sql",
        DAVICAL / "dba" / "davical.sql",
    ):
        psql("-U", "davical_dba", "-f", script, "davical")
    ran = subprocess.run(
        [
            DAVICAL / "dba" / "update-davical-database",
            "--dbhost",
            folder,
            "--dbuser",
            "davical_dba",
            "--dbname",
            "davical",
            "--appuser",
            "davical_app",
            "--nopatch",
            "--owner",
            "davical_dba",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    psql("-U", "davical_dba", "-f", DAVICAL / "dba" / "base-data.sql", "davical")
