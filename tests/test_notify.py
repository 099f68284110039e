"""Who should know of a run that failed unseen is told: once, again after a day, and never instead of the fault itself."""

import email
import email.policy
import json
import logging
import os
import pty
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from digest.config import parse_config
from digest.errors import ConfigError
from digest.workflow.notify import Trouble, notify
from tests.approved import ISSUE, MONDAY, a_ready_newsroom, approve
from tests.make import CONFIG, a_newsroom
from tests.outside.sink import sink
from tests.send.api import HUNG_UP, SILENT, Api, api

DAY = timedelta(days=1)
SECRET = "T0K3N"
DOWN = "Garrison Post: cannot be reached since 10:15"
NOBODY_LISTENS = f"http://127.0.0.1:9/{SECRET}"


def taking(times=9):
    return [(200, "ok")] * times


def address(server: Api) -> dict[str, str]:
    return {"DIGEST_NOTIFY_WEBHOOK": f"{server.url}/{SECRET}/"}


def posted(server: Api) -> list[str]:
    return [json.loads(content)["text"] for _, _, content in server.calls]


def by_smtp(port: int) -> str:
    account = f'\n[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
    return account + '\n[notify]\nmail = "desk@garrisonpost.example"\n'


def tell(room, lines, *, at=MONDAY, run="sources", environment=None):
    trouble = Trouble(run=run, lines=lines, subject=lambda count: f"digest: {count} of The Garrison Post fail")
    return notify(room, trouble, now=at, environment=environment or {})


# --- what is told, and how often


def test_a_mail_says_what_is_wrong_and_that_nobody_wrote_it(tmp_path):
    with sink(dump=True) as server:
        room = a_newsroom(tmp_path, config=CONFIG + by_smtp(server.port))

        faults = tell(room, {"Garrison Post": DOWN, "Größe": "Größe: 전갈이 없습니다"})

        (raw,) = server.mails()
    mail = email.message_from_bytes(raw.split(b"(UTC)\n")[1], policy=email.policy.default)
    assert faults == ()
    assert b"X-Rcpt-Args: <desk@garrisonpost.example>" in raw
    assert (mail["Subject"], mail["To"]) == ("digest: 2 of The Garrison Post fail", "desk@garrisonpost.example")
    assert mail["From"] == "Headlines <headlines@news.garrisonpost.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == MONDAY
    assert mail["Message-ID"].endswith("@news.garrisonpost.example>")
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines()[:2] == [DOWN, "Größe: 전갈이 없습니다"]


def test_resend_takes_a_note_in_plain_text(tmp_path):
    with api() as server:
        account = f'\n[transport]\nkind = "resend"\nurl = "{server.url}"\n\n[notify]\nmail = "desk@garrisonpost.example"\n'
        room = a_newsroom(tmp_path, config=CONFIG + account)

        faults = tell(room, {"Garrison Post": DOWN}, environment={"DIGEST_RESEND_KEY": "re_123"})

        (mail,) = server.emails
    assert faults == ()
    assert "html" not in mail
    assert mail["text"].startswith(DOWN)
    assert set(mail["headers"]) == {"Date", "Message-ID", "Auto-Submitted"}


def test_a_webhook_takes_the_same_at_its_very_address(tmp_path):
    with api(*taking()) as server:
        room = a_newsroom(tmp_path, config=CONFIG + f'\n[notify]\nwebhook = "{server.url}/{SECRET}/"\n')

        faults = tell(room, {"Garrison Post": DOWN})

    ((path, headers, _),) = server.calls
    assert faults == ()
    assert path == f"/{SECRET}/"
    assert headers["Content-Type"] == "application/json"
    assert posted(server)[0].startswith(f"digest: 1 of The Garrison Post fail\n{DOWN}\n")


def test_the_address_in_the_environment_wins(tmp_path):
    with api(*taking()) as server:
        room = a_newsroom(tmp_path, config=CONFIG + f'\n[notify]\nwebhook = "{NOBODY_LISTENS}"\n')

        assert tell(room, {"Garrison Post": DOWN}, environment=address(server)) == ()

    assert len(server.calls) == 1


def test_the_same_trouble_is_told_once_and_again_after_a_day(tmp_path):
    room = a_newsroom(tmp_path)
    with api(*taking()) as server:
        for hours in (0, 1, 12, 24, 25, 48):
            tell(room, {"Garrison Post": f"{DOWN} ({hours} times)"}, at=MONDAY + timedelta(hours=hours), environment=address(server))

    assert [text.splitlines()[1] for text in posted(server)] == [f"{DOWN} ({hours} times)" for hours in (0, 24, 48)]


def test_what_is_new_is_told_alone(tmp_path):
    room = a_newsroom(tmp_path)
    with api(*taking()) as server:
        tell(room, {"a": "a fails"}, environment=address(server))
        tell(room, {"a": "a fails", "b": "b fails"}, at=MONDAY + timedelta(hours=1), environment=address(server))

    assert [text.splitlines()[1] for text in posted(server)] == ["a fails", "b fails"]


