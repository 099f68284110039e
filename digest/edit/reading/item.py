"""One story out of a feed, a newswire file or an export, as the format tells it."""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from digest.errors import Unreadable
from digest.model import Image

KILLED = re.compile(r"(?:^|[:/ _-])(?:cancel+ed|kill(?:ed)?|withdrawn|deleted|not[ -]?usable)$", re.IGNORECASE)
WITHHELD = re.compile(r"(?:^|[:/ _-])withheld$", re.IGNORECASE)
EMBARGOED = re.compile(r"(?:^|[:/ _-])embargoed$", re.IGNORECASE)
CORRECTS = re.compile(r"\bcorrect(?:s|ed|ing|ion|ions|ive)?\b", re.IGNORECASE)
UNENDING = "until further notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a format says of one story. Texts are plain; dates are as they were written; "" and () say that it does not."""

    guid: str = ""  # the format's own name for it, the same in every version
    url: str = ""  # where it can be read online
    revision: int = 0
    headline: str = ""
    dek: str = ""
    byline: str = ""
    dateline: str = ""  # the place
    paragraphs: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    credit: str = ""
    usage: str = ""
    slug: str = ""
    urgency: int = 0
    source: str = ""
    language: str = ""
    published: str = ""
    embargo: str = ""  # a date, or UNENDING
    correction: str = ""
    tags: tuple[str, ...] = ()
    withdrawn: bool = False
    place: int = 0  # in a list that somebody put in order; 0 = in none. It goes by Document.hints: it changes and the story does not


def item_to_json(item: Item) -> bytes:
    """The content of a Document of kind "item"."""
    told = {name: value for name, value in asdict(item).items() if value and name != "place"}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def item_from_json(content: bytes, *, place: str) -> Item:
    """What `item_to_json` wrote. Raises Unreadable for anything else."""
    try:
        values: dict[str, Any] = json.loads(content)
        tuples: dict[str, Any] = {name: tuple(values[name]) for name in ("paragraphs", "tags") if name in values}
        return Item(**{**values, **tuples, "images": tuple(Image(**image) for image in values.get("images", ()))})
    except (ValueError, TypeError, AttributeError) as error:
        raise Unreadable(f"{place}: this is no item: {error}.", hint="Gather it again.") from error


def is_killed(status: str) -> bool:
    """Whether a status such as "stat:canceled" takes an item back."""
    return KILLED.search(status.strip()) is not None


def embargo_of(status: str, date: str) -> str:
    """The end of an embargo, from an item's status and the date that it gives; "" for none. Withheld is until more is said."""
    if WITHHELD.search(status.strip()):
        return UNENDING
    return date.strip() or (UNENDING if EMBARGOED.search(status.strip()) else "")


def urgency_of(text: object) -> int:
    """1 to 9, 0 for anything else."""
    written = str(text or "").strip()
    return int(written) if re.fullmatch(r"[1-9]", written) else 0


def revision_of(text: object) -> int:
    """The number of a version; 0 for one that is no number."""
    written = str(text or "").strip()
    return int(written) if re.fullmatch(r"\d{1,9}", written, re.ASCII) else 0


def without_twins(images: tuple[Image, ...]) -> tuple[Image, ...]:
    """The pictures without those that are another size of one before: the same file's name, or the very same words."""
    kept: dict[str, Image] = {}
    known: set[str] = set()
    for image in images:
        marks = {mark for mark in (image.url, image.url.rpartition("/")[2].partition("?")[0], image.caption) if mark}
        if not marks & known:
            kept[image.url] = image
        known |= marks
    return tuple(kept.values())


def each_once(*texts: str) -> tuple[str, ...]:
    """The texts that say something, without repeats."""
    return tuple(dict.fromkeys(text for text in texts if text))
