"""Every story in one event and one group, whatever the order; copies together, different matters apart."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.group import at_home, events, themes
from digest.edit.grouping.name import Earlier
from digest.edit.grouping.terms import WORD
from digest.model import Dateline, Event, Group, Story, Theme
from tests.make import A_TUESDAY, MATTERS, a_story

TALLEST = (
    "The state opened its tallest lighthouse to visitors on Saturday after a repair of three years. Keepers led the first groups up 214 steps "
    "to the lamp, which was made in a glassworks inland in 1871 and still turns on its first bearing. The repair cost four million dollars, "
    "and half of that came from a lottery. Children may climb free of charge until the end of the summer holidays, the lighthouse board said."
)


def the_stories() -> list[Story]:
    stories = [a_story(f"m{at}", headline=head, paragraphs=(text,)) for at, (head, text) in enumerate(MATTERS)]
    copy = a_story("c1", headline="Lighthouse opens", paragraphs=(TALLEST,))
    return [*stories, copy, replace(copy, id="c2", source="Harbor Ledger", headline="Visitors may climb again")]


def as_sets(found) -> set[frozenset[str]]:
    return {frozenset(story.id for story in event.stories) for event in found}


@settings(max_examples=25, deadline=None)
@given(st.permutations(the_stories()), st.integers(2, 13))
def test_order_does_not_matter_and_every_story_stands_once(stories, number):
    some = stories[:number]

    found = events(some)
    groups = themes(found, ())

    assert as_sets(found) == as_sets(events(sorted(some, key=lambda story: story.id)))
    assert sorted(story.id for event in found for story in event.stories) == sorted(story.id for story in some)
    assert sorted(event.stories[0].id for group in groups for event in group.events) == sorted(event.stories[0].id for event in found)
    assert {id_ for group in groups for id_ in group.why} == {story.id for story in some}


def test_the_same_copy_at_two_outlets_is_one_event():
    assert frozenset({"c1", "c2"}) in as_sets(events(the_stories()))


def test_a_copy_whose_top_was_rewritten_is_found():
    rewritten = "Climbers are back. " + TALLEST.partition("years. ")[2]
    stories = [*the_stories(), a_story("c3", headline="Up the stairs", paragraphs=(rewritten,))]

    assert frozenset({"c1", "c2", "c3"}) in as_sets(events(stories))


def test_stories_that_share_nothing_stay_apart():
    apart = [story for story in the_stories() if story.id.startswith("m")]

    assert len(events(apart)) == len(apart)


CROWD = (
    "The tallest lighthouse of the state is open to visitors again after its repair of three years, and two thousand people queued for the "
    "214 steps to the lamp on Saturday. A lottery paid half of the four million dollars. A baker from the harbor sold rolls to those below."
)


@pytest.mark.parametrize(
    ("told", "alone"),
    [
        ({}, False),
        ({"source": "Garrison Post"}, True),
        ({"published_at": A_TUESDAY + timedelta(days=5)}, True),
        ({"headline": "Explainer: A crowd at the lamp"}, True),
        ({"tags": ("Opinion",)}, True),
    ],
    ids=["another outlet's", "the same outlet's", "days later", "an explainer", "an opinion"],
)
def test_the_same_outlet_another_day_and_another_kind_of_piece_have_to_be_closer(told, alone):
    crowd = a_story("c9", **{"source": "Harbor Ledger", "headline": "A crowd at the lamp", "paragraphs": (CROWD,)} | told)
    stories = [story for story in the_stories() if story.id != "c2"]

    found = as_sets(events([*stories, crowd]))

    assert (frozenset({"c9"}) in found) == alone
    assert (frozenset({"c1", "c9"}) in found) != alone


def test_a_configured_theme_comes_first_and_says_why():
    rail = Theme(key="rail", title="Rail", any=("bus driver",))

    first, *_ = themes(events(the_stories()), (rail,))

    assert (first.title, first.theme, len(first.events)) == ("Rail", "rail", 1)
    assert list(first.why.values()) == ["keyword “bus driver” in the headline"]


def test_nothing_gives_nothing():
    assert themes(events([]), ()) == ()


# --- whatever the words are

SYLLABLES = st.sampled_from(
    [
        "ferry",
        "pier",
        "Amity",
        "storm",
        "Halcyon",
        "talks",
        "school",
        "vote",
        "Ortega",
        "fire",
        "rain",
        "停戦協議",
        "мир",
        "’s",
        "—",
        "U.S.",
        "“quoted”",
    ]
)
STORIES = st.lists(
    st.builds(
        lambda name, head, text: a_story(name, headline=" ".join(head), paragraphs=(" ".join(text),)),
        st.integers(0, 99).map(lambda number: f"s{number:02}"),
        st.lists(SYLLABLES, max_size=6),
        st.lists(SYLLABLES, max_size=40),
    ),
    max_size=14,
    unique_by=lambda story: story.id,
)


@settings(max_examples=60, deadline=None)
@given(STORIES, st.randoms(use_true_random=False))
def test_any_stories_in_any_order_give_the_same_groups(stories, chance):
    shuffled = chance.sample(stories, len(stories))

    assert shape(themes(events(stories), ())) == shape(themes(events(shuffled), ()))
    assert sorted(story.id for event in events(stories) for story in event.stories) == sorted(story.id for story in stories)


@settings(max_examples=40, deadline=None)
@given(STORIES.filter(bool), st.data())
def test_an_identical_copy_is_never_apart(stories, data):
    original = data.draw(st.sampled_from([story for story in stories if WORD.search(story.paragraphs[0])] or [a_story("s00")]))
    found = events([*(story for story in stories if story.id != original.id), original, replace(original, id="copy", headline="Elsewhere")])

    assert any({original.id, "copy"} <= together for together in as_sets(found))


def shape(groups: tuple[Group, ...]) -> set[tuple[str, tuple[str, ...], frozenset[frozenset[str]], frozenset[tuple[str, str]]]]:
    return {(group.title, group.names, frozenset(as_sets(group.events)), frozenset(group.why.items())) for group in groups}


def test_every_process_groups_alike():
    asked = (
        "from tests.edit.test_group import the_talks, shape; from digest.edit.group import at_home, events, themes;"
        "print([(g.title, g.names, sorted(g.why.items())) for g in themes(events(the_talks()), ())])"
    )
    run = [sys.executable, "-c", asked]

    said = {
        subprocess.run(run, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout for seed in "17"
    }

    assert len(said) == 1


# --- what an editor looks for


def the_talks() -> list[Story]:
    """Three stories on one matter, none of them the same event, and nothing else like them."""
    texts = (
        (
            "Envoys open ceasefire talks on Ruritania",
            "Envoys from Ruritania arrived at a lakeside hotel in Strelsau on Monday for ceasefire talks. Waiters had laid two breakfast rooms, "
            "so that no delegation would meet the other over coffee. A bishop who knows both sides will carry papers between the floors. "
            "The police closed the shore road, and anglers were asked to keep their boats behind the pier at Hentzau until the guests leave.",
        ),
        (
            "Markets rise on hopes for Ruritania ceasefire talks",
            "Shares in shipping and steel rose by a tenth as traders bet on the ceasefire talks in Ruritania. Bonds gained, oil lost two dollars, "
            "and insurers cut the price of cover for tankers. Analysts warned that a single rumor could send the whole board down again. "
            "The Harbor Bank left its rate alone. Miners in Tarlenheim, who sell most of their ore abroad, hired for the first time "
            "since spring.",
        ),
        (
            "Families wait for prisoners as Ruritania ceasefire talks stall",
            "Mothers stood at the railway station of Zenda with photographs of missing sons while the Ruritania ceasefire talks stalled. Trains came "
            "without prisoners for the third night. Volunteers handed out soup and blankets, and a choir of veterans sang until dawn. "
            "One woman from Burlesdon had walked for two days. Her boy wrote last from a hospital in March, she said, and asked for his skates.",
        ),
    )
    talks = [a_story(f"t{at}", headline=head, paragraphs=(text,)) for at, (head, text) in enumerate(texts)]
    return [*talks, *(a_story(f"m{at}", headline=head, paragraphs=(text,)) for at, (head, text) in enumerate(MATTERS))]


def test_stories_on_one_matter_make_a_theme_with_a_name_and_the_rest_stands_last():
    theme, rest = themes(events(the_talks()), ())

    assert (theme.title, theme.theme) == ("Ruritania ceasefire talks", "")
    assert {event.stories[0].id for event in theme.events} == {"t0", "t1", "t2"}
    assert theme.title == theme.names[0]
    assert all(reason.startswith("shares: ") for reason in theme.why.values())
    assert (rest.title, set(rest.why.values())) == ("", {"no theme"})


def test_what_the_name_of_a_theme_does_not_fit_stands_outside():
    supper = a_story(
        "t3",
        headline="A supper for the town",
        paragraphs=(
            "Waiters, anglers and volunteers met at the railway station of Zenda on Monday. Traders in shipping and steel paid for the soup. "
            "Envoys sent blankets, the bishop sent papers, and veterans sang at the pier at Hentzau. Analysts from Strelsau warned of the "
            "third night.",
        ),
    )

    theme, rest = themes(events([*the_talks(), supper]), ())

    assert set(theme.why) == {"t0", "t1", "t2"}
    assert rest.why["t3"] == "no theme"


LAST_WEEK = Earlier(
    title="Ceasefire in Ruritania", issue_id="2025-W32", words=("ruritania", "ceasefire", "talk", "envoy", "king", "border")
)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({}, True),
        ({"words": ("ruritania", "flood", "dam", "rain", "river", "bridge")}, False),
        ({"title": "Ruritania border war"}, False),
        ({"words": ()}, False),
    ],
    ids=["the story goes on", "another story", "the name fits no more", "nothing known"],
)
def test_a_theme_keeps_its_name_while_its_story_goes_on(told, kept):
    earlier = replace(LAST_WEEK, **told)

    theme, *_ = themes(events(the_talks()), (), earlier=(earlier,))

    assert theme.title == (earlier.title if kept else "Ruritania ceasefire talks")
    assert ("kept from 2025-W32" in theme.why_named.values()) == kept
    assert "Ruritania ceasefire talks" in theme.names


def test_a_name_is_kept_by_one_theme_alone_and_not_when_a_configured_one_bears_it():
    configured = Theme(key="talks", title=LAST_WEEK.title, any=("ferry",))

    titles = [group.title for group in themes(events(the_talks()), (configured,), earlier=(LAST_WEEK, LAST_WEEK))]

    assert titles == [LAST_WEEK.title, "Ruritania ceasefire talks", ""]


def test_a_discovered_theme_never_bears_the_name_of_a_configured_one():
    configured = Theme(key="talks", title="Ruritania ceasefire talks", any=("ferry",))

    titles = [group.title for group in themes(events(the_talks()), (configured,))]

    assert len(titles) == len(set(titles)) == 3


def test_an_event_goes_where_it_is_more_at_home_and_the_other_theme_is_told():
    ferries, piers = Theme(key="f", title="Ferries", any=("ferry",)), Theme(key="p", title="Piers", any=("pier",))
    story = a_story("a", headline="Ferry line gets a new pier", paragraphs=("The pier is long. The pier is new. The ferry waits.",))

    for order in ((ferries, piers), (piers, ferries)):
        (group,) = themes(events([story]), order)
        assert group.title == "Piers"
        assert group.why["a"] == "keyword “pier” in the headline and twice in the text; less at home in Ferries"


def test_one_telling_of_three_that_speaks_of_a_theme_does_not_take_the_event_there():
    harbor = Theme(key="h", title="Harbor", any=("harbor",))
    texts = (f"{TALLEST}", f"{TALLEST} It rained.", f"{TALLEST} The harbor saw it. The harbor cheered. The harbor slept.")
    stories = [
        a_story(name, source=source, headline="Crowd climbs the old lamp", paragraphs=(text,))
        for name, source, text in zip("abc", ("Courier", "Salon", "Ledger"), texts, strict=True)
    ]

    found = events(stories)

    assert len(found) == 1
    assert not at_home(found, [harbor])[0]
    assert at_home(events(stories[2:]), [harbor])[0]


def test_the_best_telling_stands_first_pinned_then_fullest_then_earliest():
    full = a_story("a", paragraphs=(TALLEST,))
    later = replace(full, id="0", published_at=A_TUESDAY + timedelta(hours=1))
    undated = replace(full, id="1", published_at=None)
    pinned = replace(full, id="z", paragraphs=(TALLEST[:300],), pinned=True)

    (event,) = events([undated, later, full, pinned])

    assert [story.id for story in event.stories] == ["z", "a", "0", "1"]


def test_the_newsrooms_own_telling_leads_staff_before_wire_and_opinion_last():
    partners = a_story("a", url="https://harborledger.example/a", source="Harbor Ledger", paragraphs=(TALLEST,))
    wire = replace(partners, id="b", url="https://garrisonpost.example/b", dateline=Dateline(place="PORT AMITY", agency="AP"))
    staff = replace(partners, id="c", url="https://www.garrisonpost.example/c")
    opinion = replace(staff, id="d", headline="Opinion: Let them climb")

    (event,) = events([partners, opinion, wire, staff], site="https://garrisonpost.example")

    assert [story.id for story in event.stories] == ["c", "b", "a", "d"]


def test_of_equals_the_telling_that_has_most_in_common_with_the_others_leads():
    wild = a_story("a", source="Salon", headline="Fool on the stairs", paragraphs=(f"{CROWD} {CROWD} Nobody in this state can count.",))
    news = a_story("b", source="Harbor Ledger", paragraphs=(f"{CROWD} {TALLEST[:200]}",))
    other = a_story("c", source="Courier", paragraphs=(TALLEST,))

    (event,) = events([wild, news, other])

    assert event.stories[0].id == "b"


def test_events_come_in_the_order_of_their_stories():
    stories = the_stories()[:6]

    assert [event.stories[0].id for event in events(stories[::-1])] == [story.id for story in stories[::-1]]


def test_another_telling_says_whose_event_it_is():
    full = a_story("a", paragraphs=(TALLEST,))
    other = replace(full, id="b", source="Harbor Ledger")

    (group,) = themes((Event(stories=(full, other)),), ())

    assert group.why == {"a": "no theme", "b": "told also by Harbor Ledger (same event as a)"}


RESIGNS = "The whole harbor commission resigned on Tuesday over the ladder at the pier, which the mayor had called a disgrace for years."


def test_a_telling_that_reads_as_news_leads_its_event():
    told = a_story("a", source="Harbor Ledger", headline="The fall of the harbor commission", paragraphs=(RESIGNS,))
    plain = a_story("b", source="Northern Courier", headline="Commission resigns over harbor ladder", paragraphs=(RESIGNS,))

    (event,) = events([told, plain])

    assert event.stories[0].id == "b"
