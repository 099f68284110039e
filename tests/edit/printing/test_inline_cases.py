"""Forty things an email's author relies on when a style sheet goes into the tags, asked of both our inliners and of two of others."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec

import lxml.html
import premailer
import pytest

from digest.edit.printing.inline import inline
from digest.errors import TemplateError
from tests.conftest import missing
from tests.outside.juice import juiced

PAGE = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Pier</title></head><body>\n{}\n</body></html>\n'
SERVER = "http://canary.invalid"  # stands in the cases for a server that notes who asks it
QUOTED = r"""\"[^"]*"|'[^']*'"""
DECLARATION = re.compile(rf"""(?:{QUOTED}|\((?:{QUOTED}|[^)"'])*\)|[^;"'(])+""")  # a semicolon in quotes or brackets does not end it


# --- what came back, and how it is looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A page that an inliner gave back. It may have refused the page instead, which only a page that asks a server deserves."""

    html: str
    again: str  # what the same page gave a second time
    asked: tuple[str, ...] = ()  # the addresses of the server that were asked for
    refused: bool = False

    def tag(self, id_: str = "x") -> Mapping[str, str]:
        """The attributes of the tag with this id; none when it is gone."""
        found = self._found(id_)
        return {} if found is None else dict(found.attrib)

    def text(self, id_: str = "x") -> str:
        """What a reader sees in the tag with this id."""
        found = self._found(id_)
        return "" if found is None else found.text_content()

    def _found(self, id_: str) -> lxml.html.HtmlElement | None:
        found = lxml.html.document_fromstring(self.html or "<p></p>").xpath("//*[@id=$id]", id=id_)
        return found[0] if len(found) == 1 else None

    def style(self, id_: str = "x") -> dict[str, str]:
        """What the style attribute of the tag comes to, as a mail program reads it: margins by side, colours in one spelling."""
        sides: dict[str, tuple[bool, str]] = {}
        for name, value, important in declared(self.tag(id_).get("style", "")):
            for side, part in by_side(name, value):
                if important or not sides.get(side, (False, ""))[0]:
                    sides[side] = (important, part)
        return {name: value for name, (_, value) in sides.items()}

    def sheets(self) -> str:
        """The style sheets in the page, without white space."""
        return bare("".join(re.findall(r"<style[^>]*>(.*?)</style>", self.html, re.DOTALL)))


def declared(style: str) -> Iterator[tuple[str, str, bool]]:
    for declaration in DECLARATION.findall(style):
        name, _, value = declaration.partition(":")
        value, important = re.subn(r"\s*!\s*important\s*$", "", plain(value), flags=re.IGNORECASE)
        if value:
            yield name.strip().lower(), value, bool(important)


def by_side(name: str, value: str) -> Iterator[tuple[str, str]]:
    if name not in ("margin", "padding"):
        yield name, value
        return
    top, right, bottom, left = {1: "0000", 2: "0101", 3: "0121", 4: "0123"}[len(value.split())]
    for side, at in (("top", top), ("right", right), ("bottom", bottom), ("left", left)):
        yield f"{name}-{side}", value.split()[int(at)]


def plain(value: str) -> str:
    """One spelling for what means the same: quotes, spaces after commas, .5 and 0.5, #112233 and #123."""
    value = re.sub(r"\s*,\s*", ",", " ".join(value.split())).replace('"', "'")
    value = re.sub(r"(?<![\w.])0\.(?=\d)", ".", value)
    value = re.sub(r"#([0-9a-f])\1([0-9a-f])\2([0-9a-f])\3\b", r"#\1\2\3", value, flags=re.IGNORECASE)
    return re.sub(r"#[0-9a-f]{3,6}\b", lambda colour: colour[0].lower(), value, flags=re.IGNORECASE)


def bare(css: str) -> str:
    return re.sub(r"\s+", "", plain(css)).replace(";}", "}").lower()


Check = Callable[[Printed], bool]


