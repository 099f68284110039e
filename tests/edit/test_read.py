import json
import textwrap
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.read import read
from digest.edit.reading.wire import wire_paragraphs
from digest.edit.summarise import summarise
from digest.errors import Unreadable
from digest.model import Dateline, Image, Story
from tests.make import a_document

NEW_YORK = ZoneInfo("America/New_York")
LEAD = "The harbor commission approved a plan on Tuesday to deepen the main channel, a project argued over for nine years."
MORE = "The vote was 7 to 2 after four hours of testimony, most of it from fishing families who fear for the oyster beds."

WIRE = f"""Subscribe
A dredger works in the main channel off Harbor City.

In this photograph distributed by the harbor commission, a dredger, left, works in the main channel off Harbor City, on June 19, 2024. (Commission staff, AFP, Getty Images/TNS)

HARBOR CITY, Maine (Tribune News Service) — {LEAD}

{MORE}

©2025 Harbor Wire L.P.

Visit garrisonpost.example.

Distributed by Harbor Content Agency, LLC.

Sign Up for Daily Headlines

Sign up to receive a daily email of today's top harbor stories from The Garrison Post and news outlets from around the coast.

Sign Up Now"""


def story_of(content: str | bytes, kind: str = "text", **changes: object) -> Story:
    return read(a_document(content, kind=kind, **changes), zone=NEW_YORK)


def markdown(front: str, body: str = f"{LEAD}\n\n{MORE}\n") -> str:
    return f"---\n{textwrap.dedent(front).strip()}\n---\n\n{body}"


def record(**fields: object) -> str:
    return json.dumps({"title": "Harbor plan approved", "text": f"{LEAD}\n\n{MORE}"} | fields)


def refusal(content: str | bytes, kind: str, **changes: object) -> str:
    with pytest.raises(Unreadable) as refused:
        story_of(content, kind, **changes)
    assert refused.value.hint
    return refused.value.message


# --- plain text


def test_wire_copy_is_parted_into_story_picture_credit_and_furniture():
    story = story_of(WIRE)

    assert story.dateline == Dateline(place="HARBOR CITY, Maine", agency="Tribune News Service")
    assert story.paragraphs == (LEAD, MORE)
    assert story.images == (
        Image(
            url="",
            alt="A dredger works in the main channel off Harbor City.",
            caption="In this photograph distributed by the harbor commission, a dredger, left, works in the main channel off Harbor City,"
            " on June 19, 2024.",
            credit="Commission staff, AFP, Getty Images/TNS",
        ),
    )
    assert story.credit == "©2025 Harbor Wire L.P. Distributed by Harbor Content Agency, LLC."
    assert story.published_at is None
    assert story.url == ""
    assert {cut.text: cut.rule for cut in story.furniture} | {
        "Subscribe": "subscribe",
        "Visit garrisonpost.example.": "visit site",
        "Sign Up for Daily Headlines": "sign-up promo",
        "Sign Up Now": "sign-up promo",
    } == {cut.text: cut.rule for cut in story.furniture}


def test_a_text_without_a_headline_gets_one_from_its_lead():
    story = story_of(WIRE)

    assert story.headline_made
    assert story.headline
    assert len(story.headline.split()) <= 12


def test_headline_dek_byline_date_and_tags_open_a_staff_story():
    story = story_of(
        f"Harbor plan approved after nine years\nThe council still has to find the money\n\nBy the Garrison Post staff\n"
        f"Published: Aug. 12, 2025 9:30 a.m. EDT\n\n{LEAD}\n\n{MORE}\n\nTags: harbor, oyster beds\n"
    )

    assert story.headline == "Harbor plan approved after nine years"
    assert not story.headline_made
    assert story.dek == "The council still has to find the money"
    assert story.byline == "Garrison Post staff"
    assert story.published_at == datetime(2025, 8, 12, 13, 30, tzinfo=UTC)
    assert story.tags == ("harbor", "oyster beds")
    assert story.paragraphs == (LEAD, MORE)


def test_a_short_lead_is_no_headline():
    lead = "“The channel is too shallow for the new ships,” the commission said. “It is time.”"

    assert story_of(f"{lead}\n\n{MORE}").paragraphs == (lead, MORE)


def test_a_headline_that_stands_again_above_the_text_is_cut():
    story = story_of(record(text=f"Harbor Plan Approved\n\n{LEAD}"), "record")

    assert story.paragraphs == (LEAD,)
    assert [cut.rule for cut in story.furniture] == ["headline"]


