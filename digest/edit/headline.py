"""Make a headline from a lead's first clause, for a story that came without one. Every word is the reporter's own, in order."""

import re
from collections.abc import Iterator

from digest.edit.sentences import ends_in_abbreviation, open_quotations, sentences

_LIMIT = 12  # words
_LEAST = 4
_LOOKED_AT = 600  # characters of the sentence


def make_headline(paragraph: str) -> str:
    """The main clause of `paragraph`'s first sentence, at most 12 whole words; "" when there are none.

    What only leads up to the clause ("After months of debate, ...") or stands between its subject and its verb is left out.
    A sentence that then fits stays whole but for a relative clause at its end. A longer one is cut, in this order of liking:
    before a clause that depends on it (", who", " after ", " as "), before a preposition, anywhere that is not inside a name,
    a number or a quotation. It never ends in a small word, a comma, or a full stop that is not an abbreviation's.
    """
    spans = sentences(paragraph)
    tokens = _without_lone_marks(paragraph[slice(*spans[0])][:_LOOKED_AT]).split() if spans else []
    if not tokens:
        return ""
    tokens = _without_an_aside(_without_a_run_up(tokens))
    length = _best_length(tokens)
    return _dressed(tokens if length == len(tokens) else _without_loose_ends(tokens[:length]))


def _best_length(tokens: list[str]) -> int:
    """How many words to keep: the longest cut of the best kind that there is."""
    if len(tokens) <= _LIMIT:
        return next((n for n in range(_LEAST, len(tokens)) if _is_relative(tokens, n) and _can_end(tokens, n)), len(tokens))
    cuts = [n for n in range(_LEAST, _LIMIT + 1) if _can_end(tokens, n)]
    for fits in (_clause_follows, _phrase_follows, _joint_follows, _anything_follows):
        fitting = [n for n in cuts if fits(tokens, n)]
        if fitting:
            return fitting[-1]
    return cuts[-1] if cuts else _LIMIT


def _without_loose_ends(tokens: list[str]) -> list[str]:
    """The words up to the last one that can end a headline."""
    while len(tokens) > 1 and (_bare(tokens[-1]) in _NEVER_LAST or not _bare(tokens[-1])):
        tokens = tokens[:-1]
    return tokens


def _dressed(tokens: list[str]) -> str:
    """The words as a headline: no comma, stop or lone quotation mark, a capital first letter."""
    text = _without_lone_marks(" ".join(tokens).rstrip(_LOOSE))
    inner = text.rstrip("\"”’'»)]")
    if inner.endswith(".") and not ends_in_abbreviation(inner):
        text = inner.rstrip("." + _LOOSE) + text[len(inner) :]
    first = re.search(r"[^\W_]", text)
    return text[: first.start()] + text[first.start()].upper() + text[first.end() :] if first else text


# --- what a headline leaves out


def _without_lone_marks(text: str) -> str:
    return re.sub(r"[\"“”„«»]|(?<!\w)['‘’]|['‘’](?!\w)", "", text).strip() if any(open_quotations(text)) else text


def _without_a_run_up(tokens: list[str]) -> list[str]:
    """The words without an opening phrase ("In 2012,") or clause ("As the vote neared,"), if a whole clause comes after it."""
    if _bare(tokens[0]) not in _BREAKS | _PREPOSITIONS:
        return tokens
    for at in _after_commas(tokens, within=24):
        rest = tokens[at:]
        begins = _bare(rest[0]) not in _BREAKS | _PREPOSITIONS | {"and", "or"} and not _bare(rest[0]).endswith("ing")
        phrase = next(_after_commas(rest, within=3), None) is None  # "In Paris, Texas, ...": a place, not yet the clause
        if begins and phrase and len(rest) >= _LEAST and _has_verb(rest[:_LIMIT]) and not any(open_quotations(" ".join(tokens[:at]))):
            return rest
    return tokens


def _without_an_aside(tokens: list[str]) -> list[str]:
    """The words without what stands in commas between the subject and its verb: "Ann Roe, 48, who led the unit, resigned"."""
    commas = list(_after_commas(tokens, within=30))
    head = tokens[: commas[0]] if commas else []
    if not 1 <= len(head) <= 8 or _has_verb(head) or any(open_quotations(" ".join(head))):
        return tokens
    resumed = next((at for at in commas[1:] if _is_verb(tokens[at]) and not any(open_quotations(" ".join(tokens[:at])))), None)
    return [*head[:-1], head[-1].rstrip(","), *tokens[resumed:]] if resumed else tokens


def _after_commas(tokens: list[str], *, within: int) -> Iterator[int]:
    return (at for at in range(1, min(len(tokens), within)) if tokens[at - 1].endswith(","))


# --- where a headline may end


