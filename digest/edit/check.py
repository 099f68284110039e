"""Look an issue over before it goes out: small rules, each with its place and what to do about it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape, unescape
from itertools import pairwise

from digest.edit.printing.layout import running
from digest.edit.printing.support import measured, uses_in_tags
from digest.model import Brief, Email, Finding, Issue, Masthead

CLIPPED_AT = 102  # KB of HTML; Gmail hides what comes after
LARGE = frozenset(
    ["apple-mail ios", "apple-mail macos", "gmail desktop-webmail", "gmail android", "outlook windows", "yahoo desktop-webmail"]
)
NEEDED = frozenset([  # features of caniemail.com without which a page falls apart; without others it only looks plainer
    "css-background-image", "css-display-flex", "css-display-grid", "css-linear-gradient", "css-position", "css-variables", "html-audio",
    "html-form", "html-object", "html-svg", "html-video", "image-base64",
])  # fmt: skip
LEGIBLE = 4.5
OLD = timedelta(days=14)
HREF = re.compile(r'\bhref="([^"]*)"')
SAYS_NOTHING = frozenset(["click here", "click", "here", "link", "this link", "read more", "more", "this"])
MARKED_WORDS = re.compile(r"\[([^\]]+)\]\(")
MARKED_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)")  # of Markdown
MERGE_TAG = re.compile(r"\{\{|\}\}|\{%|\*\||\|\*|%recipient\.|\[\[var:|%%\w+%%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is looked over: the issue as planned and as rendered, and what is known of its stories."""

    issue: Issue
    masthead: Masthead
    email: Email | None = None  # None = it was not rendered
    made: Mapping[str, str] = field(default_factory=dict)  # story id -> the headline made for it
    held: Mapping[str, str] = field(default_factory=dict)  # story id -> why it may not be printed now
    pictures: frozenset[str] = frozenset()  # pictures on disk that can be read
    overtaken: Mapping[str, str] = field(default_factory=dict)  # story id -> "changed" | "corrected" | "withdrawn" since it was read
    theme: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)  # the design's tokens by group


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