def test_a_date_without_a_time_is_that_day_in_the_zone():
    assert story_of(f"Harbor plan approved\n\nAugust 12, 2025\n\n{LEAD}").published_at == datetime(2025, 8, 12, 4, tzinfo=UTC)


def test_a_printed_date_that_could_mean_two_days_is_refused():
    assert "03/04/2025" in refusal(f"Harbor plan approved\n\nPublished: 03/04/2025\n\n{LEAD}", "text")


def test_a_relative_date_leaves_the_story_undated():
    assert story_of(f"Harbor plan approved\n\nPublished 2 hours ago\n\n{LEAD}").published_at is None


def test_agency_copy_with_item_counter_and_trust_note_reads_cleanly():
    story = story_of(
        "Commission approves harbor plan\n\nItem 1 of 3 A dredger works in the channel, August 12, 2025. REUTERS/Staff\n\n"
        f"HARBOR CITY, Aug 12 (Reuters) - {LEAD}\n\nStory continues below advertisement\n\n{MORE}\n\n"
        "(Reporting by Reuters staff in Harbor City; Editing by the London desk)\n\n"
        "Our Standards: The Thomson Reuters Trust Principles.\n\nRelated:\nOyster beds shrink for a third year\n"
    )

    assert story.headline == "Commission approves harbor plan"
    assert story.paragraphs == (LEAD, MORE)
    assert story.images == (Image(url="", caption="A dredger works in the channel, August 12, 2025.", credit="REUTERS/Staff"),)
    assert story.dateline == Dateline(place="HARBOR CITY", agency="Reuters")


def test_agency_copy_as_its_own_page_shows_it_reads_cleanly():
    caption = "A dredger works in the channel, August 12, 2025."
    story = story_of(
        "Commission approves harbor plan\n\nBy Harbor desk\n\nAugust 12, 2025 4:05 PM UTC Updated 2 hours ago\n\nSummary\nCompanies\n\n"
        f"Channel to be deepened\nOyster beds at risk\n\n[1/3]{caption} REUTERS/Staff Purchase Licensing Rights, opens new tab\n\n"
        f"Item 1 of 3 {caption} REUTERS/Staff\n\nHARBOR CITY, Aug 12 (Reuters) - {LEAD}\n\n{MORE}\n\nPurchase Licensing Rights\n"
    )

    assert story.published_at == datetime(2025, 8, 12, 16, 5, tzinfo=UTC)
    assert story.images == (Image(url="", caption=caption, credit="REUTERS/Staff"),)
    assert story.paragraphs == (LEAD, MORE)
    assert summarise(story, zone=UTC).summary.startswith("The harbor commission")


@pytest.mark.parametrize("section", ["Markets", "Markets Magazine", "Ports & Shipping", "News > Coast", "Politics"])
def test_the_name_of_a_section_above_the_headline_is_not_the_headline(section):
    story = story_of(f"{section}\nCommission Approves Harbor Plan, Minutes Show\n\nBy Harbor desk\n\n(Bloomberg) -- {LEAD}\n\n{MORE}")

    assert story.headline == "Commission Approves Harbor Plan, Minutes Show"
    assert story.paragraphs == (LEAD, MORE)
    assert story.dateline == Dateline(place="", agency="Bloomberg")
    assert [cut.text for cut in story.furniture if cut.rule == "label"] in ([section], [])


def test_an_agency_page_with_numbered_dates_and_a_desk_mark_reads_cleanly():
    story = story_of(
        f"Issued on: 13/08/2025 - 10:12 Modified: 13/08/2025 - 11:40\n\n3 min\n\nHarbor City (AFP) – {LEAD}\n\n{MORE}\n\nbur-jr/kl\n\n© 2025 AFP",
    )

    assert story.published_at == datetime(2025, 8, 13, 14, 12, tzinfo=UTC)
    assert story.paragraphs == (LEAD, MORE)
    assert story.credit == "© 2025 AFP"


def test_a_numbered_date_that_could_mean_two_days_is_never_guessed():
    assert "12/08/2025" in refusal(f"Harbor plan approved\n\nIssued on: 12/08/2025 - 10:12\n\n{LEAD}", "text")


def test_a_line_between_the_headline_and_the_dateline_is_the_dek_unless_it_is_a_sentence():
    dek, note = "Council still has to find the money", "This is the first of three parts."

    assert story_of(f"Harbor plan approved\n{dek}\n\nHARBOR CITY (AP) — {LEAD}").dek == dek
    assert story_of(f"Harbor plan approved\n{note}\n\nHARBOR CITY (AP) — {LEAD}").paragraphs == (note, LEAD)


