"""What a piece calls itself when it is no plain news: "Explainer: ...", or the tag "opinion"."""

from functools import lru_cache

from digest.edit.grouping.terms import words_of
from digest.model import Story


def kind_of(story: Story) -> str:
    """The kind in small letters, "" for news."""
    kicker, _ = part_kicker(story.headline)
    return next((kind for kind in (kicker.casefold(), *map(str.casefold, story.tags)) if kind in _kinds()), "")


def part_kicker(headline: str) -> tuple[str, str]:
    """("Explainer", "What the treaty asks") of "Explainer: What the treaty asks"; ("", headline) of any other."""
    opening, _, rest = headline.partition(":")
    rest = rest.strip()
    return (opening.strip(), rest[:1].upper() + rest[1:]) if rest and opening.strip().casefold() in _kinds() else ("", headline)


@lru_cache(maxsize=1)
def _kinds() -> frozenset[str]:
    return frozenset(words_of("kinds"))
