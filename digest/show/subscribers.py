"""What a person sees of the subscribers: what an import changed, who somebody is, how many there are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from digest.show.line import count, fact, local

if TYPE_CHECKING:
    from digest.store.subscribers import Counted
    from digest.workflow.subscribers import Imported, Known

ENCODINGS = {
    "cp1252": "It is not UTF-8 and was read as Windows-1252, as Excel saves CSV. Look at some names with accents.",
    "utf-8-broken": "Some of its bytes are no UTF-8; the rows that hold them were refused.",
}
WORDS = {  # Joined's names -> what is said of each
    "new": "new on {list}",
    "changed": "changed",
    "unchanged": "unchanged",
    "barred": "suppressed now",
    "suppressed": "kept out: suppressed",
    "left": "kept out: left before",
}
TAGS_SHOWN = 20


def show_imported(told: "Imported", *, goes_somewhere: bool) -> None:
    """What a file brought and what was refused."""
    kind = "A CSV file" if told.origin == "plain" else f"An export of {told.origin}"
    print(f"{kind}. {ENCODINGS.get(told.encoding, '')}".rstrip())
    for name, words in WORDS.items():
        number = getattr(told.joined, name)
        if number or name in ("new", "changed", "unchanged"):
            fact(f"{number:,}", words.format(list=told.list))
    fact(f"{told.refused:,}", f"refused: {told.refused_file} has each with its reason" if told.refused_file else "refused")
    if not goes_somewhere and told.joined.new:
        print(f"No edition in digest.toml goes to the list {told.list}.")
    if told.rehearsed:
        print("A dry run: nothing was kept.")


def show_known(address: str, known: "Known", *, zone: str) -> None:
    """Who somebody is and what they get."""
    person = known.subscriber
    if person is None:
        print(f"{address} is no subscriber.")
    else:
        print(person.email)
        for name, value in (("name", person.name), ("language", person.language), ("tags", ", ".join(person.tags))):
            fact(name, value)
        for name, value in person.fields.items():
            fact(name, value)
        fact("known since", local(person.added_at, zone))
        for one in person.memberships:
            when = local(one.consent.at, zone) if one.consent.at else "date not known"
            fact(one.list, f"{one.status}; asked for it: {', '.join(filter(None, (when, one.consent.source, one.consent.how)))}")
    if known.suppressed:
        print(f"Gets nothing: {known.suppressed}.")


def show_counted(counted: "Counted") -> None:
    """How many there are by list and status, language and tag."""
    print(f"{count(counted.subscribers, 'subscriber')}.")
    for name, states in counted.lists.items():
        fact(name, ", ".join(f"{number:,} {state}" for state, number in states.items()))
    _show_sums("languages", {code or "not known": number for code, number in counted.languages.items()})
    _show_sums("tags", counted.tags)
    _show_sums("suppressed", counted.suppressed)


def plain_known(known: "Known") -> dict[str, Any]:
    """What show_known says, for JSON."""
    from dataclasses import asdict

    return {"subscriber": asdict(known.subscriber) if known.subscriber else None, "suppressed": known.suppressed}


def plain_imported(told: "Imported") -> dict[str, Any]:
    """What show_imported says, for JSON."""
    from dataclasses import asdict

    return {**{name: value for name, value in asdict(told).items() if name != "joined"}, **asdict(told.joined)}


def _show_sums(name: str, sums: Mapping[str, int]) -> None:
    most = sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    more = f", and {len(most) - TAGS_SHOWN} more" if len(most) > TAGS_SHOWN else ""
    fact(name, ", ".join(f"{word} {number:,}" for word, number in most[:TAGS_SHOWN]) + more)
