"""Looks up what a domain says of its mail: who may send it (SPF), how it is signed (DKIM), what becomes of the rest (DMARC)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 4.0  # for one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the domain name system answers. None = nobody answered, "" = there is none."""

    spf: str | None
    dmarc: str | None
    dkim: bool | None  # whether the domain publishes any key; which one the mail server signs with is not known here


def look_up(domain: str, resolver: "Resolver | None" = None) -> Records:
    """Ask the machine's resolver. An outage is an answer (None), never an error."""
    from dns.exception import DNSException
    from dns.resolver import Resolver

    try:
        asked = resolver or Resolver()
    except DNSException:  # the machine names no resolver
        return Records(spf=None, dmarc=None, dkim=None)
    asked.lifetime = SECONDS
    spf = _first(_texts(f"{domain}", asked), "v=spf1")
    dmarc = _first(_texts(f"_dmarc.{domain}", asked), "v=DMARC1")
    above = domain.partition(".")[2]
    if dmarc == "" and "." in above:  # RFC 7489, 6.6.3: the organisation's own record counts for the domains below it
        dmarc = _first(_texts(f"_dmarc.{above}", asked), "v=DMARC1")
    return Records(spf=spf, dmarc=dmarc, dkim=_exists(f"_domainkey.{domain}", asked))


def _texts(name: str, resolver: "Resolver") -> Sequence[str] | None:
    from dns.exception import DNSException
    from dns.resolver import NXDOMAIN, NoAnswer

    try:
        answer = resolver.resolve(name, "TXT")
    except (NXDOMAIN, NoAnswer):
        return ()
    except DNSException:
        return None
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]


def _exists(name: str, resolver: "Resolver") -> bool | None:
    """Whether there is anything under a name. A name with others below it exists, though it holds nothing itself (RFC 8020)."""
    from dns.exception import DNSException
    from dns.resolver import NXDOMAIN, NoAnswer

    try:
        resolver.resolve(name, "TXT")
    except NXDOMAIN:
        return False
    except NoAnswer:
        return True
    except DNSException:
        return None
    return True


def _first(texts: Sequence[str] | None, begins: str) -> str | None:
    if texts is None:
        return None
    return next((text for text in texts if text.lower().startswith(begins.lower())), "")