def styled(id_: str = "x", **wanted: str) -> Check:
    """The tag shows these declarations; `font_size` stands for font-size."""
    return lambda page: {name: page.style(id_).get(name.replace("_", "-")) for name in wanted} == wanted


def unstyled(name: str, id_: str = "x") -> Check:
    return lambda page: bool(page.tag(id_)) and name not in page.style(id_)


def attributes(id_: str = "x", **wanted: str) -> Check:
    """The tag has these attributes; "" says that it has none of that name."""
    return lambda page: bool(page.tag(id_)) and all(page.tag(id_).get(name, "") == value for name, value in wanted.items())


def says(*texts: str) -> Check:
    """The page has each text to the letter, once."""
    return lambda page: all(page.html.count(text) == 1 for text in texts)


def reads(text: str) -> Check:
    """A reader sees this text in the tag, however its signs are written."""
    return lambda page: page.text() == text


def keeps(*rules: str) -> Check:
    """A style sheet in the page has these rules."""
    return lambda page: all(bare(rule) in page.sheets() for rule in rules)


def never_asks(name: str) -> Check:
    return lambda page: (page.refused or "Pier" in page.html) and not any(address.endswith(name) for address in page.asked)


def all_of(*checks: Check) -> Check:
    return lambda page: all(check(page) for check in checks)


# --- the cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What an author writes, and what must come of it. `css` is for the tags, `kept` for the head."""

    html: str  # stands in the body of PAGE, or is a whole page
    css: str = ""
    kept: str = ""
    holds: Check

    @property
    def page(self) -> str:
        return self.html if self.html.startswith("<!DOCTYPE") else PAGE.format(self.html)


ROWS = "".join(
    f'<tr><td class="item"><h3 class="head"><a href="https://a.example/{n}">Pier {n}</a></h3><p class="meta">{"Words. " * 40}</p></td></tr>\n'
    for n in range(256)
)  # 100 KB
IMAGE = '<img id="x" src="https://a.example/p.jpg" alt="Pier" width="552" height="310">'

