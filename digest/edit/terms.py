"""Read a text as the words that can tell one story from another: small words dropped, plurals folded, names marked."""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

WORD = re.compile(r"[^\W_]+(?:[.'’&][^\W_]+)*")

# Scripts written without spaces: Thai, Lao, Burmese, Khmer, kana, Han. Their words are read as pairs of letters.
UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = re.compile(f"[{UNSPACED}]+")
_QUOTES = re.compile("[“\"‘(]")
_STOPS = re.compile("[.!?:;]")


class Term(NamedTuple):
    """A word as it is compared ("treaty" for "Treaties"), and whether a capital in mid-sentence marks it as a name."""

    text: str
    name: bool


def terms(text: str) -> Iterator[Term]:
    """The telling words of a text, in order. Small words and single letters are dropped; figures stay."""
    small = stopwords()
    end, last = 0, ""
    for match in WORD.finditer(text):
        word, start = match.group(), match.start()
        if not word.isascii() and _UNSPACED.search(word):
            yield from (Term(pair, False) for pair in _pairs_of_letters(word))
        else:
            folded = fold(word)
            if len(folded) > 1 and folded not in small:
                yield Term(folded, word[0].isupper() and not opens_a_sentence(text[end:start], last))
        end, last = match.end(), word


def opens_a_sentence(gap: str, last: str) -> bool:
    """Whether a capital after `last` and then `gap` says nothing, because any word would have one there."""
    if not last:
        return True
    if gap == " ":
        return False
    return _QUOTES.search(gap) is not None or _STOPS.search(gap) is not None and not _abbreviated(last)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """The form in which a word is compared: small letters, no possessive, no dots, no plural."""
    folded = word.lower().replace("’", "'").removesuffix("'s").replace("'", "").replace(".", "")
    if len(folded) > 4 and folded.endswith("ies"):
        return folded[:-3] + "y"
    if len(folded) > 4 and folded.endswith("s") and not folded.endswith(("ss", "us", "is")):
        return folded[:-1]
    return folded


def _abbreviated(word: str) -> bool:
    """A short word with a capital before a full stop is a title or an initial: "Gen. Park", "J. Smith"."""
    return len(word) <= 4 and word[0].isupper()


def _pairs_of_letters(word: str) -> Iterator[str]:
    for run in _UNSPACED.findall(word):
        yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))


@lru_cache(maxsize=1)
def stopwords() -> frozenset[str]:
    """Words that any story may hold, folded as `fold` does."""
    return frozenset(fold(word) for word in words_of("stopwords"))


def words_of(name: str) -> tuple[str, ...]:
    """The words of a list under words/; what follows a # is a comment."""
    text = (files("digest.edit") / "words" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() for word in line.partition("#")[0].split())
