"""An issue in another language: nothing English is left in it, it runs its own way, and what speaks another language says so."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
import tomlkit

from digest.edit.compose import compose
from digest.edit.plan import read_plan, write_plan
from digest.edit.printing.direction import direction, marked
from digest.edit.printing.plaintext import width
from digest.edit.printing.wording import read_toml, words_for
from digest.edit.render import render
from digest.errors import PlanError
from digest.model import Also, Edition, Event, Group, Image, Masthead, Note, Section, Sponsor
from digest.newsroom import shipped_templates
from tests.languages import EMAILS, MASTHEADS, READER, UNSUBSCRIBE, VIEW, issue_in
from tests.make import a_brief, a_story, a_window, an_issue, as_ranked

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHIPPED = shipped_templates()
LOOKS = ("front-page", "brief")
ENGLISH = Masthead(publisher="The Garrison Post")
ARABIC = replace(ENGLISH, language="ar")


def an_email_in(language, **changes):
    return render(issue_in(language), MASTHEADS[language], SHIPPED, view_url=VIEW, unsubscribe_url=UNSUBSCRIBE, reader=READER, **changes)


# --- goldens: `pytest --rewrite-golden` writes them, and the diff is read like code


@pytest.mark.parametrize("language", MASTHEADS)
def test_a_small_issue_looks_as_reviewed(language, rewrite_golden):
    email = an_email_in(language)

    for path, printed in ((EMAILS / f"{language}.html", email.html), (EMAILS / f"{language}.txt", email.text)):
        if rewrite_golden:
            path.write_text(printed, "utf-8")
        assert printed == path.read_text("utf-8")


# --- no word is fixed in code or template: a language of signs alone leaves no letter in the mail

PLACES = re.compile(r"(\{\w+\})")
WORDS = read_toml("words/en.toml", SHIPPED)


def signs(number, words):
    """A word of the language of signs: its number between brackets, its {places} kept."""
    if isinstance(words, dict):
        return {form: signs(number, text) for form, text in words.items()}
    if isinstance(words, list):
        return ["⟦"]
    return f"⟦{number}" + "".join(PLACES.findall(words)) + "⟧" if isinstance(words, str) else words


SIGNS = {key: signs(number, words) for number, (key, words) in enumerate(WORDS.items())}
ON_PAGES = ("leave_", "left_", "nowhere_", "later_")  # words of the public pages: tests/serve/test_public.py
IN_SIGNS = {key: value for key, value in SIGNS.items() if isinstance(value, str) and not key.startswith(ON_PAGES)}


def an_issue_of_signs():
    """An issue as compose makes it, all of whose own texts are digits, with one of everything."""
    picture = Image(url="https://x.example/1.jpg", alt="1", caption="2", credit="3", width=1072, height=560)
    stories = [
        a_story(f"u{n}", headline=f"{n}{n}", source=f"{n}", paragraphs=(f"{n} 2 3 4 5.",), images=(picture,), credit="9", language="ko")
        for n in range(1, 6)
    ]
    told = [Event(stories=(stories[0], replace(stories[4], source="6")))] + [Event(stories=(story,)) for story in stories[1:4]]
    groups = (
        Group(title="7", theme="7", events=tuple(told[:2])),
        Group(title="", events=tuple(told[2:]), elsewhere={"u3": ("7",), "u4": ("7",)}),
    )
    edition = Edition(name="weekly", rhythm="week", title="8")
    issue = compose(groups, as_ranked(groups, window=a_window()), window=a_window(), edition=edition, language="ko", words=SIGNS)
    lead = replace(issue.lead, also=(*issue.lead.also, *issue.lead.also))
    return replace(
        issue, lead=lead, note=Note(text="1 2", by="3"), sponsors=(Sponsor(name="4", text="5"), Sponsor(name="6", text="7", after="7"))
    )


class Seen(HTMLParser):
    """What a page says to eyes and ears: its text, and the attributes that are spoken."""

    def __init__(self):
        super().__init__()
        self.said, self.inside = [], []

    def handle_starttag(self, tag, attributes):
        self.inside.append(tag)
        self.said += [value for name, value in attributes if name in ("alt", "title", "aria-label", "aria-roledescription")]

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" not in self.inside:
            self.said.append(data)


def said(html):
    seen = Seen()
    seen.feed(html)
    return "\n".join(seen.said)


def in_signs(**changed):
    """All that both parts of both looks say of an issue of signs. Its dates are Korean: no Latin letter is in them."""
    masthead = Masthead(publisher="1", site="https://1.example", address="2", why="3", language="ko")
    templates = SHIPPED | {"words/ko.toml": tomlkit.dumps(SIGNS)} | changed
    links = {"view_url": VIEW, "unsubscribe_url": UNSUBSCRIBE, "reader": "4@4.4"}
    emails = [render(an_issue_of_signs(), masthead, templates, look=look, **links) for look in LOOKS]
    return emails[0].subject + "".join(said(email.html) + re.sub(r"https?://\S+", "", email.text) for email in emails)


def test_every_word_comes_from_the_words_file():
    assert re.findall(r"[A-Za-z]+", in_signs()) == []


def test_every_word_of_the_words_file_is_said():
    text = in_signs()

    assert [key for key, words in IN_SIGNS.items() if PLACES.split(words)[0] not in text] == []
    assert "{" not in text


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("macros/sponsor.html.j2", "{{ words.sponsored }}", "Sponsored"),
        ("base.html.j2", "{{ words.email }}", "email"),
        ("email.txt.j2", "{{ words.unsubscribe | wrap }}", "Unsubscribe"),
    ],
)
def test_a_word_that_is_fixed_in_a_template_is_seen(file, before, after):
    assert before in SHIPPED[file]
    text = in_signs(**{file: SHIPPED[file].replace(before, after)})

    assert set(re.findall(r"[A-Za-z]+", text)) == {after}


# --- who says which language a story is in


def composed(language, *stories):
    groups = (Group(title="", events=tuple(Event(stories=(story,)) for story in stories)),)
    edition = Edition(name="weekly", rhythm="week", title="Weekly Headlines")
    words = words_for(language, SHIPPED)
    return compose(groups, as_ranked(groups, window=a_window()), window=a_window(), edition=edition, language=language, words=words)


@pytest.mark.parametrize(
    ("spoken", "kept"), [("ar", ""), ("ar-EG", ""), ("en", "en"), ("en-US", "en-US"), ("", ""), ("English", ""), ("en_US", "")]
)
def test_only_a_story_in_another_language_says_its_own(spoken, kept):
    assert composed("ar", a_story("u1", language=spoken)).lead.language == kept


def test_a_plan_keeps_the_language_and_refuses_what_is_none():
    text = write_plan(an_issue(lead=a_brief(language="en")))

    assert read_plan(text, where="plan.toml").lead.language == "en"
    with pytest.raises(PlanError) as caught:
        read_plan(text.replace('language = "en"', 'language = "English"'), where="plan.toml")
    assert caught.value.faults == ('lead (u1).language: expects a language code such as "en"',)


# --- what speaks another language, or runs another way, says so where it stands

PHOTO = Image(url="https://x.example/a.jpg", alt="A pier", caption="The pier at dusk.", width=640, height=640)


@pytest.mark.parametrize("look", LOOKS)
def test_a_story_in_another_language_carries_it(look):
    brief = a_brief(headline="Pier reopens", summary="It reopened on Tuesday.", language="en", image=PHOTO)
    more = Section(title="عناوين", style="headlines", briefs=(replace(brief, headline="Cranes move", url=""),))

    html = render(an_issue(lead=brief, sections=(more,)), ARABIC, SHIPPED, look=look).html

    assert re.search(r'<h2 lang="en" dir="ltr"[^>]*><a [^>]+>Pier reopens<', html)
    assert re.search(r'<div lang="en" dir="ltr"[^>]*text-align:left[^>]*>It reopened on Tuesday\.<', html)
    assert '<span lang="en" dir="ltr">Cranes move</span>' in html
    if look == "front-page":
        assert 'alt="A pier" lang="en"' in html
        assert '<span lang="en" dir="ltr">The pier at dusk.</span>' in html


def test_a_language_of_the_same_direction_needs_no_direction():
    html = render(an_issue(lead=a_brief(headline="El muelle reabre", language="es")), ENGLISH, SHIPPED).html

    assert '<h2 lang="es" style' in html
    assert html.count(" dir=") == 3


def test_an_arabic_story_in_an_english_issue_runs_from_right_to_left():
    brief = a_brief(headline="الميناء يفتح (جزئيًّا)", summary="فُتح يوم الثلاثاء.", language="ar", source="رويترز")

    email = render(an_issue(lead=brief), ENGLISH, SHIPPED)

    assert re.search(r'<h2 lang="ar" dir="rtl"[^>]*text-align:right', email.html)
    assert '<span dir="rtl">رويترز</span> · Aug 12' in email.html
    assert "\u2068رويترز\u2069 · Aug 12" in email.text


def test_a_page_is_not_believed_that_claims_a_language_of_another_script():
    brief = a_brief(headline="الميناء يفتح أبوابه", summary="فُتح يوم الثلاثاء.", language="en")

    html = render(an_issue(lead=brief), ARABIC, SHIPPED).html

    assert "<h2 style" in html


def test_a_story_whose_language_nobody_told_still_runs_its_own_way():
    html = render(an_issue(lead=a_brief(headline="Pier reopens (partly)", summary="It did.")), ARABIC, SHIPPED).html

    assert re.search(r'<h2 dir="ltr"[^>]*>', html)


def test_names_and_numbers_keep_their_places_in_an_arabic_line():
    brief = a_brief(
        headline="الميناء",
        summary="فُتح.",
        source="AP",
        also=(Also(story_id="a", source="BBC", url="", headline=""), Also(story_id="b", source="رويترز", url="", headline="")),
        credit="©2025 Example Wire L.P.",
    )

    email = render(an_issue(lead=brief), replace(ARABIC, address="12 Harbor Road."), SHIPPED)

    assert '<span dir="ltr">AP</span>\u200f · 12 أغسطس\u200f · أيضًا في: <span dir="ltr">BBC</span>\u200f، رويترز' in email.html
    assert re.search(r'<p class="credit soft sans other" dir="ltr"[^>]*text-align:left[^>]*>©2025 Example Wire L\.P\.<', email.html)
    assert '<span dir="ltr">12 Harbor Road.</span>' in email.html
    assert "\u2068AP\u2069\u200f · 12 أغسطس\n" in email.text
    assert "\n©2025 Example Wire L.P.\n" in email.text


def test_an_english_issue_needs_none_of_it():
    email = render(an_issue("u1", note=Note(text="A week.", by="The desk")), replace(ENGLISH, address="12 Harbor Road"), SHIPPED)

    assert not re.search("[\u200e\u200f\u2066-\u2069]", email.html + email.text)
    assert email.html.count(" dir=") == 3


# --- right to left, in both parts


@pytest.mark.parametrize("look", LOOKS)
def test_an_arabic_page_is_mirrored(look):
    html = an_email_in("ar", look=look).html

    cells = re.findall(r"<td[^>]*>", html.partition("[endif]-->\n<table")[2])
    assert all("direction:rtl" in cell for cell in cells)
    assert "padding-right:20px" not in html
    assert "←" in html
    assert "→" not in html
    assert not re.search(r"font:italic|text-transform:uppercase|letter-spacing:-?\d", html)


@pytest.mark.parametrize("language", MASTHEADS)
def test_every_line_of_the_text_part_fits_and_runs_its_way(language):
    lines = [line for line in an_email_in(language).text.splitlines() if "://" not in line]

    own = [line for line in lines if language != "ar" or re.search("[\u0600-\u06ff]", line)]
    assert [line for line in lines if width(line) > 76] == []
    assert [line for line in own if marked(line, direction(language)) != line] == []


# --- a phone's width


def overflow(browser: "Browser", html: str, columns: int) -> int:
    """By how many pixels a page is wider than its window. Nothing is loaded."""
    context = browser.new_context(viewport={"width": columns, "height": 800})
    try:
        context.route("**/*", lambda route: route.abort())
        page = context.new_page()
        page.set_content(html)
        return int(page.evaluate("document.documentElement.scrollWidth")) - columns
    finally:
        context.close()


@pytest.mark.parametrize("columns", [320, 375])
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", MASTHEADS)
def test_no_word_is_wider_than_a_phone(language, look, columns, chromium):
    assert overflow(chromium, an_email_in(language, look=look).html, columns) == 0


@pytest.mark.parametrize("language", MASTHEADS)
def test_a_word_that_is_wider_would_be_seen(language, chromium):
    html = re.sub("(word-break|overflow-wrap):[a-z-]+", "", an_email_in(language).html)

    assert overflow(chromium, html, 320) > 0
