"""sabre/dav from Debian's packages, as its example of a calendar server: SQLite, PHP's own web
server."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.connectors import servers
from tests.connectors.servers_debian.debian import (
    PASSWORD,
    DebianServer,
    demand,
    free_port,
    owned_folder,
    owner_and_name,
    running_server,
    until_it_answers,
)

SQL = Path("/usr/share/doc/php-sabre-dav/examples/sql")
_INDEX = """<?php
date_default_timezone_set('UTC');
ini_set('display_errors', '0');
error_reporting(E_ALL & ~E_DEPRECATED & ~E_NOTICE & ~E_WARNING & ~E_STRICT);
require_once 'Sabre/autoload.php';

class Everybody extends \\Sabre\\DAV\\Auth\\Backend\\AbstractBasic {{
    function validateUserPass($user, $password) {{ return $password === '{password}'; }}
}}

$pdo = new \\PDO('sqlite:{folder}/db.sqlite');
$pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$pdo->exec('PRAGMA busy_timeout = 10000');
$principals = new \\Sabre\\DAVACL\\PrincipalBackend\\PDO($pdo);
$server = new \\Sabre\\DAV\\Server(array(
    new \\Sabre\\CalDAV\\Principal\\Collection($principals),
    new \\Sabre\\CalDAV\\CalendarRootNode($principals, new \\Sabre\\CalDAV\\Backend\\PDO($pdo)),
));
$server->setBaseUri('/');
$server->addPlugin(new \\Sabre\\DAV\\Auth\\Plugin(new Everybody(), 'fikad'));
$server->addPlugin(new \\Sabre\\DAVACL\\Plugin());
$server->addPlugin(new \\Sabre\\CalDAV\\Plugin());
$server->exec();
"""
_USER = """
INSERT INTO principals (uri, email, displayname) VALUES
    ('principals/{0}', '{0}@example.com', '{0}'),
    ('principals/{0}/calendar-proxy-read', NULL, NULL),
    ('principals/{0}/calendar-proxy-write', NULL, NULL);
"""
_DELEGATE = """
INSERT INTO groupmembers (principal_id, member_id) SELECT owned.id, member.id
    FROM principals owned, principals member
    WHERE owned.uri = 'principals/{0}/calendar-proxy-write' AND member.uri = 'principals/{1}';
"""


@dataclass(slots=True)
class SabreServer(DebianServer):
    def home(self, user: str) -> str:
        return f"{self.url}calendars/{user}/"

    def principal(self, user: str) -> str:
        return f"/principals/{user}/"

    def add_user(self, user: str, password: str | None = None) -> str:
        self._run(_USER.format(user))
        return self.home(user)

    def share_for_writing(self, calendar_url: str, other: str) -> None:
        """It shares no single calendar, but has delegates for all of them."""
        self._run(_DELEGATE.format(owner_and_name(calendar_url)[0], other))

    def share_free_busy(self, user: str) -> None:
        pytest.skip("sabre/dav 1.8 shows nobody's calendars to the one who asks (3.7)")

    hide_free_busy = share_free_busy

    def _run(self, sql: str) -> None:
        with closing(sqlite3.connect(self.folder / "db.sqlite", timeout=20)) as database:
            database.executescript(sql)


@contextmanager
def sabre() -> Iterator[SabreServer]:
    """A sabre/dav. Raises NotInstalledError."""
    demand(
        "php-sabre-dav php-cli php-sqlite3 php-xml php-mbstring",
        SQL,
        "/usr/share/php/Sabre/autoload.php",
        shutil.which("php"),
    )
    with owned_folder("www-data") as (folder, as_user):
        (folder / "public").mkdir()
        index = folder / "public" / "index.php"
        index.write_text(_INDEX.format(folder=folder, password=PASSWORD))
        port = free_port()
        tables = "".join(
            (SQL / f"sqlite.{name}.sql").read_text() for name in ("calendars", "principals")
        )
        server = SabreServer(f"http://127.0.0.1:{port}/", folder)
        server._run(tables)
        shutil.chown(folder / "db.sqlite", *_owner(folder))
        log = folder / "log"
        command = as_user(
            *("env", "PHP_CLI_SERVER_WORKERS=4", "php", "-S", f"127.0.0.1:{port}"), index
        )
        with running_server(command, log, cwd=folder / "public"):
            until_it_answers(lambda: servers.send("OPTIONS", server.url).status < 500, log)
            yield server


def _owner(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_uid, found.st_gid
