"""What two stories share weighs by how few others hold it; clusters join by the mean of all their pairs."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.grouping.similar import dot, link, read, weigh
from digest.edit.grouping.terms import fold, names_in, telling_words
from tests.make import MATTERS, a_story

FERRY = "The ferry Halcyon ran aground off Port Amity on Friday, and rescuers took ninety passengers ashore."


def vectors_of(*texts: str):
    return weigh([read(a_story(f"s{at}", headline="", paragraphs=(text,))) for at, text in enumerate(texts)], names=0.3)


def test_small_words_and_single_letters_tell_nothing():
    assert telling_words("The treaties that were signed by J. Ortega on Tuesday") == ["treaty", "signed", "ortega"]


@pytest.mark.parametrize(
    ("written", "folded"),
    [("Treaties", "treaty"), ("Korea’s", "korea"), ("U.S.", "us"), ("talks", "talk"), ("crisis", "crisis"), ("pass", "pass")],
)
def test_a_word_is_compared_without_its_endings(written, folded):
    assert fold(written) == folded


def test_a_capital_marks_a_name_only_inside_a_sentence():
    assert names_in("Rescuers left Port Amity. Divers from Halcyon followed. “Nobody slept,” said Ortega.") == [
        "port",
        "amity",
        "halcyon",
        "ortega",
    ]


def test_scripts_without_spaces_are_read_in_pairs_of_letters():
    assert telling_words("停戦協議 in Kyiv") == ["停戦", "戦協", "協議", "kyiv"]


def test_tellings_of_one_matter_are_nearer_than_two_matters():
    first, second, other = vectors_of(
        FERRY, "Ninety passengers left the ferry Halcyon after it ran aground near Port Amity.", MATTERS[1][1]
    )

    assert dot(first, second) > 0.3 > dot(first, other)


def test_a_vector_is_never_longer_than_1():
    assert all(math.sqrt(dot(vector, vector)) <= 1.0 + 1e-9 for vector in vectors_of(FERRY, FERRY, *(text for _, text in MATTERS)))


def test_stories_without_words_resemble_nothing():
    assert link([[vector] for vector in vectors_of("", "", "…")], level=0.1, largest=9) == [[0], [1], [2]]


def test_clusters_join_by_the_mean_of_their_pairs_not_by_the_nearest():
    # b is near to a and to c, but a and c share nothing: after the first join the mean is half, below the level.
    a, b, c = {"x": 1.0}, {"x": 0.8, "y": 0.6}, {"y": 1.0}

    assert link([[a], [b], [c]], level=0.5, largest=9) == [[0, 1], [2]]
    assert link([[a], [b], [c]], level=0.3, largest=9) == [[0, 1, 2]]


def test_no_cluster_grows_beyond_the_largest():
    alike = [[{"x": 1.0}] for _ in range(10)]

    assert max(map(len, link(alike, level=0.5, largest=4))) <= 4


def by_the_book(points: list[dict[str, float]], level: float) -> set[frozenset[int]]:
    """Average linkage as a textbook has it: all pairs, again and again."""
    clusters = [[at] for at in range(len(points))]
    while len(clusters) > 1:
        means = [
            (sum(dot(points[x], points[y]) for x in one for y in other) / (len(one) * len(other)), -i, -j)
            for i, one in enumerate(clusters)
            for j, other in enumerate(clusters)
            if i < j
        ]
        best, i, j = max(means)
        if best < level:
            break
        clusters[-i] += clusters.pop(-j)
    return {frozenset(cluster) for cluster in clusters}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("pqrstuvw"), st.floats(0.1, 1.0), min_size=1, max_size=4), min_size=2, max_size=9))
def test_the_short_way_finds_what_the_textbook_finds(points):
    found = link([[point] for point in points], level=0.4, largest=99)

    distinct = {round(dot(one, other), 6) for at, one in enumerate(points) for other in points[:at]}
    if len(distinct) == len(points) * (len(points) - 1) // 2:  # between equals either join is right
        assert {frozenset(cluster) for cluster in found} == by_the_book(points, 0.4)
    assert sorted(at for cluster in found for at in cluster) == list(range(len(points)))
