"""What a domain says of its mail is asked of a real resolver: here a small one of our own, on this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset

from digest.send.records import Records, look_up

ZONE = {
    "garrisonpost.example": '"v=spf1 include:mail.example -all"',
    "_dmarc.garrisonpost.example": '"v=DMARC1; p=reject"',
    "s1._domainkey.garrisonpost.example": '"v=DKIM1; p=AAAA"',
    "two.example": '"google-site-verification=1" ',
    "long.example": '"v=spf1 include:a.example " "include:b.example -all"',
}


@contextmanager
def a_resolver(zone: dict[str, str] = ZONE, *, silent: bool = False) -> "Iterator[dns.resolver.Resolver]":
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                asked, who = server.recvfrom(4096)
            except OSError:
                return
            if not silent:
                server.sendto(answered(zone, dns.message.from_wire(asked)).to_wire(), who)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
    yield resolver
    server.close()


def answered(zone: dict[str, str], question: dns.message.Message) -> dns.message.Message:
    """As a name server answers: NXDOMAIN only where nothing stands at the name nor below it."""
    name = question.question[0].name.to_text(omit_final_dot=True)
    reply = dns.message.make_response(question)
    if name in zone:
        reply.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "TXT", zone[name]))
    elif not any(known.endswith("." + name) for known in zone):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply


def test_a_domain_that_has_all_three():
    with a_resolver() as resolver:
        assert look_up("garrisonpost.example", resolver) == Records(
            spf="v=spf1 include:mail.example -all", dmarc="v=DMARC1; p=reject", dkim=True
        )


def test_a_domain_below_has_the_dmarc_of_the_one_above():
    with a_resolver() as resolver:
        assert look_up("news.garrisonpost.example", resolver) == Records(spf="", dmarc="v=DMARC1; p=reject", dkim=False)


def test_other_texts_are_no_records():
    with a_resolver() as resolver:
        assert look_up("two.example", resolver) == Records(spf="", dmarc="", dkim=False)


def test_a_long_record_is_put_together():
    with a_resolver() as resolver:
        assert look_up("long.example", resolver).spf == "v=spf1 include:a.example include:b.example -all"


def test_where_nobody_answers_nothing_is_claimed(monkeypatch):
    monkeypatch.setattr("digest.send.records.SECONDS", 0.2)
    with a_resolver(silent=True) as resolver:
        assert look_up("garrisonpost.example", resolver) == Records(spf=None, dmarc=None, dkim=None)
