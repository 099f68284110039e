"""Whoever opens a link changes nothing; whoever presses the button, or whose mail program does, leaves; and only they."""

import asyncio
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from digest.audience.links import Holder, sign
from digest.errors import Busy, ConfigError
from digest.model import Recipient
from digest.newsroom import Newsroom, open_newsroom
from digest.serve.public import BODY, public
from digest.store.tables import membership
from digest.workflow.approve import sealed
from digest.workflow.letters import letters_of
from tests.approved import ISSUE, MONDAY, a_ready_newsroom, approve, on_its_way
from tests.languages import MASTHEADS
from tests.ledgers import people
from tests.make import CONFIG

PUBLIC = "https://news.garrisonpost.example"
PICTURE = b"\x89PNG\r\n\x1a\n picture"
LATER = datetime(2025, 8, 19, 7, tzinfo=UTC)
ONE_CLICK = {"content": "List-Unsubscribe=One-Click", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}


@pytest.fixture(scope="module")
def sent(tmp_path_factory) -> Path:
    """A newsroom whose issue, with a picture, is on its way to three readers; one of them is on another list too."""
    folder = tmp_path_factory.mktemp("sent")
    newsroom = a_ready_newsroom(folder)
    (folder / "pictures").mkdir()
    (folder / "pictures" / "pier.png").write_bytes(PICTURE)
    plan = newsroom.issues.path(ISSUE) / "plan.toml"
    image = 'image = "pictures/pier.png"\nalt = "A pier"\nsize = [600, 400]\n'
    plan.write_text(plan.read_text("utf-8").replace("date = 2025-08-12\n", f"date = 2025-08-12\n{image}", 1), "utf-8")
    approve(newsroom)
    database = newsroom.issues._database
    people(database, 3)
    with database.writing() as connection:
        joined = {"subscriber": 2, "list": "daily", "status": "active", "consent_source": "", "consent_how": "", "changed_at": MONDAY}
        connection.execute(membership.insert(), [joined])
    on_its_way(newsroom)
    return folder


@pytest.fixture
def newsroom(sent, tmp_path) -> Newsroom:
    return open_newsroom(shutil.copytree(sent, tmp_path / "newsroom"))


def visitor(newsroom: Newsroom, **changes: Any) -> TestClient:
    return TestClient(public(newsroom, lambda: LATER, **changes), base_url=PUBLIC, follow_redirects=False)


def the_mail(newsroom: Newsroom, subscriber: int = 2) -> bytes:
    sending = newsroom.ledger.dispatch(ISSUE)
    recipient = Recipient(subscriber, subscriber, f"reader{subscriber}@inbox.example", "")
    return sealed(newsroom, ISSUE).message.wire(letters_of(newsroom, sending)(recipient))


def the_link(newsroom: Newsroom, subscriber: int = 2) -> str:
    """The https address of a really compiled mail's List-Unsubscribe header, without its host."""
    header = message_from_bytes(the_mail(newsroom, subscriber), policy=policy.default)["List-Unsubscribe"]
    return re.fullmatch(rf"<{PUBLIC}(/\S+)>", header)[1]


def standing(newsroom: Newsroom) -> dict[tuple[int, str], str]:
    """Everybody's status, by person and list."""
    with newsroom.issues._database.reading() as connection:
        return {(row.subscriber, row.list): row.status for row in connection.execute(select(membership))}


EVERYBODY = {(1, "weekly"): "active", (2, "weekly"): "active", (3, "weekly"): "active", (2, "daily"): "active"}


# --- leaving


def test_a_post_to_the_address_in_a_sent_mail_takes_exactly_that_person_off_that_list(newsroom):
    answer = visitor(newsroom).post(the_link(newsroom), **ONE_CLICK)

    assert answer.status_code == 200
    assert standing(newsroom) == EVERYBODY | {(2, "weekly"): "left"}
    with newsroom.issues._database.reading() as connection:
        at = connection.execute(select(membership.c.changed_at).where(membership.c.status == "left")).scalar_one()
    assert at == LATER


def test_the_button_of_the_page_does_the_same(newsroom):
    reader = visitor(newsroom)
    page = reader.get(the_link(newsroom))

    form = re.search(r'<form method="post"><button>(.*?)</button></form>', page.text)
    answer = reader.post(page.url.path)

    assert form[1] == "Unsubscribe"
    assert "Unsubscribe from <bdi>Weekly Headlines</bdi>?" in page.text
    assert "You are unsubscribed from <bdi>Weekly Headlines</bdi>" in answer.text
    assert standing(newsroom) == EVERYBODY | {(2, "weekly"): "left"}


