"""Find which stories speak of the same thing: the words they share, weighed by how few other stories hold them."""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from digest.edit.grouping.terms import first_paragraphs, names_in, telling_words
from digest.model import Story

Vector = Mapping[str, float]
Apart = Callable[[Sequence[int], Sequence[int]], float]  # what speaks against each pair of two clusters' nodes, added up

FIRST_WORDS = 250  # the news stands at the top; what comes later is background that other stories share
HEADLINE = 2  # a word of the headline counts as two
LONELY = 0.3  # a word that no other story holds counts less: in a small week most words are such
COMMON = 0.5  # a word in more than this part of the stories tells nothing ...
ALWAYS_KEPT = 12  # ... unless that is a handful of stories
HEAVIEST = 40  # words of a story through which its neighbours are looked for
EVENLY = 0.5  # two clusters join only when their stories are at least so alike, beside those inside the closer one
HINT = 0.3  # of the similarity asked for: what those words alone must reach
SEARCHED = 150  # a word in more stories than this is not looked through: it would lead everywhere
NEIGHBOURS = 20  # stories that one story is compared with


@dataclass(frozen=True, slots=True)
class Reading:
    """How often a story's opening holds each word, and each word as a name. The headline counts twice."""

    words: Mapping[str, int]
    names: Mapping[str, int]


def read(story: Story) -> Reading:
    """Count the telling words of a story's headline and first paragraphs."""
    return _read(first_paragraphs(story, FIRST_WORDS), story.headline, story.language)


@lru_cache(maxsize=2048)  # events and themes read the same stories
def _read(top: str, headline: str, language: str) -> Reading:
    return Reading(
        words=Counter(telling_words(top, language) + HEADLINE * telling_words(headline, language)),
        names=Counter(names_in(top)),
    )


def weigh(readings: Sequence[Reading], *, names: float) -> tuple[Vector, ...]:
    """TF-IDF vectors of length 1, in the order of `readings`. `names` (0 to 1) is the share of the weight that names carry.

    A dot product of two is their cosine similarity. Words that only one story holds count towards the length but are not kept:
    nothing can share them.
    """
    words = _worth([reading.words for reading in readings])
    named = _worth([reading.names for reading in readings])
    return tuple(
        _scaled(reading.words, words, "", math.sqrt(1 - names)) | _scaled(reading.names, named, "^", math.sqrt(names))
        for reading in readings
    )


def _worth(counts: Sequence[Mapping[str, int]]) -> dict[str, tuple[float, bool]]:
    """What a word is worth (its inverse document frequency), and whether two stories can share it."""
    stories_with = Counter(word for count in counts for word in count)
    most = max(ALWAYS_KEPT, COMMON * len(counts))
    return {
        word: (math.log(1 + len(counts) / number) * (1 if number > 1 else LONELY), number > 1)
        for word, number in stories_with.items()
        if number <= most
    }


def _scaled(counts: Mapping[str, int], worth: Mapping[str, tuple[float, bool]], mark: str, length: float) -> dict[str, float]:
    weights = {word: (1 + math.log(times)) * worth[word][0] for word, times in counts.items() if word in worth}
    scale = length / (math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0)
    return {mark + word: weight * scale for word, weight in weights.items() if worth[word][1]}


def blend(vectors: Sequence[Vector]) -> Vector:
    """One vector for the same copy told several times, as long as its tellings' are on average."""
    if len(vectors) == 1:
        return vectors[0]
    added = total(vectors)
    length = math.sqrt(dot(added, added)) or 1.0
    wanted = sum(math.sqrt(dot(vector, vector)) for vector in vectors) / len(vectors)
    return {word: weight * wanted / length for word, weight in added.items()}


