"""How much of a mail do mail programs show? Its HTML and CSS held against what caniemail.com measured of each program."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lxml.etree import _Element

# A value may hold a semicolon inside quotes or brackets: url(data:image/png;base64,…)
DECLARATION = re.compile(r"""(-?-?[a-z][\w-]*)\s*:\s*((?:[^;"'(]|"[^"]*"|'[^']*'|\([^)]*\)|[("'])*)""")
QUOTED = re.compile(r"""url\([^)]*\)|"[^"]*"|'[^']*'""")
FUNCTION = re.compile(r"([a-z][a-z-]*)\(")
MEASURE = re.compile(r"(?<![#\w-])[-+]?(?:\d+\.?\d*|\.\d+)(%|[a-z]+)")
KEYWORD = re.compile(r"(?<![#\w-])[a-z][a-z-]*(?![\w(-])")
NESTED_BLOCK = re.compile(r"@[^{};]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
AT_RULE = re.compile(r"(@[a-z][a-z-]*)([^{;]*)")
MEDIA = re.compile(r"\(\s*([a-z-]+)")
PSEUDO = re.compile(r"(::?[a-z][a-z-]*)")
OF_NO_ACCOUNT = ("html", "head", "meta")  # tags that the score's formula does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A part of HTML or CSS, and which mail programs do not show it."""

    name: str  # of its page, caniemail.com/features/<name>/
    title: str
    partly: float  # percent of all versions of mail programs that show it in part, or of which that is not known
    missing: float  # percent that do not show it
    without: frozenset[str]  # programs that do not show it in their latest version, as "outlook windows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What caniemail.com measured, and until when."""

    date: str
    features: Mapping[str, Feature]
    signs: Mapping[str, tuple[str, ...]]  # what a feature is recognised by -> names of features


def support(html: str) -> float:
    """How well mail programs show a page, of 100, by the formula of Mailpit's HTML check (github.com/axllent/mailpit, internal/htmlcheck).

    100 - the worst partial support - the worst missing support. A feature weighs the percentage of all measured versions of mail
    programs that show it in part, or not, times its uses over the page's tags. A tag uses a feature once, however often it names it.
    """
    counted, tags = _count(html)
    features = [(measured().features[name], times / tags) for name, times in counted.items()]
    partly = max((feature.partly * weight for feature, weight in features), default=0)
    return 100 - partly - max((feature.missing * weight for feature, weight in features), default=0)


def uses(html: str) -> Counter[str]:
    """The features of a page by name, each with the number of tags that use it, or of places in a style tag for @ rules and pseudo-classes.

    A style tag's plain rules count for the tags that they match. What stands inside an @ rule counts as that rule alone: it is there
    for programs that read it. Comments, with what they hold for Outlook alone, do not count.
    """
    return _count(html)[0]


def uses_in_tags(html: str) -> Counter[str]:
    """The features of a page that do not hang on a style tag: elements, attributes and style attributes."""
    tags = [tag for tag in _tags(html) if tag.tag != "style"]
    return Counter(name for tag in tags for name in _features(_signs(tag)))


@lru_cache(maxsize=1)
def measured() -> Measured:
    """The data, converted by docs/convert_caniemail.py."""
    told = tomllib.loads((files("digest.edit.printing") / "caniemail.toml").read_text(encoding="utf-8"))
    signs: dict[str, list[str]] = defaultdict(list)
    for name, row in told["features"].items():
        for sign in row["signs"].split():
            signs[sign].append(name)
    return Measured(
        date=told["date"],
        features={name: _feature(name, row, told["programs"]) for name, row in told["features"].items()},
        signs={sign: tuple(names) for sign, names in signs.items()},
    )


def _feature(name: str, row: Mapping[str, Any], programs: list[str]) -> Feature:
    shown, partly, missing = row["all"]
    share = 100 / (shown + partly + missing)
    without = frozenset(program for program, letter in zip(programs, row["now"], strict=True) if letter == "n")
    return Feature(name=name, title=row["title"], partly=partly * share, missing=missing * share, without=without)


def _count(html: str) -> tuple[Counter[str], int]:
    """Uses by feature, and how many tags the page has."""
    tags = _tags(html)
    sheets = [re.sub(r"/\*.*?\*/", "", tag.text or "", flags=re.DOTALL).lower() for tag in tags if tag.tag == "style"]
    styled = _styled(tags, sheets)
    counted = Counter(name for tag in tags for name in _features(_signs(tag) | styled[tag]))
    counted.update(name for sheet in sheets for sign in _sheet_signs(sheet) for name in measured().signs.get(sign, ()))
    return counted, sum(tag.tag not in OF_NO_ACCOUNT for tag in tags) or 1


def _tags(html: str) -> "list[_Element]":
    from lxml import etree

    tree = etree.fromstring(html, etree.HTMLParser()) if html.strip() else None
    written = html.lower()  # the parser adds a body where none is
    return [] if tree is None else [tag for tag in tree.iter("*") if tag.tag != "body" or "<body" in written]


def _features(signs: Iterable[str]) -> frozenset[str]:
    known = measured().signs
    return frozenset(name for sign in signs for name in known.get(sign, ()))


def _signs(tag: "_Element") -> frozenset[str]:
    """What a tag's name, attributes and style attribute are recognised by."""
    attributes = {str(name): str(value).strip().lower() for name, value in tag.attrib.items()}
    return frozenset(_markup_signs(str(tag.tag), attributes)) | _style_signs(attributes.get("style", ""))


def _markup_signs(tag: str, attributes: Mapping[str, str]) -> Iterator[str]:
    yield f"<{tag}>"
    for name, value in attributes.items():
        yield f"[{name}]"
        if name == "type":
            yield f"<{tag}[type={value}]>"
        elif name == "name":
            yield f"[name={value}]"
        elif name == "href":
            yield f"[href={'#' if value.startswith('#') else value.partition(':')[0] + ':'}]"
        elif name == "src":
            yield "[src=data:]" if value.startswith("data:") else f"[src=.{re.split(r'[?#]', value)[0].rpartition('.')[2]}]"


@lru_cache(maxsize=1024)  # a page has many tags and few styles
def _style_signs(style: str) -> frozenset[str]:
    """What declarations are recognised by: `width`, `display:flex`, `=initial`, `calc()`, `1px`, `!important`, `--`."""
    signs: set[str] = set()
    for name, value in DECLARATION.findall(style.lower()):
        words = QUOTED.sub(" ", value)
        keywords = KEYWORD.findall(words)
        signs.add("--" if name.startswith("--") else name)
        signs.update(f"{name}:{word}" for word in keywords)
        signs.update(f"={word}" for word in keywords)
        signs.update(f"{word}()" for word in FUNCTION.findall(words))
        signs.update(f"1{unit}" for unit in MEASURE.findall(words))
        if "!important" in words.replace(" ", ""):
            signs.add("!important")
    return frozenset(signs)


def _styled(tags: "list[_Element]", sheets: list[str]) -> "dict[_Element, frozenset[str]]":
    """What the plain rules of the style tags add to each tag that they match."""
    from cssselect import SelectorError
    from lxml.cssselect import CSSSelector
    from lxml.etree import XPathError

    styled: dict[_Element, frozenset[str]] = defaultdict(frozenset)
    for selectors, style in (rule for sheet in sheets for rule in RULE.findall(NESTED_BLOCK.sub("", sheet))):
        try:
            found = cast("list[_Element]", CSSSelector(selectors.strip(), translator="html")(tags[0]))
        except (SelectorError, XPathError):  # a hook for one mail program, which no other reads
            continue
        for tag in found:
            styled[tag] |= _style_signs(style)
    return styled


def _sheet_signs(sheet: str) -> Iterator[str]:
    """What a sheet holds besides declarations: `@media`, `@media(hover)`, `:hover`, `::after`."""
    for name, words in AT_RULE.findall(sheet):
        yield name
        yield from (f"{name}({feature})" for feature in MEDIA.findall(words))
    for selectors, _ in RULE.findall(sheet):
        yield from PSEUDO.findall(selectors)