def test_labelled_bullets_below_a_headline_of_two_words_are_no_lead():
    assert story_of(f"Harbor deepened\n\nSummary\nPlan approved.\nVote was 7 to 2.\n\nAug 12 (Reuters) - {LEAD}").paragraphs == (LEAD,)


def test_an_outlet_that_an_agency_signs_is_no_headline():
    story = story_of(f"By Jane Roe\nPort Town Times (TNS)\n\nHARBOR CITY — {LEAD}\n\n{MORE}")

    assert story.headline_made
    assert story.dateline == Dateline(place="HARBOR CITY", agency="TNS")
    assert story.paragraphs == (LEAD, MORE)


wordings = st.lists(
    st.sampled_from(["a", "oyster", "commissioners", "in", "harbor", "of", "deepened", "the", "channel", "pilots"]),
    min_size=30,
    max_size=60,
).map(" ".join)


@given(st.lists(wordings, min_size=1, max_size=4), st.integers(60, 100))
def test_wrapped_lines_become_the_paragraphs_that_were_wrapped(paragraphs, width):
    wrapped = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in paragraphs)

    assert wire_paragraphs(wrapped) == tuple(paragraphs)


def test_indented_lines_of_a_wire_are_paragraphs():
    text = textwrap.fill(LEAD, 65) + "\n" + textwrap.fill(MORE, 65, initial_indent="    ")

    assert wire_paragraphs(text) == (LEAD, MORE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encodings_of_newsrooms_are_read(encoding):
    text = f"Harbor plan approved\n\nGRAFENWÖHR, Germany — “We will dig,” the commission’s café owner said. {LEAD}"

    assert story_of(text.encode(encoding)).paragraphs[0].startswith("“We will dig,” the commission’s café owner said.")


@pytest.mark.parametrize(
    "junk",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        bytes(range(256)) * 20,
        b"text\x00text",
        b"\x01\x02\x03\x04 words",
        bytes(range(128, 256)) * 9,
    ],
)
def test_binary_junk_is_refused_by_name(junk):
    assert "stories/a.txt" in refusal(junk, "text")


@pytest.mark.parametrize("content", ["", "   \n\n  ", "Subscribe\n\nSign Up Now", "***"])
def test_a_text_without_a_story_is_refused(content):
    assert "stories/a.txt" in refusal(content, "text")


def test_a_file_over_ten_megabytes_is_refused():
    for kind in ("text", "markdown", "record", "html"):
        assert "MB" in refusal(b"word " * 2_100_000, kind)


def test_hidden_characters_and_tags_go_and_template_marks_stay():
    story = story_of(
        f"Harbor plan approved\n\nThe sum of {{{{ 7*7 }}}} is\u200b \u202ein\x07 the <b>report</b><script>alert(1)</script> of\u00a0the cafe\u0301. {LEAD}"
    )

    assert story.paragraphs[0] == f"The sum of {{{{ 7*7 }}}} is in the report of the café. {LEAD}"


# --- Markdown


def test_front_matter_says_what_the_story_is():
    story = story_of(
        markdown(
            """
            title: "Harbor plan: approved"
            dek: The council still has to find the money
            url: https://garrisonpost.example/harbor?utm_source=mail#top
            source: Harbor Wire
            authors: [Garrison Post staff, Harbor desk]
            date: 2025-08-12
            tags: [harbor, Oysters]
            credit: ©2025 Harbor Wire
            language: en
            pinned: yes
            image: {file: pictures/dredger.jpg, alt: A dredger, caption: "A dredger at work. (Garrison Post staff/AFP)", width: 1200, height: 800}
            mood: ignored
            """
        ),
        "markdown",
        hints={"tags": "oysters,coast", "language": "fr"},
    )

    assert story.headline == "Harbor plan: approved"
    assert story.url == "https://garrisonpost.example/harbor"
    assert story.source == "Harbor Wire"
    assert story.byline == "Garrison Post staff, Harbor desk"
    assert story.published_at == datetime(2025, 8, 12, 4, tzinfo=UTC)
    assert story.tags == ("harbor", "Oysters", "coast")
    assert story.images == (
        Image(
            url="pictures/dredger.jpg",
            alt="A dredger",
            caption="A dredger at work.",
            credit="Garrison Post staff/AFP",
            width=1200,
            height=800,
        ),
    )
    assert story.language == "en"
    assert story.pinned
    assert story.paragraphs == (LEAD, MORE)


@pytest.mark.parametrize(
    ("front", "hints", "language"),
    [("language: en", {"language": "fr"}, "en"), ("title: Pier", {"language": "fr"}, "fr"), ("title: Pier", {}, "ko")],
)
def test_a_story_that_names_no_language_has_its_sources_or_the_newsrooms(front, hints, language):
    document = a_document(markdown(front, "Pier 9, Roe: 40 m."), kind="markdown", hints=hints)

    assert read(document, zone=UTC, language="ko").language == language


