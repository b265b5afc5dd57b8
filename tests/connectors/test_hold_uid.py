"""The names of holds, in every form in which a calendar gives them back."""

from __future__ import annotations

import pytest

from connectors.errors import ReadOnlyError
from connectors.hold_uid import demand_hold, google_id, is_google_id, is_hold_uid, without_domain

NAME = "fikad-0123abcd-4567efgh"
BARE = "fikad0123abcd4567efgh"


@pytest.mark.parametrize(
    ("uid", "is_hold", "known_as", "at_google"),
    [
        (NAME, True, NAME, BARE),
        (BARE, True, BARE, BARE),
        (f"{BARE}@google.com", False, BARE, ""),
        ("fikad-xyz", True, "fikad-xyz", ""),
        ("fikad-", True, "fikad-", ""),
        ("fikad", False, "", ""),
        ("FIKAD-1", False, "", ""),
        ("somebody@example.com", False, "", ""),
        (f"{NAME}\n", False, f"{NAME}\n", ""),
        ("", False, "", ""),
    ],
)
def test_a_name_is_known_in_every_form(
    uid: str, is_hold: bool, known_as: str, at_google: str
) -> None:
    assert (is_hold_uid(uid), without_domain(uid), google_id(uid)) == (is_hold, known_as, at_google)
    assert is_google_id(at_google) is bool(at_google)


@pytest.mark.parametrize(
    ("uids", "uid"),
    [
        (set(), NAME),
        ({NAME, "other"}, NAME),
        ({"other"}, NAME),
        ({"other"}, "other"),
        ({BARE}, BARE),
        ({"fikad-../x"}, "fikad-../x"),
    ],
)
def test_nothing_but_a_hold_is_written_to(uids: set[str], uid: str) -> None:
    demand_hold({NAME}, NAME)
    with pytest.raises(ReadOnlyError, match="not this hold of ours"):
        demand_hold(uids, uid)
