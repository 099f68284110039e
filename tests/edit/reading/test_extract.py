import logging
import tomllib
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.reading.extract import Page, extract
from digest.errors import Unreadable

PAGES = sorted((Path(__file__).parents[2] / "pages").glob("*.html"))
SENTENCE = "The harbor commission approved the plan for pier {} on Tuesday, its office said, and work there starts in October."
BODY = "".join(f"<p>{SENTENCE.format(number)}</p>" for number in range(1, 7))


def a_page(body: str = BODY, *, head: str = "", headline: str = "Pier plan approved") -> bytes:
    return f"<html><head>{head}</head><body><article><h1>{headline}</h1>{body}</article></body></html>".encode()


def read(page: bytes, url: str = "stories/pier.html") -> Page:
    return extract(page, url=url)


def every_text(page: Page) -> str:
    return repr(asdict(page))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_understood_as_its_golden_file_says(path: Path, rewrite_golden: bool) -> None:
    golden = path.with_suffix(".toml")

    understood = told(extract(path.read_bytes(), url=f"stories/{path.name}"))

    if rewrite_golden:
        golden.write_text(as_toml(understood), encoding="utf-8")
    assert understood == tomllib.loads(golden.read_text(encoding="utf-8"))


def told(page: Page) -> dict[str, Any]:
    """A page as TOML can hold it: what is empty is left out, texts come before tables."""
    values = {name: [filled(item) for item in value] if isinstance(value, tuple) else value for name, value in asdict(page).items()}
    return filled(dict(sorted(values.items(), key=lambda item: item[0] in ("images", "furniture"))))


def as_toml(values: dict[str, Any]) -> str:
    """One paragraph a line, so that a diff shows which one changed."""
    document = tomlkit.item(values)
    document["paragraphs"].multiline(True)
    return tomlkit.dumps(document)


def filled(value: Any) -> Any:
    return {name: inner for name, inner in value.items() if inner} if isinstance(value, dict) else value


# --- the headline


def test_the_headline_is_the_one_that_most_places_agree_on() -> None:
    head = '<title>Pier plan: all you need to know</title><meta property="og:title" content="Pier plan approved">'

    assert read(a_page(head=head)).headline == "Pier plan approved"


def test_a_logo_in_an_h1_is_no_headline() -> None:
    head = '<title>Pier plan approved | The Garrison Post</title><meta property="og:site_name" content="The Garrison Post">'

    assert read(a_page(head=head, headline="The Garrison Post")).headline == "Pier plan approved"


@pytest.mark.parametrize("title", ["Pier plan approved - The Garrison Post", "Pier plan approved | Garrison Post", "Pier plan approved"])
def test_the_name_of_the_site_does_not_end_a_headline(title: str) -> None:
    head = f'<title>{title}</title><meta property="og:site_name" content="The Garrison Post">'

    assert read(f"<html><head>{head}</head><body>{BODY}</body></html>".encode()).headline == "Pier plan approved"


def test_a_dash_inside_a_headline_stays() -> None:
    assert read(a_page(headline="Pier plan - three years late - approved")).headline == "Pier plan - three years late - approved"


def test_a_page_without_a_headline_has_none() -> None:
    assert read(f"<html><body>{BODY}</body></html>".encode()).headline == ""


def test_the_headline_and_dek_are_not_told_again_in_the_text() -> None:
    page = read(a_page(f'<h2 class="subtitle">Work on six piers starts in October.</h2>{BODY}'))

    assert page.dek == "Work on six piers starts in October."
    assert page.paragraphs[0] == SENTENCE.format(1)


def test_a_description_that_is_only_the_first_paragraph_is_no_dek() -> None:
    page = read(a_page(head=f'<meta name="description" content="{SENTENCE.format(1)[:90]}…">'))

    assert page.dek == ""
    assert page.paragraphs[0] == SENTENCE.format(1)


# --- address, names, date, tags


def test_a_canonical_address_is_believed_within_its_own_site_only() -> None:
    page = a_page(head='<link rel="canonical" href="https://www.garrisonpost.example/pier">')

    assert read(page, "https://m.garrisonpost.example/pier?utm_source=x").url == "https://www.garrisonpost.example/pier"
    assert read(page, "https://other.example/stolen").url == "https://other.example/stolen"
    assert read(page, "stories/pier.html").url == "https://www.garrisonpost.example/pier"


