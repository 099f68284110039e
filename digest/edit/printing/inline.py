"""Move the style sheet into the tags, where every mail program reads it. No network, no files, the same bytes every time."""

import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from html import escape
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any

from digest.errors import ConfigError, TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import etree

OPTIONS = {
    "allow_network": False,
    "allow_loading_external_files": False,
    "disable_link_rewrites": True,
    "include_star_selectors": True,
    "strip_important": False,  # it would take !important from media rules, which then lose
    "disable_validation": True,
    # Premailer would turn widths into "100%" attributes, which Outlook draws distorted, and add obsolete attributes for
    # alignment and colour; the templates write the few that are needed.
    "disable_basic_attributes": ["width", "height", "align", "valign", "bgcolor"],
    "align_floating_images": False,
    "remove_classes": False,  # the kept rules need them
    "disable_leftover_css": True,
    "cssutils_logging_level": logging.CRITICAL,
}
ADDRESSES = ("href", "src", "action", "background")
RULE = re.compile(r"rule-\d+-\d+")

Declarations = tuple[tuple[str, str], ...]


def inline(html: str, css: str, kept: str, *, inliner: str = "premailer") -> str:
    """The page with `css` in its style attributes and `kept` (media, dark mode, client hooks) as it is in its head.

    Tags that `css` does not match keep what they have; a style attribute in the page wins over the sheet, but for what is important
    there. `inliner` is "premailer" or "css-inline": they write other bytes that show the same. Raises TemplateError when a sheet or
    the page would load another sheet, or when the page has no head, and ConfigError when the inliner is not installed.
    """
    _refuse_loading(html, css, kept)
    from lxml import etree

    tree = etree.fromstring(html.strip(), etree.HTMLParser()).getroottree()
    if inliner == "css-inline":
        page = _by_css_inline(css)(_written(tree, html))
    else:
        _by_premailer(tree, css)
        page = _written(tree, html)
    return _with_kept(page, kept) + "\n"


def _refuse_loading(html: str, css: str, kept: str) -> None:
    """A sheet that loads another is a request to somebody's server, at build time or from every reader."""
    hint = "Copy the rules into inline.css or kept.css: an email loads no style sheet."
    inside = re.findall(r"<style[^>]*>(.*?)</style", html, re.DOTALL | re.IGNORECASE)
    for name, sheet in (("inline.css", css), ("kept.css", kept), *(("A style tag of the page", sheet) for sheet in inside)):
        bare = _unescaped(re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
        if re.search(r"@import\b", bare, re.IGNORECASE):
            raise TemplateError(f"{name} has an @import.", hint=hint)
        if "</" in bare:
            raise TemplateError(f"{name} holds '</', which would end the style tag.", hint="A style sheet holds no HTML.")
    if re.search(r"<link\b[^>]*\bstylesheet\b", html, re.IGNORECASE):
        raise TemplateError("The page links a style sheet.", hint=hint)


def _unescaped(css: str) -> str:
    r"""CSS lets a letter be written as \69 ; `@\69mport` is @import too."""
    return re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda code: chr(min(int(code[1], 16), 0x10FFFF)), css)


def _written(tree: "etree._ElementTree", html: str) -> str:
    """The tree, made of `html`, as HTML again. Tokens stand in for the addresses, which lxml would encode anew."""
    from lxml import etree

    token = sha256(html.encode("utf-8", "replace")).hexdigest()[:12]  # no story can hold it
    addresses: list[str] = []
    for tag in tree.iter("*"):
        for name in ADDRESSES:
            if name in tag.attrib:
                addresses.append(escape(str(tag.attrib[name])))
                tag.attrib[name] = f"{token}-{len(addresses) - 1}-"
    whole = tree if html.lstrip().lower().startswith("<!doctype") else tree.getroot()  # else lxml invents a doctype of 1997
    page: str = etree.tostring(whole, method="html", encoding="unicode", pretty_print=False)
    return re.sub(rf"{token}-(\d+)-", lambda shield: addresses[int(shield[1])], page)


def _by_premailer(tree: "etree._ElementTree", css: str) -> None:
    """Premailer finds the rules of each tag and their order; here they become its style.

    Left to itself, Premailer lets a tag's own style win over `!important`, and a longhand outlive the shorthand that takes it back.
    """
    own = {tag: str(tag.attrib.pop("style")) for tag in tree.iter("*") if "style" in tag.attrib}
    offline = _offline_premailer()(css_text=css, **OPTIONS)
    offline.transform(tree.getroot())
    for tag in tree.iter("*"):
        rules = tuple(RULE.findall(tag.get("style", "")))
        if rules or tag in own:
            tag.set("style", offline.style(rules, own.get(tag, "")))