def no_story_is_held_back(proof: Proof) -> Iterator[Finding]:
    """A story under an embargo that has not ended, or that its source has withdrawn."""
    for where, brief in placed(proof.issue):
        told = ((brief.headline, brief.story_id), *((also.headline or also.source, also.story_id) for also in brief.also))
        for headline, story_id in told:
            if why := proof.held.get(story_id):
                yield Finding(
                    rule="no-story-is-held-back", severity="error", where=where, message=f"“{headline}” is {why}.",
                    hint="Drop it, or wait until the embargo ends." if why.startswith("embargoed") else "Drop it.",
                )  # fmt: skip


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
        if not (image.width and image.height):
            yield Finding(
                rule=name, severity="warning", where=where, message="its picture has no size; the text jumps when it loads.",
                hint="Give it size = [width, height] in pixels.",
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


def subject_and_preheader_fit(proof: Proof) -> Iterator[Finding]:
    """A subject or preheader that the inbox cuts, or a preheader that it fills with whatever stands first in the mail."""
    length = len(proof.issue.subject)
    if length > 78:
        yield Finding(
            rule="subject-and-preheader-fit", severity="warning", where="subject",
            message=f"is {length} characters; most inboxes cut it near 70.", hint="Put the news into the first 40.",
        )  # fmt: skip
    if not 0 < len(proof.issue.preheader) <= 140:
        message = f"is {len(proof.issue.preheader)} characters; inboxes show up to 110." if proof.issue.preheader else "is empty."
        yield Finding(
            rule="subject-and-preheader-fit", severity="warning", where="preheader", message=message,
            hint="Say in one line what else is in the issue.",
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
            message=f"is {size:.0f} KB; Gmail hides what comes after {CLIPPED_AT}. The largest: {', '.join(_largest(proof)) or 'none'}.",
            hint='Print fewer items, or move some to a section with style = "headlines".',
        )


def _largest(proof: Proof, number: int = 3) -> list[str]:
    """The blocks of the mail that weigh most, as "“Pier reopens” 3.1 KB": from one headline to the next."""
    assert proof.email is not None
    html, starts = proof.email.html, []
    at = 0
    for _, brief in placed(proof.issue):
        found = html.find(escape(brief.headline), at)
        if found >= 0:
            starts.append((found, brief.headline))
            at = found + 1
    sizes = [(end - start, headline) for (start, headline), (end, _) in pairwise([*starts, (len(html), "")])]
    return [f"“{headline}” {size / 1000:.1f} KB" for size, headline in sorted(sizes, reverse=True)[:number]]


def text_part_keeps_up(proof: Proof) -> Iterator[Finding]:
    """Links of the HTML part that the text part lacks: whoever reads plain text would miss them."""
    if proof.email is None:
        return
    addresses = dict.fromkeys(map(unescape, HREF.findall(proof.email.html)))
    missing = [address for address in addresses if address not in proof.email.text]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        yield Finding(
            rule="text-part-keeps-up", severity="warning", where="email.txt", message=f"lacks {missing[0]}{more}, which the HTML links.",
            hint="Print it in email.txt.j2 too.",
        )  # fmt: skip


def large_mail_programs_show_it(proof: Proof) -> Iterator[Finding]:
    """HTML and style attributes that a large mail program does not show, and that the page falls apart without."""
    if proof.email is None:
        return
    for name in sorted(uses_in_tags(proof.email.html).keys() & NEEDED):
        feature = measured().features[name]
        if blind := sorted(feature.without & LARGE):
            yield Finding(
                rule="large-mail-programs-show-it", severity="warning", where="email.html",
                message=f"uses {feature.title}, which {', '.join(blind)} does not show (caniemail.com, {measured().date}).",
                hint="Build it from tables, cells and pictures.",
            )  # fmt: skip


def colours_can_be_read(proof: Proof) -> Iterator[Finding]:
    """Words whose colour is too near to their ground's, in light or dark (WCAG 2.2, 1.4.3: 4.5 to 1)."""
    for group in ("light", "dark"):
        colours = proof.theme.get(group, {})
        for words in ("ink", "soft", "accent"):
            for ground in ("paper", "page"):
                if words in colours and ground in colours and (ratio := contrast(str(colours[words]), str(colours[ground]))) < LEGIBLE:
                    yield Finding(
                        rule="colours-can-be-read", severity="warning", where="theme.newsroom.toml",
                        message=f"[{group}] {words} on {ground} has a contrast of {ratio:.1f} to 1.", hint=f"Readers need {LEGIBLE} to 1.",
                    )  # fmt: skip


def contrast(one: str, other: str) -> float:
    """The contrast of two colours given as #rrggbb, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def no_story_is_old(proof: Proof) -> Iterator[Finding]:
    """A story from long before the issue's window."""
    opens = proof.issue.window.start.date()
    for where, brief in placed(proof.issue):
        if brief.date and opens - brief.date > OLD:
            yield Finding(
                rule="no-story-is-old", severity="warning", where=where, message=f"“{brief.headline}” is of {brief.date:%Y-%m-%d}.",
                hint="Look whether it is still news.",
            )  # fmt: skip


def every_story_is_as_it_was_read(proof: Proof) -> Iterator[Finding]:
    """A story that its source changed, corrected or took back after it was read into the plan."""
    for where, brief in placed(proof.issue):
        for story_id, headline in ((brief.story_id, brief.headline), *((also.story_id, also.headline) for also in brief.also)):
            change = proof.overtaken.get(story_id, "")
            if change == "withdrawn":
                yield Finding(
                    rule="every-story-is-as-it-was-read", severity="error", where=where,
                    message=f"its source no longer has “{headline}”.", hint="Drop it, or gather again if it is back.",
                )  # fmt: skip
            elif change:
                yield Finding(
                    rule="every-story-is-as-it-was-read", severity="warning", where=where,
                    message=f"its source {change} “{headline}” after the issue was built.",
                    hint="Read the story again; building again takes its new words where you left the old ones alone.",
                )  # fmt: skip


def links_say_where_they_lead(proof: Proof) -> Iterator[Finding]:
    """Links in the editor's note and in sponsors whose words say nothing: a screen reader reads them alone."""
    for where, text in written(proof.issue):
        for words in MARKED_WORDS.findall(text):
            if words.strip(" .!*").casefold() in SAYS_NOTHING:
                yield Finding(
                    rule="links-say-where-they-lead", severity="warning", where=where, message=f"has a link that says {words!r}.",
                    hint="Link the words that say what is there.",
                )  # fmt: skip


def no_merge_tag_is_left(proof: Proof) -> Iterator[Finding]:
    """Text that an email provider could take for its own template code."""
    texts = {"subject": proof.issue.subject, "preheader": proof.issue.preheader}
    texts |= {where: f"{brief.headline} {brief.summary}" for where, brief in placed(proof.issue)}
    texts |= dict(written(proof.issue))
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
    """A paid block that follows a section which is not there, and so is printed at the end, or that was sold for other days."""
    titles = {section.title for section in proof.issue.sections if section.briefs}
    for at, sponsor in enumerate(proof.issue.sponsors):
        if sponsor not in running(proof.issue):
            days = " to ".join(f"{day:%Y-%m-%d}" if day else "…" for day in (sponsor.first, sponsor.last))
            yield Finding(
                rule="every-sponsor-has-its-place", severity="warning", where=f"sponsor[{at}]",
                message=f"was sold for {days} and is not printed.", hint="Take it out, or mend its days.",
            )  # fmt: skip
        elif sponsor.after and sponsor.after not in titles:
            yield Finding(
                rule="every-sponsor-has-its-place", severity="warning", where=f"sponsor[{at}]",
                message=f"is to follow {sponsor.after!r}, which is no section here.",
                hint=f"There are: {', '.join(sorted(titles)) or 'none'}.",
            )  # fmt: skip


def every_written_link_works(proof: Proof) -> Iterator[Finding]:
    """Links in the editor's note and in sponsors that are not printed, because no mail program would open them."""
    for where, text in written(proof.issue):
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
    no_story_is_held_back,
    every_link_is_web,
    every_picture_can_be_seen,
    mail_is_not_clipped,
    text_part_keeps_up,
    large_mail_programs_show_it,
    colours_can_be_read,
    subject_and_preheader_fit,
    headline_was_made,
    every_full_brief_has_a_summary,
    no_summary_repeats_its_headline,
    no_merge_tag_is_left,
    every_sponsor_has_its_place,
    every_written_link_works,
    links_say_where_they_lead,
    no_story_is_old,
    every_story_is_as_it_was_read,
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


def written(issue: Issue) -> Iterator[tuple[str, str]]:
    """Every text in which an editor may write Markdown, with its place."""
    if issue.note:
        yield "note", issue.note.text
    yield from ((f"sponsor[{at}]", f"{sponsor.name} {sponsor.text}") for at, sponsor in enumerate(issue.sponsors))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