def test_trouble_that_has_passed_is_forgotten_and_told_at_once_when_it_returns(tmp_path):
    room = a_newsroom(tmp_path)
    with api(*taking()) as server:
        for minutes, lines in enumerate(({"a": "a fails"}, {"a": "a fails"}, {}, {"a": "a fails"})):
            tell(room, lines, at=MONDAY + timedelta(minutes=minutes), environment=address(server))

    assert len(server.calls) == 2


def test_one_run_forgets_nothing_of_another(tmp_path):
    room = a_newsroom(tmp_path)
    with api(*taking()) as server:
        tell(room, {"a": "a fails"}, run="send 2025-W3", environment=address(server))
        tell(room, {}, run="send 2025-W", environment=address(server))
        tell(room, {}, run="send", environment=address(server))
        tell(room, {"a": "a fails"}, run="send 2025-W3", environment=address(server))

    assert len(server.calls) == 1


def test_what_was_told_long_ago_is_no_longer_kept(tmp_path):
    room = a_newsroom(tmp_path)
    with api(*taking()) as server:
        tell(room, {"a": "a fails"}, run="send 2025-W33", environment=address(server))
        tell(room, {"a": "a fails"}, run="send 2025-W34", at=MONDAY + 7 * DAY, environment=address(server))

    assert room.notices.told("send 2025-W33") == {}
    assert room.notices.told("send 2025-W34") == {"a": MONDAY + 7 * DAY}


def test_a_flood_of_troubles_is_one_notice_of_some_length(tmp_path):
    room = a_newsroom(tmp_path)
    with api(*taking()) as server:
        tell(room, {f"s{number}": f"s{number}:\n\x1b[2J \udcff {'x' * 9999}" for number in range(200)}, environment=address(server))

    (text,) = posted(server)
    assert "and 150 more" in text
    assert len(text) < 30_000
    assert "\x1b" not in text


# --- telling that fails


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, f"no {SECRET}"), "answered 500"),
        ((302, "", {"Location": f"http://127.0.0.1:9/{SECRET}"}), "answered 302: it has moved"),
        (HUNG_UP, "did not take it (RemoteProtocolError)"),
    ],
)
def test_a_webhook_that_fails_is_told_by_its_host_and_tried_the_next_time(tmp_path, caplog, answer, said):
    caplog.set_level(logging.INFO)
    room = a_newsroom(tmp_path)
    with api(answer, *taking()) as server:
        first = tell(room, {"a": "a fails"}, environment=address(server))
        second = tell(room, {"a": "a fails"}, environment=address(server))

    assert first == (f"Nobody was told: The webhook at 127.0.0.1 {said}.",)
    assert second == ()
    assert len(server.calls) == 2  # and none where it was sent on
    assert SECRET not in caplog.text


def test_somebody_is_told_as_long_as_one_way_is_open(tmp_path):
    room = a_newsroom(tmp_path, config=CONFIG + '\n[notify]\nmail = "desk@garrisonpost.example"\n')
    with api(*taking()) as server:
        first = tell(room, {"a": "a fails"}, environment=address(server))
        second = tell(room, {"a": "a fails"}, environment=address(server))

    assert "digest.toml has no [transport]" in first[0]
    assert second == ()
    assert len(server.calls) == 1


def test_a_database_that_is_damaged_keeps_nobody_from_being_told(tmp_path):
    room = a_newsroom(tmp_path)
    (tmp_path / "digest.db").write_bytes(b"no database" * 999)
    with api(*taking()) as server:
        faults = tell(room, {"a": "a fails"}, environment=address(server))

    assert len(server.calls) == 1
    assert len(faults) == 2


@pytest.mark.parametrize("bad", [f"http://hooks.example/{SECRET}", f"https://[{SECRET}", SECRET])
def test_an_address_that_cannot_be_used_is_not_repeated(tmp_path, bad):
    room = a_newsroom(tmp_path)

    (fault,) = tell(room, {"a": "a fails"}, environment={"DIGEST_NOTIFY_WEBHOOK": bad})
    with pytest.raises(ConfigError) as refused:
        parse_config(CONFIG + f'\n[notify]\nwebhook = "{bad}"\n', where="digest.toml")

    assert "cannot be used" in fault
    assert refused.value.faults[0].startswith("notify.webhook")
    assert SECRET not in f"{fault} {refused.value.faults}"


# --- the commands


@contextmanager
def a_terminal():
    ours, theirs = pty.openpty()
    try:
        yield theirs
    finally:
        os.close(ours)
        os.close(theirs)


def digest(room, *args, stdin=subprocess.DEVNULL, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "digest.cli", *args],
        cwd=room.root,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | environment,
    )
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    return done