@lru_cache(maxsize=16)
def _by_css_inline(css: str) -> "Callable[[str], str]":
    try:
        from css_inline import CSSInliner
    except ImportError as missing:
        hint = 'Install it with: pip install "headline-digest[fast]". Or take the key out: premailer is always there.'
        raise ConfigError('digest.toml asks for inliner = "css-inline", which is not installed.', hint=hint) from missing
    # It would write widths into attributes only if asked to; what it cannot inline belongs into kept.css, as with premailer.
    return CSSInliner(load_remote_stylesheets=False, minify_css=True, extra_css=css).inline


@lru_cache(maxsize=1)
def _offline_premailer() -> Any:
    import cssutils
    from premailer import Premailer
    from premailer.merge_style import csstext_to_pairs

    class Offline(Premailer):  # type: ignore[misc]
        """Premailer with the one door shut that `allow_network=False` leaves open: cssutils' own fetcher.

        It puts numbers of rules into the tags, in the order in which the rules count; `style()` says what they come to.
        """

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self._rules: dict[str, Declarations] = {}
            self._styles: dict[tuple[tuple[str, ...], str], str] = {}

        def style(self, rules: tuple[str, ...], own: str) -> str:
            if (rules, own) not in self._styles:
                self._styles[rules, own] = _summed((*(self._rules[rule] for rule in rules), declared(own)))
            return self._styles[rules, own]

        def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:
            quiet = cssutils.CSSParser(fetcher=lambda _url: (None, b""), validate=validate, loglevel=logging.CRITICAL)
            return quiet.parseString(css_body)

        def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
            rules, declarations = parsed(css_body, ruleset_index)
            self._rules |= declarations
            return list(rules), []

    reader = Offline(**OPTIONS)
    one_at_a_time = Lock()  # cssutils keeps its tokenizer's state in one place for all threads

    @lru_cache(maxsize=16)  # most of the time goes into a sheet that is the same for every issue
    def parsed(css: str, sheet: int) -> Any:
        with one_at_a_time:
            found, _ = Premailer._parse_style_rules(reader, css, sheet)
        named = {f"rule-{sheet}-{number}": rule for number, rule in enumerate(found)}
        rules = [(specificity, _small(selector), f"{name}:1") for name, (specificity, selector, _) in named.items()]
        return rules, {name: declared(text) for name, (_, _, text) in named.items()}

    @lru_cache(maxsize=1024)
    def declared(css: str) -> Declarations:
        with one_at_a_time:
            return tuple(csstext_to_pairs(css, validate=False))

    return Offline


def _small(selector: str) -> str:
    """Types of tags in small letters, as lxml has them: TD.Head becomes td.Head."""
    return selector if "[" in selector else re.sub(r"(?<![\w.#:-])[A-Z]\w*", lambda type_: type_[0].lower(), selector)


def _summed(rules: Iterable[Declarations]) -> str:
    """What declarations come to that count in this order: the last one holds, unless an earlier is important and it is not."""
    held: dict[str, str] = {}
    for name, value in chain.from_iterable(rules):
        if "!important" not in held.get(name, "") or "!important" in value:
            held.pop(name, None)  # so that it stands after the shorthand that it changes, and before the one that changes it
            held[name] = value
    return _lean(";".join(f"{name}:{value}" for name, value in held.items()))


def _lean(style: str) -> str:
    """The same declarations in fewer bytes. Quotes become single ones, which need no escape inside an attribute."""
    return re.sub(r"([;,])\s+", r"\1", style if "'" in style else style.replace('"', "'"))


def _with_kept(page: str, kept: str) -> str:
    bare = re.sub(r"/\*.*?\*/", "", kept, flags=re.DOTALL)
    sheet = "\n".join(line for line in (" ".join(line.split()) for line in bare.splitlines()) if line)
    if "</head>" not in page:
        raise TemplateError("The page has no </head>.", hint="base.html.j2 needs a head: the kept styles stand at its end.")
    return page.replace("</head>", f"<style>\n{sheet}\n</style>\n</head>", 1) if sheet else page
