"""The system's resolver, asked over the wire: a name server on loopback answers."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import dns.message
import dns.resolver
import dns.rrset
import pytest

from daemon.setup.dns import SystemResolver
from daemon.setup.locating import SrvRecord

RECORDS = {
    ("_caldavs._tcp.example.org.", "SRV"): [
        "0 5 443 dav.example.org.",
        "10 0 8443 spare.example.org.",
    ],
    ("_caldavs._tcp.example.org.", "TXT"): ['"path=/" "dav/"'],
}


class Answers(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, wire = self.request
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        texts = RECORDS.get((question.name.to_text().lower(), kind))
        if texts:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        wire.sendto(answer.to_wire(), self.client_address)


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        yield
        server.shutdown()


@pytest.mark.usefixtures("name_server")
def test_the_records_of_a_name_are_read() -> None:
    resolver = SystemResolver()
    assert set(resolver.servers("_caldavs._tcp.example.org")) == {
        SrvRecord(0, 5, "dav.example.org.", 443),
        SrvRecord(10, 0, "spare.example.org.", 8443),
    }
    assert resolver.texts("_caldavs._tcp.example.org") == ["path=/dav/"]


@pytest.mark.usefixtures("name_server")
@pytest.mark.parametrize("name", ["_caldavs._tcp.nowhere.example", "", "a" * 300, "ex ample..org"])
def test_a_name_without_records_or_that_is_none_gives_nothing(name: str) -> None:
    assert SystemResolver().servers(name) == []
    assert SystemResolver().texts(name) == []