def test_a_canonical_link_to_the_front_page_is_a_mistake_of_the_template() -> None:
    page = a_page(head='<link rel="canonical" href="https://garrisonpost.example/">')

    assert read(page, "https://garrisonpost.example/pier").url == "https://garrisonpost.example/pier"


def test_a_saved_page_that_names_no_address_has_none() -> None:
    assert read(a_page(head='<link rel="canonical" href="/pier.html">')).url == ""


@pytest.mark.parametrize(
    ("stated", "byline"),
    [
        ("By Garrison Post staff and Harbor Desk", "Garrison Post staff, Harbor Desk"),
        ("Harbor Desk; News Desk", "Harbor Desk, News Desk"),
        ("Harbor Desk, Associated Press", "Harbor Desk, Associated Press"),
        ("https://social.example/desk", ""),
    ],
)
def test_a_byline_is_names_only(stated: str, byline: str) -> None:
    assert read(a_page(head=f'<meta name="author" content="{stated}">')).byline == byline


@pytest.mark.parametrize(
    ("markup", "published"),
    [
        ('<meta property="article:published_time" content="2025-08-12T09:30:00+02:00">', "2025-08-12T09:30:00+02:00"),
        ('<time datetime="2025-08-12">Tuesday</time>', "2025-08-12"),
        ('<span class="post-date">Published: Aug. 12, 2025, 9:30 p.m. EDT</span>', "2025-08-13T01:30:00+00:00"),
        ('<span class="post-date">Posted August 12, 2025</span>', "2025-08-12"),
        ('<link rel="canonical" href="https://garrisonpost.example/2025/08/12/pier.html">', "2025-08-12"),
        ('<meta name="date" content="1970-01-01T00:00:00Z">', ""),
    ],
)
def test_a_date_is_read_from_the_surest_place_that_gives_one(markup: str, published: str) -> None:
    assert read(a_page(f"{BODY}{markup}")).published == published


@pytest.mark.parametrize(
    "markup",
    [
        '<meta property="article:modified_time" content="2025-08-12T10:00:00Z">',
        '<time class="updated" datetime="2025-08-12">',
        "<p>Last modified: 2025-08-12</p>",
        '<span class="date">03/04/2025</span>',
        "<footer>© 2019-2025 The Garrison Post</footer>",
    ],
)
def test_a_date_is_never_guessed(markup: str) -> None:
    assert read(a_page(f"{BODY}{markup}")).published == ""


def test_tags_come_from_the_list_that_an_editor_wrote() -> None:
    codes = '<meta name="news_keywords" content="AERO,AIRS08,CRSH,INDG08,SWASIA,GEN">'
    tags = '<meta property="article:tag" content="Piers"><meta property="article:tag" content="Topic: Harbor">'

    assert read(a_page(head=codes + tags)).tags == ("Piers", "Harbor")


@pytest.mark.parametrize(("lang", "language"), [("en-US", "en"), ("DE", "de"), ("", ""), ("{{lang}}", "")])
def test_a_language_is_a_code_or_unknown(lang: str, language: str) -> None:
    assert read(f'<html lang="{lang}"><body>{BODY}</body></html>'.encode()).language == language


# --- pictures


def test_alt_caption_and_credit_are_kept_apart() -> None:
    figure = '<figure><img src="a.jpg" alt="A pier"><figcaption>The pier at dusk. (Harbor Desk/Garrison Post)</figcaption></figure>'

    (image,) = read(a_page(figure + BODY), "https://garrisonpost.example/news/pier").images

    assert (image.url, image.alt) == ("https://garrisonpost.example/news/a.jpg", "A pier")
    assert (image.caption, image.credit) == ("The pier at dusk.", "Harbor Desk/Garrison Post")


def test_a_caption_is_no_paragraph_in_whatever_markup() -> None:
    old = '<div class="photo"><img src="a.jpg" width="600"><p class="caption">The pier at dusk in August.</p></div>'

    page = read(a_page(BODY + old + BODY), "https://garrisonpost.example/pier")

    assert [image.caption for image in page.images] == ["The pier at dusk in August."]
    assert "The pier at dusk in August." not in page.paragraphs


