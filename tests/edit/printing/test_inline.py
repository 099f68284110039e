"""Styles go into the tags, and nothing else changes or leaves the machine."""

import sys

import pytest

from digest.edit.printing.inline import inline
from digest.errors import TemplateError

PAGE = "<!DOCTYPE html>\n<html><head><title>t</title></head><body>{}</body></html>"


def body(content: str, css: str = "", kept: str = "") -> str:
    page = inline(PAGE.format(content), css, kept)
    return page.partition("<body>")[2].partition("</body>")[0]


def test_a_class_rule_goes_into_the_tag():
    assert body('<p class="a">x</p>', ".a { color: #112233 }") == '<p class="a" style="color:#123">x</p>'


def test_a_more_specific_rule_wins_whatever_the_order():
    assert 'style="color:#abcdef"' in body('<p class="a">x</p>', ".a { color: #abcdef } p { color: #fedcba }")


def test_the_tags_own_style_wins():
    assert 'style="color:#fedcba"' in body('<p style="color: #fedcba">x</p>', "p { color: #abcdef }")


def test_the_page_itself_can_be_styled():
    assert '<html style="margin:0">' in inline(PAGE.format("<p>x</p>"), "html { margin: 0 }", "")


def test_pixels_of_a_picture_stay_pixels():
    tag = body('<img src="https://x.example/a.jpg" alt="" width="536" height="302">', "img { width: 100%; height: auto }")

    assert 'width="536" height="302"' in tag
    assert 'style="width:100%;height:auto"' in tag


def test_important_stays_in_both_sheets():
    page = inline(PAGE.format("<p>x</p>"), "p { color: #abcdef !important }", "@media (max-width: 600px) { p { margin: 0 !important } }")

    assert "color:#abcdef !important" in page
    assert "@media (max-width: 600px) { p { margin: 0 !important } }" in page


def test_kept_rules_that_match_nothing_stay():
    kept = "@font-face { font-family: X; src: local(X) }\n[data-ogsc] .a { color: #fff !important }\nu + .body .a { margin: 0 }"

    page = inline(PAGE.format("<p>x</p>"), "", kept)

    assert f"<style>\n{kept}\n</style>\n</head>" in page


def test_what_only_outlook_knows_stays():
    tag = body('<p style="mso-line-height-rule: exactly">x</p><!--[if mso]><table><tr><td><![endif]-->', "p { mso-hide: all }")

    assert "mso-line-height-rule:exactly" in tag
    assert "mso-hide:all" in tag
    assert "<!--[if mso]><table><tr><td><![endif]-->" in tag


@pytest.mark.parametrize(
    "address",
    ["https://x.example/{{token}}?a=1&amp;b=%%T%%", "https://x.example/é|x", "mailto:desk@x.example?subject=a%20b", "*|UNSUB|*", "#top"],
)
def test_an_address_keeps_every_character(address):
    assert f'href="{address}"' in body(f'<a href="{address}">x</a>')


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% for x in y %}", "%recipient.name%", "한국어 العربية 🚀", "a &amp; b &lt; c"])
def test_text_keeps_every_character(text):
    assert body(f"<p>{text}</p>") == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("page", "css", "kept"),
    [
        ("", '@import url("http://127.0.0.1:9/a.css"); p { margin: 0 }', ""),
        ("", "", "@IMPORT 'http://127.0.0.1:9/a.css';"),
        ("", r"@\69mport 'a.css';", ""),
        ("<style>@import 'a.css';</style>", "", ""),
        ('<link rel="stylesheet" href="http://127.0.0.1:9/a.css">', "", ""),
        ("", "", "p { margin: 0 } </style><script>"),
    ],
)
def test_a_sheet_that_loads_another_or_ends_early_is_refused(page, css, kept):
    with pytest.raises(TemplateError):
        inline(PAGE.format(page), css, kept)


def test_a_page_without_a_head_is_refused():
    with pytest.raises(TemplateError, match="head"):
        inline("<p>x</p>", "", "p { margin: 0 }")


def test_no_socket_is_opened_and_no_file_is_written():
    seen: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if watching and (event.startswith("socket.") or event.startswith("subprocess.") or writes):
            seen.append(event)

    inline(PAGE.format("warm"), "", "")  # imports are no part of the promise
    sys.addaudithook(hook)
    css = "@font-face { font-family: C; src: url(http://127.0.0.1:9/c.woff) } p { background: url(http://127.0.0.1:9/p.png) }"
    inline(PAGE.format('<p>x</p><img src="http://127.0.0.1:9/i.png" alt="">'), css, "p { background: url(http://127.0.0.1:9/k.png) }")
    watching = False

    assert seen == []


def test_the_same_page_gives_the_same_bytes():
    page, css = PAGE.format('<p class="a b">x</p>' * 20), ".a { color: #abcdef } .b { margin: 0 }"

    assert inline(page, css, css) == inline(page, css, css)


def test_an_import_that_slipped_through_would_not_be_fetched_either():
    import premailer

    from digest.edit.printing.inline import OPTIONS, _offline_premailer

    page = PAGE.format("<style>@import url(http://127.0.0.1:9/a.css); p { margin: 0 }</style><p>x</p>")
    seen: list[str] = []
    sys.addaudithook(lambda event, _arguments: seen.append(event) if event == "socket.connect" else None)

    _offline_premailer()(**OPTIONS).transform(page)
    by_ours = list(seen)
    premailer.Premailer(allow_network=False, cache_css_parsing=False).transform(page)

    assert by_ours == []
    assert seen != []  # the control: Premailer's own switch does not hold
