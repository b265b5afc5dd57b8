"""What a caller keeps of a calendar between polls, as the ledger does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.base import KnownResources, Resource, SourceFile


@dataclass(kw_only=True)
class Stored:
    texts: dict[str, str] = field(default_factory=dict)
    etags: dict[str, str | None] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    sources: dict[str, SourceFile] = field(default_factory=dict)
    token: str | None = None

    @property
    def known(self) -> KnownResources:
        return KnownResources(dict(self.etags), dict(self.groups), dict(self.sources))

    def store(self, resources: Iterable[Resource]) -> None:
        for resource in resources:
            self.texts[resource.href] = resource.text
            self.etags[resource.href] = resource.etag
            self.groups[resource.href] = resource.group or resource.href
            self.sources.pop(resource.href, None)
            if resource.source:
                self.sources[resource.href] = resource.source

    def drop(self, hrefs: Iterable[str]) -> None:
        for href in hrefs:
            del self.texts[href], self.etags[href]
            self.groups.pop(href, None)
            self.sources.pop(href, None)