def test_the_picture_of_the_head_takes_its_words_from_the_story() -> None:
    head = '<meta property="og:image" content="/p/pier-1200x675.jpg"><meta property="og:image:width" content="1200">'
    figure = '<figure><img src="/p/pier-300x200.jpg" alt="A pier" width="300"><figcaption>The pier at dusk.</figcaption></figure>'

    (image,) = read(a_page(figure + BODY, head=head), "https://garrisonpost.example/pier").images

    assert (image.url, image.width, image.caption) == ("https://garrisonpost.example/p/pier-1200x675.jpg", 1200, "The pier at dusk.")


def test_a_picture_that_loads_late_is_found() -> None:
    figure = '<figure><img src="data:image/gif;base64,AA" data-src="https://garrisonpost.example/a.jpg"><figcaption>x</figcaption></figure>'

    assert [image.url for image in read(a_page(figure + BODY)).images] == ["https://garrisonpost.example/a.jpg"]


def test_icons_logos_and_relative_pictures_of_nowhere_are_left_out() -> None:
    images = '<img src="https://x.example/logo.png" alt="The Garrison Post logo"><img src="a.jpg" alt="three more words"><img src="https://x.example/i.png" width="16" alt="one two three">'

    assert read(a_page(images + BODY)).images == ()


# --- what is not the story


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ("<aside><p>Furniture of the page.</p></aside>", "page-aside"),
        ('<div class="newsletter-signup"><p>Furniture of the page.</p></div>', "page-promo"),
        ('<div class="RelatedStories"><p><a href="/x">Furniture</a> of the page.</p></div>', "page-related"),
        ("<div><h3>More from the Post</h3><p>Furniture of the page.</p></div>", "page-related"),
        ('<div class="author_bio"><p>Furniture of the page.</p></div>', "page-bio"),
        ('<p>Related: <a href="/x">Furniture of the page.</a></p>', "page-links"),
        ('<ul class="social share"><li>Furniture of the page.</li></ul>', "page-social"),
    ],
)
def test_a_block_that_is_not_the_story_is_cut_and_kept_with_its_rule(markup: str, rule: str) -> None:
    page = read(a_page(BODY + markup + BODY))

    assert [cut.rule for cut in page.furniture if "Furniture" in cut.text] == [rule]
    assert not any("Furniture" in text for text in page.paragraphs)


def test_a_class_that_would_cut_most_of_the_story_is_no_sign_of_furniture() -> None:
    assert len(read(a_page(f'<div class="share-content">{BODY}</div>')).paragraphs) == 6
    assert len(read(a_page(BODY.replace("<p>", '<p class="social-text">'))).paragraphs) == 6


def test_a_first_paragraph_that_is_called_a_teaser_is_still_the_lead() -> None:
    page = read(a_page(f'<div class="teaser-content"><p>{SENTENCE.format(0)}</p></div>{BODY}'))

    assert page.paragraphs[0] == SENTENCE.format(0)


def test_a_long_line_under_the_headline_is_the_lead() -> None:
    page = read(a_page(f'<p id="speakable-summary">{SENTENCE.format(0)} {SENTENCE.format(7)}</p>{BODY}'))

    assert page.paragraphs[0].startswith(SENTENCE.format(0))


def test_a_sentence_with_a_link_in_it_stays() -> None:
    page = read(a_page(f'{BODY}<p>The plan is <a href="/plan">open to the public until Friday</a>.</p>'))

    assert page.paragraphs[-1] == "The plan is open to the public until Friday."


def test_a_date_in_a_sentence_stays_and_a_date_line_goes() -> None:
    line = '<div class="published-date">Tuesday, Aug. 12, 2025</div>'

    page = read(a_page(f"{line}{BODY}<p>The next pier is planned for <time>the autumn of 2026</time>, the office said on Tuesday.</p>"))

    assert page.paragraphs[0] == SENTENCE.format(1)
    assert page.paragraphs[-1] == "The next pier is planned for the autumn of 2026, the office said on Tuesday."


def test_what_a_layout_put_above_the_headline_is_not_the_story() -> None:
    page = f"<table><tr><td>Home<br>Sports</td><td><h1>Pier plan approved</h1>{BODY}</td></tr></table>"

    assert read(f"<html><body>{page}</body></html>".encode()).paragraphs[0] == SENTENCE.format(1)


