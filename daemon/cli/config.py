"""`fikad config`: check the config file; print its schema or reference."""

from __future__ import annotations

import json

import click

from daemon.cli.options import Places, command, json_option, print_json


@click.group("config", help="Check the config file; print its schema.")
def config_command() -> None:
    pass


@command("check", help="Print every mistake in the config with its place, or say that there is none.")
@json_option
def check(places: Places, as_json: bool) -> int:
    from daemon.config import ConfigError

    problems = []
    try:
        config = places.load()
    except ConfigError as error:
        if not as_json:
            raise
        problems = [
            {
                "file": str(one.path),
                "line": one.line,
                "column": one.column,
                "message": one.message,
                "hint": one.hint,
            }
            for one in error.problems
        ]
    if as_json:
        print_json({"file": str(places.config), "problems": problems})
        return 10 if problems else 0
    people, accounts = len(config.contacts), len(config.accounts)
    click.echo(f"{places.config} is fine: {people} contacts, {accounts} accounts, time zone {config.zone.key}.")
    return 0


@click.command("schema", help="Print a JSON Schema of the config, for editors.")
@click.option("--markdown", is_flag=True, help="Print the reference of every key instead.")
def schema(markdown: bool) -> None:
    from daemon.config_reference import json_schema, reference

    click.echo(reference() if markdown else json.dumps(json_schema(), indent=2))


config_command.add_command(check)
config_command.add_command(schema)
