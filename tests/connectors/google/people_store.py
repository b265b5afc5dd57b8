"""The contacts of one Google user in memory, with Google's ways: sync tokens that live seven days
after the full list and are good for the same question only, deleted people that are told once,
labels as groups of their own, lists that are left out where they would be empty.

The methods that do not begin with `list` are the user at work."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.connectors.google.rules import PEOPLE, body_faults
from tests.connectors.google.store import Refusal

Person = dict[str, Any]
TOKEN_DAYS = 7
_SYSTEM_GROUPS = ("myContacts", "starred", "friends", "family", "coworkers", "blocked", "all")


@dataclass(frozen=True)
class _Since:
    """What a sync token stands for."""

    question: Mapping[str, str]
    number: int
    day: int
    """Of the full list."""


@dataclass
class _Page:
    """What a page token stands for."""

    question: Mapping[str, str]
    rest: list[str]
    delta: bool
    then: _Since


@dataclass
class PeopleStore:
    """One user's contacts. Not thread-safe by itself."""

    page_size: int
    violations: list[str]
    day: int = 0
    """Today, as a number."""
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, Person] = field(default_factory=dict)
    _changed: dict[str, int] = field(default_factory=dict)
    _number: int = 0
    _since: dict[str, _Since] = field(default_factory=dict)
    _pages: dict[str, _Page] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in _SYSTEM_GROUPS:
            shown = {"formattedName": name.title(), "groupType": "SYSTEM_CONTACT_GROUP"}
            self.groups[f"contactGroups/{name}"] = {"name": name, **shown}

    # --- the user at work ---

    def add_label(self, name: str) -> str:
        group = f"contactGroups/{secrets.token_hex(8)}"
        self.groups[group] = {
            "name": name,
            "formattedName": name,
            "groupType": "USER_CONTACT_GROUP",
        }
        return group

    def rename_label(self, group: str, name: str) -> None:
        self.groups[group] |= {"name": name, "formattedName": name}

    def delete_label(self, group: str) -> None:
        """The label goes, and from everybody who had it."""
        del self.groups[group]
        for name, person in self.people.items():
            if group in labels_of(person):
                self.label(name, *(each for each in labels_of(person) if each != group))

    def add_person(self, name: str = "", labels: Sequence[str] = (), **fields: Any) -> str:
        """A person as the user enters them; `fields` in Google's words."""
        number = secrets.randbits(60)
        resource = f"people/c{number}"
        if name:
            first, _, last = name.rpartition(" ")
            fields["names"] = [
                {
                    "displayName": name,
                    "givenName": first or last,
                    "familyName": last if first else "",
                }
            ]
        source = {"type": "CONTACT", "id": f"{number:x}", "etag": f"#{secrets.token_hex(4)}"}
        self._put(resource, {"metadata": {"sources": [source], "objectType": "PERSON"}, **fields})
        self.label(resource, *labels)
        return resource

    def change_person(self, resource: str, **fields: Any) -> None:
        self._put(resource, {**self.people[resource], **fields})

    def label(self, resource: str, *groups: str) -> None:
        """The person is in these groups, and no other."""
        memberships = [
            {"contactGroupMembership": {"contactGroupResourceName": group}}
            for group in ("contactGroups/myContacts", *groups)
        ]
        self.change_person(resource, memberships=memberships)

    def delete_person(self, resource: str) -> None:
        kept = self.people[resource]["metadata"]
        self._put(resource, {"metadata": {**kept, "deleted": True}})

    def link_with_profile(self, resource: str) -> str:
        """Google finds that the person has a profile, which gives them another resource name."""
        linked = f"people/{secrets.randbits(60)}"
        person = self.people.pop(resource)
        del self._changed[resource]
        self._put(linked, person)
        self.people[linked]["metadata"]["previousResourceNames"] = [resource]
        return linked

    def clear(self) -> None:
        """Everybody and every label is gone, as if they had never been."""
        self.people.clear()
        self._changed.clear()
        self.expire_sync_tokens()

    def expire_sync_tokens(self) -> None:
        self.day += TOKEN_DAYS + 1

    def _put(self, resource: str, person: Person) -> None:
        faults = body_faults("Person", person, writing=False, service=PEOPLE)
        assert not faults, faults
        self._number += 1
        etag = f"%Eg{self._number:06}"
        self.people[resource] = {
            **copy.deepcopy(person),
            "resourceName": resource,
            "etag": etag,
        }
        self._changed[resource] = self._number

    # --- the API ---

    def list_connections(self, query: Mapping[str, str]) -> Person:
        question = {
            key: value for key, value in query.items() if key not in ("pageToken", "syncToken")
        }
        if not question.get("personFields"):
            raise self._violation("people.connections.list: personFields is required")
        page = self._page(query, question)
        size = min(int(query.get("pageSize", "100")), self.page_size)
        now, page.rest = page.rest[:size], page.rest[size:]
        fields = question["personFields"].split(",")
        shown = [
            self._shown(self.people[each], fields, page.delta)
            for each in now
            if each in self.people
        ]
        # What is empty is left out.
        answer: Person = {"connections": shown} if shown else {}
        if not page.delta and self._everybody():
            answer["totalItems"] = answer["totalPeople"] = len(self._everybody())
        token = secrets.token_urlsafe(12)
        if page.rest:
            self._pages[token] = page
            return self._held(answer | {"nextPageToken": token}, "ListConnectionsResponse")
        if question.get("requestSyncToken") == "true":
            self._since[token] = page.then
            answer["nextSyncToken"] = token
        return self._held(answer, "ListConnectionsResponse")

    def list_groups(self, query: Mapping[str, str]) -> Person:
        fields = query.get("groupFields", "metadata,groupType,memberCount,name").split(",")
        kept = {*fields, "formattedName"} if "name" in fields else {*fields}
        shown = [
            {key: value for key, value in group.items() if key in kept}
            | {"resourceName": resource, "etag": secrets.token_hex(4)}
            for resource, group in self.groups.items()
        ]
        first = int(query.get("pageToken", "0"))
        size = min(int(query.get("pageSize", "30")), self.page_size)
        answer: Person = {
            "contactGroups": shown[first : first + size],
            "totalItems": len(shown),
        }
        if first + size < len(shown):
            answer["nextPageToken"] = str(first + size)
        else:
            answer["nextSyncToken"] = secrets.token_urlsafe(9)
        return self._held(answer, "ListContactGroupsResponse")

    def _page(self, query: Mapping[str, str], question: Mapping[str, str]) -> _Page:
        if token := query.get("pageToken"):
            page = self._pages.pop(token, None)
            if page is None:
                raise Refusal(400, "INVALID_ARGUMENT")
            self._same(page.question, question)
            return page
        if token := query.get("syncToken"):
            since = self._since.get(token)
            if since is None:
                raise Refusal(400, "INVALID_ARGUMENT")
            if self.day - since.day >= TOKEN_DAYS:
                raise Refusal(400, "EXPIRED_SYNC_TOKEN")
            self._same(since.question, question)
            by_number = sorted(self._changed, key=self._changed.__getitem__)
            changed = [name for name in by_number if self._changed[name] > since.number]
            return _Page(question, changed, True, _Since(question, self._number, since.day))
        return _Page(question, self._everybody(), False, _Since(question, self._number, self.day))

    def _everybody(self) -> list[str]:
        return [
            name for name, person in self.people.items() if not person["metadata"].get("deleted")
        ]

    def _same(self, before: Mapping[str, str], now: Mapping[str, str]) -> None:
        if dict(before) != dict(now):
            raise self._violation(
                f"people.connections.list: the question changed from {dict(before)} to {dict(now)}"
            )

    def _shown(self, person: Person, fields: Sequence[str], delta: bool) -> Person:
        """As the list shows it: what was asked for, and of somebody deleted nothing else."""
        kept = {"resourceName", "etag", *fields}
        if person["metadata"].get("deleted"):
            kept.add("metadata")
        shown = copy.deepcopy({key: value for key, value in person.items() if key in kept})
        if not delta:
            shown.get("metadata", {}).pop("previousResourceNames", None)
        return shown

    def _held(self, answer: Person, schema: str) -> Person:
        faults = body_faults(schema, answer, writing=False, service=PEOPLE)
        assert not faults, faults
        return answer

    def _violation(self, what: str) -> Refusal:
        self.violations.append(what)
        return Refusal(400, "INVALID_ARGUMENT")


def labels_of(person: Person) -> list[str]:
    """The groups that the user put a person into."""
    return [
        each["contactGroupMembership"]["contactGroupResourceName"]
        for each in person.get("memberships", ())
        if each["contactGroupMembership"]["contactGroupResourceName"] != "contactGroups/myContacts"
    ]
