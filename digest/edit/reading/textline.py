"""One line of a page's text, and the words in it for comparing."""

import re
import unicodedata

from digest.edit.reading.plain import HIDDEN


def squeeze(text: str) -> str:
    """Blanks folded, hidden characters gone, NFC. Unlike plain(), what looks like a tag stays: the parser has read the tags already."""
    text = " ".join(HIDDEN.sub("", text).split())
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def key(text: str) -> str:
    """The words alone: quotation marks, dashes and capitals do not tell two titles apart."""
    return " ".join(re.findall(r"\w+", text.lower()))
