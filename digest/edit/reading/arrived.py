"""Tell a file that came whole from one whose end may be missing."""

import json

from digest.edit.reading.plain import decode
from digest.edit.reading.whole import cut_short
from digest.edit.reading.xmltree import parse_xml
from digest.errors import Unreadable
from digest.model import Document


def has_arrived(document: Document) -> bool:
    """Whether its end shows that nothing more comes. Plain text and Markdown end anywhere, so they never do."""
    try:
        if document.kind == "xml":
            return not parse_xml(document.content, place=document.url).fault
        if document.kind in ("json", "record"):
            json.loads(decode(document.content, place=document.url))
            return True
        return document.kind == "html" and not cut_short(decode(document.content, place=document.url))
    except (Unreadable, ValueError, RecursionError):
        return False
