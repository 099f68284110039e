"""Find every address that an issue sends its readers to, with its place in the plan."""

from collections.abc import Iterator
from dataclasses import dataclass

from digest.edit.check import MARKED_LINK, placed, written
from digest.edit.printing.layout import running, web_address
from digest.model import Issue, Masthead


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """One address at one place."""

    where: str  # as Finding.where
    what: str  # how a message names the place: “Pier reopens”
    url: str
    picture: bool = False


def linked(issue: Issue, masthead: Masthead) -> tuple[Linked, ...]:
    """Every link and every web picture that is printed, in the order of the plan, without the marks for statistics.

    The links of the newsroom's own public pages are made for each reader, and are not among them.
    """
    return tuple(one for one in _all(issue, masthead) if one.url.lower().startswith(("https://", "http://")))


def _all(issue: Issue, masthead: Masthead) -> Iterator[Linked]:
    for where, brief in placed(issue):
        what = f"“{brief.headline}”"
        yield Linked(where=where, what=what, url=web_address(brief.url))
        yield from (Linked(where=where, what=f"“{also.headline or also.source}”", url=web_address(also.url)) for also in brief.also)
        if brief.image:
            yield Linked(where=where, what=f"the picture of {what}", url=web_address(brief.image.url), picture=True)
    shown = {f"sponsor[{at}]": sponsor for at, sponsor in enumerate(issue.sponsors) if sponsor in running(issue)}
    for where, text in written(issue):
        if where == "note" or where in shown:
            yield from (Linked(where=where, what="what is linked", url=web_address(url)) for url in MARKED_LINK.findall(text))
    yield from (Linked(where=where, what=f"“{sponsor.name}”", url=web_address(sponsor.url)) for where, sponsor in shown.items())
    yield Linked(where="digest.toml", what="newsroom.site", url=web_address(masthead.site))