def test_sources_that_fail_are_told_by_gather_and_not_again_by_build(tmp_path):
    room = a_newsroom(tmp_path, "u1", "u2", "u3", "u4")
    (tmp_path / "stories").rename(tmp_path / "gone")
    with api(*taking()) as server:
        gathered = digest(room, "gather", **address(server))
        again = digest(room, "gather", **address(server))
        told_by_gather = len(server.calls)
        built = digest(room, "build", "--week", "2025-W33", **address(server))
        (tmp_path / "gone").rename(tmp_path / "stories")
        mended = digest(room, "build", "--week", "2025-W33", **address(server))

    assert [run.returncode for run in (gathered, again, built, mended)] == [1, 1, 1, 0]
    assert told_by_gather == 1
    sources, build = posted(server)
    assert sources.startswith("digest: 1 source of The Garrison Post is in trouble\nGarrison Post: ")
    assert "digest build 2025-W33: Every source failed; nothing was built. Mend a source" in build
    assert room.notices.told("sources") == room.notices.told("build 2025-W33") == {}


def test_an_empty_window_says_so_loudly(tmp_path):
    room = a_newsroom(tmp_path, "u1")
    with api(*taking()) as server:
        done = digest(room, "build", "--week", "2025-W20", **address(server))

    assert done.returncode == 3
    assert "Nothing was written." in posted(server)[0]


def test_a_run_on_a_terminal_tells_nobody_and_one_without_does(tmp_path):
    room = a_newsroom(tmp_path, "u1")
    with api(*taking()) as server:
        with a_terminal() as terminal:
            watched = digest(room, "build", "--week", "2025-W20", stdin=terminal, **address(server))
        told_watched = len(server.calls)
        unwatched = digest(room, "build", "--week", "2025-W20", **address(server))

    assert (watched.returncode, unwatched.returncode) == (3, 3)
    assert (told_watched, len(server.calls)) == (0, 1)


def test_a_wrong_window_in_a_crontab_is_told_too(tmp_path):
    room = a_newsroom(tmp_path, "u1")
    with api(*taking()) as server:
        done = digest(room, "build", "--day", "the day before", **address(server))

    assert done.returncode == 2
    assert "digest build the day before: 'the day before' names no year" in posted(server)[0]


def test_a_send_that_is_refused_is_told_by_mail(tmp_path):
    with sink(dump=True) as server:
        room = a_ready_newsroom(tmp_path, config=CONFIG + by_smtp(server.port))
        refused = digest(room, "send", ISSUE)
        approve(room)
        late = digest(room, "send", ISSUE, "--at", "2025-08-18 06:00")

        mails = [email.message_from_bytes(raw.split(b"(UTC)\n")[1], policy=email.policy.default) for raw in server.mails()]
    assert (refused.returncode, late.returncode) == (1, 1)
    assert [mail["Subject"] for mail in mails] == [f"digest send {ISSUE} of The Garrison Post failed"] * 2
    assert f"{ISSUE} is not approved" in mails[0].get_content()
    assert f"{ISSUE} was not sent" in mails[1].get_content().replace("\n", " ")


def test_two_at_once_is_told(tmp_path):
    room = a_ready_newsroom(tmp_path)
    with api(*taking()) as server, room.issues.building(ISSUE):
        done = digest(room, "build", "--week", ISSUE, **address(server))

    assert done.returncode == 1
    assert f"building {ISSUE}" in posted(server)[0]


def test_a_webhook_that_fails_leaves_the_fault_and_its_exit_code(tmp_path):
    room = a_newsroom(tmp_path, "u1")

    silent = digest(room, "build", "--week", "2025-W20")
    done = digest(room, "build", "--week", "2025-W20", DIGEST_NOTIFY_WEBHOOK=NOBODY_LISTENS)

    assert done.returncode == silent.returncode == 3
    assert done.stderr == f"digest: Nobody was told: The webhook at 127.0.0.1 cannot be reached.\n{silent.stderr}"


def test_a_run_that_is_killed_while_it_tells_tells_again(tmp_path):
    room = a_newsroom(tmp_path, "u1")
    command = [sys.executable, "-m", "digest.cli", "build", "--week", "2025-W20"]
    with api(SILENT, *taking()) as server:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running = subprocess.Popen(command, cwd=tmp_path, env=os.environ | address(server), **quiet)
        while not server.calls:
            assert running.poll() is None
            time.sleep(0.02)
        running.kill()
        running.wait()
        digest(room, *command[3:], **address(server))
        digest(room, *command[3:], **address(server))

    assert len(server.calls) == 2


def test_not_even_a_fault_of_ours_in_the_telling_hides_the_first_one(tmp_path):
    room = a_newsroom(tmp_path, "u1")
    digest(room, "gather")
    with closing(sqlite3.connect(tmp_path / "digest.db")) as database, database:
        database.execute("INSERT INTO notice VALUES (?, 'no time')", ["build 2025-W20\nx"])
    with api(*taking()) as server:
        done = digest(room, "build", "--week", "2025-W20", **address(server))

    assert done.returncode == 3
    assert "digest: Nobody could be told: ValueError.\ndigest: 2025-W20 has no story that fits" in done.stderr


def test_a_secret_in_digest_toml_is_not_printed_when_it_is_wrong(tmp_path):
    room = a_newsroom(tmp_path)
    (tmp_path / "digest.toml").write_text(CONFIG + f'\n[notify]\nwebhook = "http://hooks.example/{SECRET}"\n')

    done = digest(room, "gather")

    assert done.returncode == 1
    assert "notify.webhook" in done.stderr
