"""What was previewed is approved, what was approved is sent, and nothing that changed since."""

import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from email import message_from_bytes, policy

import httpx
import pytest

from digest.errors import DigestError, Refused
from digest.model import Recipient
from digest.newsroom import Newsroom
from digest.workflow.approve import approve_issue, sealed
from digest.workflow.letters import letters_of, trial_letter
from digest.workflow.proof import prove_issue
from tests.approved import ISSUE, MONDAY, a_ready_newsroom, approve, built, on_its_way, reopened
from tests.make import CONFIG, a_newsroom

PICTURE = b"\x89PNG\r\n\x1a\n picture"


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A newsroom that may approve its issue, made once."""
    return a_ready_newsroom(tmp_path_factory.mktemp("ready")).root


@pytest.fixture
def newsroom(ready, tmp_path) -> Newsroom:
    return reopened_at(shutil.copytree(ready, tmp_path / "newsroom"))


def reopened_at(folder) -> Newsroom:
    from digest.newsroom import open_newsroom

    return open_newsroom(folder)


def plan_of(newsroom: Newsroom):
    return newsroom.issues.path(ISSUE) / "plan.toml"


def edit(newsroom: Newsroom, before: str, after: str) -> None:
    text = plan_of(newsroom).read_text("utf-8")
    assert before in text
    plan_of(newsroom).write_text(text.replace(before, after, 1), "utf-8")


def with_a_picture(newsroom: Newsroom) -> None:
    (newsroom.root / "pictures").mkdir()
    (newsroom.root / "pictures" / "pier.png").write_bytes(PICTURE)
    edit(newsroom, "date = 2025-08-12\n", 'date = 2025-08-12\nimage = "pictures/pier.png"\nalt = "A pier"\nsize = [600, 400]\n')


def approved_file(newsroom: Newsroom, name: str = "message.eml"):
    return newsroom.issues.path(ISSUE) / "approved" / name


def state_of(newsroom: Newsroom) -> str:
    return newsroom.issues.built("weekly")[0].state


def refusal(act) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


def the_letter(newsroom: Newsroom, subscriber: int = 7, email: str = "ann@inbox.example", name: str = "Ann") -> bytes:
    letter = letters_of(newsroom, on_its_way(newsroom))(Recipient(1, subscriber, email, name))
    return sealed(newsroom, ISSUE).message.wire(letter)


def parts(raw: bytes) -> tuple[str, str]:
    text, html = (part.get_payload(decode=True).decode().replace("\r\n", "\n") for part in message_from_bytes(raw).get_payload())
    return text, html


# --- what is sealed


def test_an_approved_issue_is_sealed_and_marked(newsroom):
    told = approve(newsroom)

    assert state_of(newsroom) == "approved"
    assert sealed(newsroom, ISSUE) == told.sealed
    assert told.sealed.list == "weekly"
    assert sorted(path.name for path in approved_file(newsroom).parent.iterdir()) == ["email.html", "email.txt", "message.eml", "seal.json"]
    assert not list(newsroom.issues.path(ISSUE).parent.glob(".*"))


def test_what_is_sent_is_what_was_previewed(newsroom):
    previewed = prove_issue(newsroom, ISSUE).email
    approve(newsroom)

    text, html = parts(the_letter(newsroom))

    links = {kind: re.search(rf"https://news.garrisonpost.example/{kind}/[\w.-]+", text)[0] for kind in ("view", "unsubscribe")}
    for kind, link in links.items():
        text, html = (part.replace(link, f"https://news.garrisonpost.example/{kind}/preview") for part in (text, html))
    assert text.replace("ann@inbox.example", "reader@example.com") == previewed.text
    assert html.replace("ann@inbox.example", "reader@example.com") == previewed.html
    assert approved_file(newsroom, "email.html").read_text("utf-8") == previewed.html


def test_approving_twice_gives_the_same_bytes(newsroom):
    approve(newsroom)
    before = {path.name: path.read_bytes() for path in approved_file(newsroom).parent.iterdir()}

    approve(newsroom, now=MONDAY.replace(hour=18))

    assert {path.name: path.read_bytes() for path in approved_file(newsroom).parent.iterdir()} == before
    shutil.rmtree(approved_file(newsroom).parent)
    approve(newsroom)
    assert approved_file(newsroom).read_bytes() == before["message.eml"]


def test_the_sealed_mail_names_its_list_and_the_ways_out(newsroom):
    approve(newsroom)

    mail = message_from_bytes(the_letter(newsroom), policy=policy.default)

    token = mail["List-Unsubscribe"].partition("/unsubscribe/")[2].rstrip(">")
    assert mail["List-Id"] == "<weekly.news.garrisonpost.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["To"] == "Ann <ann@inbox.example>"
    assert token.startswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
    assert f"/unsubscribe/{token}" in parts(mail.as_bytes())[0]


def test_a_mailbox_for_leaving_is_named_beside_the_link(tmp_path):
    newsroom = a_ready_newsroom(tmp_path, CONFIG.replace("[newsroom]", '[newsroom]\nunsubscribe_mailbox = "leave@garrisonpost.example"'))
    approve(newsroom)

    raw = the_letter(newsroom)

    link, mailto = message_from_bytes(raw)["List-Unsubscribe"].split(",")
    token = link.rpartition("/")[2].rstrip(">")
    assert mailto.strip() == f"<mailto:leave@garrisonpost.example?subject={token}>"


def test_a_letter_written_again_is_the_same_letter(newsroom):
    approve(newsroom)
    write = letters_of(newsroom, on_its_way(newsroom))
    ann, ben = Recipient(1, 7, "ann@inbox.example", "Ann"), Recipient(2, 8, "ben@inbox.example", "Ben")

    assert write(ann) == letters_of(reopened(newsroom), on_its_way_again(newsroom))(ann)
    assert {name for name, value in write(ann).values.items() if value == write(ben).values[name]} == {"date"}


def on_its_way_again(newsroom):
    from digest.store.database import Database
    from digest.store.ledger import Ledger

    return Ledger(Database(newsroom.root / "digest.db"), newsroom.root / ".digest").dispatch(ISSUE)


def test_a_trial_letter_unsubscribes_nobody(newsroom):
    message = approve(newsroom).sealed.message

    raw = message.wire(trial_letter(newsroom, ISSUE, "me@inbox.example", now=MONDAY))

    assert message_from_bytes(raw)["List-Unsubscribe"] == "<https://news.garrisonpost.example/unsubscribe/preview>"
    assert "https://news.garrisonpost.example/view/preview" in parts(raw)[0]


@pytest.mark.parametrize("address", ["ann@bücher.example", "ann@例え.example", "ann@straße.example"])
def test_an_address_with_accents_goes_to_the_same_domain_in_ascii(newsroom, address):
    approve(newsroom)

    letter = letters_of(newsroom, on_its_way(newsroom))(Recipient(1, 7, address, ""))

    assert letter.address.startswith("ann@xn--") and letter.address in letter.values["to"]
    assert letter.values["address"] == address


# --- stories and templates that would meddle


INERT = "https://news.garrisonpost.example/unsubscribe/preview"


def test_a_story_that_holds_the_inert_link_gets_no_readers_own(newsroom):
    edit(newsroom, 'summary = "', f'summary = "{INERT} reader@example.com \\u0002html:unsubscribe\\u0003 {{{{ page.view_url }}}} ')
    edit(newsroom, "https://garrisonpost.example/u", f"{INERT}?u")
    previewed = prove_issue(newsroom, ISSUE).email
    approve(newsroom)

    text, html = parts(the_letter(newsroom))

    assert html.count(INERT) == previewed.html.count(INERT) - 1 > 0  # all but the footer's
    assert text.count(INERT) == previewed.text.count(INERT) - 1 > 0
    assert html.count("reader@example.com") == 1
    assert "html:unsubscribe" in html and "{{ page.view_url }}" in html


def test_a_template_that_changes_a_readers_link_is_refused(newsroom):
    own = newsroom.root / "templates"
    own.mkdir()
    text = newsroom.templates["email.txt.j2"]
    (own / "email.txt.j2").write_text(text.replace("{{ page.unsubscribe_url }}", "{{ page.unsubscribe_url | upper }}"), "utf-8")

    assert "A template changes a link" in refusal(lambda: approve(newsroom)).message


def test_a_template_without_a_way_out_is_refused(newsroom):
    own = newsroom.root / "templates"
    own.mkdir()
    text = newsroom.templates["email.txt.j2"]
    (own / "email.txt.j2").write_text(text.replace("{{ page.unsubscribe_url }}", ""), "utf-8")

    assert refusal(lambda: approve(newsroom)).message == "The text part has no unsubscribe link."


# --- what stands in the way


def test_every_reason_is_told_at_once_and_nothing_is_written(tmp_path):
    bare = re.sub(r"(public_url|address|sender) = .*\n", "", CONFIG)
    newsroom = a_newsroom(tmp_path, "u1", "u2", "u3", config=bare)
    built(newsroom)
    edit(newsroom, "https://garrisonpost.example/u1", "https://garrisonpost.example/u2")

    refused = refusal(lambda: approve(newsroom))

    kinds = [
        "is also at",
        "newsroom.sender is not set",
        "newsroom.address is not set",
        "newsroom.public_url is not set",
        "There is no digest.keys",
    ]
    assert [kind for kind in kinds if not any(kind in fault for fault in refused.faults)] == []
    assert not approved_file(newsroom).exists()
    assert state_of(newsroom) == "planned"


def test_a_warning_does_not_stop_it(newsroom):
    edit(newsroom, 'preheader = "', 'preheader = ""  # was "')

    told = approve(newsroom)

    assert [one.finding.rule for one in told.warnings] == ["subject-and-preheader-fit"]


def test_a_sender_that_no_mail_can_name_is_a_reason(newsroom):
    (newsroom.root / "digest.toml").write_text(CONFIG.replace("headlines@news.garrisonpost.example", "headlines@zürich.example"), "utf-8")

    assert "From is not a mail address" in refusal(lambda: approve(reopened(newsroom))).faults[0]


def test_an_issue_that_was_never_built_is_not_approved(newsroom):
    with pytest.raises(DigestError, match="There is no issue 2025-W40"):
        approve_issue(newsroom, "2025-W40", MONDAY)


def test_a_plan_that_a_copy_brought_without_its_record_is_not_approved(newsroom):
    other = newsroom.issues.path("2025-W34")
    shutil.copytree(newsroom.issues.path(ISSUE), other)
    (other / "plan.toml").write_text((other / "plan.toml").read_text("utf-8").replace("2025-W33", "2025-W34"), "utf-8")

    with pytest.raises(DigestError, match="was never built here"):
        approve_issue(newsroom, "2025-W34", MONDAY)
    assert not (other / "approved").exists()


# --- reading it back


def test_what_was_never_approved_is_not_sent(newsroom):
    assert "is not approved" in refusal(lambda: sealed(newsroom, ISSUE)).message


@pytest.mark.parametrize("at", [0, 100, -1])
def test_a_changed_byte_is_refused(newsroom, at):
    approve(newsroom)
    content = bytearray(approved_file(newsroom).read_bytes())
    content[at] ^= 1
    approved_file(newsroom).write_bytes(content)

    assert "message.eml of 2025-W33 is not as it was approved" in refusal(lambda: sealed(newsroom, ISSUE)).message
    approve(newsroom)
    assert sealed(newsroom, ISSUE)


@pytest.mark.parametrize("name", ["message.eml", "email.html", "images/pictures-pier.png"])
def test_a_lost_file_is_refused(newsroom, name):
    with_a_picture(newsroom)
    approve(newsroom)
    approved_file(newsroom, name).unlink()

    assert f"{name} of 2025-W33 is not as it was approved" in refusal(lambda: sealed(newsroom, ISSUE)).message


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"files": {}}', "\x00"])
def test_a_broken_seal_is_refused(newsroom, content):
    approve(newsroom)
    approved_file(newsroom, "seal.json").write_text(content)

    assert "seal.json of 2025-W33 cannot be read" in refusal(lambda: sealed(newsroom, ISSUE)).message


def test_a_plan_that_was_edited_after_approval_is_refused_until_it_is_approved_again(newsroom):
    first = approve(newsroom).sealed
    edit(newsroom, 'subject = "', 'subject = "New: ')

    assert "plan.toml of 2025-W33 was changed after it was approved" in refusal(lambda: sealed(newsroom, ISSUE)).message
    assert approve(newsroom).sealed.subject == f"New: {first.subject}"
    assert sealed(newsroom, ISSUE).sha256 != first.sha256


def test_a_picture_that_changes_later_does_not_change_what_was_approved(newsroom):
    with_a_picture(newsroom)
    approve(newsroom)

    (newsroom.root / "pictures" / "pier.png").write_bytes(b"another")

    assert sealed(newsroom, ISSUE)
    assert approved_file(newsroom, "images/pictures-pier.png").read_bytes() == PICTURE


def test_a_stylesheet_that_changes_later_does_not_change_what_was_approved(newsroom):
    before = approve(newsroom).sealed
    (newsroom.root / "templates").mkdir()
    (newsroom.root / "templates" / "theme.newsroom.toml").write_text('[light]\nink = "#000000"\n')

    assert sealed(newsroom, ISSUE) == before


# --- building again


def test_an_approved_issue_is_not_built_again_unasked(newsroom):
    approve(newsroom)
    before = plan_of(newsroom).read_bytes()

    assert refusal(lambda: built(newsroom, fresh=True)).message == "2025-W33 is approved."
    assert plan_of(newsroom).read_bytes() == before
    assert sealed(newsroom, ISSUE)


def test_reopening_takes_the_approval_back(newsroom):
    approve(newsroom)

    built(newsroom, reopen=True)

    assert state_of(newsroom) == "planned"
    assert not approved_file(newsroom).parent.exists()
    assert "is not approved" in refusal(lambda: sealed(newsroom, ISSUE)).message


def test_an_issue_on_its_way_is_neither_built_nor_approved_again(newsroom):
    approve(newsroom)
    on_its_way(newsroom)

    for act in (lambda: built(newsroom), lambda: built(newsroom, reopen=True), lambda: approve(newsroom)):
        assert "has its recipients" in refusal(act).message
    assert sealed(newsroom, ISSUE)


def test_approving_is_never_told_of_two_issues_at_once(newsroom):
    with newsroom.issues.building(ISSUE), pytest.raises(DigestError, match="Another digest is building"):
        approve(newsroom)


def test_what_is_sealed_is_a_value(newsroom):
    told = approve(newsroom).sealed

    assert replace(told) == told


# --- as a person types it


def digest(newsroom: Newsroom, *args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "digest.cli", *args], cwd=newsroom.root, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_tells_what_was_approved_and_what_is_next(newsroom):
    edit(newsroom, 'preheader = "', 'preheader = ""  # was "')

    done = digest(newsroom, "approve", ISSUE)

    assert (done.returncode, done.stderr) == (0, "")
    assert "warning: preheader: is empty" in done.stdout
    assert done.stdout.endswith("for the list weekly.\nNext: digest send 2025-W33\n")


def test_the_command_tells_every_reason_and_exits_1(newsroom):
    (newsroom.root / "digest.keys").chmod(0o644)
    edit(newsroom, "https://garrisonpost.example/u1", "https://garrisonpost.example/u2")

    done = digest(newsroom, "approve")

    assert done.returncode == 1
    assert "2025-W33 cannot be approved." in done.stderr
    assert "is also at" in done.stderr and "can be read by others" in done.stderr


def test_building_an_approved_issue_needs_the_word(newsroom):
    approve(newsroom)

    refused = digest(newsroom, "build", "--week", ISSUE, "--offline")
    done = digest(newsroom, "build", "--week", ISSUE, "--offline", "--reopen")

    assert (refused.returncode, done.returncode) == (1, 0)
    assert "--reopen" in refused.stderr
    assert state_of(newsroom) == "planned"


def test_the_public_pages_are_served_until_ctrl_c(newsroom):
    approve(newsroom)
    command = [sys.executable, "-m", "digest.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=newsroom.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        address = re.search(r"http://127\.0\.0\.1:\d+/", running.stdout.readline())[0]
        well = httpx.get(address + "health", timeout=10)
        nothing = httpx.post(address + "unsubscribe/preview", timeout=10)
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=20)[1]

    assert (well.status_code, nothing.status_code, running.returncode) == (200, 404, 0)
    assert "server" not in well.headers
    assert said == ""
