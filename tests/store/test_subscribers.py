"""Who asked for a list is on it; who left, bounced, complained or is forgotten never comes back unasked."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from digest.errors import Refused
from digest.model import Consent, Entry, Membership, Segment, Subscriber, Suppression
from digest.store.database import Database
from digest.store.joining import Joined
from digest.store.subscribers import Subscribers
from digest.store.tables import delivery, dispatch, subscriber, suppression
from tests.make import A_TUESDAY

LATER = A_TUESDAY + timedelta(days=1)
SECRET = b"s" * 32
ASKED = Consent(at=A_TUESDAY, source="import of list.csv", how="confirmed from 192.0.2.1")
WEEKLY = Segment(list="weekly")


@pytest.fixture
def subscribers(database):
    return Subscribers(database, lambda: SECRET)


def an_entry(who="ann", **changes):
    key = f"{who}@mail.example"
    return Entry(**{"key": key, "email": key.title(), "consent": ASKED} | changes)


def bad(name="ann", reason="bounced"):
    return Suppression(key=f"{name}@mail.example", reason=reason, source="list.csv")


def join(subscribers, *found, list="weekly", at=A_TUESDAY):
    return subscribers.join(found, list=list, at=at)


def recipients(subscribers, segment=WEEKLY):
    with subscribers._database.reading() as connection:
        return [row.email.partition("@")[0].lower() for row in connection.execute(subscribers.recipients(segment).order_by("id"))]


def everything(subscribers):
    """All that is kept, but for when."""
    people = [(one.subscriber, one.suppressed) for one in subscribers.export(Segment(list=""))]
    with subscribers._database.reading() as connection:
        return people, connection.execute(select(suppression.c.key, suppression.c.reason).order_by("key")).all()


# --- taking a list over


def test_somebody_is_kept_whole(subscribers):
    entry = an_entry(name="Ann Lee", language="en", tags=("a", "b"), fields={"town": "Rome"})

    assert join(subscribers, entry) == Joined(new=1)
    assert subscribers.get("ann@mail.example") == Subscriber(
        id=1,
        email="Ann@Mail.Example",
        name="Ann Lee",
        language="en",
        tags=("a", "b"),
        fields={"town": "Rome"},
        memberships=(Membership(list="weekly", consent=ASKED),),
        added_at=A_TUESDAY,
    )
    assert subscribers.get("bob@mail.example") is None


def test_what_is_known_grows_and_is_never_replaced_by_nothing(subscribers):
    join(subscribers, an_entry(name="Ann", language="en", tags=("a",), fields={"town": "Rome", "age": "7"}))

    assert join(subscribers, an_entry(tags=("b",), fields={"town": "", "age": "8"}), at=LATER) == Joined(changed=1)

    ann = subscribers.get("ann@mail.example")
    assert (ann.name, ann.language, ann.tags, ann.fields) == ("Ann", "en", ("a", "b"), {"town": "Rome", "age": "8"})
    assert ann.memberships[0].consent == ASKED


def test_somebody_may_be_on_several_lists(subscribers):
    join(subscribers, an_entry())

    assert join(subscribers, an_entry(), list="daily") == Joined(new=1)
    assert join(subscribers, an_entry(list="seed")) == Joined(new=1)
    assert [one.list for one in subscribers.get("ann@mail.example").memberships] == ["daily", "seed", "weekly"]


def test_an_address_twice_in_a_file_is_one_person_and_leaving_wins(subscribers):
    assert join(subscribers, an_entry(), an_entry(name="Ann"), an_entry(status="left"), an_entry()) == Joined(new=1, changed=2, left=1)
    assert recipients(subscribers) == []
    assert subscribers.get("ann@mail.example").name == "Ann"


@pytest.mark.parametrize("status", ["left", "pending"])
def test_who_left_or_has_not_confirmed_is_not_made_active(subscribers, status):
    join(subscribers, an_entry(status=status))

    join(subscribers, an_entry(status="active"), at=LATER)

    assert subscribers.get("ann@mail.example").memberships[0].status == status


def test_who_unsubscribed_elsewhere_is_taken_off_here(subscribers):
    join(subscribers, an_entry())

    assert join(subscribers, an_entry(status="left")) == Joined(changed=1)
    assert recipients(subscribers) == []


@pytest.mark.parametrize("order", [1, -1])
def test_a_suppression_in_the_same_file_counts_wherever_it_stands(subscribers, order):
    assert join(subscribers, *[an_entry(), bad()][::order]) == Joined(suppressed=1, barred=1)
    assert join(subscribers, bad(), an_entry("bob")) == Joined(new=1, unchanged=1)
    assert recipients(subscribers) == ["bob"]


def test_a_part_that_fails_leaves_nothing_behind(subscribers):
    def breaks_off():
        yield from (an_entry(f"reader{number}") for number in range(7_000))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        subscribers.join(breaks_off(), list="weekly", at=A_TUESDAY)

    assert subscribers.count().subscribers == 0


def test_a_rehearsal_says_the_same_and_keeps_nothing(subscribers):
    join(subscribers, an_entry(), bad("bob"))
    found = [an_entry(name="Ann"), an_entry("bob"), an_entry("carl"), an_entry("carl", name="Carl"), bad("dora")]
    before = everything(subscribers)

    with subscribers.rehearsal() as rehearsal:
        rehearsed = rehearsal.join(found, list="weekly", at=LATER)

    assert everything(subscribers) == before
    assert join(subscribers, *found, at=LATER) == rehearsed == Joined(new=1, changed=2, suppressed=1, barred=1)


# --- by hand


def test_who_left_comes_back_by_hand_with_a_consent_of_its_own(subscribers):
    join(subscribers, an_entry(name="Ann", status="left"))
    by_hand = Consent(at=LATER, source="by hand")

    assert subscribers.add(an_entry(list="weekly", tags=("a",), consent=by_hand), at=LATER)

    ann = subscribers.get("ann@mail.example")
    assert ann.memberships == (Membership(list="weekly", consent=by_hand),)
    assert (ann.name, ann.tags) == ("Ann", ("a",))
    assert not subscribers.add(an_entry(list="weekly"), at=LATER)


@pytest.mark.parametrize("forgotten", [False, True])
def test_who_is_suppressed_is_not_added_until_that_is_lifted(subscribers, forgotten):
    join(subscribers, an_entry())
    if forgotten:
        subscribers.forget("ann@mail.example", at=A_TUESDAY)
    else:
        subscribers.suppress(bad(), at=A_TUESDAY)

    with pytest.raises(Refused, match="gets nothing") as refused:
        subscribers.add(an_entry(list="weekly"), at=LATER)

    assert "unsuppress" in refused.value.hint
    assert subscribers.lift("ann@mail.example")
    assert not subscribers.lift("ann@mail.example")
    subscribers.add(an_entry(list="weekly"), at=LATER)
    assert recipients(subscribers) == ["ann"]


def test_leaving_one_list_is_not_leaving_all(subscribers):
    join(subscribers, an_entry(), an_entry(list="daily"), an_entry(list="seed"))

    assert subscribers.leave(1, list="daily", at=LATER) == 1
    assert recipients(subscribers) == ["ann"]
    assert subscribers.leave(1, at=LATER) == 2
    assert subscribers.leave(1, at=LATER) == 0
    assert {one.status for one in subscribers.get("ann@mail.example").memberships} == {"left"}


# --- forgetting


def a_letter_to(connection, id, email):
    blank = {
        "variant": "all",
        "sha256": "",
        "list": "weekly",
        "segment": "weekly",
        "transport": "smtp",
        "salt": "",
        "total": 1,
        "state": "sent",
    }
    connection.execute(insert(dispatch), [blank | {"id": 1, "issue": "2025-W33", "frozen_at": A_TUESDAY}])
    values = {"dispatch": 1, "seq": 1, "subscriber": id, "email": email, "name": "Anneliese", "state": "failed", "epoch": 1, "attempt": 1}
    connection.execute(insert(delivery), [values | {"provider_id": "p1", "error": f"550 {email} unknown"}])


def test_a_forgotten_person_is_nowhere_in_the_file_and_does_not_come_back(database, subscribers, tmp_path):
    entry = an_entry("anneliese", name="Anneliese", fields={"town": "Anneliesendorf"})
    join(subscribers, *(an_entry(f"reader{number}") for number in range(300)), entry, an_entry("zoe"))
    join(subscribers, an_entry("anneliese", name="Anneliese K."), list="daily")
    id = subscribers.get(entry.key).id
    with database.writing() as connection:
        a_letter_to(connection, id, entry.email)
    assert b"nneliese" in all_bytes(tmp_path)  # else the next look proves nothing

    assert subscribers.forget(entry.key, at=LATER)

    assert b"nneliese" not in all_bytes(tmp_path)
    assert subscribers.get(entry.key) is None
    assert subscribers.suppressed([entry.key, "zoe@mail.example"]) == {entry.key: "forgotten"}
    assert join(subscribers, entry, bad("anneliese")) == Joined(suppressed=1, unchanged=1)
    assert b"nneliese" not in all_bytes(tmp_path)
    with database.reading() as connection:
        assert connection.execute(select(delivery.c.seq, delivery.c.state, delivery.c.email, delivery.c.error)).all() == [
            (1, "failed", "", "")
        ]


def test_forgetting_an_address_that_was_suppressed_keeps_only_a_mark(subscribers):
    subscribers.suppress(bad(), at=A_TUESDAY)

    assert subscribers.forget("ann@mail.example", at=LATER)
    assert not subscribers.forget("ann@mail.example", at=LATER)

    _, suppressed = everything(subscribers)
    assert [(row.key[:5], len(row.key), row.reason) for row in suppressed] == [("hmac:", 69, "forgotten")]


def test_an_id_is_never_given_to_another_person(subscribers):
    join(subscribers, an_entry())
    subscribers.forget("ann@mail.example", at=A_TUESDAY)

    join(subscribers, an_entry("bob"))

    assert subscribers.get("bob@mail.example").id == 2


def test_the_secret_is_asked_for_only_once_somebody_was_forgotten(database):
    def nobody_has_it():
        raise AssertionError

    subscribers = Subscribers(database, nobody_has_it)

    join(subscribers, an_entry(), bad("bob"))

    assert recipients(subscribers) == ["ann"]


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


# --- who gets an issue


def test_a_segment_is_of_a_list_and_narrowed_by_tags_and_languages(subscribers):
    people = {"a": (("x",), "en"), "b": (("x", "y"), "en-GB"), "c": (("y",), "uk"), "d": ((), ""), "e": (("xy",), "eng")}
    join(subscribers, *(an_entry(name, tags=tags, language=language) for name, (tags, language) in people.items()))
    join(subscribers, an_entry("f"), list="daily")

    assert recipients(subscribers) == ["a", "b", "c", "d", "e"]
    assert recipients(subscribers, Segment(list="weekly", tags=("x",))) == ["a", "b"]
    assert recipients(subscribers, Segment(list="weekly", tags=("x", "y"))) == ["a", "b", "c"]
    assert recipients(subscribers, Segment(list="weekly", languages=("en",))) == ["a", "b"]
    assert recipients(subscribers, Segment(list="weekly", tags=("y",), languages=("en", "fr"))) == ["b"]
    assert recipients(subscribers, Segment(list="nobody")) == []
    assert subscribers.count_of(Segment(list="weekly", tags=("x",))) == 2
    assert subscribers.on_list("daily") == 1


def test_a_segment_of_a_million_is_found_by_its_index(subscribers):
    with subscribers._database.reading() as connection:
        wanted = subscribers.recipients(WEEKLY).compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {wanted}")]

    assert any("ix_membership_list_status (list=? AND status=?)" in step for step in plan)
    assert not any(step.startswith("SCAN") for step in plan)


def test_everything_is_counted(subscribers):
    join(subscribers, an_entry("a", tags=("x", "y"), language="en"), an_entry("b", tags=("x",), status="pending"), an_entry("c"), bad("d"))
    join(subscribers, an_entry("a", status="left"), list="daily")
    subscribers.suppress(bad("c", "complained"), at=LATER)

    counted = subscribers.count()

    assert counted.subscribers == 3
    assert counted.lists == {"weekly": {"active": 1, "pending": 1, "suppressed": 1}, "daily": {"left": 1}}
    assert (counted.languages, counted.tags, counted.suppressed) == ({"": 2, "en": 1}, {"x": 2, "y": 1}, {"bounced": 1, "complained": 1})


# --- whatever happens, in whatever order

NAMES = st.sampled_from(["ann", "bob", "carl"])
LISTS = st.sampled_from(["weekly", "daily"])
ENTRIES = st.builds(
    lambda name, list, status, called, tags, fields: an_entry(name, list=list, status=status, name=called, tags=tuple(tags), fields=fields),
    NAMES, LISTS, st.sampled_from(["active", "active", "pending", "left"]), st.sampled_from(["", "A", "B"]), st.lists(st.sampled_from("xy"), max_size=2),
    st.dictionaries(st.sampled_from(["town"]), st.sampled_from(["", "Rome", "Bonn"])),
)  # fmt: skip
FILES = st.lists(ENTRIES | st.builds(bad, NAMES, st.sampled_from(["bounced", "left"])), max_size=5)
STEPS = st.lists(
    st.tuples(st.just("import"), FILES) | st.tuples(st.sampled_from(["forget", "suppress", "leave", "lift", "add"]), NAMES), max_size=8
)


def do(subscribers, step, what):
    key = f"{what}@mail.example"
    if step == "import":
        join(subscribers, *what)
    elif step == "forget":
        subscribers.forget(key, at=LATER)
    elif step == "suppress":
        subscribers.suppress(bad(what), at=LATER)
    elif step == "lift":
        subscribers.lift(key)
    elif step == "leave" and (person := subscribers.get(key)):
        subscribers.leave(person.id, at=LATER)
    elif step == "add" and not subscribers.suppressed([key]):
        subscribers.add(an_entry(what, list="weekly"), at=LATER)


@pytest.fixture(scope="module")
def afresh(an_empty_database, tmp_path_factory):
    """Subscribers with nobody among them, as often as one likes."""
    folder, numbers = tmp_path_factory.mktemp("afresh"), count()

    @contextmanager
    def make() -> Iterator[Subscribers]:
        database = Database(shutil.copy(an_empty_database, folder / f"{next(numbers)}.db"))
        yield Subscribers(database, lambda: SECRET)
        database.close()

    return make


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_nobody_who_may_get_nothing_comes_back_but_by_hand(afresh, steps):
    out: set[str] = set()  # suppressed or forgotten
    left: set[tuple[str, str]] = set()
    with afresh() as subscribers:
        for step, what in steps:
            do(subscribers, step, what)
            key = f"{what}@mail.example"
            if step in ("forget", "suppress"):
                out.add(key)
            if step == "import":
                out |= {one.key for one in what if isinstance(one, Suppression)}
            if step == "lift":
                out.discard(key)
            if step == "add" and key not in out:
                left.discard((key, "weekly"))
            if step == "forget":
                left -= {(key, "weekly"), (key, "daily")}  # the mark stands for them now

            now = {(person.key, list) for list in ("weekly", "daily") for person in active(subscribers, list)}
            assert not {key for key, _ in now} & out
            assert not now & left
            assert out == set(subscribers.suppressed([f"{name}@mail.example" for name in ("ann", "bob", "carl")]))
            left |= gone(subscribers)


def active(subscribers, list):
    with subscribers._database.reading() as connection:
        chosen = subscribers.recipients(Segment(list=list)).add_columns(subscriber.c.key)
        return connection.execute(chosen).all()


def gone(subscribers):
    people = (one.subscriber for one in subscribers.export(Segment(list="")))
    return {(one.email.lower(), one.memberships[0].list) for one in people if one.memberships[0].status == "left"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, FILES)
@example(  # the row of a list that was left since tells something that another row tells otherwise
    [],
    [
        an_entry(fields={"town": "Bonn"}),
        an_entry(list="daily", fields={"town": "Rome"}),
        an_entry(list="daily", status="left"),
    ],
)
def test_the_same_file_once_more_changes_nothing(afresh, steps, found):
    with afresh() as subscribers:
        for step, what in steps:
            do(subscribers, step, what)
        join(subscribers, *found)
        once = everything(subscribers)

        join(subscribers, *found, at=LATER + timedelta(days=1))

        assert everything(subscribers) == once


def test_importing_the_store_of_subscribers_imports_no_database_library():
    program = "import sys, digest.store.subscribers; print('sqlalchemy' in sys.modules, 'email_validator' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stdout == "False False\n"


def test_sqlite_is_new_enough_for_lists_in_json():
    assert sqlite3.sqlite_version_info >= (3, 38)
