"""SOGo from Debian's packages, with a PostgreSQL and a memcached of its own.

It takes its settings as arguments, which go before those of the system's own file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from tests.connectors import servers
from tests.connectors.servers_debian.debian import (
    PASSWORD,
    DebianServer,
    demand,
    free_port,
    owned_folder,
    postgres,
    running_server,
    until_it_answers,
)

SOGOD = Path("/usr/sbin/sogod")
_ROLES = ("ObjectCreator", "ObjectEraser", "PublicModifier", "PrivateModifier")
_USERS = (
    '({type = sql; id = people; viewURL = "%s/sogo_users"; canAuthenticate = YES;'
    " isAddressBook = NO; userPasswordAlgorithm = none;})"
)


@dataclass(slots=True)
class SogoServer(DebianServer):
    run_sql: Callable[[str], None] = lambda sql: None

    def home(self, user: str) -> str:
        return f"{self.url}SOGo/dav/{user}/Calendar/"

    def principal(self, user: str) -> str:
        return f"/SOGo/dav/{user}/"

    def add_user(self, user: str, password: str | None = None) -> str:
        self.run_sql(
            "INSERT INTO sogo_users VALUES"
            f" ('{user}', '{user}', '{PASSWORD}', '{user}', '{user}@example.com');"
        )
        return self.home(user)

    @staticmethod
    def owner_of(calendar_url: str) -> str:
        return calendar_url.rstrip("/").split("/")[-3]

    def share_for_writing(self, calendar_url: str, other: str) -> None:
        self._set_roles(calendar_url, other, _ROLES)

    def share_free_busy(self, user: str) -> None:
        """Who has no role in a calendar is told of nothing in it, as if its owner were free."""
        self._set_roles(f"{self.home(user)}own/", "<default>", ("PublicDAndTViewer",))

    def hide_free_busy(self, user: str) -> None:
        """SOGo tells nobody unless told otherwise."""

    def _set_roles(self, calendar_url: str, who: str, roles: Iterable[str]) -> None:
        answer = servers.send(
            "POST",
            calendar_url,
            '<acl-query xmlns="urn:inverse:params:xml:ns:inverse-dav">'
            f"<set-roles user={quoteattr(who)}>{''.join(f'<{role}/>' for role in roles)}"
            "</set-roles></acl-query>",
            {"Content-Type": "application/xml"},
            self.auth(self.owner_of(calendar_url)),
        )
        assert answer.status < 300, answer.text


@contextmanager
def sogo() -> Iterator[SogoServer]:
    """A SOGo. Raises NotInstalledError."""
    demand("sogo memcached postgresql", SOGOD, shutil.which("memcached"), "/usr/lib/postgresql")
    with (
        owned_folder("postgres") as (tables, as_postgres),
        owned_folder("sogo") as (folder, as_sogo),
    ):
        sql_port, cache_port, port = free_port(), free_port(), free_port()
        with postgres(tables, as_postgres, "127.0.0.1", sql_port):

            def psql(sql: str) -> None:
                reached = ["-h", str(tables), "-p", str(sql_port), "-U", "postgres"]
                subprocess.run(
                    as_postgres("psql", *reached, "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", sql),
                    check=True,
                    capture_output=True,
                    cwd=tables,
                )

            psql(
                "CREATE TABLE sogo_users (c_uid varchar(99) PRIMARY KEY, c_name varchar(99),"
                " c_password varchar(99), c_cn varchar(99), mail varchar(99))"
            )
            cache = as_sogo("memcached", "-l", "127.0.0.1", "-p", cache_port)
            command = as_sogo(
                *("env", f"HOME={folder}", SOGOD, *_settings(folder, sql_port, cache_port, port))
            )
            log = folder / "log"
            with (
                running_server(cache, folder / "memcached.log"),
                running_server(command, log, cwd=folder),
            ):
                server = SogoServer(f"http://127.0.0.1:{port}/", folder)
                server.run_sql = psql
                until_it_answers(
                    lambda: servers.send("OPTIONS", f"{server.url}SOGo/dav/").status < 500, log
                )
                yield server


def _settings(folder: Path, sql_port: int, cache_port: int, port: int) -> Iterator[str]:
    database = f"postgresql://postgres:none@127.0.0.1:{sql_port}/postgres"
    said = {
        "WOPort": f"127.0.0.1:{port}",
        "WONoDetach": "YES",
        "WOWorkersCount": "3",
        "WOLogFile": "-",
        "WOPidFile": folder / "pid",
        "SOGoProfileURL": f"{database}/sogo_user_profile",
        "OCSFolderInfoURL": f"{database}/sogo_folder_info",
        "OCSSessionsFolderURL": f"{database}/sogo_sessions_folder",
        "OCSEMailAlarmsFolderURL": f"{database}/sogo_alarms_folder",
        "SOGoUserSources": _USERS % database,
        "SOGoMemcachedHost": f"127.0.0.1:{cache_port}",
        "SOGoTimeZone": "UTC",
        "SOGoAppointmentSendEMailNotifications": "NO",
        "SOGoMaximumFailedLoginCount": "0",
    }
    for name, value in said.items():
        yield f"-{name}"
        yield str(value)