def test_a_story_that_plainly_is_in_another_language_has_its_own():
    document = a_document(markdown("language: fr"), kind="markdown")

    assert read(document, zone=UTC, language="ko").language == "en"


def test_markdown_is_reduced_to_plain_paragraphs():
    body = textwrap.dedent("""\
        # Harbor plan approved

        ![A dredger](pictures/dredger.jpg "A dredger at work")

        HARBOR CITY — The *harbor* **commission** [approved](https://garrisonpost.example/a_(b)) a
        `plan` on ~~Monday~~ Tuesday, [as reported][1]; see <https://garrisonpost.example/map>.

        ## What comes next

        - Dredging starts in *October*.
        - The ***council*** pays for it.

        > "We will dig," the commission's statement said.

        ---

        <div class="promo">The snake_case_name and 5*4*3 stay, and \\*so does this\\*.</div><script>alert(1)</script>

        [1]: https://garrisonpost.example/report
        """)

    story = story_of(body, "markdown")

    assert story.headline == "Harbor plan approved"
    assert story.images == (Image(url="pictures/dredger.jpg", alt="A dredger", caption="A dredger at work"),)
    assert story.paragraphs == (
        "The harbor commission approved a plan on Monday Tuesday, as reported; see https://garrisonpost.example/map.",
        "What comes next",
        "Dredging starts in October.",
        "The council pays for it.",
        '"We will dig," the commission\'s statement said.',
        "The snake_case_name and 5*4*3 stay, and *so does this*.",
    )


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title: Harbor plan\ndate: [2025", "line 4"),
        ("title: Harbor plan\nsource: a: b", "line 3"),
        ("title: &bomb Harbor plan\ndek: *bomb", "line 2"),
        ("title: Harbor\ntags: {a: 1}", "line 3"),
        ("title: Harbor\ndate: 03/04/2025", "line 3"),
        ("title: Harbor\ndate: 12", "line 3"),
        ("title: [Harbor]", "line 2"),
        ("title: Harbor\npinned: perhaps", "line 3"),
        ("title: Harbor\nimage: 7", "line 3"),
        ("title: " + "[" * 400, "line 2"),
        ("- a\n- b", "line 2"),
        ("title: !!python/object:os.system x", "line 2"),
    ],
)
def test_broken_front_matter_names_file_and_line(front, line):
    message = refusal(markdown(front), "markdown", url="stories/harbor.md")

    assert message.startswith("stories/harbor.md")
    assert line in message


@pytest.mark.parametrize("front", ["date: 2025-02-31", "title: " + "x" * 70_000, "date: 1492-10-12"])
def test_front_matter_that_cannot_be_meant_is_refused(front):
    assert refusal(markdown(front), "markdown", url="stories/harbor.md").startswith("stories/harbor.md")


def test_front_matter_that_is_never_closed_is_refused():
    assert "never closed" in refusal(f"---\ntitle: Harbor\n\n{LEAD}", "markdown")


@pytest.mark.parametrize(
    ("written", "hour"), [("2025-08-12 09:30:00", 13), ("2025-08-12 09:30:00 +02:00", 7), ("'2025-08-12 9:30 a.m. ET'", 13)]
)
def test_front_matter_times_are_read_in_the_zone_unless_they_name_one(written, hour):
    assert story_of(markdown(f"title: Harbor plan\ndate: {written}"), "markdown").published_at == datetime(
        2025, 8, 12, hour, 30, tzinfo=UTC
    )


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:image/png;base64,AAAA", "//elsewhere.example/x.png", "vbscript:x"])
def test_only_web_addresses_and_paths_are_kept(address):
    story = story_of(markdown(f'title: Harbor plan\nurl: "{address}"\nimage: {{url: "{address}", alt: A dredger}}'), "markdown")

    assert story.url == ""
    assert story.images == (Image(url="", alt="A dredger"),)


# --- records


def test_a_record_is_read_field_by_field():
    story = story_of(
        record(
            id="h1", date="2025-08-12", source="Harbor Wire", url="http://harborwire.example/1", authors=["Harbor desk"], tags=["harbor"]
        ),
        "record",
        hints={"tags": "coast"},
    )

    assert story.headline == "Harbor plan approved"
    assert story.source == "Harbor Wire"
    assert story.url == "http://harborwire.example/1"
    assert story.byline == "Harbor desk"
    assert story.tags == ("harbor", "coast")
    assert story.published_at == datetime(2025, 8, 12, 4, tzinfo=UTC)
    assert story.paragraphs == (LEAD, MORE)


