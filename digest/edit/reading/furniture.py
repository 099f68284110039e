"""Tell furniture from news: small rules, each with a name, for the lines that stand around a story."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from digest.model import Cut

LONGEST = 1200  # characters; no furniture was seen that is longer, and patterns stay cheap
TAIL = 420  # characters at a paragraph's end in which furniture may be glued to it
ATTRIBUTED = re.compile(r", [^,\"“”]{3,60} (?:said|says|found|finds|showed|shows|told \w+)(?: \w+day)?\.$")  # only a reporter closes so
HEAD = re.compile(r"\b[a-z]{1,4}|[@©:\[\d]")  # how a word begins: to compare these is quicker than to look for every cue
BEFORE = r"[^\w\"“”‘’'@©]{0,4}"  # bullets, dashes and brackets in front of a line, never a quotation


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of furniture, as words/furniture.toml describes it."""

    name: str
    pattern: re.Pattern[str]
    most: int  # words
    where: str  # "top": above the news only; "end": among a story's last paragraphs only; "" anywhere
    cues: tuple[str, ...]  # one of these is in every such paragraph, in small letters; () = no such word
    heads: frozenset[str]  # one of these is among the paragraph's heads, see HEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All that is known of furniture, in the order in which it is tried."""

    whole: tuple[Rule, ...]
    inserted: tuple[Rule, ...]  # inside a sentence; cues in the letters as they stand
    glued: tuple[Rule, ...]  # of a paragraph's end; cues as above


def furniture_rule(paragraph: str, *, at_top: bool = False, at_end: bool = False) -> str:
    """Name the rule by which a whole paragraph is furniture; "" when it is news.

    `at_top`: nothing of the story stands above it. `at_end`: it is one of the story's last few.
    """
    places = ("", *("top",) * at_top, *("end",) * at_end)
    return next((name for where in places if (name := _rule_of(paragraph, where))), "")


@lru_cache(maxsize=256)  # the first and last lines of a story are asked about more than once
def _rule_of(paragraph: str, where: str) -> str:
    """The first of the rules for one place that the paragraph fits."""
    if len(paragraph) > LONGEST or ATTRIBUTED.search(paragraph, max(0, len(paragraph) - 120)):
        return ""
    small, words = paragraph.lower(), paragraph.count(" ") + 1
    heads = frozenset(HEAD.findall(small))
    for rule in _rules_for(words, where):
        if rule.cues and (rule.heads.isdisjoint(heads) or not [cue for cue in rule.cues if cue in small]):
            continue
        if rule.pattern.fullmatch(paragraph):
            return rule.name
    return ""


def part_inserted(paragraph: str) -> tuple[str, tuple[Cut, ...]]:
    """Part furniture from the middle of a true paragraph: what stays, and the pieces in reading order."""
    pieces: list[Cut] = []
    for rule in _rules().inserted:
        while any(map(paragraph.__contains__, rule.cues)) and (found := rule.pattern.search(paragraph)):
            pieces.append(Cut(text=found["box"].strip(), rule=rule.name))
            paragraph = paragraph[: found.start("box")] + paragraph[found.end("box") :]
    return paragraph, tuple(pieces)


def part_glued(paragraph: str) -> tuple[str, tuple[Cut, ...]]:
    """Part furniture from the end of a true paragraph: what stays, and the pieces in reading order."""
    pieces: list[Cut] = []
    while found := _glued(paragraph):
        at, name = found
        pieces.insert(0, Cut(text=paragraph[at:].strip(), rule=name))
        paragraph = paragraph[:at].rstrip()
    return paragraph, tuple(pieces)


def _glued(paragraph: str) -> tuple[int, str] | None:
    start = max(0, len(paragraph) - TAIL)
    tail = paragraph[start:]
    if not [cue for cue in _glued_cues() if cue in tail]:  # as in most paragraphs, and a list is quicker here than any()
        return None
    for rule in _rules().glued:
        match = rule.pattern.search(tail) if any(map(tail.__contains__, rule.cues)) else None
        # What stays must be a sentence that has ended: "She told readers to Subscribe now" is the reporter's own.
        if match and paragraph[: start + match.start()].rstrip().endswith((".", "!", "?", '"', "”", "’", ")")):
            return start + match.start(), rule.name
    return None


@cache
def _glued_cues() -> tuple[str, ...]:
    return tuple(cue for rule in _rules().glued for cue in rule.cues)


@cache
def _rules_for(words: int, where: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in _rules().whole if words <= rule.most and rule.where == where)


@cache
def _rules() -> Rules:
    """Read the rules once; they are compiled when the first story is cleaned, not when a command only asks for help."""
    table = tomllib.loads((files("digest.edit") / "words" / "furniture.toml").read_text(encoding="utf-8"))
    parts: Mapping[str, str] = table["parts"]
    return Rules(
        whole=tuple(_rule(row, BEFORE + r"(?:{})\W*", re.IGNORECASE, parts) for row in table["rule"]),
        inserted=tuple(_rule(row, "(?:{})", 0, parts) for row in table["inserted"]),
        glued=tuple(_rule(row, r"(?<!\S)(?:{})\W*$", 0, parts) for row in table["glued"]),
    )


def _rule(row: Mapping[str, Any], frame: str, flags: int, parts: Mapping[str, str]) -> Rule:
    together = "|".join(row["patterns"])
    for name, part in parts.items():
        together = together.replace(f"<{name}>", part)
    return Rule(
        name=row["name"],
        pattern=re.compile(frame.replace("{}", together), flags),
        most=row.get("most", 0),
        where=row.get("where", ""),
        cues=tuple(row.get("cues", ())),
        heads=_heads(row.get("cues", ())),
    )


def _heads(cues: Sequence[str]) -> frozenset[str]:
    """How the longest word of each cue begins; a cue without a word is a sign, and stands for itself."""
    return frozenset(max(re.findall(r"[a-z]+|[@©:\[\d]", cue.lower()), key=len)[:4] for cue in cues)
