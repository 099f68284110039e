"""Put stories that tell one event together, then events that share a theme, and say why each stands where it stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from statistics import fmean

from digest.edit.aside import aside_of, reads_as_news
from digest.edit.grouping.copies import copies
from digest.edit.grouping.kinds import kind_of
from digest.edit.grouping.match import Belonging, belongings
from digest.edit.grouping.name import Earlier, fits, judge
from digest.edit.grouping.similar import Apart, Vector, blend, dot, link, nothing_apart, read, total, weigh
from digest.edit.reading.identity import same_site
from digest.model import Event, Group, Story, Theme

# The two levels, one setting each for all newsrooms: mean similarity of the stories in a cluster, and the share of it that names carry.
EVENT_LEVEL, EVENT_NAMES = 0.23, 0.3
THEME_LEVEL, THEME_NAMES = 0.08, 0.15
PAIR_LEVEL = 0.18  # two events alone are a theme only when they are closer: any two stories share something
EVENT_PAIR_LEVEL = 0.37  # two tellings alone are one event only when they are closer: two stories on one matter share that much
SAME_OUTLET = 0.4  # taken off two stories of one outlet: it does not tell the same event twice, its second story has something new
DAY_APART, FORGIVEN_DAYS, FARTHEST = 0.04, 1.0, 4.0  # taken off for each day that two stories lie apart, but for the first, up to four
OTHER_KIND = 0.16  # taken off the news and a piece that only speaks of it: "Explainer: ...", "Opinion: ..."
LARGEST_EVENT = 60  # stories
LARGEST_THEME = 200  # stories; only a very large issue on one matter meets it
NAMED_AFTER = 15  # stories
NAME_LEVEL = 2.2  # points of the judge of names: stories that no better name fits share too little to be a theme

NEVER = datetime.max.replace(tzinfo=UTC)


def events(stories: Sequence[Story], *, site: str = "") -> tuple[Event, ...]:
    """One event for each happening, in the order of its first story; every story is in exactly one. Order and copies do not matter.

    `site` is the newsroom's own address: of several tellings the own one is the best.

    The same copy at two outlets always joins, and then counts once. The rest joins by average linkage of TF-IDF vectors, see
    `similar`; stories of one outlet, of two kinds or days apart have to be the more alike.
    """
    places = sorted(range(len(stories)), key=lambda at: (stories[at].id, stories[at].url))
    ordered = [stories[at] for at in places]
    vectors = weigh([read(story) for story in ordered], names=EVENT_NAMES)
    seeds = _joined(len(ordered), copies(ordered))
    nodes = [[blend([vectors[at] for at in seed])] for seed in seeds]

    def apart(some: Sequence[int], others: Sequence[int]) -> float:
        return sum(fmean(_apart(ordered[a], ordered[b]) for a in seeds[one] for b in seeds[other]) for one in some for other in others)

    linked = link(nodes, level=EVENT_LEVEL, largest=LARGEST_EVENT, apart=apart)
    clusters = [part for cluster in linked for part in _without_loose_pair(nodes, cluster, EVENT_PAIR_LEVEL, apart)]
    told = [[at for node in cluster for at in seeds[node]] for cluster in clusters]
    told.sort(key=lambda event: min(places[at] for at in event))
    return tuple(Event(stories=_best_first([ordered[at] for at in event], [vectors[at] for at in event], site)) for event in told)


def themes(found: Sequence[Event], configured: Sequence[Theme], *, earlier: Sequence[Earlier] = ()) -> tuple[Group, ...]:
    """Groups: configured themes as configured, discovered ones by size, and last what is left, title "".

    Every event is in exactly one group. A configured theme keeps a single event; a discovered one has two or more.
    `earlier` are the discovered themes of the issue before: one whose story goes on keeps its name.
    """
    homes = at_home(found, configured)
    own = [_group_of(theme, found, homes) for theme in configured]
    rest = [event for event, held in zip(found, homes, strict=True) if not held]
    clusters, why = _alike(rest)
    titles = {theme.title for theme in configured}
    discovered = _named([[rest[at] for at in cluster] for cluster in clusters if len(cluster) > 1], why, taken=titles, earlier=earlier)
    themed = {id(event) for group in discovered for event in group.events}
    alone = tuple(event for event in rest if id(event) not in themed)
    leftover = Group(title="", events=alone, why=_told_also(alone) | {event.stories[0].id: "no theme" for event in alone})
    return (*(group for group in own if group.events), *discovered, *((leftover,) if alone else ()))


def _apart(one: Story, other: Story) -> float:
    """What speaks against two stories telling one event."""
    found = SAME_OUTLET if one.source and one.source == other.source else 0.0
    found += OTHER_KIND if kind_of(one) != kind_of(other) else 0.0
    if one.published_at and other.published_at:
        days = abs((one.published_at - other.published_at).total_seconds()) / 86_400
        found += DAY_APART * min(max(0.0, days - FORGIVEN_DAYS), FARTHEST)
    return found


def _joined(number: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The places 0 to `number`, joined wherever a pair links them; sorted."""
    leads_to = list(range(number))

    def first(at: int) -> int:
        while leads_to[at] != at:
            leads_to[at] = leads_to[leads_to[at]]
            at = leads_to[at]
        return at

    for one, other in pairs:
        low, high = sorted((first(one), first(other)))
        leads_to[high] = low
    joined: dict[int, list[int]] = defaultdict(list)
    for at in range(number):
        joined[first(at)].append(at)
    return list(joined.values())