CASES: dict[str, Case] = {
    # which rule wins
    "an id wins over classes, a class over a type": Case(
        html='<p id="x" class="a b">Pier</p><p id="y" class="b">Quay</p>',
        css="#x { color: #112233 } .a.b { color: red } .b { color: blue } p { color: red }",
        holds=all_of(styled(color="#123"), styled("y", color="blue")),
    ),
    "of equal rules the later wins": Case(
        html='<p id="x" class="b a">Pier</p>', css=".a { color: red } .b { color: blue }", holds=styled(color="blue")
    ),
    "the tag's own style wins": Case(
        html='<p id="x" style="color: blue">Pier</p>', css="#x { color: red; margin: 0 }", holds=styled(color="blue", margin_top="0")
    ),
    "an important rule wins over a more specific one": Case(
        html='<p id="x">Pier</p>', css="p { color: blue !important } #x { color: red }", holds=styled(color="blue")
    ),
    "an important rule wins over the tag's own style": Case(
        html='<p id="x" style="color: red">Pier</p>', css="p { color: blue !important }", holds=styled(color="blue")
    ),
    "a longhand changes one side of a shorthand": Case(
        html='<p id="x" class="a">Pier</p>', css="p { margin: 1px 2px } .a { margin-left: 9px }", holds=styled(margin_left="9px", margin_right="2px")
    ),
    "a shorthand takes back a longhand": Case(
        html='<p id="x" class="a b">Pier</p>',
        css="p { margin: 1px } .a { margin-left: 9px } .a.b { margin: 3px }",
        holds=styled(margin_left="3px", margin_top="3px"),
    ),
    "of a declaration said twice the last holds": Case(
        html='<p id="x">Pier</p>', css="p { color: red; margin: 0; color: blue }", holds=styled(color="blue")
    ),
    # whom a rule is for
    "a descendant rule finds its tags and no others": Case(
        html='<div class="a"><b><i id="x">Pier</i></b></div><i id="y">Pier</i>',
        css=".a i { color: blue }",
        holds=all_of(styled(color="blue"), unstyled("color", "y")),
    ),
    "two classes are both asked for": Case(
        html='<p id="x" class="b  c a">Pier</p><p id="y" class="a">Pier</p>',
        css=".a.b { color: blue }",
        holds=all_of(styled(color="blue"), unstyled("color", "y")),
    ),
    "a star is every tag": Case(
        html='<div class="a"><p id="x">Pier</p></div><p id="y">Pier</p>',
        css=".a * { color: blue }",
        holds=all_of(styled(color="blue"), unstyled("color", "y")),
    ),
    "a rule for several": Case(
        html='<h2 id="x">Pier</h2><p id="y" class="">Pier</p>',
        css="h2,\np , .gone { color: blue }",
        holds=all_of(styled(color="blue"), styled("y", color="blue")),
    ),
    "an attribute in a selector counts like a class": Case(
        html='<a id="x" href="mailto:desk@a.example">Pier</a>',
        css='a[href^="mailto:"] { color: blue } a { color: red } td a { color: red }',
        holds=styled(color="blue"),
    ),
    "capitals in tags and selectors are the same tags": Case(
        html='<TABLE><TR><TD ID="x" CLASS="a">Pier</TD></TR></TABLE>', css="TD { color: blue } td.a { margin: 0 }", holds=styled(color="blue", margin_top="0")
    ),
    "a style tag in the body counts": Case(
        html='<style>p { color: blue; margin: 0 }</style><p id="x" class="a">Pier</p>', css=".a { margin: 4px }", holds=styled(color="blue", margin_top="4px")
    ),
    "a table in a table is styled by its own rules": Case(
        html='<table class="a"><tr><td id="x"><table class="b"><tr><td id="y">Pier</td></tr></table></td></tr></table>',
        css=".b td { padding: 2px } .a td { padding: 8px; color: blue } .a .b td { padding: 4px }",
        holds=all_of(styled(padding_left="8px"), styled("y", padding_left="4px", color="blue")),
    ),
    # what a rule says
    "names of fonts keep their quotes": Case(
        html='<p id="x">Pier</p>',
        css="""p { font-family: "Times New Roman", 'Noto Serif', serif }""",
        holds=styled(font_family="'Times New Roman','Noto Serif',serif"),
    ),
    "an address in a rule keeps every character": Case(
        html='<p id="x">Pier</p>',
        css='p { background: #fff url("https://a.example/p;1.png?a=1&b=(2)") repeat-x }',
        holds=styled(background="#fff url('https://a.example/p;1.png?a=1&b=(2)') repeat-x"),
    ),
    "what only Outlook knows stays": Case(
        html='<p id="x" style="mso-hide: all">Pier</p>',
        css="p { mso-line-height-rule: exactly; mso-padding-alt: 12px 22px }",
        holds=styled(mso_hide="all", mso_line_height_rule="exactly", mso_padding_alt="12px 22px"),
    ),
    "what is new or a maker's own stays": Case(
        html='<p id="x">Pier</p>',
        css="p { -webkit-text-size-adjust: 100%; overflow-wrap: anywhere; width: calc(100% - 20px); color: rgba(1, 2, 3, .5) }",
        holds=styled(_webkit_text_size_adjust="100%", overflow_wrap="anywhere", width="calc(100% - 20px)", color="rgba(1,2,3,.5)"),
    ),
    # what stays in the head
    "rules for phones stay, and stay important": Case(
        html='<p id="x" class="a">Pier</p>',
        css=".a { padding: 8px }",
        kept="@media (max-width: 600px) { .a { padding: 0 !important } }",
        holds=all_of(keeps("@media (max-width: 600px) { .a { padding: 0 !important } }"), styled(padding_top="8px"), attributes(**{"class": "a"})),
    ),
    "rules for dark mode stay, and stay important": Case(
        html='<p id="x" class="a">Pier</p>',
        kept="@media (prefers-color-scheme: dark) { .a { color: #fff !important } }",
        holds=all_of(keeps("@media (prefers-color-scheme: dark) { .a { color: #fff !important } }"), unstyled("color")),
    ),
    "rules for Outlook's dark mode stay": Case(
        html='<p id="x" class="a">Pier</p>',
        kept="[data-ogsc] .a { color: #fff !important }",
        holds=all_of(keeps("[data-ogsc] .a { color: #fff !important }"), unstyled("color")),
    ),
    "a rule that finds Gmail stays": Case(
        html='<p id="x" class="a">Pier</p>',
        kept="u + .body .a { color: #fff !important }",
        holds=all_of(keeps("u + .body .a { color: #fff !important }"), unstyled("color")),
    ),
    "a rule for a link under the mouse stays there": Case(
        html='<a id="x" href="https://a.example/">Pier</a>',
        css="a { color: blue }",
        kept="a:hover { color: red !important }",
        holds=all_of(keeps("a:hover { color: red !important }"), styled(color="blue"), lambda page: "red" not in page.tag()["style"]),
    ),
    "a font to load stays": Case(
        html="<p>Pier</p>",
        kept='@font-face { font-family: "Pier"; src: url(https://a.example/pier.woff2) format("woff2") }',
        holds=keeps('@font-face { font-family: "Pier"; src: url(https://a.example/pier.woff2) format("woff2") }'),
    ),
    # what a rule must not touch
    "pixels of a picture stay pixels": Case(
        html=IMAGE, css="img { width: 100%; max-width: 552px; height: auto }",
        holds=all_of(attributes(width="552", height="310"), styled(width="100%", height="auto")),
    ),
    "a rule's width is not written beside the style": Case(
        html='<table id="x"><tr><td id="y">Pier</td></tr></table>', css="table { width: 100% } td { width: 50%; height: 40px }",
        holds=all_of(attributes(width=""), attributes("y", width="", height=""), styled(width="100%")),
    ),
    "a cell's attributes are the author's": Case(
        html='<table><tr id="y" valign="top"><td id="x" align="left" bgcolor="#ffffff" width="50%" nowrap>Pier</td></tr></table>',
        css="td { text-align: center; background-color: #f4f1ea; vertical-align: middle }",
        holds=all_of(attributes(align="left", bgcolor="#ffffff", width="50%", valign=""), attributes("y", valign="top", style="")),
    ),
    "an address keeps the slots of a sender": Case(
        html='<a href="{{ view }}?a=1&amp;b={{ id }}">Pier</a><a href="*|UNSUB|*">Pier</a><a href="https://a.example/%%token%%/[a b]">Pier</a>',
        css="a { color: blue }",
        holds=says('href="{{ view }}?a=1&amp;b={{ id }}"', 'href="*|UNSUB|*"', 'href="https://a.example/%%token%%/[a b]"'),
    ),
    "a signed link keeps every character": Case(
        html='<a href="https://a.example/é부?to=a|b~(c)&amp;sign=%2Fx%c3%a9+=">Pier</a>',
        css="a { color: blue }",
        holds=says('href="https://a.example/é부?to=a|b~(c)&amp;sign=%2Fx%c3%a9+="'),
    ),
    "a text keeps the slots of a sender": Case(
        html='<p id="x" title="{{ title }}">{{ name | default(\'reader\') }}, {% if a %}*|FNAME|*{% endif %} %%token%% &lt;{{ b }}&gt;</p>',
        css="p { color: blue }",
        holds=says('title="{{ title }}"', "{{ name | default('reader') }}, {% if a %}*|FNAME|*{% endif %} %%token%% &lt;{{ b }}&gt;</p>"),
    ),
    "what is for Outlook alone, or for all others, stays": Case(
        html='<!--[if mso]><table width="600"><tr><td><![endif]--><p id="x">Pier</p><!--[if !mso]><!--><p id="y">Quay</p><!--<![endif]-->',
        css="p { color: blue } td { padding: 9px }",
        holds=all_of(
            says('<!--[if mso]><table width="600"><tr><td><![endif]-->', "<!--[if !mso]><!-->", "<!--<![endif]-->"),
            styled(color="blue"), styled("y", color="blue"),
        ),
    ),
    "spaces that do not break and escaped signs stay": Case(
        html='<p id="x">Pier&nbsp;7 &amp; quay &lt;b&gt; &copy; &#847;&zwnj;.</p>', css="p { color: blue }",
        holds=all_of(reads("Pier\u00a07 & quay <b> © \u034f\u200c."), styled(color="blue")),
    ),
    "every script and emoji stays itself": Case(
        html='<p id="x" title="부두">부두 재개장 · رصيف · 码头 · 🚢 · 👩‍✈️</p>', css="p { color: blue }",
        holds=all_of(says("부두 재개장 · رصيف · 码头 · 🚢 · 👩‍✈️</p>", 'title="부두"'), styled(color="blue")),
    ),
    "the frame stays: doctype, language, namespaces": Case(
        html='<!DOCTYPE html>\n<html lang="ar" dir="rtl" xmlns:o="urn:schemas-microsoft-com:office:office"><head><title>Pier</title></head><body id="x"><p>Pier</p></body></html>',
        css="body { margin: 0 }",
        holds=all_of(
            lambda page: page.html.startswith("<!DOCTYPE html>"), styled(margin_top="0"),
            says('lang="ar"', 'dir="rtl"', 'xmlns:o="urn:schemas-microsoft-com:office:office"'),
        ),
    ),
    "tags that hold nothing are written as HTML": Case(
        html='<table><tr><td id="x" class=""></td></tr></table><p>Pier<br>Quay</p><hr>' + IMAGE.replace('id="x" ', ""),
        css="td { height: 8px } hr { border: 0 }",
        holds=all_of(styled(height="8px"), lambda page: "</td>" in page.html and not re.search(r"<td[^>]*/>|</br>|</img>|</hr>", page.html), says("Pier<br>Quay")),
    ),
    # the machine
    "a sheet that another one loads is asked of nobody": Case(
        html="<p>Pier</p>", css=f"@import url({SERVER}/import.css); p {{ color: blue }}", holds=never_asks("import.css")
    ),
    "a sheet that the page links is asked of nobody": Case(
        html=PAGE.format("<p>Pier</p>").replace("</head>", f'<link rel="stylesheet" href="{SERVER}/link.css"></head>'), holds=never_asks("link.css")
    ),
    "a hundred kilobytes come out whole, the same each time": Case(
        html=f"<table>{ROWS}</table>", css=".item { padding: 4px } .item p { color: blue } h3 a { color: red }",
        holds=lambda page: len(re.findall(r'<p [^>]*style="color: ?blue', page.html)) == 256 and page.html == page.again,
    ),
}  # fmt: skip

