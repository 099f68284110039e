"""Every rule speaks of what it is for, says where and what to do, and is silent about a sound issue."""

from dataclasses import replace
from datetime import date

import pytest

from digest.edit.check import RULES, Proof, check, contrast
from digest.model import Also, Email, Image, Issue, Masthead, Note, Sponsor
from tests.make import a_brief, an_issue

MASTHEAD = Masthead(publisher="The Garrison Post", address="1 Signal Row", public_url="https://news.garrisonpost.example")
PICTURE = Image(url="https://garrisonpost.example/pier.png", alt="A pier at dusk.", width=640, height=640)
SOUND = an_issue(
    "u1",
    "u2",
    lead=a_brief("u0", image=PICTURE),
    note=Note(text="Good morning. [Read on](https://garrisonpost.example)."),
    sponsors=(Sponsor(name="Harbor Bank", text="Save *more*.", url="https://harborbank.example", after="Harbor"),),
    preheader="Plus: the library opens on Sundays",
)
LONG_AGO = date(2025, 7, 1)
AN_ALSO = Also(story_id="u1", source="AP", url="https://garrisonpost.example/u1", headline="Headline of u1")


def found(issue: Issue, **known) -> list[tuple[str, str, str]]:
    proof = Proof(**{"issue": issue, "masthead": MASTHEAD, "email": Email(subject="", html="<p>News</p>", text="News")} | known)
    return [(finding.rule, finding.severity, finding.where) for finding in check(proof)]


def with_lead(**changes) -> Issue:
    assert SOUND.lead is not None
    return replace(SOUND, lead=replace(SOUND.lead, **changes))


@pytest.mark.parametrize(("change", "severity"), [("withdrawn", "error"), ("changed", "warning"), ("corrected", "warning")])
def test_a_story_that_is_no_longer_as_it_was_read_is_found_where_it_is_told(change, severity):
    told_under = with_lead(also=(replace(AN_ALSO, story_id="u9", url="https://garrisonpost.example/u9"),))

    assert found(SOUND, overtaken={"u2": change}) == [("every-story-is-as-it-was-read", severity, "section[0].brief[1] (u2)")]
    assert found(told_under, overtaken={"u9": change}) == [("every-story-is-as-it-was-read", severity, "lead (u0)")]
    assert found(SOUND, overtaken={"of another issue": change}) == []


def test_a_sound_issue_has_no_findings():
    assert found(SOUND) == []


@pytest.mark.parametrize(
    ("issue", "rule", "severity", "where"),
    [
        (replace(an_issue(), preheader="More"), "something-is-printed", "error", "plan.toml"),
        (replace(SOUND, lead=a_brief("u1")), "no-story-twice", "error", "section[0].brief[0] (u1)"),
        (with_lead(also=(AN_ALSO,)), "no-story-twice", "error", "section[0].brief[0] (u1)"),
        (with_lead(url="javascript:alert(1)"), "every-link-is-web", "error", "lead (u0)"),
        (with_lead(url=""), "every-link-is-web", "warning", "lead (u0)"),
        (with_lead(also=(replace(AN_ALSO, story_id="u9", url="ftp://x"),)), "every-link-is-web", "error", "lead (u0)"),
        (with_lead(image=replace(PICTURE, alt=" ")), "every-picture-can-be-seen", "error", "lead (u0)"),
        (with_lead(image=replace(PICTURE, url="http://x.example/a.png")), "every-picture-can-be-seen", "warning", "lead (u0)"),
        (with_lead(image=replace(PICTURE, url="pictures/none.png")), "every-picture-can-be-seen", "error", "lead (u0)"),
        (with_lead(image=replace(PICTURE, width=0)), "every-picture-can-be-seen", "warning", "lead (u0)"),
        (with_lead(date=LONG_AGO), "no-story-is-old", "warning", "lead (u0)"),
        (replace(SOUND, preheader=""), "subject-and-preheader-fit", "warning", "preheader"),
        (replace(SOUND, preheader="Plus " * 40), "subject-and-preheader-fit", "warning", "preheader"),
        (replace(SOUND, note=Note(text="[Click here](https://x.example)!")), "links-say-where-they-lead", "warning", "note"),
        (with_lead(summary=""), "every-full-brief-has-a-summary", "warning", "lead (u0)"),
        (with_lead(headline="Port opens pier", summary="Port opens pier."), "no-summary-repeats-its-headline", "warning", "lead (u0)"),
        (replace(SOUND, subject="News " * 20), "subject-and-preheader-fit", "warning", "subject"),
        (with_lead(summary="Dear {{ name }}, the pier reopened on Tuesday after a year."), "no-merge-tag-is-left", "warning", "lead (u0)"),
        (replace(SOUND, note=Note(text="Dear *|FNAME|*.")), "no-merge-tag-is-left", "warning", "note"),
        (replace(SOUND, note=Note(text="[x](javascript:x)")), "every-written-link-works", "warning", "note"),
        (replace(SOUND, sponsors=(Sponsor(name="B", text="b", after="Rail"),)), "every-sponsor-has-its-place", "warning", "sponsor[0]"),
        (replace(SOUND, sponsors=(Sponsor(name="B", text="b", last=LONG_AGO),)), "every-sponsor-has-its-place", "warning", "sponsor[0]"),
        (replace(SOUND, offered=(a_brief("u7"),)), "offers-were-looked-at", "warning", "offered"),
    ],
)  # fmt: skip
def test_a_fault_of_the_plan_is_found_where_it_is(issue, rule, severity, where):
    assert found(issue) == [(rule, severity, where)]