def test_a_record_without_a_title_has_the_heading_above_its_dateline():
    story = story_of(record(title="", text=f"Harbor plan approved\n\nHARBOR CITY (AP) — {LEAD}\n\n{MORE}"), "record")

    assert story.headline == "Harbor plan approved"
    assert not story.headline_made
    assert story.paragraphs == (LEAD, MORE)


def test_a_record_without_an_address_keeps_its_id_when_lines_move():
    one = story_of(record(id="h1"), "record", url="week.jsonl#3")
    moved = story_of(record(id="h1"), "record", url="week.jsonl#4")
    other = story_of(record(id="h2"), "record", url="week.jsonl#3")

    assert one.id == moved.id != other.id


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '"text"',
        "[" * 100_000,
        '{"title": "Harbor"}',
        '{"text": ""}',
        '{"text": 7}',
        record(date="03/04/2025"),
        record(title=7),
        record(authors={"a": 1}),
    ],
)
def test_a_broken_record_is_refused_with_its_line(content):
    assert refusal(content, "record", url="week.jsonl#12").startswith("week.jsonl#12")


# --- pages


def page(head: str = "", body: str = f"<p>HARBOR CITY — {LEAD}</p><p>{MORE}</p><p>Sign up for our newsletter</p>") -> str:
    text = f"<p>{MORE}</p>" * 4
    return f"<html lang=en><head><title>Harbor plan approved</title>{head}</head><body><article><h1>Harbor plan approved</h1>{body}{text}</article></body></html>"


def test_a_page_is_cleaned_like_any_other_text():
    story = story_of(page(), "html", url="https://garrisonpost.example/harbor")

    assert story.headline == "Harbor plan approved"
    assert story.dateline == Dateline(place="HARBOR CITY")
    assert story.paragraphs[0] == LEAD
    assert "newsletter" not in " ".join(story.paragraphs)


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://www.garrisonpost.example/2025/harbor", "https://www.garrisonpost.example/2025/harbor"),
        ("https://elsewhere.example/harbor", "https://garrisonpost.example/harbor"),
    ],
)
def test_a_canonical_address_counts_only_within_its_own_site(canonical, url):
    story = story_of(page(f'<link rel="canonical" href="{canonical}">'), "html", url="https://garrisonpost.example/harbor?utm_source=x")

    assert story.url == url


@pytest.mark.parametrize("part", [0.3, 0.5, 0.7, 0.9])
def test_a_page_that_is_cut_short_is_refused(part):
    whole = page(body=f"<nav><a href='/'>Skip to content</a></nav><div><p>{LEAD}</p><p>{MORE}</p></div>")

    assert "cut short" in refusal(whole[: int(len(whole) * part)], "html", url="pages/harbor.html")


def test_an_unreadable_page_is_refused_by_name():
    assert refusal("<html></html>", "html", url="pages/empty.html").startswith("pages/empty.html")


# --- all kinds


def test_an_unknown_kind_is_refused():
    assert "'pdf'" in refusal("x", "pdf")


def test_the_source_names_the_outlet_when_the_document_does_not():
    assert story_of(f"Harbor plan approved\n\n{LEAD}", source="Garrison Post").source == "Garrison Post"


@given(st.sampled_from(["text", "markdown", "record"]), st.one_of(st.text(max_size=400).map(str.encode), st.binary(max_size=400)))
def test_any_content_is_a_story_or_unreadable(kind, content):
    try:
        story = story_of(b"Harbor plan approved\n\n" + content if kind == "text" else content, kind)
    except Unreadable:
        return

    assert story.paragraphs


@pytest.mark.parametrize("piece", ["a", "a ", "*a ", "[", "![", "<", "<a ", "<!--", "&", "`", "_a", "\\", "((", "- ", "> ", "~~", "**"])
def test_a_line_of_100_kilobytes_is_read_at_once(piece):
    started = time.process_time()

    for kind in ("text", "markdown"):
        content = "Harbor plan approved today\n\n" + piece * (100_000 // len(piece)) + f"\n\n{LEAD}"
        story_of(content, kind)

    assert time.process_time() - started < 1


def test_a_plain_text_may_name_its_address():
    story = read(
        a_document("The bell rings again\nLink: https://garrisonpost.example/bell?utm_source=x\n\nThe bell rang on Tuesday at noon."),
        zone=UTC,
    )

    assert story.url == "https://garrisonpost.example/bell"
    assert story.headline == "The bell rings again"
