"""Address books, among what is kept on WebDAV servers (RFC 6352)."""

from __future__ import annotations

from typing import Final

from connectors.dav.dialect import Dialect
from connectors.dav.multistatus import CARDDAV, DAV, Part


def is_address_book(part: Part) -> bool:
    """Whether a part is an address book, and not in a bin."""
    kind = part.props.get(f"{DAV}resourcetype")
    return (
        kind is not None
        and f"{CARDDAV}addressbook" in kind.tags
        and part.status < 300
        and not any(tag.endswith("}deleted-addressbook") for tag in kind.tags)
    )


ADDRESS_BOOKS: Final = Dialect(
    protocol="CardDAV",
    collection="address book",
    content="contact data",
    program="contacts app",
    well_known="/.well-known/carddav",
    home_set=f"{CARDDAV}addressbook-home-set",
    asked_of_owner=(),
    is_collection=is_address_book,
    multiget=f"{CARDDAV}addressbook-multiget",
    data=f"{CARDDAV}address-data",
    media_type="text/vcard",
    first_line="BEGIN:VCARD",
    suffix=".vcf",
)
