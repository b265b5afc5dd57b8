"""`fikad init`: what was read of the past, whose it is, and in which languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.address_book import Card
from connectors.mail_address import is_mail
from daemon.cli.asking import Asker
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock
from daemon.cli.progress import reading_progress
from daemon.config.schema import Config
from daemon.config.values import parse_email
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.discovery.addresses import guess_me
from daemon.discovery.discovery import Discovery
from daemon.discovery.everybody import CalendarHistory, everybody, history_in
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.languages import guess_languages, in_words
from daemon.discovery.usual_week import PastMeeting
from daemon.ledger.ledger import open_ledger
from daemon.ledger.lock import locked
from daemon.opening import book_opener, opener
from daemon.setup.config_writer import read_text, replace_config, with_languages, with_me


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """What the calendars hold, and everybody met in it one-on-one."""

    config: Config
    history: CalendarHistory
    found: Discovery

    @property
    def people(self) -> tuple[FoundPerson, ...]:
        return self.found.people

    @property
    def meetings(self) -> list[PastMeeting]:
        """The one-on-ones, with their titles."""
        titles = {
            (occurrence.start, occurrence.end): occurrence.title
            for occurrence in self.history.occurrences
        }
        spans = {(met.start, met.end) for person in self.people for met in person.met}
        return [PastMeeting(*span, titles.get(span, "")) for span in sorted(spans)]


def read_history(paths: Paths, ask: Asker, cards: Sequence[Card] = ()) -> ReadHistory | None:
    """Read the calendars; None when that failed. `cards` are those of the user's address book.

    Raises FikadError. What was read stays in the ledger; nothing is written to a calendar."""
    history = _read(paths, ask)
    if history is None:
        return None
    config = _with_spoken(paths, history, ask)
    if not any(map(is_mail, history.mine)):
        config, history = _who_am_i(paths, config, history, ask)
    return ReadHistory(config, history, everybody(config, history, clock(), cards))


def _read(paths: Paths, ask: Asker) -> CalendarHistory | None:
    """One pass that reads and settles, and proposes nothing; None when an account could not be
    read."""
    config = paths.load()
    ask.say("Reading your calendars …")
    with locked(paths.state), open_ledger(paths.state) as ledger, reading_progress() as progress:
        report = run_pass(
            config,
            ledger,
            opener(config, ledger),
            clock,
            PassOptions("none"),
            progress,
            book_opener=book_opener(config, ledger),
        )
        for reading in report.readings:
            if reading.state != "ok":
                tell(
                    f'fikad: account "{reading.account}" ({reading.state}): {reading.message}',
                    err=True,
                )
        if not report.complete:
            ask.say("People can be added once it can be read: `fikad discover`.")
            return None
        history = history_in(ledger, config, clock())
        # Here they are gone through several times, also when the ledger is closed.
        return replace(history, occurrences=tuple(history.occurrences))


def _with_spoken(paths: Paths, history: CalendarHistory, ask: Asker) -> Config:
    """The config, with the languages that the titles look to be in beside those that it names."""
    config = paths.load()
    guessed = guess_languages(occurrence.title for occurrence in history.occurrences)
    if not guessed:
        return config
    ask.say(in_words(guessed))
    known = (config.language,) if config.languages is None else config.languages
    spoken = tuple(code for code in dict.fromkeys((*known, *guessed)) if code != "en")
    if spoken and spoken != config.languages:
        before = read_text(paths.config)
        replace_config(paths.config, before, with_languages(before, spoken))
    return paths.load()


def _who_am_i(
    paths: Paths, config: Config, history: CalendarHistory, ask: Asker
) -> tuple[Config, CalendarHistory]:
    """Nobody said which addresses are the user's: those that the calendars seem to belong to are
    proposed."""
    proposed = ", ".join(guess_me(history.occurrences).addresses)
    if not ask.someone:
        if proposed:
            ask.say(
                f"Your own addresses are not known. These may be yours: {proposed}. Give them "
                "with --me."
            )
        return config, history
    question = (
        "Your own e-mail addresses, as they are in guest lists (separate several with "
        "commas; - for none)"
    )
    me = ask.ask(question, "--me", _addresses, default=proposed or "-")
    if not me:
        return config, history
    before = read_text(paths.config)
    replace_config(paths.config, before, with_me(before, me))
    return paths.load(), replace(history, mine=history.mine.union(me))


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(
        parse_email(address) for address in text.replace(",", " ").split() if address != "-"
    )
