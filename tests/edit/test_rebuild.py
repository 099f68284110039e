"""An editor's work survives any rebuild: edits are made the way a person makes them, on the text of plan.toml."""

import re
from dataclasses import replace
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.inbox import subjects
from digest.edit.plan import read_plan, write_plan
from digest.edit.rebuild import Written, all_briefs
from digest.edit.rebuild import rebuild as rebuild_in
from digest.model import Also, Brief, Issue, Section
from tests.make import ENGLISH, a_brief, an_issue

rebuild = partial(rebuild_in, words=ENGLISH)
NAMES = ["u1", "u2", "u3", "u4", "u5", "u6", "u7"]


def ids(issue: Issue) -> list[str]:
    return [brief.story_id for brief in all_briefs(issue)]


def built(*names: str, **changes) -> Issue:
    first, *rest = names
    half = len(rest) // 2
    sections = (("Harbor", rest[:half]), ("Rail", rest[half:]))
    laid = tuple(Section(title=title, briefs=tuple(told(name, **changes) for name in part)) for title, part in sections if part)
    return an_issue(lead=told(first, **changes), sections=laid)


def told(name: str, **changes) -> Brief:
    """A brief that another outlet tells too."""
    also = Also(story_id=f"{name}-also", source="Harbor Ledger", headline=f"Also {name}", url=f"https://harborledger.example/{name}")
    return a_brief(name, **{"also": (also,)} | changes)


def fresh_plan(*names: str) -> str:
    issue = built(*names)
    return write_plan(issue, choice=subjects(issue))


def test_a_first_build_is_written_as_it_is():
    text, written = rebuild(built("u1", "u2"), current=None, written=None)

    assert text == fresh_plan("u1", "u2")
    assert written.plan


def test_an_untouched_plan_is_simply_rebuilt():
    text, written = rebuild(built("u1", "u2", "u3"), current=None, written=None)

    again, _ = rebuild(built("u4", "u3", "u2"), current=text, written=written)

    assert again == fresh_plan("u4", "u3", "u2")


def test_a_retitled_story_stays_retitled_and_the_rest_is_brought_up_to_date():
    text, written = rebuild(built("u1", "u2", "u3"), current=None, written=None)
    edited = text.replace('"Headline of u2"', '"The editor knows better"')

    again, _ = rebuild(built("u1", "u2", "u3", summary="Corrected since."), current=edited, written=written)

    briefs = {brief.story_id: brief for brief in all_briefs(read_plan(again, where="plan.toml"))}
    assert briefs["u2"].headline == "The editor knows better"
    assert briefs["u2"].summary == briefs["u3"].summary == "Corrected since."


def test_a_telling_that_goes_over_to_another_item_is_named_once():
    text, written = rebuild(built("u1", "u2", "u3"), current=None, written=None)
    edited = text.replace('"Headline of u1"', '"The editor knows better"')
    moved = told("u3", also=(*told("u3").also, *told("u2").also))
    regrouped = an_issue(lead=told("u1"), sections=(Section(title="Rail", briefs=(moved,)),))

    again, _ = rebuild(regrouped, current=edited, written=written)

    held = [also.story_id for brief in all_briefs(read_plan(again, where="plan.toml")) for also in brief.also]
    assert sorted(held) == ["u1-also", "u2-also", "u3-also"]


def test_a_dropped_story_stays_dropped_over_many_builds():
    text, written = rebuild(built("u1", "u2", "u3"), current=None, written=None)
    text = without(text, "u2")

    for names in (["u1", "u2", "u3"], ["u1", "u3"], ["u1", "u2", "u3", "u4"], ["u2", "u3"]):
        text, written = rebuild(built(*names), current=text, written=written)

    assert "u2" not in ids(read_plan(text, where="plan.toml"))
    assert written.dropped == ("u2", "u2-also")


def test_new_stories_are_offered_to_an_edited_plan_once():
    text, written = rebuild(built("u1", "u2"), current=None, written=None)
    text = text.replace("Headline of u1", "Mine")

    for _ in range(2):
        text, written = rebuild(built("u4", "u1", "u2"), current=text, written=written)

    issue = read_plan(text, where="plan.toml")
    assert [brief.story_id for brief in issue.offered] == ["u4"]
    assert issue.lead is not None
    assert issue.lead.headline == "Mine"


