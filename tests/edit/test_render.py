"""An issue becomes an email: both parts, in order, with nothing in them that the issue does not say."""

import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from digest.edit.printing.plaintext import width
from digest.edit.render import render, theme
from digest.errors import TemplateError
from digest.model import Also, Image, Masthead, Note, Section, Sponsor
from tests.make import a_brief, an_issue

ROOT = Path(__file__).parents[2]
SHIPPED = {str(path.relative_to(ROOT / "templates")): path.read_text("utf-8") for path in (ROOT / "templates").rglob("*") if path.is_file()}
GOLDEN = ROOT / "tests" / "emails"
POST = Masthead(
    publisher="The Garrison Post",
    site="https://garrisonpost.example",
    address="12 Harbor Road, Norfolk, VA",
    public_url="https://news.garrisonpost.example",
    why="You get this because you signed up for Weekly Headlines.",
)
BARE = Masthead(publisher="The Garrison Post")
VIEW, UNSUBSCRIBE = "https://news.garrisonpost.example/issues/2025-W33", "https://news.garrisonpost.example/u/inert"
READER = "reader@example.com"
PHOTO = Image(
    url="stories/pictures/pier.jpg",
    alt="A gray ship at a pier",
    caption="The pier at dusk.",
    credit="Garrison Post",
    width=1072,
    height=603,
)


def a_whole_issue():
    """A small issue with one of everything."""
    lead = a_brief(
        "lead",
        headline="Harbor commission approves the long pier",
        image=PHOTO,
        also=(Also(story_id="a1", source="AP", url="https://ap.example/pier", headline="Pier approved"),),
        credit="©2025 Garrison Post. Distributed by Harbor Content Agency.",
    )
    harbor = Section(title="Harbor & sea", briefs=(a_brief("u1", image=replace(PHOTO, width=528, height=396)), a_brief("u2")))
    more = Section(title="More headlines", style="headlines", briefs=(a_brief("u3"), a_brief("u4", url="", source="")))
    note = Note(text="A week at the *water*.\n\nRead [the list](https://garrisonpost.example/list).", by="The desk")
    sponsors = (
        Sponsor(name="Harbor Credit Union", text="Moving? **Keep** your account.", url="https://harborcu.example", after="Harbor & sea"),
    )
    return an_issue(
        note=note,
        lead=lead,
        sections=(harbor, more),
        sponsors=sponsors,
        preheader="Plus: two more from the pier",
        offered=(a_brief("later"),),
    )


def an_email(issue=None, masthead=BARE, templates=SHIPPED, **changes):
    return render(issue or an_issue("u1"), masthead, templates, **changes)


# --- goldens: `pytest --rewrite-golden` writes them, and the diff is read like code


@pytest.mark.parametrize("look", ["front-page", "brief"])
def test_a_small_issue_looks_as_reviewed(look, request):
    email = render(a_whole_issue(), POST, SHIPPED, look=look, view_url=VIEW, unsubscribe_url=UNSUBSCRIBE, reader=READER)

    for path, printed in ((GOLDEN / f"{look}.html", email.html), (GOLDEN / "issue.txt", email.text)):
        if request.config.getoption("--rewrite-golden", default=False):
            path.write_text(printed, "utf-8")
        assert printed == path.read_text("utf-8")


def test_the_same_issue_gives_the_same_bytes():
    assert an_email(a_whole_issue(), POST) == an_email(a_whole_issue(), POST)


# --- what a story says is a value, never an instruction

HOSTILE = (
    "{{ 7*7 }}",
    "{% raw %}",
    "<script>alert(1)</script>",
    "%recipient.email%",
    "*|UNSUB|*",
    "${jndi:ldap://x}",
    '" onload="x',
    "</title></head>",
    "--> <![endif]",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    brief = a_brief(headline=text, summary=text, source=text, credit=text, image=replace(PHOTO, url="https://x.example/a.jpg", alt=text))
    issue = an_issue(lead=brief, subject=text, preheader=text, title=text, note=Note(text=text.replace("*", r"\*"), by=text))

    email = an_email(issue)

    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"<title>{escaped}</title>" in email.html
    assert email.html.count(escaped) >= 7
    assert "<script>alert" not in email.html
    assert ' onload="x"' not in email.html
    assert email.html.count("</head>") == 1 + escaped.count("</head>")
    assert email.text.count(text) >= 5


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//x.example/a", "/local", "data:text/html,x", "https://", "java\nscript:x", "file:///a"]
)
def test_a_bad_address_is_not_a_link(url):
    also = (Also(story_id="a", source="AP", url=url, headline="x"),)

    email = an_email(an_issue(lead=a_brief(headline="Pier", url=url, also=also)))

    assert "<a " not in email.html
    assert "Pier" in email.html
    assert "AP" in email.html
    assert url not in email.text


