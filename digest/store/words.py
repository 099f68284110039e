"""Folds text so that a search finds it however it was typed."""

import unicodedata

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})


def searchable(text: str) -> str:
    """Capitals, compatibility characters and curly quotation marks folded away."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES)