def test_an_offered_story_that_the_editor_deletes_is_dropped():
    text, written = rebuild(built("u1", "u2"), current=None, written=None)
    text, written = rebuild(built("u1", "u2", "u4"), current=text.replace("Headline of u1", "Mine"), written=written)

    again, written = rebuild(built("u1", "u2", "u4"), current=without(text, "u4"), written=written)

    assert "u4" not in again
    assert written.dropped == ("u4", "u4-also")


def test_a_picture_that_the_editor_took_away_stays_away():
    from digest.model import Image

    image = Image(url="https://garrisonpost.example/a.png", alt="A pier", width=1072, height=560)
    text, written = rebuild(built("u1", "u2", image=image), current=None, written=None)
    edited = re.sub(r"(?m)^(image|alt|size) = .*\n", "", text, count=3)

    again, _ = rebuild(built("u1", "u2", image=image), current=edited, written=written)

    lead = read_plan(again, where="plan.toml").lead
    assert lead is not None
    assert lead.image is None


def test_without_a_report_all_values_are_the_editors():
    text = write_plan(built("u1", "u2"))

    again, _ = rebuild(built("u1", "u2", "u3", summary="Other."), current=text, written=None)

    issue = read_plan(again, where="plan.toml")
    assert issue.lead == told("u1")
    assert [brief.story_id for brief in issue.offered] == ["u3"]


# --- any edit survives any rebuild


def blocks(text: str) -> list[str]:
    """The plan cut before each table header, as an editor sees it."""
    return re.split(r"(?m)^(?=\[)", text)


def without(text: str, story: str) -> str:
    return "".join(block for block in blocks(text) if f'story = "{story}"' not in block)


@st.composite
def edits(draw):
    """One thing that a person does to the text."""
    name = draw(st.sampled_from(NAMES))
    kind = draw(
        st.sampled_from(
            ["retitle", "rewrite", "drop", "move", "comment", "trailing", "hand", "subject", "sponsor", "note", "pin", "silence"]
        )
    )
    return kind, name, draw(st.integers(0, 20))


def edit(text: str, kind: str, name: str, at: int) -> str:  # noqa: PLR0912  (one kind, one branch)
    parts = blocks(text)
    mine = [index for index, block in enumerate(parts) if f'story = "{name}"' in block]
    brief_parts = [index for index, block in enumerate(parts) if block.startswith("[[section.brief]]")]
    if kind == "subject":
        return re.sub(r'(?m)^subject = ".*"$', f'subject = "Ours {at}"', text, count=1)
    if kind == "note":
        return text if "[note]" in text else text + f'\n[note]\ntext = "Note {at}"\n'
    if kind == "sponsor":
        return text + f'\n[[sponsor]]\nname = "Credit Union {at}"\ntext = "Lose the *fees*."\n'
    if not mine:
        return text
    index = mine[0]
    if kind == "retitle":
        parts[index] = re.sub(r'(?m)^headline = ".*"$', f'headline = "Retitled {at}"', parts[index])
    if kind == "rewrite" and "'''" not in parts[index]:
        parts[index] = re.sub(r"(?m)^summary = .*$", f"summary = '''\nRewritten {at}\nby hand'''", parts[index], count=1)
    if kind == "pin" and "pin = " not in parts[index]:
        parts[index] = parts[index].replace("\nheadline", "\npin = true\nheadline", 1)
    if kind == "comment":
        parts[index] = parts[index].replace("\nheadline", f"\n# remember {name} {at}\nheadline", 1)
    if kind == "trailing":
        parts[index] = re.sub(r'(?m)^(headline = ".*")$', rf"\1  # says {name} {at}", parts[index], count=1)
    if kind == "silence":
        parts[index] = re.sub(r"(?ms)^also = \[.*?\]\n", "", parts[index])
    if kind == "drop" and parts[index].startswith("[[section.brief]]"):
        del parts[index]
    if kind == "move" and parts[index].startswith("[[section.brief]]") and len(brief_parts) > 1:
        block = parts.pop(index)
        places = [i for i, part in enumerate(parts) if part.startswith("[[section")]
        parts.insert(places[at % len(places)] + 1, block)
    if kind == "hand" and parts[index].startswith("[[section.brief]]"):
        parts.insert(index, f'[[section.brief]]\nheadline = "By hand {at}"\n\n')
    return "".join(parts)


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"# (?:remember|says) .*", text))