def test_ten_thousand_visits_to_unsubscribe_links_take_nobody_off(newsroom):
    app = public(newsroom, lambda: LATER)
    links = [the_link(newsroom, subscriber) for subscriber in (1, 2, 3)]

    async def visits() -> set[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC) as scanner:
            seen = set()
            for at in range(10_000):
                seen.add((await scanner.request("HEAD" if at % 2 else "GET", links[at % 3])).status_code)
            return seen

    with ThreadPoolExecutor() as thread:  # a browser of other tests may keep this one's loop
        assert thread.submit(asyncio.run, visits()).result() == {200}
    assert standing(newsroom) == EVERYBODY
    visitor(newsroom).post(links[0])
    assert standing(newsroom) == EVERYBODY | {(1, "weekly"): "left"}  # or the links were of no use, and the visits proved nothing


def test_leaving_twice_is_leaving_once(newsroom):
    reader = visitor(newsroom)

    answers = [reader.post(the_link(newsroom), **ONE_CLICK) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.text for answer in answers}) == 1
    assert standing(newsroom) == EVERYBODY | {(2, "weekly"): "left"}


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "text/plain", ""]
)
def test_any_kind_of_body_will_do(newsroom, kind):
    answer = visitor(newsroom).post(the_link(newsroom), content=b"List-Unsubscribe=One-Click", headers={"Content-Type": kind})

    assert answer.status_code == 200
    assert standing(newsroom)[2, "weekly"] == "left"


def test_a_body_that_is_larger_than_any_mail_program_sends_is_refused(newsroom):
    reader = visitor(newsroom)

    assert reader.post(the_link(newsroom), content=b"x" * (BODY + 1)).status_code == 413
    assert standing(newsroom) == EVERYBODY
    assert reader.post(the_link(newsroom), content=b"x" * BODY).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_no_other_method_takes_anybody_off(newsroom, method):
    answer = visitor(newsroom).request(method, the_link(newsroom))

    assert answer.status_code == 405
    assert standing(newsroom) == EVERYBODY


def test_a_reader_on_the_seed_list_leaves_that_too(newsroom):
    with newsroom.issues._database.writing() as connection:
        row = {"subscriber": 2, "list": "seed", "status": "active", "consent_source": "", "consent_how": "", "changed_at": MONDAY}
        connection.execute(membership.insert(), [row])

    visitor(newsroom).post(the_link(newsroom))

    assert standing(newsroom)[2, "seed"] == "left"


def test_somebody_who_was_forgotten_meanwhile_is_answered_alike(newsroom):
    with newsroom.issues._database.writing() as connection:
        connection.execute(membership.delete().where(membership.c.subscriber == 2))

    answer = visitor(newsroom).post(the_link(newsroom))

    assert answer.status_code == 200 and "You are unsubscribed" in answer.text


# --- links that are not ours


def bad_links(newsroom: Newsroom) -> dict[str, str]:
    good = the_link(newsroom)
    of_another = Holder(subscriber=2, dispatch=1, list="weekly")
    return {
        "preview": "/unsubscribe/preview",
        "changed": good[:-1] + "z",
        "of another person": good.replace(".2.", ".3."),
        "of another purpose": "/unsubscribe/" + sign(newsroom.keys, "view", of_another),
        "empty": "/unsubscribe/",
        "long": "/unsubscribe/" + "a" * 5_000,
        "odd": "/unsubscribe/%00%ff%0d%0a..",
    }


