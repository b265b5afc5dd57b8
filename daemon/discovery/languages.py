"""In which languages the titles of a calendar are, by the words of each that stand in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from daemon.languages.language import every, language
from daemon.people.folding import tokens

_LEAST_TITLES = 3
_LEAST_SHARE = 0.1
"""A language is one of the calendar's when so many titles, and so large a share of those that speak
for one language, speak for it."""


def guess_languages(titles: Iterable[str]) -> tuple[str, ...]:
    """The codes of the languages of these titles, the most frequent first; none where no title
    tells. A title speaks for the language of which most words stand in it; where two have as many
    it speaks for none."""
    votes: Counter[str] = Counter()
    for title in dict.fromkeys(titles):
        codes = Counter(
            code for token in tokens(title) for code in _languages_of().get(token.text, ())
        )
        best = max(codes.values(), default=0)
        winners = [code for code, number in codes.items() if number == best]
        if len(winners) == 1:
            votes[winners[0]] += 1
    least = max(_LEAST_TITLES, _LEAST_SHARE * votes.total())
    return tuple(code for code, number in votes.most_common() if number >= least)


def in_words(codes: Iterable[str]) -> str:
    """ "Your titles look German and English."; "" where nothing is known."""
    from babel import Locale

    from daemon.languages.writing import ENGLISH

    names = [str(Locale.parse(language(code).locale).get_language_name("en")) for code in codes]
    return f"Your titles look {ENGLISH.names(names)}." if names else ""


def unread(titles: Iterable[str], read: Iterable[str]) -> str:
    """What to do when titles are in a language that is not among those `read`; "" when there is
    nothing to do."""
    guessed = guess_languages(titles)
    known = {"en", *read}
    if known.issuperset(guessed):
        return ""
    wanted = ", ".join(f'"{code}"' for code in dict.fromkeys((*read, *guessed)) if code != "en")
    return (
        f"{in_words(guessed)} Write languages = [{wanted}] in the config, so that all of them "
        "are read."
    )


@cache
def _languages_of() -> Mapping[str, frozenset[str]]:
    """The languages of a word."""
    languages: dict[str, frozenset[str]] = {}
    for spoken in every():
        titles = spoken.titles
        words = (*titles.meeting, *titles.not_meeting, *titles.other_verbs, *titles.activities)
        words += tuple(
            date for date in titles.dates if len(date) > 3
        )  # "sam." is a Saturday, and Sam is not
        for phrase in (*words, *titles.joining):
            row = tokens(phrase)
            # Of "thé avec" neither word is taken: folded, the first is the English article.
            if not row or (len(row) > 1 and row[0].text.isascii()):
                continue
            for token in row:
                if token.word and (
                    len(token.text) > 2 or not token.text.isascii() or phrase in titles.joining
                ):
                    languages[token.text] = languages.get(token.text, frozenset()) | {spoken.code}
    return languages