def test_lists_and_tables_are_told_line_by_line() -> None:
    extra = "<ul><li>Pier one opens first</li><li>Pier two follows</li></ul><table><tr><td>Pier</td><td>Cost</td></tr><tr><td>One</td><td>$3</td></tr></table>"

    paragraphs = read(a_page(BODY + extra + BODY)).paragraphs

    assert {"Pier one opens first", "Pier two follows", "Pier | Cost", "One | $3"} <= set(paragraphs)


# --- bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1", "koi8-r", "shift_jis"])
def test_a_page_is_read_in_the_encoding_it_is_in(encoding: str) -> None:
    word = {"koi8-r": "Гавань", "shift_jis": "港の話"}.get(encoding, "café")
    page = f'<html><head><meta charset="{encoding.removesuffix("-sig")}"></head><body><h1>{word}</h1>{BODY}</body></html>'

    assert read(page.encode(encoding)).headline == word


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty: 0 bytes"),
        (b" \n ", "empty: 3 bytes"),
        (b"<html><head><title>Pier", "23 bytes"),
        (b"<html><body><div class='a'></div></body></html>", "47 bytes"),
        (b"%PDF-1.7 \x00\x01", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (bytes(range(32)) * 40, "binary data"),
        (b"<p>" + b"x" * 10_000_000, "10.0 MB; pages of up to 10 MB"),
    ],
)
def test_what_is_no_page_is_refused_with_a_reason_and_a_hint(content: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says) as caught:
        read(content)

    assert caught.value.hint


def test_a_page_cut_in_the_middle_is_refused_and_says_so() -> None:
    page = a_page(BODY + "<p>Café</p>")

    for end in (page.index(b"pier 5"), page.index(b"pier 5") - 2, page.index("é".encode()) + 1):
        with pytest.raises(Unreadable, match="cut short") as refused:
            read(page[:end])
        assert refused.value.hint == "Save it again."


# --- hostile pages


HOSTILE = {
    "nested": BODY + "<div>" * 10_000 + "<p>deep</p>",
    "nested inline": BODY + "<b><i><span>" * 4_000,
    "giant word": f"{BODY}<p>{'a' * 3_000_000}</p>",
    "giant class": f'{BODY}<p class="{"a-b " * 200_000}">x</p>',
    "many links": BODY + "<p>" + '<a href="x">one two three</a> ' * 20_000,
    "many pictures": BODY + '<figure><img src="http://x.example/a.jpg"></figure>' * 5_000,
    "deep json": '<script type="application/ld+json">' + '{"name":[' * 5_000 + "</script>" + BODY,
    "half json": '<script type="application/ld+json">' + '"headline":"' * 50_000 + "</script>" + BODY,
    "doctypes": "<!DOCTYPE [" * 20_000 + BODY,
    "entities": "<p>" + "&amp;" * 300_000 + "</p>" + BODY,
    "bad addresses": '<a href="http://[">x</a><img src="http://[::1" alt="one two three"><link rel="canonical" href="https://[x">' + BODY,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_neither_crashes_nor_hangs_nor_loses_the_story(name: str) -> None:
    page = read(a_page(HOSTILE[name]))

    assert SENTENCE.format(1) in page.paragraphs
    assert max(map(len, page.paragraphs)) < 1_500_000


def test_nothing_that_a_browser_would_run_comes_out_of_a_page() -> None:
    page = read((Path(__file__).parents[2] / "pages" / "hostile.html").read_bytes())

    assert not any(sign in every_text(page).lower() for sign in ("alert(", "javascript:", "onerror", "data:", "boomboom"))


def test_the_library_keeps_silent(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    for content in (a_page("<p>x</p>"), b"<html></html>", a_page("<div>" * 300)):
        with suppress(Unreadable):
            read(content)

    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["<p>", "</div>", "<script>", "<figure>", "<img src=", "'", '"', ">", "<a href=", "&", "é", "\x00", "<!--", "<h1>", "words of it ", "]]>", "{", "<table>", "<svg>"]), max_size=40).map("".join))  # fmt: skip
def test_any_markup_is_read_or_refused(markup: str) -> None:
    try:
        page = read(markup.encode("utf-8", "replace"))
    except Unreadable:
        return

    assert page.paragraphs
    assert all(text == " ".join(text.split()) and text for text in page.paragraphs)