def _best_first(stories: Sequence[Story], vectors: Sequence[Vector], site: str) -> tuple[Story, ...]:
    """The order in which the tellings of an event stand, the best first.

    Pinned; plain news; on the own site, staff before wire; reading as news; having most in common with the other tellings; the
    fullest; the earliest.
    """
    whole = total(vectors)
    common = {id(story): round(dot(vector, whole) - dot(vector, vector), 6) for story, vector in zip(stories, vectors, strict=True)}

    def place(story: Story) -> tuple[bool, bool, int, bool, float, int, datetime, str, str]:
        wired = story.dateline is not None and story.dateline.agency != ""
        foreign = int(wired) if not story.url or same_site(story.url, site) else 2  # a file without an address is the newsroom's
        shares = common[id(story)] if len(stories) > 2 else 0.0  # of two, both have the same in common
        length = sum(map(len, story.paragraphs))
        return (
            not story.pinned,
            aside_of(story) != "",
            foreign,
            not reads_as_news(story),
            -shares,
            -length,
            story.published_at or NEVER,
            story.id,
            story.url,
        )

    return tuple(sorted(stories, key=place))


def at_home(found: Sequence[Event], configured: Sequence[Theme]) -> tuple[tuple[Belonging, ...], ...]:
    """For each event the configured themes that it belongs to, the one where it is most at home first: those of its tellings together."""
    stories = [story for event in found for story in event.stories]
    each = iter(belongings(stories, configured))
    return tuple(_together([next(each) for _ in event.stories], configured) for event in found)


def _together(tellings: Sequence[Sequence[Belonging]], configured: Sequence[Theme]) -> tuple[Belonging, ...]:
    """What half of the tellings or more belong to; the more of them do, and the more they are at home there, the stronger."""
    held = [[one for told in tellings for one in told if one.theme.key == theme.key] for theme in configured]
    best = [
        (sum(one.strength for one in some), max(some, key=lambda one: one.strength))
        for some in held
        if some and 2 * len(some) >= len(tellings)
    ]
    return tuple(one for _, one in sorted(best, key=lambda pair: -round(pair[0], 6)))


def _group_of(theme: Theme, found: Sequence[Event], homes: Sequence[Sequence[Belonging]]) -> Group:
    chosen = [(event, held) for event, held in zip(found, homes, strict=True) if held and held[0].theme.key == theme.key]
    inside = tuple(event for event, _ in chosen)
    why = _told_also(inside) | {event.stories[0].id: _why(held) for event, held in chosen}
    elsewhere = {event.stories[0].id: tuple(one.theme.title for one in held[1:]) for event, held in chosen if held[1:]}
    return Group(title=theme.title, theme=theme.key, events=inside, why=why, elsewhere=elsewhere)


def _why(held: Sequence[Belonging]) -> str:
    """The reason for an event's home, and its other themes."""
    home, *others = held
    return home.reason + (f"; less at home in {' and '.join(one.theme.title for one in others)}" if others else "")


