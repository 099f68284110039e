"""What a person does with a list of subscribers, from the file to the database and back."""

import csv
import io
import json
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience.exports import write_subscribers
from digest.audience.imports import open_listing
from digest.audience.keys import new_keys_text
from digest.errors import Refused, SubscriberError
from digest.model import Consent, Entry, Membership, Segment, Subscriber
from digest.newsroom import Newsroom
from digest.store.subscribers import Joined
from digest.workflow.subscribers import (
    add_subscriber,
    export_to,
    forget_subscriber,
    import_subscribers,
    known_of,
    remove_subscriber,
    suppress_address,
    unsuppress_address,
)
from tests.make import a_newsroom

NOW = datetime(2025, 8, 18, 12, tzinfo=UTC)
LIST = "email,name,tags\nann@mail.example,Ann,news\nbob@mail.example,Bob,\nnonsense,=cmd(),\n"


@pytest.fixture
def room(tmp_path) -> Newsroom:
    room = a_newsroom(tmp_path)
    (tmp_path / "digest.keys").touch(mode=0o600)
    (tmp_path / "digest.keys").write_text(new_keys_text())
    return room


def bring(room: Newsroom, text: str = LIST, *, name: str = "members.csv", **options):
    path = room.root / name
    path.write_text(text, encoding="utf-8")
    return import_subscribers(room, path, now=NOW, **options)


def addresses(room: Newsroom, **segment) -> list[str]:
    return [one.subscriber.email for one in room.subscribers.export(Segment(**{"list": ""} | segment))]


def test_a_file_is_taken_over_into_the_list_of_the_first_edition(room):
    told = bring(room)

    assert (told.list, told.origin, told.joined, told.refused) == ("weekly", "plain", Joined(new=2), 1)
    assert addresses(room, list="weekly") == ["ann@mail.example", "bob@mail.example"]


def test_refused_rows_lie_beside_with_line_and_reason_and_run_no_formula(room):
    told = bring(room)

    assert told.refused_file == room.root / "members.refused.csv"
    [header, row] = csv.reader(told.refused_file.read_text().splitlines())
    assert header == ["refused_line", "refused_because", "email", "name", "tags"]
    assert row[0] == "4"
    assert row[1].startswith("'nonsense' is no mail address")
    assert row[2:] == ["nonsense", "'=cmd()", ""]
    assert stat.S_IMODE(told.refused_file.stat().st_mode) == 0o600


def test_refused_rows_can_be_mended_and_imported(room):
    told = bring(room)

    mended = told.refused_file.read_text().replace(",nonsense,", ",carl@mail.example,")
    again = bring(room, mended, name="members.refused.csv")

    assert (again.joined, again.refused) == (Joined(new=1), 0)
    carl = known_of(room, "carl@mail.example").subscriber
    assert (carl.name, carl.fields) == ("=cmd()", {})


def test_a_file_without_faults_leaves_no_list_of_refused_rows(room):
    bring(room)

    told = bring(room, LIST.replace("nonsense", "carl@mail.example"))

    assert told.refused_file is None
    assert not (room.root / "members.refused.csv").exists()


def test_a_dry_run_says_the_same_and_keeps_nothing(room):
    rehearsed = bring(room, rehearse=True)

    assert addresses(room) == []
    assert (rehearsed.joined, rehearsed.refused) == (Joined(new=2), 1)
    assert bring(room).joined == rehearsed.joined


def test_a_list_to_suppress_keeps_people_out_whatever_comes_after(room):
    bring(room, "ann@mail.example\n", name="bounces.csv", suppress="bounced")

    assert bring(room).joined == Joined(new=1, suppressed=1)
    assert known_of(room, "Ann@mail.example").suppressed == "bounced"


def test_progress_is_told_while_a_long_file_is_read(room):
    told: list[tuple[str, int]] = []

    bring(
        room,
        "email\n" + "".join(f"reader{number}@mail.example\n" for number in range(20_500)),
        progress=lambda *so_far: told.append(so_far),
    )

    assert told == [("members.csv", 10_000), ("members.csv", 20_000)]
    assert room.subscribers.on_list("weekly") == 20_500


def test_a_file_that_is_not_there_or_is_no_list_is_told(room):
    with pytest.raises(SubscriberError, match="no column of addresses"):
        bring(room, "name,town\nAnn,Rome\n")
    with pytest.raises(SubscriberError, match="is no name of a list"):
        bring(room, list="Weekly news")
    assert not list(room.root.glob("*.refused.csv"))


def test_add_and_remove_and_add_again(room):
    assert add_subscriber(room, "Ann@mail.example", name=" Ann\r\nBcc: x ", tags=["a"], now=NOW) == ("weekly", True)
    assert add_subscriber(room, "ann@mail.example", now=NOW) == ("weekly", False)
    assert known_of(room, "ann@mail.example").subscriber.name == "Ann Bcc: x"

    assert remove_subscriber(room, "ANN@mail.example", now=NOW) == ("weekly",)
    with pytest.raises(SubscriberError, match="not on any list"):
        remove_subscriber(room, "ann@mail.example", now=NOW)
    assert bring(room).joined == Joined(new=1, left=1)
    assert add_subscriber(room, "ann@mail.example", now=NOW) == ("weekly", True)


def test_a_forgotten_person_stays_out_until_they_ask(room):
    bring(room)

    assert forget_subscriber(room, "ann@mail.example", now=NOW)
    assert bring(room).joined == Joined(unchanged=1, suppressed=1)
    with pytest.raises(Refused):
        add_subscriber(room, "ann@mail.example", now=NOW)
    unsuppress_address(room, "ann@mail.example")
    assert add_subscriber(room, "ann@mail.example", now=NOW)[1]