# --- the inliners: ours, and those of others left as they come, with both sheets in the head as their users write them

Inlined = list[str | None]  # None: refused
Inliner = Callable[[list[Case]], Inlined]


def ours(name: str) -> Inliner:
    def one(case: Case) -> str | None:
        try:
            return inline(case.page, case.css, case.kept, inliner=name)
        except TemplateError:
            return None

    return lambda cases: [one(case) for case in cases]


def in_one_page(case: Case) -> str:
    return case.page.replace("</head>", f"<style>\n{case.css}\n{case.kept}\n</style></head>")


INLINERS: dict[str, Inliner] = {
    "premailer": ours("premailer"),
    "css-inline": ours("css-inline"),
    "premailer untuned": lambda cases: [premailer.transform(in_one_page(case)) for case in cases],
    "juice": lambda cases: [html or "" for html in juiced([(in_one_page(case), "") for case in cases])],
}
HOLD = {"premailer": (31, 40), "css-inline": (36, 40), "premailer untuned": (0, 22), "juice": (34, 40)}  # at least and at most
# What ours are known not to hold, and why. A case that comes to hold leaves the list.
FAILS: dict[str, set[str]] = {
    "premailer": {"an attribute in a selector counts like a class"},  # a colon is a pseudo-class to it, whose rule it leaves out
    "css-inline": set(),
}


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that has every style sheet, and the list of those it was asked for."""
    asked: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/css")
            self.end_headers()
            self.wfile.write(b"b { color: red }")

        def log_message(self, *_: object) -> None:
            return

    running = HTTPServer(("127.0.0.1", 0), Note)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()
    running.server_close()


@pytest.fixture(scope="module")
def printed(server: tuple[str, list[str]]) -> Callable[[str], dict[str, Printed]]:
    """What the inliner of that name makes of each case, worked out once."""

    @lru_cache
    def by(name: str) -> dict[str, Printed]:
        if name == "css-inline" and not find_spec("css_inline"):
            missing("css-inline is not installed: pip install -r requirements-dev.txt -c requirements.lock")
        return worked_out(INLINERS[name], *server)

    return by


def worked_out(inliner: Inliner, address: str, asked: list[str]) -> dict[str, Printed]:
    asked.clear()
    cases = [replace(case, html=case.html.replace(SERVER, address), css=case.css.replace(SERVER, address)) for case in CASES.values()]
    first, second = inliner(cases), inliner(cases)
    return {
        name: Printed(html=one or "", again=two or "", asked=tuple(asked), refused=one is None)
        for name, one, two in zip(CASES, first, second, strict=True)
    }


def held(pages: Mapping[str, Printed]) -> set[str]:
    return {name for name, page in pages.items() if CASES[name].holds(page)}


@pytest.mark.parametrize("name", INLINERS)
def test_as_many_cases_hold_as_are_asked_for(name: str, printed: Callable[[str], dict[str, Printed]]):
    least, most = HOLD[name]

    assert least <= len(held(printed(name))) <= most


@pytest.mark.parametrize("name", FAILS)
def test_what_ours_does_not_hold_is_known(name: str, printed: Callable[[str], dict[str, Printed]]):
    assert CASES.keys() - held(printed(name)) == FAILS[name]


def test_each_of_the_forty_can_be_held(printed: Callable[[str], dict[str, Printed]], capsys: pytest.CaptureFixture[str]):
    columns = {name: held(printed(name)) for name in INLINERS}

    with capsys.disabled():
        print(f"\n{'':60}{'  '.join(columns)}")
        for case in CASES:
            print(f"{case:60}{'  '.join(('yes' if case in column else '-').ljust(len(name)) for name, column in columns.items()).rstrip()}")
        print(f"{f'of {len(CASES)}':60}{'  '.join(str(len(column)).ljust(len(name)) for name, column in columns.items()).rstrip()}")
    assert len(CASES) == 40
    assert set(CASES) == set().union(*columns.values())


def test_a_page_that_is_lost_holds_nothing(server: tuple[str, list[str]]):
    assert held(worked_out(lambda cases: [""] * len(cases), *server)) == set()


def test_refusing_a_page_holds_only_where_it_asks_a_server(server: tuple[str, list[str]]):
    assert held(worked_out(lambda cases: [None] * len(cases), *server)) == {name for name in CASES if "is asked of nobody" in name}


def test_a_page_that_is_left_alone_holds_no_case_with_a_style(server: tuple[str, list[str]]):
    alone = held(worked_out(lambda cases: [in_one_page(case) for case in cases], *server))

    assert all(
        not case.css or "page links" in name or "keeps" in name or "are the author's" in name or "is asked of" in name
        for name, case in CASES.items()
        if name in alone
    ), alone


def test_the_server_hears_premailer_untuned(printed: Callable[[str], dict[str, Printed]]):
    asked = next(iter(printed("premailer untuned").values())).asked

    assert {"/import.css", "/link.css"} <= set(asked)
