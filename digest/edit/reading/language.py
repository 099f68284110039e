"""Tell in which language a text is written, by its letters and its small words; or that it does not say."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

ENOUGH = 20  # words of a text in Latin letters: fewer prove nothing
MANY = 0.2  # of its words are small words of the language: no text of another was seen above it
CLEARLY = 1.4  # times as many as of the next language
MOST = 1500  # characters that are looked at

KANA, HAN = r"[\u3040-\u30ff]", r"[\u4e00-\u9fff\u3400-\u4dbf]"
SCRIPTS: Mapping[str, tuple[str, ...]] = {  # letters, and the languages that are written in them; the first is what undeclared text is
    KANA: ("ja",),
    r"[\uac00-\ud7af\u1100-\u11ff]": ("ko",),
    HAN: ("zh", "ja", "yue"),
    r"[\u0600-\u06ff\u0750-\u077f]": ("ar", "fa", "ur", "ps", "sd", "ug", "ku", "ckb"),
    r"[\u0590-\u05ff]": ("he", "yi"),
    r"[\u0400-\u04ff]": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"),
    r"[\u0370-\u03ff]": ("el",),
    r"[\u0900-\u097f]": ("hi", "mr", "ne", "sa"),
    r"[\u0e00-\u0e7f]": ("th",),
}
FOREIGN = re.compile("|".join(SCRIPTS))
LATIN = r"[A-Za-z\u00c0-\u024f]"


def settle_language(declared: str, paragraphs: Sequence[str]) -> str:
    """The declared language, unless the text plainly is in another. A variety of the same ("en-GB") stays as it was declared."""
    spoken = spoken_in("\n".join(paragraphs)[:MOST])
    return declared if not spoken or declared.partition("-")[0].lower() in spoken else spoken[0]


def spoken_in(text: str) -> tuple[str, ...]:
    """The languages that a text can be in, the likeliest first; () when it does not say."""
    if not FOREIGN.search(text):  # most texts, and quicker
        return _by_small_words(text)
    letters = Counter({script: len(re.findall(script, text)) for script in (*SCRIPTS, LATIN)})
    script, number = letters.most_common(1)[0]
    if letters[KANA] > 0.05 * letters[HAN] and script in (KANA, HAN):  # Japanese mixes its own letters with Chinese ones
        script, number = KANA, letters[KANA] + letters[HAN]
    if number < 10 or number < 0.6 * letters.total():
        return ()
    return _by_small_words(text) if script == LATIN else SCRIPTS[script]


def _by_small_words(text: str) -> tuple[str, ...]:
    words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    if words.total() < ENOUGH:
        return ()
    found = Counter({language: sum(words[word] for word in small & words.keys()) for language, small in _small_words().items()})
    (first, most), (_, next_most) = found.most_common(2)
    return (first,) if most >= MANY * words.total() and most >= CLEARLY * next_most else ()


@cache
def _small_words() -> Mapping[str, frozenset[str]]:
    table = tomllib.loads((files("digest.edit") / "words" / "languages.toml").read_text(encoding="utf-8"))
    return {language: frozenset(words.split()) for language, words in table.items()}