def test_an_address_is_the_same_in_both_parts():
    issue = an_issue(lead=a_brief(url="https://bücher.example/a b/é?x=1&y=2"))

    email = an_email(issue)

    assert 'href="https://xn--bcher-kva.example/a%20b/%C3%A9?x=1&amp;y=2"' in email.html
    assert "\nhttps://xn--bcher-kva.example/a%20b/%C3%A9?x=1&y=2\n" in email.text


# --- what is printed and where


def test_nothing_is_linked_that_is_not_configured():
    email = an_email(an_issue(lead=a_brief(url="")))

    assert "<a " not in email.html
    assert "http" not in email.text
    assert "View in browser" not in email.html + email.text
    assert "Unsubscribe" not in email.html + email.text


def test_offered_briefs_are_not_printed():
    email = an_email(an_issue("u1", offered=(a_brief("later"),)))

    assert "later" not in email.html + email.text


def test_every_link_stands_once_and_alone_in_the_text_part():
    email = render(a_whole_issue(), POST, SHIPPED, view_url=VIEW, unsubscribe_url=UNSUBSCRIBE, reader=READER)

    linked = set(re.findall(r'href="([^"]+)"', email.html))
    lines = email.text.splitlines()
    assert {line for line in lines if "://" in line} == linked
    assert [line for line in lines if lines.count(line) > 1 and "://" in line] == []
    assert max(width(line) for line in lines if "://" not in line) <= 76
    assert [line for line in lines if line != line.rstrip()] == []


def test_both_parts_tell_the_stories_in_one_order():
    email = an_email(a_whole_issue(), POST)
    marks = ["A week at the", "long pier", "Harbor &", "of u1", "of u2", "Harbor Credit", "More headlines", "of u3", "of u4", "signed up"]

    for part in (email.html.partition("<h1")[2], email.text):
        places = [part.index(mark) for mark in marks]
        assert places == sorted(places)


@pytest.mark.parametrize(
    ("after", "follows"), [("", "Lead"), ("One", "Headline of u1"), ("Two", "Headline of u2"), ("Gone", "Headline of u2")]
)
def test_a_sponsor_stands_after_what_it_names(after, follows):
    sections = (Section(title="One", briefs=(a_brief("u1"),)), Section(title="Empty"), Section(title="Two", briefs=(a_brief("u2"),)))
    issue = an_issue(lead=a_brief(headline="Lead"), sections=sections, sponsors=(Sponsor(name="Credit Union", text="Save.", after=after),))

    email = an_email(issue)

    before = email.text.partition("Sponsored: Credit Union")[0]
    assert max(("Lead", "Headline of u1", "Headline of u2"), key=before.rfind) == follows
    assert "Sponsored" in email.html
    assert "Empty" not in email.html + email.text


def test_a_section_of_headlines_prints_no_summary():
    section = Section(title="More", style="headlines", briefs=(a_brief("u1", summary="Only in the full style."),))

    email = an_email(an_issue(sections=(section,)))

    assert "Headline of u1" in email.html
    assert "Only in the full style." not in email.html + email.text


# --- pictures


def test_a_picture_on_disk_is_linked_under_the_public_address():
    html = an_email(an_issue(lead=a_brief(image=PHOTO)), POST).html

    assert 'src="https://news.garrisonpost.example/issues/2025-W33/images/stories-pictures-pier.jpg"' in html
    assert 'width="536" height="302"' in html
    assert "Photo: Garrison Post" in html


def test_a_thumbnail_keeps_its_ratio_and_an_unknown_height_is_not_made_up():
    sized, unsized = Image(url="https://x.example/a.jpg", width=400, height=300), Image(url="https://x.example/b.jpg")
    briefs = (a_brief("u1", image=sized), a_brief("u2", image=unsized))

    html = an_email(an_issue(sections=(Section(title="One", briefs=briefs),))).html

    assert 'src="https://x.example/a.jpg" alt="" width="132" height="99"' in html
    assert re.search(r'src="https://x.example/b.jpg" alt="" width="132" style', html)


def test_the_brief_look_has_no_pictures():
    assert "<img" not in an_email(a_whole_issue(), POST, look="brief").html


# --- dates, counts and languages


def test_the_date_line_stands_in_both_parts():
    email = an_email()

    assert "\nWeek of August 11–17, 2025 · The Garrison Post\n" in email.text
    assert ">Week of August 11–17, 2025 · The Garrison Post<" in email.html


def test_the_meta_line_has_source_date_and_the_way_on():
    html = an_email(an_issue(lead=a_brief(source="AP", date=date(2025, 8, 12)))).html

    assert re.search(r">AP · Aug 12 · <a [^>]+>Read\u00a0more\u00a0→</a>\n</td>", html)


