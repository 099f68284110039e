"""Change an issue as an editor at the desk does: one small change at a time."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from digest.edit.plan import plain, read_brief
from digest.edit.rebuild import all_briefs
from digest.errors import PlanError
from digest.model import Brief, Image, Issue, Note, Section, Sponsor

Change = Mapping[str, Any]
Noun = TypeVar("Noun", Brief, Image, Sponsor)

PLACE = re.compile(
    r"lead|section\[(?P<section>\d{1,5})\](?:\.brief\[(?P<brief>\d{1,5})\])?|offered\[(?P<offered>\d{1,5})\]|sponsor\[(?P<sponsor>\d{1,5})\]"
)
FARTHEST = 99_999  # no plan has so many items
BRIEF_TEXTS = {"headline": "headline", "kicker": "kicker", "summary": "summary", "link": "url", "source": "source", "credit": "credit"}
IMAGE_TEXTS = {"alt": "alt", "caption": "caption", "photo_credit": "credit"}
SPONSOR_TEXTS = {"name": "name", "text": "text", "link": "url", "after": "after"}
SPONSOR_DAYS = {"from": "first", "until": "last"}
LONG_TEXTS = frozenset({"summary", "text"})  # all others stand on one line


def amend(issue: Issue, change: Change) -> Issue:
    """The issue after a change, such as {"do": "set", "place": "section[1].brief[0]", "key": "headline", "value": "Pier reopens"}.

    Places are those of the issue before the change. An item that is not pinned stands below the pinned ones of its section, wherever it
    is put. A section that is left empty stays, and is not printed. Raises PlanError, in one sentence, for a change that makes no sense;
    every issue that is returned can be written as a plan.
    """
    if not isinstance(change, Mapping):
        raise PlanError("A change says what to do, and where.")
    make = CHANGES.get(str(change.get("do")))
    if make is None:
        raise PlanError(f"Nobody can {_short(change.get('do'))} an issue.", hint=f"There are: {', '.join(CHANGES)}.")
    return plain(make(plain(issue), _printable(change)))


# --- single values


def _set(issue: Issue, change: Change) -> Issue:
    place, key, value = _text(change, "place"), _text(change, "key"), change.get("value")
    if not isinstance(value, str):
        raise PlanError(f"{_short(key)} expects a text.")
    if place == "":
        if key not in ("subject", "preheader"):
            raise PlanError(f"An issue has no {_short(key)}.")
        if key == "subject":
            _filled("The subject", value)
        return replace(issue, subject=value) if key == "subject" else replace(issue, preheader=value)
    found = _placed(place)
    if found["sponsor"] is not None:
        return _with_sponsor(issue, place, key, value)
    if found["section"] is not None and found["brief"] is None:
        return _with_section_value(issue, place, key, value)
    return _with_brief(issue, place, _brief_with(_brief(issue, place), key, value))


def _brief_with(brief: Brief, key: str, value: str) -> Brief:
    if key in IMAGE_TEXTS:
        if brief.image is None:
            raise PlanError(f"“{brief.headline}” has no picture.", hint="Choose one first.")
        return replace(brief, image=_with_text(brief.image, IMAGE_TEXTS[key], value))
    if key not in BRIEF_TEXTS:
        raise PlanError(f"An item has no {_short(key)}.")
    if key == "headline":
        _filled("A headline", value)
    return _with_text(brief, BRIEF_TEXTS[key], value)


def _with_section_value(issue: Issue, place: str, key: str, value: str) -> Issue:
    section = _section(issue, place)
    if key == "style":
        if value not in ("full", "headlines"):
            raise PlanError('A style is "full" or "headlines".')
        return _with_section(issue, place, replace(section, style=value))
    if key != "title":
        raise PlanError(f"A section has no {_short(key)}.")
    _filled("A section's title", value)
    if any(other.title == value for other in issue.sections if other is not section):
        raise PlanError(f"There is a section “{value}” already.", hint="Merge the two, or choose another name.")
    renamed = _with_section(issue, place, replace(section, title=value))
    return _following(renamed, section.title, value)


def _with_sponsor(issue: Issue, place: str, key: str, value: str) -> Issue:
    at, sponsor = _sponsor(issue, place)
    if key in SPONSOR_DAYS:
        changed = _with_day(sponsor, SPONSOR_DAYS[key], value)
    elif key in SPONSOR_TEXTS:
        if key in ("name", "text"):
            _filled(f"A sponsor's {key}", value)
        changed = _with_text(sponsor, SPONSOR_TEXTS[key], value)
    else:
        raise PlanError(f"A sponsor has no {_short(key)}.")
    return replace(issue, sponsors=(*issue.sponsors[:at], changed, *issue.sponsors[at + 1 :]))


def _with_day(sponsor: Sponsor, name: str, value: str) -> Sponsor:
    try:
        day = date.fromisoformat(value) if value else None
    except ValueError as error:
        raise PlanError(f"{_short(value)} is no date.", hint="Write it as 2025-08-12.") from error
    return replace(sponsor, first=day) if name == "first" else replace(sponsor, last=day)


def _image(issue: Issue, change: Change) -> Issue:
    place, given = _text(change, "place"), change.get("image")
    if given is None:
        return _with_brief(issue, place, replace(_brief(issue, place), image=None))
    if not isinstance(given, Mapping):
        raise PlanError("A picture is described by its address and words.")
    names = {"url": "image", "alt": "alt", "caption": "caption", "credit": "photo_credit"}
    values = {key: given.get(name, "") for name, key in names.items()}
    size = [given.get("width", 0), given.get("height", 0)]
    image = read_brief({"headline": "-", **values, **({"size": size} if any(size) else {})}).image
    if image is None or not image.url:
        raise PlanError("The picture has no address.")
    return _with_brief(issue, place, replace(_brief(issue, place), image=image))


def _pin(issue: Issue, change: Change) -> Issue:
    place, on = _text(change, "place"), change.get("on", True)
    if not isinstance(on, bool):
        raise PlanError("A pin is on or off.")
    return _with_brief(issue, place, replace(_brief(issue, place), pinned=on))


# --- places


def _move(issue: Issue, change: Change) -> Issue:
    place, at = _text(change, "place"), _number(change, "at")
    found = _placed(place)
    if found["section"] is not None and found["brief"] is None:
        section = _section(issue, place)
        others = [one for one in issue.sections if one is not section]
        others.insert(at, section)
        return replace(issue, sections=tuple(others))
    brief, without = _taken(issue, place)
    return _put(without, brief, _number(change, "section"), at)


def _drop(issue: Issue, change: Change) -> Issue:
    place = _text(change, "place")
    found = _placed(place)
    if found["sponsor"] is not None:
        at, _ = _sponsor(issue, place)
        return replace(issue, sponsors=(*issue.sponsors[:at], *issue.sponsors[at + 1 :]))
    if found["section"] is not None and found["brief"] is None:
        section = _section(issue, place)
        return replace(issue, sections=tuple(one for one in issue.sections if one is not section))
    return _taken(issue, place)[1]


def _lead(issue: Issue, change: Change) -> Issue:
    """The old lead takes the place that the new one leaves; for an offered one, the top of the first section."""
    place = _text(change, "place")
    if place == "lead":
        raise PlanError("It leads already.")
    brief, without = _taken(issue, place)
    found, old = _placed(place), issue.lead
    led = replace(without, lead=replace(brief, pinned=False))
    if old is None:
        return led
    if found["brief"] is not None:
        return _put(led, old, int(found["section"]), int(found["brief"]))
    return _put(led, old, 0, 0) if led.sections else replace(led, offered=(*led.offered, old))


def _offer(issue: Issue, change: Change) -> Issue:
    brief, without = _taken(issue, _text(change, "place"))
    return replace(without, offered=(*without.offered, replace(brief, pinned=False)))


def _add(issue: Issue, change: Change) -> Issue:
    given = change.get("brief")
    if not isinstance(given, Mapping):
        raise PlanError("An item is described by its headline, summary and so on.")
    brief = read_brief(given)
    if brief.story_id and any(known.story_id == brief.story_id for known in all_briefs(issue)):
        raise PlanError(f"“{brief.headline}” is in the plan already.", hint="Move it instead.")
    return _put(issue, brief, _number(change, "section"), _number(change, "at"))


def _new_section(issue: Issue, change: Change) -> Issue:
    title = _text(change, "title")
    _filled("A section's title", title)
    if any(section.title == title for section in issue.sections):
        raise PlanError(f"There is a section “{title}” already.")
    sections = list(issue.sections)
    sections.insert(_number(change, "at"), Section(title=title))
    return replace(issue, sections=tuple(sections))


def _merge(issue: Issue, change: Change) -> Issue:
    gone, into = _section(issue, _text(change, "place")), _section(issue, f"section[{_number(change, 'into')}]")
    if gone is into:
        raise PlanError("A section cannot be merged into itself.")
    both = replace(into, briefs=(*into.briefs, *gone.briefs))
    merged = replace(issue, sections=tuple(both if one is into else one for one in issue.sections if one is not gone))
    return _following(merged, gone.title, into.title)


# --- around the stories


def _note(issue: Issue, change: Change) -> Issue:
    text = _text(change, "text")
    return replace(issue, note=Note(text=text, by=_text(change, "by")) if text.strip() else None)


def _new_sponsor(issue: Issue, change: Change) -> Issue:
    name, text = _text(change, "name"), _text(change, "text")
    _filled("A sponsor's name", name)
    _filled("A sponsor's text", text)
    sponsor = Sponsor(name=name, text=text, url=_text(change, "link"), after=_text(change, "after"))
    return replace(issue, sponsors=(*issue.sponsors, sponsor))


CHANGES: Mapping[str, Callable[[Issue, Change], Issue]] = {
    "set": _set,
    "image": _image,
    "move": _move,
    "drop": _drop,
    "pin": _pin,
    "lead": _lead,
    "offer": _offer,
    "add": _add,
    "section": _new_section,
    "merge": _merge,
    "note": _note,
    "sponsor": _new_sponsor,
}


# --- finding and putting back


def _placed(place: str) -> Mapping[str, str]:
    found = PLACE.fullmatch(place)
    if found is None:
        raise PlanError(f"There is no place {_short(place)} in an issue.")
    return found.groupdict()


def _brief(issue: Issue, place: str) -> Brief:
    found = _placed(place)
    try:
        if found["brief"] is not None:
            return issue.sections[int(found["section"])].briefs[int(found["brief"])]
        if found["offered"] is not None:
            return issue.offered[int(found["offered"])]
    except IndexError:
        raise PlanError(f"There is no item at {place}.") from None
    if place == "lead" and issue.lead:
        return issue.lead
    raise PlanError(f"There is no item at {place}.")


def _section(issue: Issue, place: str) -> Section:
    found = _placed(place)
    if found["section"] is None or found["brief"] is not None or int(found["section"]) >= len(issue.sections):
        raise PlanError(f"There is no section at {place}.")
    return issue.sections[int(found["section"])]


def _sponsor(issue: Issue, place: str) -> tuple[int, Sponsor]:
    at = int(_placed(place)["sponsor"] or 0)
    if at >= len(issue.sponsors):
        raise PlanError(f"There is no sponsor at {place}.")
    return at, issue.sponsors[at]


def _with_section(issue: Issue, place: str, section: Section) -> Issue:
    at = int(_placed(place)["section"])
    return replace(issue, sections=(*issue.sections[:at], section, *issue.sections[at + 1 :]))


def _with_brief(issue: Issue, place: str, *briefs: Brief) -> Issue:
    """The issue with these briefs, one or none, at a place where there is one."""
    found = _placed(place)
    if found["brief"] is not None:
        section, at = _section(issue, f"section[{found['section']}]"), int(found["brief"])
        changed = replace(section, briefs=(*section.briefs[:at], *briefs, *section.briefs[at + 1 :]))
        return _with_section(issue, f"section[{found['section']}]", changed)
    if found["offered"] is not None:
        at = int(found["offered"])
        return replace(issue, offered=(*issue.offered[:at], *briefs, *issue.offered[at + 1 :]))
    return replace(issue, lead=next(iter(briefs), None))


def _taken(issue: Issue, place: str) -> tuple[Brief, Issue]:
    """The brief at a place, and the issue without it."""
    return _brief(issue, place), _with_brief(issue, place)


def _put(issue: Issue, brief: Brief, section: int, at: int) -> Issue:
    place = f"section[{section}]"
    briefs = list(_section(issue, place).briefs)
    briefs.insert(at, brief)
    return _with_section(issue, place, replace(_section(issue, place), briefs=tuple(briefs)))


def _following(issue: Issue, old: str, new: str) -> Issue:
    """Sponsors that stood after a section stand after what it has become."""
    return replace(issue, sponsors=tuple(replace(one, after=new) if one.after == old else one for one in issue.sponsors))


# --- the smallest pieces


def _text(change: Change, key: str) -> str:
    value = change.get(key, "")
    if not isinstance(value, str):
        raise PlanError(f"{key} expects a text.")
    return value


def _number(change: Change, key: str) -> int:
    value = change.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= FARTHEST:
        raise PlanError(f"{key} expects a number from 0 on.")
    return value


def _filled(what: str, value: str) -> None:
    if not value.strip():
        raise PlanError(f"{what} cannot be empty.")


def _with_text(noun: Noun, name: str, value: str) -> Noun:
    return replace(noun, **{name: value})  # type: ignore[arg-type]


def _short(value: Any) -> str:
    """What was asked for, for a message, however long it is."""
    said = value if isinstance(value, str) else repr(value)
    return repr(said if len(said) <= 40 else f"{said[:40]}…")


def _printable(value: Any, key: str = "") -> Any:
    """The change without characters that no print shows, such as half of a pair or a bell, and on one line what has only one."""
    if isinstance(value, str):
        ends = value.replace("\r\n", "\n").replace("\r", "\n")
        lines = ends if key in LONG_TEXTS else re.sub(r"\s*\n\s*", " ", ends)
        return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    if isinstance(value, Mapping):
        return {name: _printable(row, str(value.get("key")) if name == "value" else str(name)) for name, row in value.items()}
    return [_printable(row, key) for row in value] if isinstance(value, list) else value
