"""What a page shows of an issue, and which addresses and pictures a reader may be sent to."""

import re
from datetime import date

import pytest

from digest.edit.printing.layout import lay_out, picture_name, printed, reading_minutes, web_address, with_utm
from digest.model import Image, Masthead, Note, Section, Sponsor
from tests.make import a_brief, an_issue

WORDS = {
    "week_of": "Week of {dates}",
    "photo": "Photo: {credit}",
    "minutes": {"other": "{n} min"},
    "stories": {"other": "{n} stories"},
    "words_a_minute": 230,
}


def a_page(issue, public_url="https://news.garrisonpost.example/", **changes):
    return lay_out(issue, Masthead(publisher="The Garrison Post", public_url=public_url), WORDS, **changes)


def the_picture(image, **changes):
    return a_page(an_issue(lead=a_brief(image=image)), **changes).lead.picture


def test_a_picture_on_disk_has_its_place_under_the_public_address():
    assert the_picture(Image(url="pictures/pier.jpg")).url == "https://news.garrisonpost.example/issues/2025-W33/images/pictures-pier.jpg"


@pytest.mark.parametrize("path", ["pictures/Été 1.png", ".hidden.png", "пирс.jpg", "a b.jpg"])
def test_a_picture_with_an_odd_name_gets_one_that_travels(path):
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", picture_name(path))


def test_a_picture_on_disk_is_left_out_without_a_public_address():
    assert the_picture(Image(url="stories/pictures/pier.jpg"), public_url="") is None


@pytest.mark.parametrize(
    "url", ["", "http://x.example/a.jpg", "//x.example/a.jpg", "data:image/png;base64,AA", "https://x.example/a.WEBP?w=9", "a.svg", "cid:a"]
)
def test_a_picture_that_some_inbox_cannot_show_is_left_out(url):
    assert the_picture(Image(url=url)) is None


@pytest.mark.parametrize(("size", "height"), [((1072, 603), 302), ((400, 600), 804), ((400, 0), 0), ((0, 0), 0)])
def test_a_picture_keeps_its_ratio_and_an_unknown_height_is_not_made_up(size, height):
    picture = the_picture(Image(url="https://x.example/a.jpg", width=size[0], height=size[1]))

    assert (picture.width, picture.height) == (536, height)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://x.example/a?b=1&c=%20#d", "https://x.example/a?b=1&c=%20#d"),
        (" HTTPS://X.example/é ", "HTTPS://X.example/%C3%A9"),
        ("https://Bücher.example:8080/", "https://xn--bcher-kva.example:8080/"),
        ("mailto:desk@x.example", "mailto:desk@x.example"),
        ('https://x.example/"><b>', "https://x.example/%22%3E%3Cb%3E"),
        ("mailto:", ""),
        ("https://", ""),
        ("https:///a", ""),
        ("https://[broken", ""),
        ("https://x.example/\nSet-Cookie: a", ""),
        ("java\tscript:alert(1)", ""),
        ("javascript:https://x.example", ""),
        ("{{unsubscribe}}", ""),
        ("", ""),
    ],
)
def test_only_the_web_and_mail_are_linked(url, address):
    assert web_address(url) == address


def test_text_is_one_line_of_what_can_be_printed():
    assert printed(" a\x00b\r\n c\u202e \ud800d\u2067\u200f ") == "ab c d\u200f"


def test_the_page_counts_what_it_prints():
    issue = an_issue(lead=a_brief(), sections=(Section(title="A", briefs=(a_brief("u1"), a_brief("u2"))), Section(title="Empty")))

    page = a_page(issue)

    assert page.stories == "3 stories"
    assert [part.title for part in page.parts] == ["A"]


@pytest.mark.parametrize(("summary", "minutes"), [("word " * 10, 1), ("word " * 500, 2), ("word " * 1150, 5), ("会" * 920, 2)])
def test_reading_time_counts_words_a_minute(summary, minutes):
    assert reading_minutes(an_issue(lead=a_brief(summary=summary)), 230) == minutes


def test_reading_time_leaves_out_what_is_not_printed():
    headlines = Section(title="More", style="headlines", briefs=(a_brief(summary="word " * 1000),))

    assert reading_minutes(an_issue(sections=(headlines,), offered=(a_brief(summary="word " * 1000),)), 230) == 1


def test_sponsors_keep_their_order_in_one_place():
    issue = an_issue(
        "u1", sponsors=(Sponsor(name="One", text="a"), Sponsor(name="Two", text="b"), Sponsor(name="Three", text="c", after="Harbor"))
    )

    page = a_page(issue)

    assert [ad.name for ad in page.ads] == ["One", "Two"]
    assert [ad.name for ad in page.parts[0].ads] == ["Three"]


def test_a_sponsor_without_any_section_stands_after_the_lead():
    page = a_page(an_issue(lead=a_brief(), sponsors=(Sponsor(name="One", text="a", after="Gone"),)))

    assert [ad.name for ad in page.ads] == ["One"]


def test_the_preheader_is_padded_to_what_an_inbox_shows():
    assert a_page(an_issue("u1", preheader="x" * 100)).padding == 30
    assert a_page(an_issue("u1", preheader="x" * 200)).padding == 0


def test_a_note_has_its_paragraphs():
    page = a_page(an_issue("u1", note=Note(text="One.\n\nTwo.", by="The desk")))

    assert [paragraph.text for paragraph in page.note] == ["One.", "Two."]
    assert page.note_by == "The desk"


@pytest.mark.parametrize(
    ("url", "marked"),
    [
        ("https://a.example/x", "https://a.example/x?utm_source=news&utm_medium=email&utm_campaign=2025-W33"),
        ("https://a.example/x?b=1#c", "https://a.example/x?b=1&utm_source=news&utm_medium=email&utm_campaign=2025-W33#c"),
        ("https://a.example/x?UTM_source=other", "https://a.example/x?UTM_source=other"),
        ("https://a.example/x?token=abc", "https://a.example/x?token=abc"),
        ("https://a.example/x?X-Amz-Signature=abc", "https://a.example/x?X-Amz-Signature=abc"),
        ("mailto:desk@a.example", "mailto:desk@a.example"),
        ("", ""),
    ],
)
def test_a_link_is_marked_unless_it_is_signed_or_marked_already(url, marked):
    assert with_utm(url, source="news", campaign="2025-W33") == marked


def test_links_carry_marks_only_when_asked_and_never_the_way_out():
    issue, way_out = an_issue(lead=a_brief(url="https://a.example/x")), "https://news.garrisonpost.example/unsubscribe/k3v9"

    plain = lay_out(issue, Masthead(publisher="P"), WORDS, unsubscribe_url=way_out)
    marked = lay_out(issue, Masthead(publisher="P", utm_source="news"), WORDS, unsubscribe_url=way_out)

    assert plain.lead.url == "https://a.example/x"
    assert "utm_source=news" in marked.lead.url
    assert marked.unsubscribe_url == way_out


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (None, None, True),
        (date(2025, 8, 17), None, True),
        (date(2025, 8, 18), None, False),
        (None, date(2025, 8, 11), True),
        (None, date(2025, 8, 10), False),
    ],
)
def test_a_sponsor_is_printed_on_the_days_it_was_sold_for(first, last, shown):
    page = a_page(an_issue(lead=a_brief(), sponsors=(Sponsor(name="Harbor Bank", text="Save.", first=first, last=last),)))

    assert [ad.name for ad in page.ads] == (["Harbor Bank"] if shown else [])