def _alike(rest: Sequence[Event]) -> tuple[list[list[int]], dict[str, str]]:
    """Clusters of places in `rest`, largest first, and for each event's first story the words that it shares with its cluster."""
    places = sorted(range(len(rest)), key=lambda at: (rest[at].stories[0].id, rest[at].stories[0].url))
    tellings = [story for at in places for story in rest[at].stories]
    vectors = iter(weigh([read(story) for story in tellings], names=THEME_NAMES))
    nodes = [[next(vectors) for _ in rest[at].stories] for at in places]
    linked = link(nodes, level=THEME_LEVEL, largest=LARGEST_THEME)
    clusters = [part for cluster in linked for part in _without_loose_pair(nodes, cluster, PAIR_LEVEL)]
    why = {
        rest[places[at]].stories[0].id: words for cluster in clusters if len(cluster) > 1 for at, words in _shares(nodes, cluster).items()
    }
    ordered = [sorted(places[at] for at in cluster) for cluster in clusters]
    return sorted(ordered, key=lambda cluster: (-len(cluster), cluster)), why


def _without_loose_pair(
    nodes: Sequence[Sequence[Vector]], cluster: list[int], level: float, apart: Apart = nothing_apart
) -> list[list[int]]:
    if len(cluster) != 2:
        return [cluster]
    one, other = (nodes[at] for at in cluster)
    alike = (sum(dot(this, that) for this in one for that in other) - apart(cluster[:1], cluster[1:])) / (len(one) * len(other))
    return [cluster] if alike >= level else [[at] for at in cluster]


def _shares(nodes: Sequence[Sequence[Vector]], cluster: Sequence[int]) -> dict[int, str]:
    """For each node the three words that bind its best telling most to the others' stories."""
    total: dict[str, float] = defaultdict(float)
    for at in cluster:
        for vector in nodes[at]:
            for word, weight in vector.items():
                total[word] += weight
    shared = {}
    for at in cluster:
        binds: dict[str, float] = defaultdict(float)
        for word, weight in nodes[at][0].items():
            binds[word.removeprefix("^")] += weight * (total[word] - sum(vector.get(word, 0.0) for vector in nodes[at]))
        best = sorted(binds, key=lambda word: (-round(binds[word], 9), word))[:3]
        shared[at] = f"shares: {', '.join(best)}"
    return shared


def _named(clusters: Sequence[Sequence[Event]], why: Mapping[str, str], *, taken: Set[str], earlier: Sequence[Earlier]) -> list[Group]:
    """A group for each cluster, in their order, of the events that its name fits.

    A cluster is left out when every name is taken or fits one event alone.
    """
    judged = [judge(_tellings(cluster), least=NAME_LEVEL, earlier=earlier) for cluster in clusters]
    titles: dict[int, str] = {}
    fitting: dict[int, list[Event]] = {}
    for at in sorted(range(len(clusters)), key=lambda at: (-len(clusters[at]), _tellings(clusters[at])[0].id)):
        free = (candidate for candidate in judged[at].names if candidate not in taken and candidate not in titles.values())
        for title in free:
            inside = [event for event in clusters[at] if any(fits(story, title) for story in event.stories)]
            if len(inside) > 1:
                titles[at], fitting[at] = title, inside
                break
    return [
        Group(
            title=titles[at],
            events=tuple(fitting[at]),
            names=judged[at].names,
            why_named=judged[at].why,
            words=judged[at].words,
            why=_told_also(fitting[at]) | {event.stories[0].id: why[event.stories[0].id] for event in fitting[at]},
        )
        for at in sorted(titles)
    ]


def _tellings(cluster: Sequence[Event]) -> list[Story]:
    """The stories that a theme is named after: each event's best telling first, and not more than a person would read."""
    firsts = sorted((event.stories[0] for event in cluster), key=lambda story: (story.id, story.url))
    others = sorted((story for event in cluster for story in event.stories[1:]), key=lambda story: (story.id, story.url))
    return (firsts + others)[:NAMED_AFTER]


def _told_also(found: Sequence[Event]) -> dict[str, str]:
    return {
        story.id: f"told also by {story.source} (same event as {event.stories[0].id})" for event in found for story in event.stories[1:]
    }