@settings(max_examples=150, deadline=None)
@given(
    st.permutations(NAMES), st.lists(edits(), min_size=1, max_size=6), st.lists(st.permutations(NAMES), min_size=1, max_size=3), st.data()
)
def test_any_edit_survives_any_rebuild(first, changes, later, data):
    text, written = rebuild(built(*first[:5]), current=None, written=None)
    edited = text
    for change in changes:
        edited = edit(edited, *change)
    mine = read_plan(edited, where="plan.toml")
    before, touched = ids(mine), edited != text
    silenced = [f"{name}-also" for name in NAMES if f"{name}-also" in text and f"{name}-also" not in edited]

    text = edited
    for names in later:
        fresh = built(*names[: data.draw(st.integers(1, 7))], summary="Brought up to date.")
        text, written = rebuild(fresh, current=text, written=written)

    if not touched:
        return
    now = read_plan(text, where="plan.toml")
    assert [brief.story_id for brief in all_briefs(replace(now, offered=()))] == before
    assert set(ids(now)) & (set(first[:5]) - set(before)) == set(), "a dropped story came back"
    assert [brief.headline for brief in all_briefs(replace(now, offered=()))] == [brief.headline for brief in all_briefs(mine)]
    for was, brief in zip(all_briefs(mine), all_briefs(now), strict=False):
        if "Rewritten" in was.summary:
            assert brief.summary == was.summary
        assert brief.pinned == was.pinned
    assert not [id_ for id_ in silenced if id_ in text], "a telling that was taken out came back"
    written_by_hand = any(kind == "subject" for kind, _, _ in changes)
    assert now.subject == (mine.subject if written_by_hand else subjects(now)[0])
    assert (now.note, now.sponsors) == (mine.note, mine.sponsors)
    assert comments(text) == comments(edited)
    again, _ = rebuild(fresh, current=text, written=written)
    assert again == text


def test_the_subject_follows_the_lead_until_it_is_written_by_hand():
    text, written = rebuild(built("u1", "u2", "u3"), current=None, written=None)

    retitled, written = rebuild(built("u1", "u2", "u3"), current=text.replace('"Headline of u1"', '"News"'), written=written)
    by_hand = re.sub(r'(?m)^subject = ".*"', 'subject = "Mine"', retitled)
    again, _ = rebuild(built("u1", "u2", "u3"), current=by_hand, written=written)

    assert read_plan(retitled, where="plan.toml").subject == "News"
    assert read_plan(again, where="plan.toml").subject == "Mine"


def test_a_story_that_was_left_out_of_an_earlier_build_is_not_offered_as_new():
    text, written = rebuild(built("u1", "u2"), current=None, written=None, considered=("u1", "u2", "u3"))

    again, _ = rebuild(
        built("u1", "u2", "u3", "u4"), current=text.replace("Headline of u1", "Mine"), written=written, considered=("u1", "u2", "u3", "u4")
    )

    assert [brief.story_id for brief in read_plan(again, where="plan.toml").offered] == ["u4"]


def test_written_defaults_know_nothing():
    assert Written().briefs == {}


def choice_in(text: str) -> list[str]:
    return re.findall(r'^#   "(.*)"$', text, flags=re.MULTILINE)


def test_the_subjects_to_choose_from_follow_the_issue_and_a_chosen_one_stays():
    text, written = rebuild(built("u1", "u2", "u3"), current=None, written=None)
    chosen = choice_in(text)[1]
    edited = text.replace('subject = "Harbor plan approved"', f'subject = "{chosen}"')

    again, written = rebuild(built("u1", "u2", "u3", "u4", "u5"), current=edited, written=written)
    led = again.replace('headline = "Headline of u1"', 'headline = "Pier reopens"')
    third, _ = rebuild(built("u1", "u2", "u3", "u4", "u5"), current=led, written=written)

    assert read_plan(third, where="plan.toml").subject == chosen
    assert choice_in(third)[0] == "Pier reopens"
    assert len(choice_in(third)) == len(choice_in(text))


def test_subjects_to_choose_from_that_an_editor_took_out_do_not_come_back():
    text, written = rebuild(built("u1", "u2", "u3"), current=None, written=None)
    edited = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(('#   "', "# To choose")))

    again, _ = rebuild(built("u3", "u2", "u1"), current=edited, written=written)

    assert choice_in(edited) == choice_in(again) == []
