"""Expanding calendar texts where it can be killed.

A recurrence rule of 200 bytes can keep a processor busy for ever or fill the memory. So texts are
expanded in a child process with limits: a series that takes too long is interrupted and becomes a
problem of that series alone, and if the child itself dies or falls silent, the job it was at
becomes the problem, and a fresh child goes on with the rest. What counts is the processor time that
the child has used, never the wall clock: a machine that sleeps, or has no time for us, breaks no
event.

Jobs and results go through pipes as pickles, in bundles, some of them ahead of the answers so that
neither side waits. Over which job of a bundle a child died nobody can tell: those that are not
answered are then tried one by one. The iCalendar libraries are loaded by the child alone."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from connectors.base import Problem
from connectors.errors import UnreadableError
from connectors.ical.expansion_job import CPU_SECONDS, Expansion, ExpansionJob
from connectors.ical.expansion_process import ExpansionProcess, not_started
from connectors.sanitize import sanitize

LOOK_SECONDS: Final = 10.0
"""So often the parent looks at what a silent child has used."""

_AHEAD = 3
"""So many bundles are sent before their answers came."""
_MOST_TOGETHER = 25
_MOST_CHARACTERS = 100_000
"""Jobs of a bundle, and of their texts: more would save nothing. A larger text goes alone."""
_HOPELESS = 20
"""After so many deaths in a row a text that nothing is wrong with must show whether the texts are
to blame."""
_HARMLESS = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20000101T000000Z\nEND:VEVENT\nEND:VCALENDAR\n"
)
_TOO_LONG = (
    "its calendar text takes too long or too much memory to expand and was set aside; it is tried "
    "again every day:"
    " correct or delete the event in your calendar"
)
_UID = re.compile(r"^UID[^:\n]*:(.*)$", re.IGNORECASE | re.MULTILINE)


class Expander:
    """Expands jobs in a child process, started at the first job and again whenever it dies.

    Belongs to one thread at a time. Use it as a context manager, or `close` it.
    """

    def __init__(self, *, look_seconds: float = LOOK_SECONDS) -> None:
        self._look_seconds = look_seconds
        self._child: ExpansionProcess | None = None

    def __enter__(self) -> Expander:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one. The expander can be used again."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def expand(self, jobs: Iterable[ExpansionJob]) -> Iterator[tuple[str, Expansion]]:
        """Each job's key and expansion, in the order of the jobs, which are taken as needed.

        Raises UnreadableError when no child can be started, or none survives.
        """
        waiting = _bundled(jobs)
        under_way: deque[deque[ExpansionJob]] = deque()
        deaths = 0
        clean_end = False
        try:
            while True:
                while len(under_way) < _AHEAD and (bundle := next(waiting, None)) is not None:
                    under_way.append(deque(bundle))
                    if self._child is not None:
                        self._child.send(bundle)
                if not under_way:
                    break
                self._start(under_way)
                open_jobs = under_way[0]
                answers = self._answers(open_jobs)
                deaths = 0 if answers else deaths + 1
                if not answers:
                    self.close()
                    if deaths % _HOPELESS == 0:
                        self._demand_life(open_jobs[0])
                    if len(open_jobs) > 1:
                        under_way.popleft()
                        under_way.extendleft(deque([job]) for job in reversed(open_jobs))
                        continue
                    answers = [_given_up(open_jobs[0])]
                for answer in answers:
                    yield open_jobs.popleft().key, answer
                if not open_jobs:
                    under_way.popleft()
            clean_end = True
        finally:
            if not clean_end:
                # answers to jobs that nobody asks for any more may still be in the pipe
                self.close()

    def _start(self, under_way: Iterable[Sequence[ExpansionJob]]) -> None:
        """See that there is a child that has been sent all that is under way."""
        if self._child is None:
            self._child = ExpansionProcess(self._look_seconds)
            for bundle in under_way:
                self._child.send(bundle)

    def _answers(self, open_jobs: Sequence[ExpansionJob]) -> Sequence[Expansion]:
        """The next answers to the jobs of one bundle, in their order: one at least, or none when
        the child died over them."""
        assert self._child is not None  # noqa: S101 - it was just started
        seconds = CPU_SECONDS + sum(job.extra_seconds for job in open_jobs)
        # A slow job is answered before the next is begun: silence is never longer than over one.
        seconds += max(job.series_seconds for job in open_jobs)
        return self._child.answers(seconds, len(open_jobs))

    def _demand_life(self, after: ExpansionJob) -> None:
        """Raises UnreadableError if a child dies even of a text that nothing is wrong with."""
        probe = ExpansionProcess(self._look_seconds)
        try:
            probe.send([replace(after, texts=(_HARMLESS,))])
            if not probe.answers(CPU_SECONDS, 1):
                raise UnreadableError(*not_started("it dies again and again"))
        finally:
            probe.end()


def _bundled(jobs: Iterable[ExpansionJob]) -> Iterator[Sequence[ExpansionJob]]:
    """The jobs as they are sent, in their order."""
    bundle: list[ExpansionJob] = []
    characters = 0
    for job in jobs:
        if bundle and characters + job.characters > _MOST_CHARACTERS:
            yield bundle
            bundle, characters = [], 0
        bundle.append(job)
        characters += job.characters
        if len(bundle) == _MOST_TOGETHER:
            yield bundle
            bundle, characters = [], 0
    if bundle:
        yield bundle


def _given_up(job: ExpansionJob) -> Expansion:
    return Expansion((), (Problem(_first_uid(job.texts), _TOO_LONG),), unfinished=True)


def _first_uid(texts: Sequence[str]) -> str:
    """Whose text it was, without parsing it."""
    match = next((uid_line for text in texts if (uid_line := _UID.search(text))), None)
    return sanitize(match[1], 1000) if match else ""
