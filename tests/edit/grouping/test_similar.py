"""What two stories share weighs by how few others hold it; clusters join by the mean of all their pairs."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.grouping.similar import EVENLY, dot, link, read, weigh
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
    # b is near to a and to c, but a and c share little: after the first join the mean is .48, below the level.
    a, b, c = {"x": 1.0}, {"x": 0.8, "y": 0.6}, {"x": 0.3, "y": 0.7}

    assert link([[a], [b], [c]], level=0.5, largest=9) == [[0, 1], [2]]
    assert link([[a], [b], [c]], level=0.45, largest=9) == [[0, 1, 2]]


def test_what_is_far_less_alike_than_the_stories_already_together_stays_out():
    twin, distant = {"x": 1.0}, {"x": 0.45, "y": 0.89}

    assert link([[twin], [distant]], level=0.4, largest=9) == [[0, 1]]
    assert link([[twin], [twin], [distant]], level=0.4, largest=9) == [[0, 1], [2]]


def test_what_speaks_against_a_pair_is_taken_off():
    def apart(some: Sequence[int], others: Sequence[int]) -> float:
        return sum(0.7 for one in some for other in others if {one, other} == {0, 1})

    assert link([[{"x": 1.0}], [{"x": 1.0}]], level=0.4, largest=9, apart=apart) == [[0], [1]]
    assert link([[{"x": 1.0}], [{"x": 1.0}]], level=0.2, largest=9, apart=apart) == [[0, 1]]


def test_no_cluster_grows_beyond_the_largest():
    alike = [[{"x": 1.0}] for _ in range(10)]

    assert max(map(len, link(alike, level=0.5, largest=4))) <= 4


def by_the_book(points: list[dict[str, float]], level: float) -> set[frozenset[int]]:
    """Average linkage as a textbook has it: all pairs, again and again; two clusters far looser than the closer one are never joined."""
    clusters = [[at] for at in range(len(points))]

    def mean(one: list[int], other: list[int]) -> float:
        return sum(dot(points[x], points[y]) for x in one for y in other) / (len(one) * len(other))

    def inside(cluster: list[int]) -> float:
        pairs = [dot(points[x], points[y]) for at, x in enumerate(cluster) for y in cluster[:at]]
        return sum(pairs) / len(pairs) if pairs else 0.0

    while True:
        joinable = [
            (mean(one, other), -i, -j)
            for i, one in enumerate(clusters)
            for j, other in enumerate(clusters)
            if i < j and mean(one, other) >= max(level, EVENLY * max(inside(one), inside(other)))
        ]
        if not joinable:
            return {frozenset(cluster) for cluster in clusters}
        _, i, j = max(joinable)
        clusters[-i] += clusters.pop(-j)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("pqrstuvw"), st.floats(0.1, 1.0), min_size=1, max_size=4), min_size=2, max_size=9))
def test_the_short_way_finds_what_the_textbook_finds(points):
    found = link([[point] for point in points], level=0.4, largest=99)

    distinct = {round(dot(one, other), 6) for at, one in enumerate(points) for other in points[:at]}
    if len(distinct) == len(points) * (len(points) - 1) // 2:  # between equals either join is right
        assert {frozenset(cluster) for cluster in found} == by_the_book(points, 0.4)
    assert sorted(at for cluster in found for at in cluster) == list(range(len(points)))
