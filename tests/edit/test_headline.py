import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.headline import make_headline

SMALL_STORY = (
    "The harbor commission approved a plan on Tuesday after Sen. Ann Roe in the U.S. who said three ships, and “sank” “we won,” (late) 12 million"
    " dollars to Kim Lee Park was left. — to ahead of"
)
WORDS = st.sampled_from(SMALL_STORY.split())


@pytest.mark.parametrize(
    ("paragraph", "headline"),
    [
        ("The council voted to close the pier, which opened in 1912.", "The council voted to close the pier"),
        (
            "The garrison commander opened a new clinic for families after two years of delays that had cost the base several million dollars.",
            "The garrison commander opened a new clinic for families",
        ),
        (
            "Ann Roe held a long telephone talk with the Northland envoy Lee Min Park Soo to brief him on the harbor ahead of a summit.",
            "Ann Roe held a long telephone talk",
        ),
        ("Ann Roe, 48, who led the harbor office for a decade, resigned on Tuesday.", "Ann Roe resigned on Tuesday"),
        (
            "As the vote neared, the mayor promised new buses for every district of the town and its suburbs.",
            "The mayor promised new buses",
        ),
        ("In Paris, Texas, the mayor resigned on Monday.", "The mayor resigned on Monday"),
        ("officers said the ship left the U.S.", "Officers said the ship left the U.S."),
        ("“We won,” Roe said.", "“We won,” Roe said"),
        ("He said “no.” Then he left.", "He said “no”"),
        ("", ""),
        (" \n", ""),
        ('"', ""),
    ],
)
def test_a_headline_is_the_main_clause_of_the_lead(paragraph, headline):
    assert make_headline(paragraph) == headline


def test_a_name_is_not_cut_in_half():
    lead = "The visiting envoy spoke warmly all night of his old friend Kim Lee Park Roe Doe Poe and of the harbor that they had built."

    assert make_headline(lead) == "The visiting envoy spoke warmly all night"


def test_a_number_is_not_cut_in_half():
    lead = (
        "The navy yard expects that repairs of both damaged ships will cost 12 million dollars and nobody has yet said where it comes from."
    )

    assert not make_headline(lead).endswith(("12", "million"))


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_every_word_comes_from_the_paragraph_in_order(paragraph):
    rest = iter(word.strip(".,—“”") for word in paragraph.lower().split())

    assert all(word in rest for word in (token.strip(".,—“”") for token in make_headline(paragraph).lower().split()))


@given(st.one_of(st.lists(WORDS, max_size=40).map(" ".join), st.text(max_size=200)))
def test_a_headline_has_at_most_twelve_words_and_no_loose_end(paragraph):
    headline = make_headline(paragraph)

    assert len(headline.split()) <= 12
    assert not headline.endswith((",", ";", ":", " "))
    assert headline == make_headline(paragraph)


@given(st.lists(WORDS, min_size=25, max_size=40).map(lambda words: " ".join(word.rstrip(".") for word in words)))
def test_a_cut_headline_ends_in_no_small_word(paragraph):
    words = make_headline(f"{paragraph} northward.").split()

    assert len(words) <= 1 or words[-1].lower().strip("“”") not in {"the", "a", "on", "in", "after", "and", "to", "of", "was", "who"}
