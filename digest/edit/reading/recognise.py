"""Know the entries of a feed again, whatever the feed does to their ids and addresses: no story twice, none lost."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from digest.edit.reading.feed import Entry
from digest.edit.reading.identity import canonical

LEAST_WORDS = 3  # of a headline that names a story together with its time: "Weather" does not
ALIKE = 1 / 3  # of the words of two headlines, from which on one may be the other, rewritten
SEVERAL = 3  # entries at one address that make it a page of many stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is on record under one key."""

    place: str
    look: str  # the entry's headline and time when it was last seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """An entry and who it is."""

    entry: Entry
    place: str  # stays its own for good: the address that it first had, else the feed's with a hash
    keys: tuple[str, ...]  # by which it is known from now on
    look: str
    own_address: bool  # whether its address is its alone


def recognise(entries: Sequence[Entry], known: Mapping[str, Mark], *, feed: str) -> tuple[Recognised, ...]:
    """Who each entry is; what stands twice in the feed comes once, as it stands first.

    `known` holds the marks of `keys_of` these entries. The address says the most, then the id that the feed gives, then headline and
    time together. An id alone is not believed where headline and time are others: feeds number anew. What a feed takes back and was never
    known is left out. `feed` is its address.
    """
    shared = _shared(entries, known)
    ids = Counter(entry.guid for entry in entries if not entry.deleted)
    texts = Counter(_text_key(entry) for entry in entries if not entry.deleted)
    keys = [_keys(entry, shared, ids, texts) for entry in entries]
    places = _by_address(entries, keys, known)
    taken = set(filter(None, places))
    here: dict[str, str] = {}  # the place of each address of this feed
    for number, (entry, own) in enumerate(zip(entries, keys, strict=True)):
        address = _address_key(own)
        if not places[number] and not entry.deleted:
            places[number] = here.get(address) or _by_name(entry, own, known, taken) or _new_place(entry, own, taken, feed)
        elif not places[number]:
            places[number] = next((known[key].place for key in own if key in known), "")
        taken.add(places[number])
        if address:
            here.setdefault(address, places[number])
    found: dict[str, Recognised] = {}
    for entry, own, place in zip(entries, keys, places, strict=True):
        if place:
            found.setdefault(
                place, Recognised(entry=entry, place=place, keys=own, look=look_of(entry), own_address=bool(_address_key(own)))
            )
    return tuple(found.values())


def keys_of(entries: Sequence[Entry]) -> set[str]:
    """Everything that may be on record about these entries."""
    keys = {key for entry in entries for key in (_url_key(entry), _guid_key(entry), _text_key(entry))}
    return {key for key in keys | {_shared_key(entry) for entry in entries} if key}


def look_of(entry: Entry) -> str:
    """Headline and time, by which a later look may be compared."""
    return f"{entry.published.isoformat() if entry.published else ''} {entry.title}"


def url_key(url: str) -> str:
    """The key of an address; "" for none."""
    return f"url {canonical(url)}" if canonical(url) else ""


# --- one entry


def _keys(entry: Entry, shared: set[str], ids: Counter[str], texts: Counter[str]) -> tuple[str, ...]:
    alone = "" if _shared_key(entry) in shared else _url_key(entry)
    guid = _guid_key(entry) if entry.deleted or ids[entry.guid] == 1 else ""
    text = _text_key(entry) if texts[_text_key(entry)] == 1 else ""
    return tuple(filter(None, (alone, guid, text, _shared_key(entry) if _shared_key(entry) in shared else "")))


def _url_key(entry: Entry) -> str:
    return url_key(entry.url)


def _guid_key(entry: Entry) -> str:
    return f"guid {entry.guid.strip()}" if entry.guid.strip() else ""


def _text_key(entry: Entry) -> str:
    words = _words(entry.title)
    if len(words) < LEAST_WORDS or not entry.published:
        return ""
    return f"text {_short_hash(' '.join(words) + entry.published.isoformat())}"


def _shared_key(entry: Entry) -> str:
    return f"shared {canonical(entry.url)}" if canonical(entry.url) else ""


def _shared(entries: Sequence[Entry], known: Mapping[str, Mark]) -> set[str]:
    """The addresses that several stories have in common, such as the site's front page: they name none of them."""
    listed = [entry for entry in entries if entry.url and not entry.deleted]
    groups: dict[str, list[Entry]] = {}
    for entry in listed:
        groups.setdefault(_shared_key(entry), []).append(entry)
    return {key for key, group in groups.items() if key and (key in known or _is_shared(group))}


def _is_shared(group: Sequence[Entry]) -> bool:
    if urlsplit(canonical(group[0].url))[2:4] == ("/", ""):
        return True
    titles = {" ".join(_words(entry.title)) for entry in group}
    ids = {entry.guid.strip() for entry in group} - {""}
    return len(titles) == len(group) > 1 and (len(ids) == len(group) or len(group) >= SEVERAL)


# --- who it is


def _by_address(entries: Sequence[Entry], keys: Sequence[Sequence[str]], known: Mapping[str, Mark]) -> list[str]:
    """The place of each entry whose address is known, else "". Of two stories at two addresses that were one the first stays it."""
    places: list[str] = []
    first: dict[str, tuple[str, str]] = {}  # place -> address and look of the entry that has it
    for entry, own in zip(entries, keys, strict=True):
        address = _address_key(own)
        place = known[address].place if address in known and not entry.deleted else ""
        address_there, look = first.setdefault(place, (address, look_of(entry)))
        places.append(place if address == address_there or alike(look, look_of(entry)) else "")
    return places


def _address_key(keys: Sequence[str]) -> str:
    return next((key for key in keys if key.startswith("url ")), "")


def _by_name(entry: Entry, keys: Sequence[str], known: Mapping[str, Mark], taken: set[str]) -> str:
    """The place of the story that had this id, or this headline at this time, unless the feed has that one as well."""
    for key in keys:
        mark = known.get(key)
        if mark is None or mark.place in taken or not key.startswith(("guid ", "text ")):
            continue
        if key.startswith("text ") or alike(mark.look, look_of(entry)):
            return mark.place
    return ""


def alike(one: str, other: str) -> bool:
    """Whether two looks may be of one story: the same minute, or a headline with many of the same words."""
    (at, _, title), (at_other, _, title_other) = one.partition(" "), other.partition(" ")
    if at and at == at_other and "T00:00:00" not in at:
        return True
    words, words_other = set(_words(title)), set(_words(title_other))
    return bool(words) and len(words & words_other) >= ALIKE * len(words | words_other)


def _new_place(entry: Entry, keys: Sequence[str], taken: set[str], feed: str) -> str:
    if _address_key(keys) and entry.url not in taken:
        return entry.url
    # An id alone would give the place of whichever story had it before.
    name = entry.guid.strip() if any(key.startswith("guid ") for key in keys) else entry.content
    return f"{feed}#{_short_hash(look_of(entry) + name)}"


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title.casefold())


def _short_hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
