"""The emails that are looked at from outside: the built sample, and issues that have what the sample lacks."""

from functools import lru_cache
from pathlib import Path

from digest.edit.plan import read_plan
from digest.edit.render import render
from digest.model import Also, Brief, Email, Image, Issue, Masthead, Note, Section, Sponsor
from digest.newsroom import open_newsroom, shipped_templates
from tests.make import a_brief, an_issue

TOP = Path(__file__).parents[2]
SAMPLE = TOP / "issues" / "2025-W33"
VIEW, UNSUBSCRIBE = "https://news.garrisonpost.example/view/preview", "https://news.garrisonpost.example/unsubscribe/preview"
NAMES = ("sample", "sample in brief", "words only", "from right to left")
LONG_WORD = "Rheinschifffahrtspolizeiverordnungsänderung"


@lru_cache(maxsize=1)
def emails() -> dict[str, Email]:
    """By name; the sample is the bytes that are committed, not a new rendering."""
    masthead = open_newsroom(TOP / "digest" / "sample").settings.masthead
    built = read_plan((SAMPLE / "plan.toml").read_text("utf-8"), where="plan.toml")
    sample = Email(subject=built.subject, html=(SAMPLE / "email.html").read_text("utf-8"), text=(SAMPLE / "email.txt").read_text("utf-8"))
    return {
        "sample": sample,
        "sample in brief": printed(built, masthead, look="brief"),
        "words only": printed(a_full_issue(), masthead),
        "from right to left": printed(an_arabic_issue(), Masthead(publisher="بريد الميناء", language="ar", address="شارع الميناء 1")),
    }


def printed(issue: Issue, masthead: Masthead, look: str = "front-page") -> Email:
    return render(
        issue, masthead, dict(shipped_templates()), look=look, view_url=VIEW, unsubscribe_url=UNSUBSCRIBE, reader="reader@example.com"
    )


def a_full_issue() -> Issue:
    """A note, sponsors, credits, a list and words that find no line's end; no picture."""
    lead = a_brief(
        "lead",
        headline=f"Council reads the {LONG_WORD} aloud",
        also=(Also(story_id="a1", source="Harbor Wire", url="https://harborwire.example/pier", headline="Pier approved"),),
        credit="©2025 The Garrison Post. Distributed by Harbor Content Agency.",
    )
    long = a_brief("u2", headline=LONG_WORD, summary=f"The {LONG_WORD * 2} was read aloud, https://garrisonpost.example/{'a' * 80} says.")
    return an_issue(
        lead=lead,
        preheader="Plus: two more from the pier",
        note=Note(text=f"A week at the *water*.\n\nRead [the {LONG_WORD}](https://garrisonpost.example/list).", by="The desk"),
        sections=(
            Section(title="Harbor & sea", briefs=(a_brief("u1"), long)),
            Section(title="More headlines", style="headlines", briefs=(a_brief("u3"), a_brief("u4", url="", headline=LONG_WORD))),
        ),
        sponsors=(
            Sponsor(name="Harbor Credit Union", text="Moving? **Keep** your [account](https://harborcu.example/keep).", url="https://harborcu.example", after="Harbor & sea"),
            Sponsor(name=LONG_WORD, text=""),
        ),
    )  # fmt: skip


def an_arabic_issue() -> Issue:
    photo = Image(
        url="https://news.garrisonpost.example/images/pictures-library.png",
        alt="سفينة عند الرصيف",
        caption="الرصيف عند الغروب.",
        width=600,
        height=600,
    )

    def told(name: str, image: Image | None = None) -> Brief:
        return a_brief(
            name,
            headline="مجلس الميناء يوافق على رصيف جديد",
            summary="وافق المجلس يوم الثلاثاء على رصيف جديد للعبّارات.",
            source="بريد الميناء",
            image=image,
        )

    sections = (Section(title="الميناء", briefs=(told("u1", photo), told("u2"))),)
    return an_issue(title="عناوين الأسبوع", subject="رصيف جديد في الميناء", lead=told("lead", photo), sections=sections)