@pytest.mark.parametrize("kind", ["preview", "changed", "of another person", "of another purpose", "empty", "long", "odd"])
def test_a_link_that_is_not_ours_is_told_nothing(newsroom, kind):
    reader, link = visitor(newsroom), bad_links(newsroom)[kind]

    answers = [reader.get(link), reader.post(link, **ONE_CLICK)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text == reader.get("/nothing").text
    assert standing(newsroom) == EVERYBODY


def test_nobody_is_told_that_they_left_when_it_could_not_be_written(newsroom, caplog):
    class Jammed:
        def leave(self, id: int, *, at: datetime, list: str) -> int:
            raise Busy("Another digest is writing.", hint="Wait.")

    answer = visitor(newsroom, leaving=Jammed()).post(the_link(newsroom), **ONE_CLICK)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "nothing has changed" in answer.text
    assert "Another digest is writing. Wait." in caplog.text


def test_a_newsroom_without_keys_serves_nothing(newsroom):
    (newsroom.root / "digest.keys").unlink()

    with pytest.raises(ConfigError, match="There is no digest"):
        public(newsroom, lambda: LATER)


# --- the issue in a browser


def view_link(newsroom: Newsroom) -> str:
    text = message_from_bytes(the_mail(newsroom)).get_payload()[0].get_payload(decode=True).decode()
    return re.search(rf"{PUBLIC}(/view/\S+)", text)[1]


def test_an_issue_is_shown_as_it_was_approved(newsroom):
    answer = visitor(newsroom).get(view_link(newsroom))

    assert answer.status_code == 200
    assert answer.content == newsroom.issues.sealed_path(ISSUE, "email.html").read_bytes()
    assert "reader2@inbox.example" not in answer.text and "/unsubscribe/preview" in answer.text


def test_its_pictures_are_those_that_were_approved(newsroom):
    (newsroom.root / "pictures" / "pier.png").write_bytes(b"another")
    reader = visitor(newsroom)
    page = reader.get(view_link(newsroom)).text

    address = unescape(re.search(rf'src="({PUBLIC}/issues/[^"]+)"', page)[1])
    answer = reader.get(address)

    assert answer.content == PICTURE
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    "address",
    [
        "/view/preview",
        "/view/",
        "/issues/2025-W33/images/none.png",
        "/issues/2025-W33/images/..%2f..%2fplan.toml",
        "/issues/2025-W33/images/%2e%2e%2fmessage.eml",
        "/issues/2025-W33/images/..%2fmessage.eml",
        "/issues/..%2f2025-W33/images/pictures-pier.png",
        "/issues/.2025-W33/images/pictures-pier.png",
        "/issues/2025-W34/images/pictures-pier.png",
        "/issues/2025-W33/plan.toml",
        "/issues/2025-W33/approved/message.eml",
        "/digest.keys",
        "/",
    ],
)
def test_nothing_else_is_shown(newsroom, address):
    answer = visitor(newsroom).get(address)

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_the_pictures_of_an_issue_that_is_not_approved_are_not_shown(newsroom):
    shutil.rmtree(newsroom.issues.path(ISSUE) / "approved")

    assert visitor(newsroom).get("/issues/2025-W33/images/pictures-pier.png").status_code == 404


def test_a_link_to_leave_shows_no_issue(newsroom):
    token = the_link(newsroom).rpartition("/")[2]

    assert visitor(newsroom).get(f"/view/{token}").status_code == 404


# --- what every page keeps


def test_no_page_is_kept_found_framed_or_told_on(newsroom):
    reader = visitor(newsroom)
    pages = [reader.get(the_link(newsroom)), reader.post(the_link(newsroom)), reader.get(view_link(newsroom)), reader.get("/none")]

    for page in pages:
        rules = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in rules and "frame-ancestors 'none'" in rules and "script-src" not in rules
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in page.headers
        assert "<script" not in page.text


def test_it_says_that_it_is_well(newsroom):
    assert visitor(newsroom).get("/health").text == "ok"


# --- in the newsroom's language


@pytest.mark.parametrize("language", MASTHEADS)
def test_the_pages_speak_the_newsrooms_language(tmp_path, language):
    config = CONFIG.replace("[newsroom]", f'[newsroom]\nlanguage = "{language}"')
    newsroom = a_ready_newsroom(tmp_path, config)
    link = "/unsubscribe/" + sign(newsroom.keys, "unsubscribe", Holder(subscriber=1, dispatch=1, list="weekly"))
    reader = visitor(newsroom)

    pages = [reader.get(link).text, reader.post(link).text, reader.get("/none").text]

    english = [visitor(a_ready_newsroom(tmp_path / "en")).get("/none").text]
    for page in pages:
        said = re.sub(
            r"<bdi>.*?</bdi>|<[^>]+>|The Garrison Post|Weekly Headlines", "", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
        )
        if language != "es":
            assert re.findall("[A-Za-z]+", said) == []
        assert f'lang="{language}"' in page and ('dir="rtl"' in page) == (language == "ar")
        assert page not in english and "{title}" not in page


def test_a_list_without_an_edition_is_called_by_the_publisher(newsroom):
    link = "/unsubscribe/" + sign(newsroom.keys, "unsubscribe", Holder(subscriber=1, dispatch=1, list="partners"))

    assert "Unsubscribe from <bdi>The Garrison Post</bdi>?" in visitor(newsroom).get(link).text


def test_a_name_with_markup_in_it_stays_a_name(tmp_path):
    newsroom = a_ready_newsroom(tmp_path, CONFIG.replace("Weekly Headlines", "<b>Weekly</b> & more {title}"))
    link = "/unsubscribe/" + sign(newsroom.keys, "unsubscribe", Holder(subscriber=1, dispatch=1, list="weekly"))

    assert "<bdi>&lt;b&gt;Weekly&lt;/b&gt; &amp; more {title}</bdi>" in visitor(newsroom).get(link).text