def dot(one: Vector, other: Vector) -> float:
    """The similarity of two vectors."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * large[word] for word, weight in small.items() if word in large)


def nothing_apart(_one: Sequence[int], _other: Sequence[int]) -> float:
    """Words alone tell what is alike."""
    return 0.0


def link(nodes: Sequence[Sequence[Vector]], *, level: float, largest: int, apart: Apart = nothing_apart) -> list[list[int]]:
    """Average linkage: join the two most alike clusters while the mean similarity between their members is at least `level`.

    Each node is a cluster already made, given as its members' vectors. Returns node numbers, sorted inside and among clusters.
    No cluster grows beyond `largest` members, so a week that is one single theme ends in several clusters, not in one.
    What `apart` finds between two clusters is taken off. The mean over all pairs of two clusters is the product of their summed vectors
    over the product of their sizes; two clusters that reach `level` hold a pair that does, so only such pairs are kept: work grows
    with the pairs, not with their square.
    """
    sums: dict[int, Vector] = {at: total(node) for at, node in enumerate(nodes)}
    sizes = {at: len(node) for at, node in enumerate(nodes)}
    members = {at: [at] for at in sums}
    inside = dict.fromkeys(sums, (0.0, 0))  # the similarities of the pairs that were joined, added up, and how many they are
    near: dict[int, dict[int, float]] = {at: {} for at in sums}
    for one, other, product in _pairs(sums, sizes, level, apart):
        near[one][other] = near[other][one] = product
    queue = [(-product / (sizes[one] * sizes[other]), one, other) for one in near for other, product in near[one].items() if one < other]
    heapq.heapify(queue)
    fresh = len(nodes)
    while queue:
        negative, one, other = heapq.heappop(queue)
        if one not in sums or other not in sums or sizes[one] + sizes[other] > largest:
            continue
        if -negative < EVENLY * max(alike / pairs if pairs else 0.0 for alike, pairs in (inside[one], inside[other])):
            continue
        near_one, near_other = near.pop(one), near.pop(other)
        sum_one, sum_other = sums.pop(one), sums.pop(other)
        own_one, own_other = members.pop(one), members.pop(other)
        inside[fresh] = (
            inside[one][0] + inside[other][0] + near_one[other],
            inside[one][1] + inside[other][1] + sizes[one] * sizes[other],
        )
        sums[fresh] = total((sum_one, sum_other))
        sizes[fresh] = sizes[one] + sizes[other]
        members[fresh] = own_one + own_other
        near[fresh] = {}
        for third in sorted((near_one.keys() | near_other.keys()) - {one, other}):
            near[third].pop(one, None)
            near[third].pop(other, None)
            product = sum(
                known[third] if third in known else dot(vector, sums[third]) - apart(own, members[third])
                for known, vector, own in ((near_one, sum_one, own_one), (near_other, sum_other, own_other))
            )
            alike = product / (sizes[fresh] * sizes[third])
            if alike >= level:
                near[fresh][third] = near[third][fresh] = product
                heapq.heappush(queue, (-alike, third, fresh))
        fresh += 1
    return sorted(sorted(cluster) for cluster in members.values())


def total(vectors: Sequence[Vector]) -> Vector:
    """The vectors added up; its product with another vector is the sum of theirs."""
    longest, *others = sorted(vectors, key=len, reverse=True)
    added = dict(longest)
    for vector in others:
        for word, weight in vector.items():
            added[word] = added.get(word, 0.0) + weight
    return added


def _pairs(sums: Mapping[int, Vector], sizes: Mapping[int, int], level: float, apart: Apart) -> Iterator[tuple[int, int, float]]:
    """The pairs of nodes whose mean similarity is at least `level`, with the product of their sums.

    A node is compared with the NEIGHBOURS before it that share most of its heaviest words, found through an index from word to nodes.
    """
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    common = _searched_in_vain(sums)
    for at, vector in sums.items():
        shared: dict[int, float] = defaultdict(float)
        heaviest = [item for item in _heaviest(vector) if item[0] not in common]
        for word, weight in heaviest:
            for other, its_weight in index[word]:
                shared[other] += weight * its_weight
        least = HINT * level * sizes[at]
        likely = ((-weight, other) for other, weight in shared.items() if weight >= least)
        for _, other in heapq.nsmallest(NEIGHBOURS, likely):
            product = dot(vector, sums[other]) - apart([at], [other])
            if product >= level * sizes[at] * sizes[other]:
                yield other, at, product
        for word, weight in heaviest:
            index[word].append((at, weight / sizes[at]))


def _heaviest(vector: Vector) -> list[tuple[str, float]]:
    return sorted(vector.items(), key=lambda item: (-item[1], item[0]))[:HEAVIEST]


def _searched_in_vain(sums: Mapping[int, Vector]) -> frozenset[str]:
    """The words among the heaviest of too many nodes."""
    nodes_with = Counter(word for vector in sums.values() for word, _ in _heaviest(vector))
    return frozenset(word for word, number in nodes_with.items() if number > SEARCHED)
