"""Whom an issue goes to, as a person types it: a list, narrowed by tags and languages."""

from collections.abc import Sequence

from digest.errors import SubscriberError
from digest.model import Segment


def read_segment(words: Sequence[str], *, list_: str) -> Segment:
    """Read words such as "weekly", "tag:members", "language:uk"; `list_` is meant where no list is named. Raises SubscriberError."""
    lists: list[str] = []
    tags: list[str] = []
    languages: list[str] = []
    for word in words:
        kind, colon, name = word.partition(":")
        named = {"tag": tags, "language": languages, "list": lists}.get(kind) if colon else lists
        name = name.strip() if colon else kind.strip()
        if named is None or not name:
            hint = 'Write a list, such as "weekly", and narrow it: "tag:members", "language:uk".'
            raise SubscriberError(f"{word!r} names no list, tag or language.", hint=hint)
        named.append(name)
    if len(lists) > 1:
        raise SubscriberError(
            f"An issue goes to one list, not to {len(lists)}: {', '.join(lists)}.", hint="Name one, and narrow it by tags."
        )
    return Segment(list=lists[0] if lists else list_, tags=tuple(tags), languages=tuple(languages))


def write_segment(segment: Segment) -> str:
    """The segment as it is typed."""
    return " ".join([segment.list, *(f"tag:{tag}" for tag in segment.tags), *(f"language:{code}" for code in segment.languages)])
