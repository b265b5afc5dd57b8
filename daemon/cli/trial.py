"""`fikad try FILE.ics`: who was taken for you, whom you meet, who has gone quiet, what would be
suggested."""

from __future__ import annotations

import click

from daemon.cli.options import Paths, command, json_option


@command(
    "try",
    help="Look at calendars: whom you meet, who has gone quiet, what fikad would suggest. An .ics"
    " file, a folder or a .zip of them, or the address of a published calendar; several are taken"
    " together.",
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--me", multiple=True, metavar="ADDRESS", help="Your own address; may be given several times."
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    help='A language of the titles, as "de"; may be given several times. [default: as they look]',
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 52),
    default=2,
    show_default=True,
    help="How far ahead to suggest.",
)
@json_option
def try_command(
    paths: Paths,
    files: tuple[str, ...],
    me: tuple[str, ...],
    languages: tuple[str, ...],
    weeks: int,
    as_json: bool,
) -> None:
    """Writes nothing anywhere. Exit code 12 when something cannot be read."""
    from daemon.cli.trying import TrialRequest, try_sources

    try_sources(TrialRequest(files, me, languages, weeks), as_json=as_json)
