"""Look an issue over before it goes out: small rules, each with its place and what to do about it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from digest.model import Brief, Email, Finding, Issue, Masthead

CLIPPED_AT = 102  # KB of HTML; Gmail hides what comes after
MARKED_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)")  # of Markdown
MERGE_TAG = re.compile(r"\{\{|\}\}|\{%|\*\||\|\*|%recipient\.|\[\[var:|%%\w+%%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is looked over: the issue as planned and as rendered, and what is known of its stories."""

    issue: Issue
    masthead: Masthead
    email: Email | None = None  # None = it was not rendered
    made: Mapping[str, str] = field(default_factory=dict)  # story id -> the headline made for it
    pictures: frozenset[str] = frozenset()  # pictures on disk that can be read


Rule = Callable[[Proof], Iterator[Finding]]


def check(proof: Proof) -> tuple[Finding, ...]:
    """Every finding about an issue, errors first, then in the order of the plan."""
    findings = [finding for rule in RULES for finding in rule(proof)]
    return tuple(sorted(findings, key=lambda finding: finding.severity != "error"))


def no_story_twice(proof: Proof) -> Iterator[Finding]:
    """A story or a link that is printed in two places."""
    seen: dict[str, str] = {}
    for where, brief in placed(proof.issue):
        told = (
            (brief.headline, brief.story_id, brief.url),
            *((also.headline or also.source, also.story_id, also.url) for also in brief.also),
        )
        for headline, *keys in told:
            earlier = next((seen[key] for key in keys if key in seen), "")
            if earlier:
                yield Finding(
                    rule="no-story-twice", severity="error", where=where, message=f"“{headline}” is also at {earlier}.",
                    hint="Drop one of them.",
                )  # fmt: skip
            seen |= dict.fromkeys((key for key in keys if key), where)


def every_link_is_web(proof: Proof) -> Iterator[Finding]:
    """Links a mail program would not open."""
    for where, brief in placed(proof.issue):
        if not brief.url:
            yield Finding(
                rule="every-link-is-web", severity="warning", where=where, message="has no link.", hint='Give it link = "https://…".'
            )
        for url in (brief.url, *(also.url for also in brief.also)):
            if url and not url.startswith(("https://", "http://")):
                yield Finding(
                    rule="every-link-is-web",
                    severity="error",
                    where=where,
                    message=f"“{brief.headline}” links to {url[:60]!r}.",
                    hint="A link begins with https://.",
                )


def headline_was_made(proof: Proof) -> Iterator[Finding]:
    """A headline that was cut from the lead because the document had none."""
    for where, brief in placed(proof.issue):
        if brief.story_id in proof.made and brief.headline == proof.made[brief.story_id]:
            yield Finding(
                rule="headline-was-made",
                severity="warning",
                where=where,
                message=f"“{brief.headline}” was made from the lead; the document has no headline.",
                hint="Write a headline.",
            )


def every_full_brief_has_a_summary(proof: Proof) -> Iterator[Finding]:
    """A headline that stands alone where a summary is expected."""
    tight = {id(brief) for section in proof.issue.sections if section.style == "headlines" for brief in section.briefs}
    for where, brief in placed(proof.issue):
        if not brief.summary.strip() and id(brief) not in tight:
            yield Finding(
                rule="every-full-brief-has-a-summary",
                severity="warning",
                where=where,
                message=f"“{brief.headline}” has no summary.",
                hint='Write one, or move it to a section with style = "headlines".',
            )


def no_summary_repeats_its_headline(proof: Proof) -> Iterator[Finding]:
    """A summary that only says the headline again."""
    for where, brief in placed(proof.issue):
        headline, summary = _words(brief.headline), _words(brief.summary)
        if summary and headline and len(summary - headline) <= len(summary) // 5:
            yield Finding(
                rule="no-summary-repeats-its-headline",
                severity="warning",
                where=where,
                message=f"the summary of “{brief.headline}” says the headline again.",
                hint="Use a later sentence of the story.",
            )


def every_picture_can_be_seen(proof: Proof) -> Iterator[Finding]:
    """Pictures without words for those who do not see them, without a file, or without an address."""
    for where, brief in placed(proof.issue):
        image = brief.image
        if image is None or not image.url:
            continue
        name = "every-picture-can-be-seen"
        if not image.alt.strip():
            yield Finding(
                rule=name, severity="error", where=where, message=f"the photo of “{brief.headline}” has no alt text.",
                hint="Write what it shows in alt, or drop the photo.",
            )  # fmt: skip
        if "://" in image.url and not image.url.startswith("https://"):
            yield Finding(
                rule=name, severity="warning", where=where, message="its picture is not https; many mail programs will not load it.",
                hint="Use an https address.",
            )  # fmt: skip
        if "://" not in image.url and image.url not in proof.pictures:
            yield Finding(
                rule=name, severity="error", where=where, message=f"there is no picture {image.url} in the newsroom.",
                hint="Put the file there, or take the image out of the plan.",
            )  # fmt: skip
        elif "://" not in image.url and not proof.masthead.public_url:
            yield Finding(
                rule=name, severity="warning", where=where, message="its picture is left out: without public_url it has no address.",
                hint="Set newsroom.public_url in digest.toml.",
            )  # fmt: skip


