"""Tell whether a story still says what it said when it was read into a plan."""

import re

from digest.model import Story

CORRECTION = re.compile(r"\W*(?:correction|corrected|clarification|retraction|editor[’']s note)\b", re.IGNORECASE)


def overtaken(then: Story, now: Story) -> str:
    """ "changed", or "corrected" when the source says so itself; "" when a reader reads the same."""
    if _read(then) == _read(now):
        return ""
    before = set(_pieces(then))
    return "corrected" if any(CORRECTION.match(piece) for piece in _pieces(now) if piece not in before) else "changed"


def _read(story: Story) -> tuple[object, ...]:
    return story.headline, story.dek, story.paragraphs, story.dateline, story.byline, story.credit, story.url


def _pieces(story: Story) -> tuple[str, ...]:
    """Every text of the document; a notice of a correction may have been taken for furniture."""
    return (story.headline, story.dek, *story.paragraphs, *(cut.text for cut in story.furniture))
