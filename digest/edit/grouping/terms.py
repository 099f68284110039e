"""Read a text as the words that can tell one story from another: small words dropped, plurals folded, names marked."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from digest.model import Story

WORD = re.compile(r"[^\W_]+(?:[.'’&][^\W_]+)*")

# Scripts written without spaces: Thai, Lao, Burmese, Khmer, kana, Han. Their words are read as pairs of letters.
UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = re.compile(f"[{UNSPACED}]+")
_INSIDE = re.compile(r"(?<=[^\s.!?:;“\"‘(] )" + WORD.pattern)
_QUOTES = re.compile('[“"‘(]')
_STOPS = re.compile("[.!?:;]")


def first_paragraphs(story: Story, words: int) -> str:
    """The story's first whole paragraphs that hold so many words, a line each; all of it when it has fewer."""
    kept: list[str] = []
    for paragraph in story.paragraphs:
        kept.append(paragraph)
        words -= paragraph.count(" ") + 1
        if words <= 0:
            break
    return "\n".join(kept)


def telling_words(text: str, language: str = "en") -> list[str]:
    """The words of a text that tell something, as they are compared. Small words and single letters are dropped; figures stay."""
    small = small_words(language)
    found = WORD.findall(text)
    if not text.isascii() and _UNSPACED.search(text):
        found = [piece for word in found for piece in _pieces(word)]
    return [told for word in found if (told := _telling(word)) and told not in small]


def names_in(text: str) -> list[str]:
    """The telling words with a capital that stand inside a sentence, where it marks them as names."""
    return [told for word in _INSIDE.findall(text) if word[0].isupper() and (told := _telling(word))]


def opens_a_sentence(gap: str, last: str) -> bool:
    """Whether a capital after `last` and then `gap` says nothing, because any word would have one there."""
    if not last:
        return True
    if gap == " ":
        return False
    return _QUOTES.search(gap) is not None or (_STOPS.search(gap) is not None and not _abbreviated(last))


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


@lru_cache(maxsize=65_536)
def _telling(word: str) -> str:
    """The word as it is compared, "" when it tells nothing."""
    folded = fold(word)
    return folded if len(folded) > 1 and folded not in stopwords() else ""


def _pieces(word: str) -> list[str]:
    """The pairs of letters of a word in a script without spaces, else the word."""
    runs: list[str] = _UNSPACED.findall(word)
    return [run[at : at + 2] for run in runs for at in range(max(1, len(run) - 1))] or [word]


@lru_cache(maxsize=1)
def stopwords() -> frozenset[str]:
    """Words that any story may hold, folded as `fold` does."""
    return frozenset(fold(word) for word in words_of("stopwords"))


@lru_cache(maxsize=64)
def small_words(language: str) -> frozenset[str]:
    """The stop words, and the small words of a language ("pt-BR") where it has a list: in German alone "war" tells nothing."""
    listed = tomllib.loads((files("digest.edit") / "words" / "languages.toml").read_text(encoding="utf-8"))
    of_its_own = {} if is_english(language) else listed
    return stopwords() | {fold(word) for word in of_its_own.get(language.partition("-")[0].lower(), "").split()}


def is_english(language: str) -> bool:
    """Whether a story is in English, for all that is known: English lists are of use."""
    return language.partition("-")[0].lower() in ("", "en")


def words_of(name: str) -> tuple[str, ...]:
    """The words of a list under words/; what follows a # is a comment."""
    text = (files("digest.edit") / "words" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() for word in line.partition("#")[0].split())
