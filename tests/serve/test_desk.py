"""The desk in a browser: it shows the very mail, does what its own page asks, follows the files, and opens to nobody else."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from digest.errors import DigestError
from digest.newsroom import Newsroom, open_newsroom
from digest.serve.changes import LARGEST
from digest.serve.desk import desk, serve
from digest.workflow.desk import Desk
from digest.workflow.gather import gather_sources
from tests.approved import ISSUE, MONDAY, a_ready_newsroom
from tests.make import CONFIG, a_story_file

TOKEN = "open-sesame"
HERE = "http://127.0.0.1:8000"
PICTURE = b"\x89PNG\r\n\x1a\n picture"
VIEWS = ["/", "/state", "/stamp", "/mail", "/text", "/source", "/eml", "/picture/0", "/story/u1", "/search?q=a", "/desk.js", "/nowhere"]
ACTS = ["/change", "/undo", "/redo", "/approve", "/test"]
HOSTILE = "<script>top.hacked=1</script><svg onload=alert(1)><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Path:
    """A newsroom whose lead has a picture on disk."""
    folder = tmp_path_factory.mktemp("ready")
    newsroom = a_ready_newsroom(folder, CONFIG + '\n[transport]\nkind = "outbox"\n')
    (folder / "pictures").mkdir()
    (folder / "pictures" / "pier.png").write_bytes(PICTURE)
    plan = newsroom.issues.path(ISSUE) / "plan.toml"
    image = 'image = "pictures/pier.png"\nalt = "A pier"\nsize = [600, 400]\n'
    plan.write_text(plan.read_text("utf-8").replace("date = 2025-08-12\n", f"date = 2025-08-12\n{image}", 1), "utf-8")
    return folder


@pytest.fixture
def newsroom(ready, tmp_path) -> Newsroom:
    return open_newsroom(shutil.copytree(ready, tmp_path / "newsroom"))


def a_desk(newsroom: Newsroom) -> Desk:
    return Desk(newsroom, ISSUE, clock=lambda: MONDAY, environment={})


def a_browser(newsroom: Newsroom, **headers: str) -> TestClient:
    """A browser on this machine that was never here before."""
    return TestClient(desk(a_desk(newsroom), token=TOKEN), base_url=HERE, headers=headers)


def opened(newsroom: Newsroom) -> TestClient:
    """A browser that has opened the printed address, and whose page asks."""
    browser = a_browser(newsroom, origin=HERE)
    assert browser.get(f"/?token={TOKEN}").status_code == 200
    return browser


def asked(browser: TestClient, path: str, **question: Any) -> tuple[int, Any]:
    answer = browser.post(path, json={"stamp": browser.get("/stamp").json()["stamp"], **question})
    return answer.status_code, answer.json()


def subject(text: str) -> dict[str, str]:
    return {"do": "set", "place": "", "key": "subject", "value": text}


def the_plan(newsroom: Newsroom) -> Path:
    return newsroom.issues.path(ISSUE) / "plan.toml"


# --- what it shows


def test_the_frame_shows_the_very_bytes_that_are_approved(newsroom):
    browser = opened(newsroom)
    shown, text, source = (browser.get(path).content for path in ("/mail", "/text", "/source"))

    assert asked(browser, "/approve", sure=True)[0] == 200

    approved = {name: newsroom.issues.sealed_path(ISSUE, name).read_bytes() for name in ("email.html", "email.txt")}
    assert shown == source == approved["email.html"]
    assert text == approved["email.txt"]
    assert browser.get("/mail").content == shown
    assert browser.get("/mail?images=off").content == shown


def test_the_state_tells_all_that_the_page_shows(newsroom):
    state = opened(newsroom).get("/state").json()

    assert (state["issue"], state["title"], state["state"], state["fault"]) == (ISSUE, "Weekly Headlines", "planned", "")
    assert state["sender"] == {"name": "Headlines", "address": "headlines@news.garrisonpost.example"}
    assert state["lead"]["place"] == "lead" and state["lead"]["words"] == 20 and state["lead"]["strange"] == []
    assert state["sections"][0]["items"][2]["place"] == "section[0].brief[2]"
    assert 5_000 < state["size"]["bytes"] < state["size"]["limit"] == 102 * 1024
    assert (state["minutes"], state["stories"], state["undo"], state["redo"]) == (1, 4, False, False)
    assert {"text": "Stadium lights are replaced, u3", "url": "https://garrisonpost.example/u3"} in state["links"]
    assert ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"] in state["headers"]
    assert state["recipients"] == {"list": "weekly", "count": 0}


def test_a_finding_names_the_place_that_it_speaks_of(newsroom):
    browser = opened(newsroom)

    _, state = asked(browser, "/change", change={"do": "set", "place": "section[0].brief[1]", "key": "link", "value": ""})

    found = [finding for finding in state["findings"] if finding["rule"] == "every-link-is-web"]
    assert [(one["place"], one["severity"], one["message"]) for one in found] == [("section[0].brief[1]", "warning", "has no link.")]
    assert "story" in the_plan(newsroom).read_text("utf-8").splitlines()[found[0]["line"] - 1]


def test_pictures_on_disk_are_shown_from_here(newsroom):
    browser = opened(newsroom)
    state = browser.get("/state").json()

    assert state["lead"]["image"]["shown"] == "/picture/0"
    (address, here), = state["pictures"].items()  # fmt: skip
    assert address in browser.get("/mail").text
    answer = browser.get(here)
    assert (answer.content, answer.headers["content-type"]) == (PICTURE, "image/png")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert browser.get("/picture/1").status_code == 404
    (newsroom.root / "pictures" / "pier.png").unlink()
    assert browser.get(here).status_code == 404


@pytest.mark.parametrize("path", ["digest.keys", "../outside.png", "/etc/passwd", "digest.toml"])
def test_no_other_file_is_ever_shown_as_a_picture(newsroom, path):
    (newsroom.root.parent / "outside.png").write_bytes(PICTURE)
    the_plan(newsroom).write_text(the_plan(newsroom).read_text("utf-8").replace("pictures/pier.png", path), "utf-8")
    browser = opened(newsroom)

    assert browser.get("/state").json()["lead"]["image"]["shown"] == ""
    assert browser.get("/picture/0").status_code == 404


def test_images_off_is_a_rule_of_the_answer(newsroom):
    browser = opened(newsroom)

    assert "img-src 'none'" in browser.get("/mail?images=off").headers["content-security-policy"]
    assert "img-src 'self' http: https:" in browser.get("/mail").headers["content-security-policy"]


def test_the_mail_is_had_as_a_file(newsroom):
    answer = opened(newsroom).get("/eml")

    assert answer.headers["content-disposition"] == 'attachment; filename="2025-W33.eml"'
    mail = message_from_bytes(answer.content, policy=policy.default)
    assert mail["Subject"] == "Stadium lights are replaced, u3"
    assert "/unsubscribe/preview" in mail["List-Unsubscribe"]


def test_stories_are_searched_and_explained(newsroom):
    browser = opened(newsroom)
    (found,) = browser.get("/search?q=runway u4").json()

    told = browser.get(f"/story/{found['id']}").json()

    assert (found["headline"], found["in"]) == ("Airfield closes its short runway, u4", "section[0].brief[0]")
    assert told["headline"] == found["headline"] and told["spans"] and told["reason"] == "published in the window"
    assert browser.get("/story/nothing").status_code == 404


def test_a_fault_is_told_in_place_of_the_mail(newsroom):
    browser = opened(newsroom)
    the_plan(newsroom).write_text("subject = ", "utf-8")

    assert "is not valid TOML" in browser.get("/state").json()["fault"]
    assert [browser.get(path).status_code for path in ("/", "/mail", "/text", "/source", "/eml")] == [200, 404, 404, 404, 404]


# --- what it is asked to do


def test_a_change_answers_with_the_new_state(newsroom):
    browser = opened(newsroom)

    code, state = asked(browser, "/change", change=subject("Pier reopens"))

    assert (code, state["subject"], state["undo"]) == (200, "Pier reopens", True)
    assert state["stamp"] == browser.get("/stamp").json()["stamp"]
    assert asked(browser, "/undo")[1]["subject"] == "Stadium lights are replaced, u3"
    assert asked(browser, "/redo")[1]["subject"] == "Pier reopens"


def test_the_subjects_to_choose_from_follow_the_plan_and_a_chosen_one_is_written_into_it(newsroom):
    browser = opened(newsroom)
    first, other, *_ = browser.get("/state").json()["subjects"]

    _, chosen = asked(browser, "/change", change=subject(other))
    _, renamed = asked(browser, "/change", change={"do": "set", "place": "lead", "key": "headline", "value": "Pier reopens"})

    assert f'subject = "{other}"' in the_plan(newsroom).read_text("utf-8")
    assert (chosen["subject"], chosen["subjects"][:2]) == (other, [first, other])
    assert (renamed["subject"], renamed["subjects"][0]) == (other, "Pier reopens")


def test_a_tab_that_is_behind_is_told_what_there_is_now(newsroom):
    browser = opened(newsroom)
    before = browser.get("/stamp").json()["stamp"]
    asked(browser, "/change", change=subject("The first"))

    for path, question in (("/change", {"change": subject("The second")}), ("/undo", {}), ("/redo", {}), ("/approve", {"sure": True})):
        answer = browser.post(path, json={"stamp": before, **question})
        assert answer.status_code == 409
        assert "changed elsewhere" in answer.json()["error"]
        assert answer.json()["state"]["subject"] == "The first"


def test_approval_asks_about_warnings_and_tells_errors(newsroom):
    browser = opened(newsroom)
    asked(browser, "/change", change=subject("x" * 90))

    code, answer = asked(browser, "/approve", sure=False)
    assert (code, [one["place"] for one in answer["ask"]], answer["state"]["state"]) == (200, ["subject"], "planned")
    code, answer = asked(browser, "/approve", sure=True)
    assert (code, answer["state"]["state"]) == (200, "approved")

    _, state = asked(browser, "/change", change={"do": "set", "place": "lead", "key": "alt", "value": ""})
    assert state["state"] == "planned"
    code, answer = asked(browser, "/approve", sure=True)
    assert code == 422 and "has no alt text" in answer["errors"][0]


def test_a_test_goes_to_the_address_that_is_given(newsroom):
    browser = opened(newsroom)

    assert browser.post("/test", json={"address": "ann@inbox.example"}).json() == {"sent": "ann@inbox.example"}

    (mail,) = (newsroom.root / "outbox").rglob("*.eml")
    assert b"[Test] Stadium lights" in mail.read_bytes()
    assert browser.post("/test", json={}).status_code == 422


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'"x"', b"\xff", b"[" * 100_000, b'{"stamp": "\\ud800"}', b'{"stamp": 7}', b'{"stamp": "x"}']
)
def test_a_question_that_cannot_be_understood_changes_nothing(newsroom, body):
    browser, before = opened(newsroom), the_plan(newsroom).read_bytes()

    for path in ACTS:
        answer = browser.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (409, 422) and answer.json()["error"]

    assert the_plan(newsroom).read_bytes() == before


def test_half_a_character_is_never_written(newsroom):
    browser, before = opened(newsroom), the_plan(newsroom).read_bytes()
    stamp = browser.get("/stamp").json()["stamp"]
    question = json.dumps({"stamp": stamp, "change": subject("half a pair: \ud800")})

    answer = browser.post("/change", content=question, headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert the_plan(newsroom).read_bytes() == before


def test_a_question_that_is_too_long_is_refused(newsroom):
    answer = opened(newsroom).post("/change", content=b" " * (LARGEST + 1), headers={"content-type": "application/json"})

    assert answer.status_code == 413


# --- whom it lets in


def test_the_address_is_exchanged_for_a_cookie_that_no_script_and_no_other_site_can_use(newsroom):
    browser = a_browser(newsroom)

    answer = browser.get(f"/?token={TOKEN}", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=strict" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("path", [*VIEWS, "/?token=wrong", "/?token="])
def test_without_the_key_every_address_is_refused_with_a_plain_word(newsroom, path):
    answer = a_browser(newsroom).get(path)

    assert answer.status_code == 403
    assert answer.text == "Open the address that digest printed: it holds the key to this page."


@pytest.mark.parametrize("path", ACTS)
def test_without_the_key_nothing_can_be_done(newsroom, path):
    before = the_plan(newsroom).read_bytes()
    stamp = a_desk(newsroom).stamp()

    answer = a_browser(newsroom, origin=HERE).post(
        f"{path}?token={TOKEN}", json={"stamp": stamp, "change": subject("Hacked"), "sure": True}
    )

    assert answer.status_code == 403
    assert the_plan(newsroom).read_bytes() == before and not newsroom.issues.is_sealed(ISSUE)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000", "[::1]"])
def test_this_machine_is_let_in_by_each_of_its_names(newsroom, host):
    browser = a_browser(newsroom)
    browser.get(f"/?token={TOKEN}")

    assert browser.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "evil@localhost:1:2", "", "10.0.0.8:8000"]
)
def test_another_name_is_refused_even_with_the_key(newsroom, host):
    browser = opened(newsroom)

    for path in ("/", f"/?token={TOKEN}", "/state", "/mail"):
        assert browser.get(path, headers={"host": host, "origin": f"http://{host}"}).status_code == 403
    stamp = browser.get("/stamp").json()["stamp"]
    answer = browser.post("/change", json={"stamp": stamp, "change": subject("Hacked")}, headers={"host": host, "origin": f"http://{host}"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8000", "https://127.0.0.1:8000", "", "*", None]
)
def test_a_page_of_another_site_can_do_nothing_even_with_the_cookie(newsroom, origin):
    browser, before = opened(newsroom), the_plan(newsroom).read_bytes()
    stamp = browser.get("/stamp").json()["stamp"]
    if origin is None:
        del browser.headers["origin"]
    else:
        browser.headers["origin"] = origin

    for path in ACTS:
        answer = browser.post(path, json={"stamp": stamp, "change": subject("Hacked"), "sure": True, "address": "ann@inbox.example"})
        assert answer.status_code == 403
    if origin is not None:
        assert browser.get("/state").status_code == 403

    assert the_plan(newsroom).read_bytes() == before and not newsroom.issues.is_sealed(ISSUE)
    assert not (newsroom.root / "outbox").exists()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonx"]
)
def test_a_form_of_another_site_is_never_understood(newsroom, kind):
    browser = opened(newsroom)
    body = json.dumps({"stamp": browser.get("/stamp").json()["stamp"], "change": subject("Hacked")})

    for path in ACTS:
        assert browser.post(path, content=body, headers={"content-type": kind}).status_code == 415

    assert "Hacked" not in the_plan(newsroom).read_text("utf-8")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_no_other_method_does_anything(newsroom, method):
    browser = opened(newsroom)

    assert [browser.request(method, path).status_code for path in ACTS] == [405] * len(ACTS)


@pytest.mark.parametrize("path", [path for path in VIEWS if path not in ("/mail", "/picture/0")])
def test_every_answer_carries_strict_rules(newsroom, path):
    answer = opened(newsroom).get(path)

    rules = answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in rules and "script-src 'self';" in rules and "unsafe" not in rules
    assert "frame-ancestors 'none'" in rules and "form-action 'none'" in rules


def test_no_script_may_run_in_the_mail(newsroom):
    for path in ("/mail", "/mail?images=off"):
        rules = opened(newsroom).get(path).headers["content-security-policy"]

        assert rules.startswith("sandbox ") and "allow-scripts" not in rules and "allow-top-navigation" not in rules
        assert "default-src 'none'" in rules and "script-src" not in rules and "form-action 'none'" in rules


# --- hostile stories


@pytest.fixture
def hostile(newsroom) -> TestClient:
    """A desk whose lead is written by somebody who means harm."""
    story = f"{HOSTILE} said the mayor of the town on Tuesday at noon. {'x' * 10_000} </script><!-- ]]> came next."
    a_story_file(newsroom.root, "evil", text=story, title=f"'{HOSTILE} wins'", url="https://garrisonpost.example/evil")
    gather_sources(newsroom, now=MONDAY)
    browser = opened(newsroom)
    (found,) = browser.get("/search", params={"q": "mayor of the town"}).json()
    for change in (
        {"do": "add", "brief": {"story": found["id"]}, "section": 0, "at": 0},
        {"do": "lead", "place": "section[0].brief[0]"},
        {"do": "set", "place": "lead", "key": "headline", "value": HOSTILE},
        {"do": "set", "place": "lead", "key": "summary", "value": f"{HOSTILE} {'x' * 10_000}"},
        {"do": "set", "place": "lead", "key": "link", "value": "javascript:top.hacked=1"},
        {"do": "note", "text": f"{HOSTILE} [one](javascript:alert(1))", "by": HOSTILE},
        subject(HOSTILE),
    ):
        assert asked(browser, "/change", change=change)[0] == 200
    return browser


def test_hostile_words_stay_words(hostile):
    page, mail = hostile.get("/").text, hostile.get("/mail").text
    state = hostile.get("/state").json()

    assert state["lead"]["headline"] == state["subject"] == HOSTILE
    for shown in (page, mail):
        assert (
            "<script>top" not in shown
            and "<svg" not in shown
            and "onerror=alert(1)>" not in shown.replace("&lt;img src=x onerror=alert(1)&gt;", "")
        )
    assert "javascript:" not in mail.replace("&lt;", "<").partition("<body")[2].replace("[one](javascript:alert(1))", "")
    assert "x" * 10_000 in mail


def test_hostile_words_are_never_an_answer_that_a_browser_reads_as_a_page(hostile):
    for path in ("/state", "/search?q=mayor", f"/story/{hostile.get('/state').json()['lead']['story']}"):
        assert hostile.get(path).headers["content-type"] == "application/json"
    for path in ("/text", "/source"):
        assert hostile.get(path).headers["content-type"].startswith("text/plain")


def test_a_hostile_link_is_an_error_and_is_not_approved(hostile):
    code, answer = asked(hostile, "/approve", sure=True)

    assert code == 422 and any("javascript:" in error for error in answer["errors"])


# --- how it is served


def test_a_taken_port_is_told_with_a_way_out(newsroom):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(DigestError, match=f"Port {port} of 127.0.0.1") as refused:
            serve(desk(a_desk(newsroom), token=TOKEN), port=port, ready=lambda address: None)

    assert "another port" in refused.value.hint


def test_ctrl_c_ends_it_without_a_word(newsroom):
    running = subprocess.Popen(
        [sys.executable, "-m", "digest.cli", "preview", "--no-open", "--newsroom", newsroom.root],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONDEVMODE": "", "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert running.stdout is not None
    address = running.stdout.readline().partition("http://127.0.0.1:")[2]
    port = int(address.partition("/?token=")[0])
    running.stdout.readline()

    with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert caller.recv(100).startswith(b"HTTP/1.1 403")
        running.send_signal(signal.SIGINT)
        said, complained = running.communicate(timeout=20)

    assert (said, complained, running.returncode) == ("", "", 0)