def test_another_language_is_one_file():
    polish = 'read_more = "Czytaj dalej"\nweek_of = "Tydzień {dates}"\n[stories]\none = "{n} artykuł"\n[theme.type]\nslant = "normal"\n'

    email = an_email(an_issue("u1"), replace(BARE, language="pl"), SHIPPED | {"words/pl.toml": polish})

    assert '<html lang="pl" dir="ltr"' in email.html
    assert "Czytaj\u00a0dalej" in email.html
    assert "Tydzień 11–17 sierpnia 2025" in email.text
    assert "1 artykuł" in email.text


def test_arabic_runs_from_right_to_left():
    html = an_email(an_issue("u1"), replace(BARE, language="ar"), view_url=VIEW).html

    assert html.count('dir="rtl"') == 4  # page, wrapper, paper and the bar of two columns
    assert "text-align:left" in html
    assert "←" in html


# --- the frame that every inbox needs


def test_the_frame_is_what_mail_programs_need():
    html = an_email(an_issue("u1", preheader="Plus: the pier")).html

    assert html.startswith('<!DOCTYPE html>\n<html lang="en" dir="ltr"')
    assert 'role="article" aria-roledescription="email"' in html
    assert all('role="presentation"' in table for table in re.findall(r"<table[^>]*>", html))
    assert all("font-size:0" not in style and "font-size:1px" not in style for style in re.findall(r'style="([^"]*)"', html))
    assert re.search(r"display:none;max-height:0;overflow:hidden;mso-hide:all[^>]+>Plus: the pier\u034f", html)
    assert "@media (prefers-color-scheme: dark)" in html
    assert "[data-ogsc] .ink { color: #eceae4 !important }" in html
    assert len(html.partition("<style>\na[x-apple")[2].partition("</style>")[0]) < 16_000


def test_an_issue_of_25_stories_is_not_clipped():
    briefs = tuple(a_brief(f"story-with-a-usual-slug-{n}", summary="Twenty words of a lead. " * 8) for n in range(25))

    html = an_email(an_issue(sections=(Section(title="One", briefs=briefs),))).html

    assert len(html.encode()) < 50_000


# --- templates that cannot be printed


def test_a_fault_deep_in_a_macro_names_its_file_and_line():
    note = SHIPPED["macros/note.html.j2"].replace("{% macro note() %}\n", "{% macro note() %}\n{{ pgae.title }}\n")

    with pytest.raises(TemplateError, match=r"macros/note\.html\.j2, line 4: 'pgae' is undefined"):
        an_email(a_whole_issue(), templates=SHIPPED | {"macros/note.html.j2": note})


def test_an_unknown_look_is_refused_with_the_looks_there_are():
    with pytest.raises(TemplateError) as caught:
        an_email(look="tabloid")

    assert caught.value.hint == "There are: brief, front-page."


def test_a_newsroom_changes_one_token():
    templates = SHIPPED | {"theme.newsroom.toml": '[light]\naccent = "#0a3161"\n'}

    assert theme(templates)["light"]["accent"] == "#0a3161"
    assert theme(templates)["light"]["ink"] == theme(SHIPPED)["light"]["ink"]
    assert "#0a3161" in an_email(templates=templates).html


@pytest.mark.parametrize("own", ['[light]\nacent = "#0a3161"', '[lihgt]\nink = "#000000"', '[type]\ntext = "16px"', "[light", "light = 1"])
def test_a_slip_in_a_token_is_refused(own):
    with pytest.raises(TemplateError, match=r"theme\.newsroom\.toml"):
        theme(SHIPPED | {"theme.newsroom.toml": own})


# --- nothing leaves the machine


@pytest.mark.parametrize(
    "canary",
    [
        {"inline.css": "@import url(http://127.0.0.1:9/a.css);"},
        {"kept.css": "@import url(http://127.0.0.1:9/a.css);"},
        {
            "inline.css": "@font-face { font-family: C; src: url(http://127.0.0.1:9/c.woff) } p { background: url(http://127.0.0.1:9/p.png) }"
        },
        {"base.html.j2": SHIPPED["base.html.j2"].replace("</head>", '<link rel="stylesheet" href="http://127.0.0.1:9/a.css"></head>')},
        {"base.html.j2": SHIPPED["base.html.j2"].replace("</head>", "<style>@import 'http://127.0.0.1:9/a.css';</style></head>")},
    ],
)
def test_rendering_opens_no_socket(canary):
    an_email()  # imports are no part of the promise
    seen: list[str] = []
    watching = True
    sys.addaudithook(lambda event, _arguments: seen.append(event) if watching and event.startswith(("socket.", "subprocess.")) else None)
    refused = "@import" in "".join(canary.values()) or "<link" in "".join(canary.values())

    try:
        an_email(templates=SHIPPED | canary)
    except TemplateError:
        assert refused
    else:
        assert not refused
    watching = False

    assert seen == []
