"""Where `fikad` starts. The poll that a timer asks for, `fikad once --no-plan`, is tried as a short
one before the command line is loaded; whatever else is asked for, or found, goes through that."""

from __future__ import annotations

import os
import sys

_PLACES = ("--config", "--state")


def main() -> None:
    """Run fikad and exit, with the codes of `daemon.cli.main`."""
    said = _shortly(sys.argv[1:])
    if said is None:
        from daemon.cli import main as command_line

        command_line()
        return
    try:
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has closed it; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _shortly(words: list[str]) -> str | None:
    """What a short poll has to say; None where the words ask for anything else, or there was
    none."""
    asked = plain_poll(words)
    if asked is None:
        return None
    from datetime import UTC, datetime

    from daemon.polling.short import NOTHING_NEW, said_again

    config, state, as_json = asked
    said = said_again(config, state, datetime.now(UTC))
    if said is None or not as_json:
        return None if said is None else NOTHING_NEW
    import json

    return json.dumps(said, indent=2, ensure_ascii=True)


def plain_poll(words: list[str]) -> tuple[str, str, bool] | None:
    """The config file and the state folder of a poll, and whether it answers in JSON, where the
    words are no others than `once --no-plan`, `--json`, and the places, spelled in full and each
    once. None for all else, right or wrong: the command line knows."""
    places: dict[str, str] = {}
    rest: list[str] = []
    following = iter(words)
    for word in following:
        if word in _PLACES and word not in places:
            places[word] = next(following, "")
        else:
            rest.append(word)
    if sorted(rest) not in (["--no-plan", "once"], ["--json", "--no-plan", "once"]):
        return None
    if rest[0] != "once":
        return None
    config, state = (places[word] if word in places else _usual_place(word) for word in _PLACES)
    plain = all(
        os.path.isabs(place) and os.path.normpath(place) == place  # noqa: PTH117 - pathlib is more to load
        for place in (config, state)
    )
    return (config, state, "--json" in rest) if plain else None


def _usual_place(word: str) -> str:
    from daemon.paths import locate, state_dir

    return str(locate() if word == "--config" else state_dir())
