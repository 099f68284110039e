"""Every rule speaks of what it is for, says where and what to do, and is silent about a sound issue."""

from dataclasses import replace

import pytest

from digest.edit.check import RULES, Proof, check
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
)
AN_ALSO = Also(story_id="u1", source="AP", url="https://garrisonpost.example/u1", headline="Headline of u1")


def found(issue: Issue, **known) -> list[tuple[str, str, str]]:
    proof = Proof(**{"issue": issue, "masthead": MASTHEAD, "email": Email(subject="", html="<p>News</p>", text="News")} | known)
    return [(finding.rule, finding.severity, finding.where) for finding in check(proof)]


def with_lead(**changes) -> Issue:
    assert SOUND.lead is not None
    return replace(SOUND, lead=replace(SOUND.lead, **changes))


def test_a_sound_issue_has_no_findings():
    assert found(SOUND) == []


@pytest.mark.parametrize(
    ("issue", "rule", "severity", "where"),
    [
        (an_issue(), "something-is-printed", "error", "plan.toml"),
        (replace(SOUND, lead=a_brief("u1")), "no-story-twice", "error", "section[0].brief[0] (u1)"),
        (with_lead(also=(AN_ALSO,)), "no-story-twice", "error", "section[0].brief[0] (u1)"),
        (with_lead(url="javascript:alert(1)"), "every-link-is-web", "error", "lead (u0)"),
        (with_lead(url=""), "every-link-is-web", "warning", "lead (u0)"),
        (with_lead(also=(replace(AN_ALSO, story_id="u9", url="ftp://x"),)), "every-link-is-web", "error", "lead (u0)"),
        (with_lead(image=replace(PICTURE, alt=" ")), "every-picture-can-be-seen", "error", "lead (u0)"),
        (with_lead(image=replace(PICTURE, url="http://x.example/a.png")), "every-picture-can-be-seen", "warning", "lead (u0)"),
        (with_lead(image=replace(PICTURE, url="pictures/none.png")), "every-picture-can-be-seen", "error", "lead (u0)"),
        (with_lead(summary=""), "every-full-brief-has-a-summary", "warning", "lead (u0)"),
        (with_lead(headline="Port opens pier", summary="Port opens pier."), "no-summary-repeats-its-headline", "warning", "lead (u0)"),
        (replace(SOUND, subject="News " * 20), "subject-fits", "warning", "subject"),
        (with_lead(summary="Dear {{ name }}, the pier reopened on Tuesday after a year."), "no-merge-tag-is-left", "warning", "lead (u0)"),
        (replace(SOUND, note=Note(text="Dear *|FNAME|*.")), "no-merge-tag-is-left", "warning", "note"),
        (replace(SOUND, note=Note(text="[x](javascript:x)")), "every-written-link-works", "warning", "note"),
        (replace(SOUND, sponsors=(Sponsor(name="B", text="b", after="Rail"),)), "every-sponsor-has-its-place", "warning", "sponsor[0]"),
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


def test_a_footer_without_address_or_a_way_out_is_not_lawful():
    assert [rule for rule, _, _ in found(SOUND, masthead=Masthead(publisher="The Garrison Post"))] == ["footer-is-lawful"] * 2


def test_errors_come_first_and_every_finding_says_what_to_do():
    issue = replace(with_lead(summary="", url="ftp://x"), offered=(a_brief("u7"),))

    findings = check(Proof(issue=issue, masthead=MASTHEAD))

    assert [finding.severity for finding in findings] == ["error", "warning", "warning"]
    assert all(finding.hint and finding.message for finding in findings)


def test_every_rule_has_a_name_of_its_own():
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
