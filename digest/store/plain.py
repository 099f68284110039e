"""A story as plain values that JSON can hold, and back again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from digest.model import Cut, Dateline, Image, Story


def story_to_plain(story: Story) -> dict[str, Any]:
    """The names of model.Story; dates as ISO 8601 in UTC with a Z. Raises ValueError for a date without a zone."""
    return {
        "id": story.id,
        "url": story.url,
        "source": story.source,
        "headline": story.headline,
        "headline_made": story.headline_made,
        "dek": story.dek,
        "byline": story.byline,
        "dateline": story.dateline and {"place": story.dateline.place, "agency": story.dateline.agency},
        "paragraphs": list(story.paragraphs),
        "images": [_image_to_plain(image) for image in story.images],
        "credit": story.credit,
        "tags": list(story.tags),
        "published_at": story.published_at and moment_to_plain(story.published_at),
        "language": story.language,
        "pinned": story.pinned,
        "furniture": [{"text": cut.text, "rule": cut.rule} for cut in story.furniture],
        "embargo_until": story.embargo_until and moment_to_plain(story.embargo_until),
        "urgency": story.urgency,
        "place": story.place,
        "slug": story.slug,
        "usage": story.usage,
        "revision": story.revision,
        "correction": story.correction,
        "withdrawn": story.withdrawn,
    }


def story_from_plain(plain: Mapping[str, Any]) -> Story:
    """The story that `story_to_plain` was given. A name that an older version did not write yet takes its default."""
    values = {name: value for name, value in plain.items() if name in _NAMES}
    for name in ("paragraphs", "tags"):
        values[name] = tuple(values.get(name, ()))
    values["images"] = tuple(Image(**image) for image in values.get("images", ()))
    values["furniture"] = tuple(Cut(**cut) for cut in values.get("furniture", ()))
    if dateline := values.get("dateline"):
        values["dateline"] = Dateline(**dateline)
    for name in ("published_at", "embargo_until"):
        if moment := values.get(name):
            values[name] = moment_from_plain(moment)
    return Story(**values)


def moment_to_plain(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z. Raises ValueError for a moment without a zone: it could be any hour."""
    return in_utc(moment).isoformat().removesuffix("+00:00") + "Z"


def moment_from_plain(text: str) -> datetime:
    """The moment that `moment_to_plain` wrote, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


def _image_to_plain(image: Image) -> dict[str, Any]:
    return {
        "url": image.url,
        "alt": image.alt,
        "caption": image.caption,
        "credit": image.credit,
        "width": image.width,
        "height": image.height,
    }


_NAMES = frozenset(Story.__dataclass_fields__)
