"""`fikad contacts`: who is kept in touch with, and changing that in the config."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from connectors.errors import RefusedError
from daemon.cli.completion import circle_names, contact_names, occasion_names
from daemon.cli.console import print_table, tell
from daemon.cli.options import Paths, clock, command, group, json_option, on_terminal, print_json
from daemon.durations import counted, every

if TYPE_CHECKING:
    from daemon.overview.contacts import Changed, ContactEntries
    from daemon.people.contacts import Contact
    from daemon.setup.contact_editing import ContactChange

_LISTS = {
    "email": ("emails", "ADDRESS", "an address they use in calendars", None),
    "alias": ("aliases", "NAME", "another name that titles may use", None),
    "occasion": ("occasions", "OCCASION", "what you do together, best first", occasion_names),
    "tag": ("tags", "TAG", "what they care about", None),
}
_VALUES = {
    "circle": ("CIRCLE", "the circle they belong to", circle_names),
    "cadence": ("DURATION", 'how often at the least, as "6 weeks"', None),
    "birthday": ("DAY", "as 04-12 or 1980-04-12", None),
    "phone": ("NUMBER", "for a text message where no address is known", None),
    "until": ("DAY", "paused until that day only, as 2026-12-24", None),
    "timezone": ("ZONE", "where they live, as Europe/Berlin", None),
}
_SWITCHES = {
    "new": "somebody you want to get to know",
    "kin": "family and the like: urgency grows half as fast",
    "paused": "never suggested, and named nowhere",
}
"""Options by their names, with the key of the config where it is called otherwise."""


@group("contacts", help="List your contacts; add, edit or remove them in the config.")
@click.option("--all", "everybody", is_flag=True, help="Also those who are paused.")
@json_option
@click.pass_context
def contacts_command(context: click.Context, paths: Paths, everybody: bool, as_json: bool) -> None:
    if context.invoked_subcommand is None:
        _list(paths, everybody=everybody, as_json=as_json)


def _wants_json(as_json: bool) -> bool:
    """Whether --json was given to the command or before its name."""
    parent = click.get_current_context().parent
    return as_json or bool(parent and parent.params.get("as_json"))


@command("list", help="List your contacts, those of address books included.")
@click.option("--all", "everybody", is_flag=True, help="Also those who are paused.")
@json_option
def list_command(paths: Paths, everybody: bool, as_json: bool) -> None:
    _list(paths, everybody=everybody, as_json=_wants_json(as_json))


def _list(paths: Paths, *, everybody: bool, as_json: bool) -> None:
    known = _entries(paths).known(clock())
    if as_json:
        print_json(known.facts())
        return
    shown = known.all if everybody else known.named
    if shown:
        print_table(["name", "circle", "at least", "address", ""], map(_row, shown))
    else:
        tell("Nobody yet: `fikad discover` finds whom you meet, `fikad contacts add` adds them.")
    if known.paused and not everybody:
        paused = counted(len(known.paused), "contact is", "contacts are")
        tell(f"{paused} paused: `fikad contacts --all` names them.")


def _row(contact: Contact) -> tuple[str, ...]:
    more = len(contact.emails) - 1
    address = f"{contact.address} +{more}" if more > 0 else contact.address
    source = "" if contact.source == "config" else f"book {contact.source}"
    told = [name for name in _SWITCHES if getattr(contact, name)]
    return (
        contact.name,
        contact.circle,
        every(contact.cadence),
        address or contact.phone,
        ", ".join(filter(None, (*told, source))),
    )


# --- changing ---


def _options(taking: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options that say something of a contact; `taking`: also those that take it back."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed([*_detail_options(taking=taking)]):
            function = option(function)
        return function

    return wrap


def _detail_options(*, taking: bool) -> Iterable[Callable[..., Any]]:
    for name, (_, metavar, told, complete) in _LISTS.items():
        said = f"{told[0].upper()}{told[1:]}; may be given more than once."
        yield click.option(
            f"--{name}", multiple=True, metavar=metavar, help=said, shell_complete=complete
        )
        if taking:
            yield click.option(
                f"--no-{name}",
                multiple=True,
                is_flag=False,
                flag_value="",
                metavar=f"[{metavar}]",
                help="Take that one away; without a value all of them.",
            )
    for name, (metavar, told, complete) in _VALUES.items():
        said = f"{told[0].upper()}{told[1:]}."
        yield click.option(f"--{name}", metavar=metavar, help=said, shell_complete=complete)
        if taking:
            yield click.option(f"--no-{name}", is_flag=True, help="Take that away.")
    for name, told in _SWITCHES.items():
        both = f"--{name}/--no-{name}" if taking else f"--{name}"
        said = f"{told[0].upper()}{told[1:]}."
        yield click.option(both, is_flag=True, default=None, help=said)


def _change(typed: dict[str, Any]) -> ContactChange:
    """What the options say."""
    from daemon.overview.contacts import ContactChange

    values: dict[str, str | bool] = {
        name: " ".join(typed[name].split()) for name in _VALUES if typed[name] is not None
    }
    values |= {name: True for name in _SWITCHES if typed[name]}
    if typed.get("new_name"):
        values["name"] = " ".join(typed["new_name"].split())
    return ContactChange(values, _dropped(typed), _lists(typed, ""), _lists(typed, "no_"))


def _dropped(typed: dict[str, Any]) -> frozenset[str]:
    """The keys that are to say nothing any more."""
    values = {name for name in _VALUES if typed.get(f"no_{name}")}
    for name in values:
        if typed[name] is not None:
            raise click.UsageError(f"--{name} and --no-{name} cannot both be meant")
    switches = {name for name in _SWITCHES if typed[name] is False}
    return frozenset(values | switches | ({"until"} if "paused" in switches else set()))


def _lists(typed: dict[str, Any], prefix: str) -> dict[str, tuple[str, ...]]:
    """What is said of lists, by key of the config."""
    return {
        key: _texts(name, typed[f"{prefix}{name}"])
        for name, (key, *_) in _LISTS.items()
        if typed.get(f"{prefix}{name}")
    }


def _texts(name: str, typed: Iterable[str]) -> tuple[str, ...]:
    """What was typed, white space folded; nothing where an option was given without a value."""
    texts = [" ".join(text.split()) for text in typed]
    if "" in texts:
        return ()
    return tuple(text.lower() if name == "email" else text for text in texts)


def _entries(paths: Paths) -> ContactEntries:
    from daemon.overview.contacts import ContactEntries

    return ContactEntries(paths.load(), paths.config, paths.state)


@command("add", help="Put NAME into the config.")
@click.argument("name")
@_options(taking=False)
@json_option
def add_command(paths: Paths, name: str, as_json: bool, **typed: Any) -> None:
    added = _entries(paths).add(name, _change(typed), clock())
    if _wants_json(as_json):
        print_json(added.facts())
        return
    tell(f"Added {_told(added)}.")
    tell(f"They are in {paths.config}.")


@command("edit", help="Change what the config says of NAME.")
@click.argument("name", shell_complete=contact_names)
@click.option("--name", "new_name", metavar="NAME", help="Call them so from now on.")
@_options(taking=True)
@json_option
def edit_command(paths: Paths, name: str, as_json: bool, **typed: Any) -> None:
    change = _change(typed)
    if not change:
        raise click.UsageError(
            "say what to change, as in --circle friends or --no-alias: see "
            "`fikad contacts edit --help`"
        )
    changed = _entries(paths).edit(name, change, clock())
    if _wants_json(as_json):
        print_json(changed.facts())
        return
    tell(f"{'Changed' if changed.is_changed else 'Nothing to change'}: {_told(changed)}.")
    _remark(changed)


@command("remove", help="Take NAME out of the config. Asks first.")
@click.argument("name", shell_complete=contact_names)
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
def remove_command(paths: Paths, name: str, yes: bool, as_json: bool) -> None:
    """Exit code 13 without --yes where nobody can be asked."""
    as_json = _wants_json(as_json)
    entries, now = _entries(paths), clock()
    contact = entries.the_contact(name, now)
    entries.demand_removable(contact)
    if not yes:
        if not on_terminal():
            raise RefusedError(
                "remove asks before it takes anybody out, and there is nobody to answer",
                "add --yes",
            )
        tell(
            f"{contact.name} goes out of {paths.config}, and a hold for them that you did not"
            " touch out of your calendar; what you noted stays in the ledger.",
            err=as_json,
        )
        if not click.confirm(f"Remove {contact.name}?", err=as_json):
            tell("Nobody was removed.", err=as_json)
            return
    removed = entries.remove(contact, now)
    if as_json:
        print_json(removed.facts())
        return
    tell(f"Removed {contact.name}.")
    _remark(removed)


def _remark(changed: Changed) -> None:
    for sentence in changed.remarks:
        tell(sentence)


def _told(changed: Changed) -> str:
    """Somebody in a few words: "Jane Doe (jane@example.org), circle friends, every month"."""
    contact = changed.contact
    if contact is None:
        return "nobody"
    known = contact.address or ("" if contact.paused else "no address known: counted by titles")
    parts = [
        f"{contact.name} ({known})" if known else contact.name,
        f"circle {contact.circle}" if contact.circle else "",
        every(contact.cadence),
        *(name for name in _SWITCHES if getattr(contact, name)),
    ]
    return ", ".join(filter(None, parts))


for each in (list_command, add_command, edit_command, remove_command):
    contacts_command.add_command(each)
