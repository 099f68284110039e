"""Name what several stories are about, as a desk would: "Ukraine ceasefire talks", "Hurricane Milton", "Barracks mold"."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from digest.edit.subject import Segment, Subject, Word, demonyms, happening, key, listen, places
from digest.edit.terms import fold, stopwords, words_of
from digest.model import Story

LONGEST = 6  # words of a name
CONSIDERED = 8  # names handed back
ACTORS, HAPPENINGS = 4, 5  # the most spoken of, from which names are put together
INSIDE = frozenset("of the for and in on at to de la".split())  # small words that may stand inside a name

# The judge's measures: how much of what the stories speak of a name holds, and how a desk likes it told.
PER_WORD, IN_ALL, RECURS, HAPPENS, ACTS, LONG = 1.0, 1.0, 0.6, 0.15, 0.15, 0.08


def name(stories: Sequence[Story]) -> tuple[str, ...]:
    """Names for what the stories share, the best first; there is always one. The order of the stories does not matter.

    Several makers propose and one judge chooses: actors with what happens, a run of words that recurs, a tag that most carry.
    """
    subject = listen(sorted(stories, key=lambda story: (story.id, story.url)))
    made = dict.fromkeys((*_actors_and_happening(subject), *_spans(subject), *_tags(subject)))
    recurring = _recurring(subject)
    judged = sorted((name for name in made if well_formed(name)), key=lambda name: (-_judge(name, subject, recurring), name))
    return tuple(islice(_unlike(judged), CONSIDERED)) or (_plain_name(stories),)


def well_formed(name: str) -> bool:
    """2 to 6 words and two that tell something, a capital first, no verb or small word at an end, not a bare country."""
    words = name.replace("–", " ").split()
    telling = {key(word.lower()) for word in words if fold(word) not in stopwords() and len(word) > 1}
    return (
        2 <= len(words) <= LONGEST
        and len(telling) >= 2
        and (name[0].isupper() or name[0].isdigit())
        and words[0].lower() not in stopwords()
        and fold(words[-1]) not in stopwords()
        and not _is_verb(words[0].lower())
        and not _is_verb(words[-1].lower())
        and name not in places()
    )