def test_a_made_headline_is_a_finding_until_it_is_rewritten():
    assert found(SOUND, made={"u1": "Headline of u1"}) == [("headline-was-made", "warning", "section[0].brief[0] (u1)")]
    assert found(SOUND, made={"u1": "The pier that was"}) == []


@pytest.mark.parametrize(("size", "severity"), [(89_000, None), (91_000, "warning"), (99_000, "error")])
def test_a_mail_that_would_be_clipped_is_told_before(size, severity):
    heavy = Email(subject="", html="x" * size, text="")

    assert [told for _, told, _ in found(SOUND, email=heavy)] == ([severity] if severity else [])


def test_a_heavy_mail_names_its_largest_blocks():
    html = "<h2>Headline of u0</h2>" + "x" * 80_000 + "<h3>Headline of u1</h3>" + "y" * 15_000 + "<h3>Headline of u2</h3>"

    (finding,) = check(Proof(issue=SOUND, masthead=MASTHEAD, email=Email(subject="", html=html, text="")))

    assert "“Headline of u0” 80.0 KB, “Headline of u1” 15.0 KB" in finding.message


def test_a_text_part_without_a_link_of_the_html_is_told():
    html = '<a href="https://garrisonpost.example/a?b=1&amp;c=2">A</a> <a href="https://garrisonpost.example/d">D</a>'
    both = "https://garrisonpost.example/a?b=1&c=2\nhttps://garrisonpost.example/d\n"

    assert found(SOUND, email=Email(subject="", html=html, text=both)) == []
    assert found(SOUND, email=Email(subject="", html=html, text=both[40:])) == [("text-part-keeps-up", "warning", "email.txt")]


@pytest.mark.parametrize(
    "html",
    [
        '<td style="display:flex">News</td>',
        '<td style="position:absolute">News</td>',
        '<td style="background-image:url(https://x.example/a.png)">News</td>',
        '<td style="color:var(--ink)">News</td>',
        "<td><svg></svg></td>",
        "<td><video></video></td>",
    ],
)
def test_what_a_large_mail_program_does_not_show_is_told(html):
    told = Email(subject="", html=f"<table><tr>{html}</tr></table>", text="News")
    within = Email(subject="", html="<style>@media (hover){td{display:flex;position:absolute}}</style><p>News</p>", text="News")

    assert ("large-mail-programs-show-it", "warning", "email.html") in found(SOUND, email=told)
    assert found(SOUND, email=within) == []


def test_colours_too_near_to_each_other_are_told_in_light_and_dark():
    legible = {"ink": "#16181b", "soft": "#565c66", "accent": "#8c1d18", "paper": "#ffffff", "page": "#f2f1ed"}
    pale = legible | {"soft": "#9a9a9a"}

    assert found(SOUND, theme={"light": legible}) == []
    assert found(SOUND, theme={"light": pale}) == [("colours-can-be-read", "warning", "theme.newsroom.toml")] * 2
    assert contrast("#000000", "#ffffff") == 21


def test_a_footer_without_address_or_a_way_out_is_not_lawful():
    assert [rule for rule, _, _ in found(SOUND, masthead=Masthead(publisher="The Garrison Post"))] == ["footer-is-lawful"] * 2


def test_errors_come_first_and_every_finding_says_what_to_do():
    issue = replace(with_lead(summary="", url="ftp://x"), offered=(a_brief("u7"),))

    findings = check(Proof(issue=issue, masthead=MASTHEAD))

    assert [finding.severity for finding in findings] == ["error", "warning", "warning"]
    assert all(finding.hint and finding.message for finding in findings)


def test_every_rule_has_a_name_of_its_own():
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