def test_suppressing_is_lifted_once(room):
    assert suppress_address(room, "ann@mail.example", reason="complained", now=NOW)
    assert not suppress_address(room, "ann@mail.example", reason="left", now=NOW)
    unsuppress_address(room, "ann@mail.example")
    with pytest.raises(SubscriberError, match="is not suppressed"):
        unsuppress_address(room, "ann@mail.example")


def test_what_is_exported_is_imported_as_it_was(room, tmp_path):
    (tmp_path / "other").mkdir()
    other = a_newsroom(tmp_path / "other")
    bring(
        room,
        'email,name,language,tags,formula,created_at\nann@mail.example,\'=Ann,en,"a, b",=1+1,2024-01-01T10:00:00Z\nbob@mail.example,,,,,\n',
    )
    bring(room, "email,status\nann@mail.example,pending\ncarl@mail.example,unsubscribed\n", list="daily")
    suppress_address(room, "bob@mail.example", reason="bounced", now=NOW)

    assert export_to(room, Segment(list=""), room.root / "out.csv") == 4
    import_subscribers(other, room.root / "out.csv", now=NOW)

    assert "=1+1" not in [cell for row in csv.reader((room.root / "out.csv").open()) for cell in row]
    for name in ("ann@mail.example", "carl@mail.example"):
        ours, theirs = known_of(room, name).subscriber, known_of(other, name).subscriber
        assert (ours.name, ours.language, ours.tags, ours.fields) == (theirs.name, theirs.language, theirs.tags, theirs.fields)
        assert ours.memberships == theirs.memberships
    assert known_of(other, "bob@mail.example").suppressed == "bounced"


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
MARKED = st.text(st.sampled_from("'=+-@,;\"[]{}<>%\\ä中"), max_size=6)
WORDS = (TEXT | MARKED).map(lambda text: " ".join(text.split()))
NAMED = WORDS.filter(bool)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(
            Subscriber,
            email=st.sampled_from(["ann@mail.example", "=x@mail.example", "-Bob@mail.example", "'c@mail.example"]),
            name=WORDS,
            language=st.sampled_from(["", "en", "en-GB"]),
            tags=st.lists(NAMED, unique=True, max_size=3).map(tuple),
            fields=st.dictionaries(NAMED, NAMED, max_size=2),
            memberships=st.builds(
                Membership,
                list=st.sampled_from(["weekly", "daily"]),
                status=st.sampled_from(["active", "pending", "left"]),
                consent=st.builds(Consent, at=st.none() | st.datetimes(timezones=st.just(UTC)), source=NAMED, how=WORDS),
            ).map(lambda one: (one,)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_exported_reads_back_equal(people):
    file = io.StringIO()
    write_subscribers(file, [(person, "") for person in people])

    cells = [cell for row in csv.reader(io.StringIO(file.getvalue())) for cell in row]
    found = list(open_listing(io.BytesIO(file.getvalue().encode()), name="out.csv").found)

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert found == [
        Entry(
            key=person.email.lower(),
            email=person.email,
            name=person.name,
            language=person.language,
            tags=person.tags,
            fields=person.fields,
            list=person.memberships[0].list,
            status=person.memberships[0].status,
            consent=person.memberships[0].consent,
        )
        for person in people
    ]


# --- as a person types it


def digest(*args: str, cwd: Path, said: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digest.cli", "subscribers", *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False, input=said)


def test_a_day_with_subscribers(room):
    (room.root / "members.csv").write_text(LIST)

    brought = digest("import", "members.csv", cwd=room.root)
    assert brought.returncode == 1  # a row was refused
    assert "2           new on weekly" in brought.stdout
    assert "members.refused.csv has each with its reason" in brought.stdout

    assert "carl@mail.example is on daily now" in digest("add", "carl@mail.example", "--list", "daily", cwd=room.root).stdout
    assert "consent_source" in digest("export", "--tag", "news", cwd=room.root).stdout
    assert json.loads(digest("count", "--json", cwd=room.root).stdout)["lists"] == {"daily": {"active": 1}, "weekly": {"active": 2}}

    kept = digest("forget", "ann@mail.example", cwd=room.root, said="n\n")
    assert kept.returncode == 1
    assert json.loads(digest("show", "ann@mail.example", "--json", cwd=room.root).stdout)["subscriber"]["name"] == "Ann"
    assert digest("forget", "ann@mail.example", "--yes", cwd=room.root).returncode == 0

    refused = digest("add", "ann@mail.example", cwd=room.root)
    assert refused.returncode == 1
    assert "digest subscribers unsuppress ann@mail.example" in refused.stderr
    assert digest("show", "nobody@mail.example", cwd=room.root).returncode == 1


def test_bad_words_are_wrong_usage_or_a_clear_line(room):
    (room.root / "members.csv").write_text(LIST)

    assert digest("suppress", "ann@mail.example", "--reason", "dunno", cwd=room.root).returncode == 2
    for args in (
        ["import", "nothing.csv"],
        ["import", "."],
        ["add", "ann"],
        ["remove", "ann@mail.example"],
        ["export", "-o", "no/such/out.csv"],
    ):
        done = digest(*args, cwd=room.root)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("digest: ")


def test_without_keys_nobody_can_be_forgotten_and_it_is_told(room):
    (room.root / "digest.keys").unlink()
    add_subscriber(room, "ann@mail.example", now=NOW)

    done = digest("forget", "ann@mail.example", "--yes", cwd=room.root)

    assert done.returncode == 1
    assert "digest.keys" in done.stderr
    assert known_of(room, "ann@mail.example").subscriber is not None