def subject_fits(proof: Proof) -> Iterator[Finding]:
    """A subject that the inbox cuts."""
    length = len(proof.issue.subject)
    if length > 78:
        yield Finding(
            rule="subject-fits", severity="warning", where="subject", message=f"is {length} characters; most inboxes cut it near 70.",
            hint="Put the news into the first 40.",
        )  # fmt: skip


def mail_is_not_clipped(proof: Proof) -> Iterator[Finding]:
    """HTML so large that Gmail hides its end, and with it the way to unsubscribe."""
    if proof.email is None:
        return
    size = len(proof.email.html.encode()) / 1000
    if size > 90:
        yield Finding(
            rule="mail-is-not-clipped",
            severity="error" if size > 98 else "warning",
            where="email.html",
            message=f"is {size:.0f} KB; Gmail hides what comes after {CLIPPED_AT}.",
            hint='Print fewer items, or move some to a section with style = "headlines".',
        )


def no_merge_tag_is_left(proof: Proof) -> Iterator[Finding]:
    """Text that an email provider could take for its own template code."""
    texts = {"subject": proof.issue.subject, "preheader": proof.issue.preheader}
    texts |= {where: f"{brief.headline} {brief.summary}" for where, brief in placed(proof.issue)}
    texts |= {f"sponsor[{at}]": f"{sponsor.name} {sponsor.text}" for at, sponsor in enumerate(proof.issue.sponsors)}
    texts |= {"note": proof.issue.note.text} if proof.issue.note else {}
    for where, text in texts.items():
        if found := MERGE_TAG.search(text):
            yield Finding(
                rule="no-merge-tag-is-left", severity="warning", where=where, message=f"holds {found[0]!r}, like template code.",
                hint="It is printed as it stands; rewrite it if it is not meant.",
            )  # fmt: skip


def footer_is_lawful(proof: Proof) -> Iterator[Finding]:
    """What the law and the large inboxes want at the bottom of a newsletter."""
    if not proof.masthead.address:
        yield Finding(
            rule="footer-is-lawful", severity="warning", where="digest.toml", message="no postal address is printed.",
            hint="Set newsroom.address.",
        )  # fmt: skip
    if not proof.masthead.public_url:
        yield Finding(
            rule="footer-is-lawful", severity="warning", where="digest.toml", message="no unsubscribe link is printed.",
            hint="Set newsroom.public_url.",
        )  # fmt: skip


def something_is_printed(proof: Proof) -> Iterator[Finding]:
    """An issue without a single story."""
    if not any(placed(proof.issue)):
        yield Finding(
            rule="something-is-printed", severity="error", where="plan.toml", message="the issue has no story.",
            hint="Put one back, or start over: digest build --fresh.",
        )  # fmt: skip


def every_sponsor_has_its_place(proof: Proof) -> Iterator[Finding]:
    """A paid block that is to follow a section which is not there: it would be printed at the end."""
    titles = {section.title for section in proof.issue.sections if section.briefs}
    for at, sponsor in enumerate(proof.issue.sponsors):
        if sponsor.after and sponsor.after not in titles:
            yield Finding(
                rule="every-sponsor-has-its-place", severity="warning", where=f"sponsor[{at}]",
                message=f"is to follow {sponsor.after!r}, which is no section here.",
                hint=f"There are: {', '.join(sorted(titles)) or 'none'}.",
            )  # fmt: skip


def every_written_link_works(proof: Proof) -> Iterator[Finding]:
    """Links in the editor's note and in sponsors that are not printed, because no mail program would open them."""
    texts = {"note": proof.issue.note.text} if proof.issue.note else {}
    texts |= {f"sponsor[{at}]": sponsor.text for at, sponsor in enumerate(proof.issue.sponsors)}
    for where, text in texts.items():
        for address in MARKED_LINK.findall(text):
            if not address.startswith(("https://", "http://", "mailto:")):
                yield Finding(
                    rule="every-written-link-works", severity="warning", where=where, message=f"links to {address[:60]!r}: not printed.",
                    hint="A link begins with https://.",
                )  # fmt: skip


def offers_were_looked_at(proof: Proof) -> Iterator[Finding]:
    """Stories that arrived after the editor began."""
    if waiting := len(proof.issue.offered):
        yield Finding(
            rule="offers-were-looked-at", severity="warning", where="offered", message=f"{waiting} new"
            " came after this plan was edited.",
            hint="Move what you want into a section; delete the rest.",
        )  # fmt: skip


RULES: tuple[Rule, ...] = (
    something_is_printed,
    no_story_twice,
    every_link_is_web,
    every_picture_can_be_seen,
    mail_is_not_clipped,
    subject_fits,
    headline_was_made,
    every_full_brief_has_a_summary,
    no_summary_repeats_its_headline,
    no_merge_tag_is_left,
    every_sponsor_has_its_place,
    every_written_link_works,
    offers_were_looked_at,
    footer_is_lawful,
)


def placed(issue: Issue) -> Iterator[tuple[str, Brief]]:
    """Every printed brief with its key path in plan.toml and its story id."""
    briefs = [("lead", issue.lead)] if issue.lead else []
    briefs += [
        (f"section[{at}].brief[{row}]", brief) for at, section in enumerate(issue.sections) for row, brief in enumerate(section.briefs)
    ]
    for where, brief in briefs:
        yield (f"{where} ({brief.story_id})" if brief.story_id else where), brief


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
