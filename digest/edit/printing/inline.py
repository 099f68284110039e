"""Move the style sheet into the tags, where every mail program reads it. No network, no files, the same bytes every time."""

import logging
import re
from functools import lru_cache
from hashlib import sha256
from html import escape
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


def inline(html: str, css: str, kept: str, *, inliner: str = "premailer") -> str:
    """The page with `css` in its style attributes and `kept` (media, dark mode, client hooks) as it is in its head.

    Tags that `css` does not match keep what they have; a style attribute in the page wins over the sheet. `inliner` is "premailer"
    or "css-inline": they write other bytes that show the same. Raises TemplateError when a sheet or the page would load another
    sheet, or when the page has no head, and ConfigError when the inliner is not installed.
    """
    _refuse_loading(html, css, kept)
    from lxml import etree

    tree = etree.fromstring(html.strip(), etree.HTMLParser()).getroottree()
    token = sha256(html.encode("utf-8", "replace")).hexdigest()[:12]  # no story can hold it
    addresses = _shield(tree, token)
    if inliner == "premailer":
        _by_premailer(tree, css)
    whole = tree if html.lstrip().lower().startswith("<!doctype") else tree.getroot()  # else lxml invents a doctype of 1997
    page: str = etree.tostring(whole, method="html", encoding="unicode", pretty_print=False)
    if inliner == "css-inline":
        page = _by_css_inline(css)(page)
    page = re.sub(rf"{token}-(\d+)-", lambda shield: addresses[int(shield[1])], page)
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


def _shield(tree: "etree._ElementTree", token: str) -> list[str]:
    """Put tokens in place of addresses, which the serializer would re-encode, and return what they stand for, escaped."""
    addresses: list[str] = []
    for tag in tree.iter("*"):
        for name in ADDRESSES:
            if name in tag.attrib:
                addresses.append(escape(str(tag.attrib[name])))
                tag.attrib[name] = f"{token}-{len(addresses) - 1}-"
    return addresses


def _by_premailer(tree: "etree._ElementTree", css: str) -> None:
    _offline_premailer()(css_text=css, **OPTIONS).transform(tree.getroot())
    for tag in tree.iterfind(".//*[@style]"):
        tag.set("style", _lean(tag.get("style", "")))


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

    class Offline(Premailer):  # type: ignore[misc]
        """Premailer with the one door shut that `allow_network=False` leaves open: cssutils' own fetcher."""

        def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:
            quiet = cssutils.CSSParser(fetcher=lambda _url: (None, b""), validate=validate, loglevel=logging.CRITICAL)
            return quiet.parseString(css_body)

        def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
            rules, leftover = parsed(css_body, ruleset_index)
            return list(rules), list(leftover)

    reader = Offline(**OPTIONS)
    one_at_a_time = Lock()  # cssutils keeps its tokenizer's state in one place for all threads

    @lru_cache(maxsize=16)  # most of the time goes into a sheet that is the same for every issue
    def parsed(css: str, index: int) -> Any:
        with one_at_a_time:
            return Premailer._parse_style_rules(reader, css, index)

    return Offline


def _lean(style: str) -> str:
    """The same declarations in fewer bytes. Quotes become single ones, which need no escape inside an attribute."""
    return re.sub(r"([;,])\s+", r"\1", style if "'" in style else style.replace('"', "'"))


def _with_kept(page: str, kept: str) -> str:
    bare = re.sub(r"/\*.*?\*/", "", kept, flags=re.DOTALL)
    sheet = "\n".join(line for line in (" ".join(line.split()) for line in bare.splitlines()) if line)
    if "</head>" not in page:
        raise TemplateError("The page has no </head>.", hint="base.html.j2 needs a head: the kept styles stand at its end.")
    return page.replace("</head>", f"<style>\n{sheet}\n</style>\n</head>", 1) if sheet else page