def _can_end(tokens: list[str], at: int) -> bool:
    """Whether a headline may end before the word there: no small word last, no name, number or quotation cut."""
    last, after = tokens[at - 1], tokens[at] if at < len(tokens) else ""
    word, text = _bare(last), " ".join(tokens[:at])
    if not word or word in _NEVER_LAST | _COUNTS or last.endswith(("'s", "’s", "s'", "s’", "-")) or any(open_quotations(text)):
        return False
    if text.count("(") != text.count(")"):
        return False
    if last.endswith((",", ";", ":")):
        return True
    if last[-1].isdigit() and not re.search(r"[^\W\d]|^(?:19|20)\d\d$", last):
        return False
    named = last[:1].isupper()
    return not (named and (after[:1].isupper() or _bare(after) in _INSIDE_NAMES)) and not (after[:1].isupper() and last.endswith("."))


def _is_relative(tokens: list[str], at: int) -> bool:
    return tokens[at - 1].endswith(",") and _bare(tokens[at]) in _RELATIVES and _has_verb(tokens[:at])


def _clause_follows(tokens: list[str], at: int) -> bool:
    """Whether a dependent clause begins there, and a whole one stands before it."""
    last, word = tokens[at - 1], _bare(tokens[at])
    begins = word in _BREAKS and not (word == "as" and last in ("such", "well", "known", "far", "long", "soon", "as"))
    return (begins or last[-1] in ";:" or tokens[at] in ("—", "–", "--", "-")) and _has_verb(tokens[:at])


def _phrase_follows(tokens: list[str], at: int) -> bool:
    """Whether a preposition or comma stands there that neither belongs to a verb ("called for") nor to a list ("beef, pork and")."""
    comma = tokens[at - 1].endswith(",") and not {"and", "or"} & set(tokens[at : at + 4])
    return (comma or _bare(tokens[at]) in _PREPOSITIONS) and not _wants_more(tokens, at) and _has_verb(tokens[:at])


def _joint_follows(tokens: list[str], at: int) -> bool:
    return _bare(tokens[at]) in ("of", "and", "or") and not _wants_more(tokens, at) and _has_verb(tokens[:at])


def _anything_follows(tokens: list[str], at: int) -> bool:
    """Whether at least no verb loses its object there and no name its title ("rancher Ann Roe")."""
    return not tokens[at][:1].isupper() and not _wants_more(tokens, at)


def _wants_more(tokens: list[str], at: int) -> bool:
    """Whether the word before is a verb that may have lost its object: "called", "are projecting"."""
    last, earlier = tokens[at - 1], _bare(tokens[at - 2])
    return _is_verb(last) or (_bare(last).endswith("ing") and earlier in _NEVER_LAST)


def _has_verb(tokens: list[str]) -> bool:
    """Whether a word after the first looks like a finite verb; a clause without one is only a name."""
    return any(_is_verb(token) for token in tokens[1:])


def _is_verb(token: str) -> bool:
    word = _bare(token)
    return word in VERBS or word.endswith(("n't", "n’t")) or (token[:1].islower() and word.endswith("ed") and len(word) > 3)


def _bare(token: str) -> str:
    return token.strip("\"“”‘’'()[],;:.!?…–—-").lower()


# --- small words


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LOOSE = " ,;:–—-…"
_RELATIVES = _set("who whom whose which where when")
_BREAKS = _RELATIVES | _set(
    "after as amid while because although though before until unless despite since following ahead but so saying citing according"
    " including even if"
)
_PREPOSITIONS = _set(
    "in on at for with by from to over under about against during through throughout into near without within across around"
    " between among toward towards along off outside inside"
)
_NEVER_LAST = (
    _BREAKS
    | _PREPOSITIONS
    | _set(
        "a an the that of and or nor than not no its his her their our my your this these is are was were be been being has have had will"
        " would can could may might must should do does did more most very some any each every all both another other such up like per"
        " via upon also just only still how why what whether said says he she they it"
    )
)
_COUNTS = _set(
    "one two three four five six seven eight nine ten eleven twelve dozen dozens several many hundred hundreds thousand thousands"
    " million millions billion billions few half nearly almost first second third last next new former least"
)
_INSIDE_NAMES = _set("of and the bin al de van von del la el da du")
VERBS = _set(
    "is are was were has have had will would can could may might must should do does did say says said tell tells told hold holds"
    " held meet meets met make makes made take takes took give gives gave come comes came go goes went get gets got leave leaves"
    " left set sets see sees saw keep keeps kept find finds found think thought bring brings brought buy bought send sends sent"
    " spend spends spent build built put hit hits let become becomes became begin begins began break broke choose chose draw drew"
    " drive drove fall falls fell flee fled fly flew fight fought grow grows grew know knew lay laid pay pays paid run runs ran"
    " rise rises rose sell sold shoot shot seek seeks sought speak spoke stand stood steal stole strike struck swear swore sweep"
    " swept teach taught throw threw win wins won write wrote lose loses lost lead leads led want wants need needs face faces plan"
    " plans call calls urge urges heard quit shut spread beat risks likes remains works"
)
