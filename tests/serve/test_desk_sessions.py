"""A producer's day on the desk, in a real browser on a real newsroom: by mouse, by keyboard, in two tabs, beside a text editor."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from digest.cli.editing import SAMPLE_WEEK
from digest.edit import window
from digest.edit.plan import read_plan
from digest.model import Issue
from digest.workflow.build import build_issue
from digest.workflow.gather import gather_sources
from digest.workflow.start import open_sample
from tests.make import A_TUESDAY
from tests.outside.programs import package

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
LEAD = "Trump and Putin leave Alaska base without a ceasefire"
FIRST = "Putin briefs Kim by phone three days before Alaska summit"
SECOND = "Russians are guests of honor as Pyongyang marks 80 years since Japan's defeat"
THIRD = "What the treaty between Moscow and Pyongyang asks of each side"
PODUL = "Typhoon Podul comes ashore in southeastern Taiwan"
RUN = "hacked"
HOSTILE = f"""<script>top.{RUN} = 1</script><svg onload="top.{RUN} = 1"></svg><img src=x onerror='top.{RUN} = 1'>"""


@dataclass
class Desk:
    """A newsroom whose issue is on the desk, and a browser at it."""

    folder: Path
    address: str  # with the key
    page: "Page"

    @property
    def plan(self) -> Path:
        return self.folder / "issues" / SAMPLE_WEEK / "plan.toml"

    def issue(self) -> Issue:
        return read_plan(self.plan.read_text(encoding="utf-8"), where="plan.toml")

    def card(self, headline: str) -> "Locator":
        return self.page.locator(".row", has=self.page.get_by_role("button", name=headline, exact=True))

    def cards(self) -> list[str]:
        """The headlines of the cards, sections' titles among them, from top to bottom."""
        return self.page.locator("#cards .headline").all_inner_texts()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        """The words of what has the keyboard."""
        return str(self.page.evaluate("document.activeElement.textContent"))

    def mail(self) -> bytes:
        """The bytes of the mail as it is shown."""
        return self.page.request.get(self.address.partition("?")[0] + "mail").body()

    def approved(self) -> bytes:
        """The HTML that was sealed, once its hash was looked over."""
        folder = self.plan.parent / "approved"
        seal, html = json.loads((folder / "seal.json").read_text()), (folder / "email.html").read_bytes()
        assert seal["plan"] == hashlib.sha256(self.plan.read_bytes()).hexdigest()
        assert seal["files"]["email.html"] == hashlib.sha256(html).hexdigest()
        return html


def built(folder: Path) -> Path:
    """The sample newsroom with its week built."""
    newsroom = open_sample(folder)
    edition = newsroom.edition("week")
    gather_sources(newsroom, now=A_TUESDAY)
    build_issue(newsroom, window.week(SAMPLE_WEEK, edition=edition, zone=newsroom.settings.zone, now=A_TUESDAY), edition, now=A_TUESDAY)
    return folder


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("newsroom"))


@contextmanager
def preview(folder: Path) -> Iterator[str]:
    """`digest preview` as a person starts it; gives the address that it prints."""
    command = [sys.executable, "-m", "digest.cli", "preview", SAMPLE_WEEK, "--no-open"]
    running = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=os.environ | {"COLUMNS": "500"})
    assert running.stdout is not None
    try:
        found = re.search(r"http://\S+", running.stdout.readline())
        assert found, "it printed no address"
        yield found[0]
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


@contextmanager
def visited(chromium: "Browser", address: str, errors: list[str], **context: Any) -> Iterator["Page"]:
    """The desk in a browser window of its own; its script may fail nowhere."""
    page = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}).new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" and "Failed to load" not in said.text else None)
    page.goto(address)
    page.locator("#mail").wait_for()
    yield page
    page.context.close()


Open = Callable[..., Desk]


@pytest.fixture
def desk(chromium: "Browser", newsroom: Path, tmp_path: Path) -> Iterator[Open]:
    """Puts a newsroom (by default the sample's) on the desk."""
    errors: list[str] = []
    with ExitStack() as stack:

        def opened(folder: Path | None = None, **context: Any) -> Desk:
            if folder is None:
                folder = shutil.copytree(newsroom, tmp_path / "newsroom")
            address = stack.enter_context(preview(folder))
            return Desk(folder, address, stack.enter_context(visited(chromium, address, errors, **context)))

        yield opened
    assert errors == []


def until(condition: Callable[[], bool], words: str) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, f"not within 10 s: {words}"
        time.sleep(0.02)


def no_dialog(page: "Page") -> None:
    page.locator("dialog[open]").wait_for(state="detached")


def in_order(issue: Issue, section: int) -> list[str]:
    return [brief.headline for brief in issue.sections[section].briefs]


def drag(desk: Desk, what: "Locator", onto: "Locator", *, share: float = 0.25) -> None:
    """Drag it by its handle over another, to this share of the other's height."""
    onto.evaluate("node => node.scrollIntoView({block: 'center'})")
    box = "node => (({x, y, height}) => ({x, y, height}))(node.getBoundingClientRect())"
    start, end = what.locator(".handle").first.evaluate(box), onto.evaluate(box)
    desk.page.mouse.move(start["x"] + 5, start["y"] + 5)
    desk.page.mouse.down()
    desk.page.mouse.move(end["x"] + 40, end["y"] + end["height"] * share - 10, steps=3)
    desk.page.mouse.move(end["x"] + 40, end["y"] + end["height"] * share, steps=2)
    desk.page.mouse.up()


# --- whole sessions


def test_a_session_by_mouse_ends_in_an_approved_issue_whose_bytes_are_those_that_were_shown(desk: Open):
    at = desk()
    comments = remarks(at)
    reorder_by_mouse(at)
    rewrite_by_mouse(at)
    restore_and_rename_by_mouse(at)
    add_by_mouse(at)

    shown = at.mail()
    approve(at)

    assert at.approved() == shown
    assert b"gleefully" in shown and b"Half price" in shown
    assert remarks(at) == comments
    at.card(PODUL).locator(".meta").click()
    at.card(PODUL).get_by_role("button", name="unpin").click()
    at.page.get_by_text("took the approval back").wait_for()
    assert at.page.locator("#state").inner_text() == "draft · saved"
    assert not (at.plan.parent / "approved" / "seal.json").exists()


def remarks(at: Desk) -> list[str]:
    return [line for line in at.plan.read_text().splitlines() if line.startswith("#")]


def reorder_by_mouse(at: Desk) -> None:
    page = at.page
    at.card(THIRD).locator(".meta").click()
    at.card(THIRD).get_by_role("button", name="drop").click()
    page.get_by_role("button", name="Undo", exact=True).last.click()
    until(lambda: THIRD in in_order(at.issue(), 0), "undone")
    drag(at, at.card(THIRD), at.card(FIRST))
    until(lambda: in_order(at.issue(), 0) == at.cards()[2:5] == [THIRD, FIRST, SECOND], "dragged up")
    drag(at, at.card(SECOND), at.card(PODUL), share=0.9)
    until(lambda: in_order(at.issue(), 1)[:2] == at.cards()[5:7] == [PODUL, SECOND], "dragged into the next section")
    drag(at, at.card("Typhoon Podul"), at.card("Russia–North Korea ties"))
    until(lambda: at.issue().sections[0].title == at.cards()[1] == "Typhoon Podul", "a section dragged")


def rewrite_by_mouse(at: Desk) -> None:
    page = at.page
    at.card(FIRST).locator(".headline").dblclick()
    page.get_by_label("Headline", exact=True).fill("Putin telephones Kim")
    page.get_by_label("Summary").fill("The Kremlin telephoned Kim, gleefully.")
    page.get_by_role("button", name="Done").click()
    page.frame_locator("#mail").get_by_text("The Kremlin telephoned Kim, gleefully.").wait_for()
    at.card("Putin telephones Kim").locator("p.summary mark", has_text="gleefully").wait_for()
    at.card("Putin telephones Kim").get_by_role("button", name="lead").click()
    until(lambda: (at.issue().lead or at.issue()).headline == "Putin telephones Kim", "promoted")  # type: ignore[union-attr]
    assert LEAD in [brief.headline for section in at.issue().sections for brief in section.briefs]
    at.card(PODUL).locator(".meta").click()
    at.card(PODUL).get_by_role("button", name="pin").click()
    until(lambda: at.issue().sections[0].briefs[0].pinned, "pinned")


def restore_and_rename_by_mouse(at: Desk) -> None:
    page = at.page
    page.get_by_role("button", name=re.compile("^Show: Left out")).click()
    out = page.locator(".row.out").first
    left_out = out.locator(".headline").inner_text()
    out.locator(".meta").click()
    out.get_by_role("button", name="restore").click()
    until(lambda: left_out in in_order(at.issue(), -1), "restored")
    at.card("Typhoon Podul").hover()
    page.get_by_role("button", name="Rename Typhoon Podul").click()
    page.get_by_role("button", name="Taiwan typhoon").click()
    page.get_by_role("button", name="Save", exact=True).click()
    until(lambda: at.issue().sections[0].title == "Taiwan typhoon", "renamed")


def add_by_mouse(at: Desk) -> None:
    page = at.page
    page.locator("#add").click()
    page.get_by_role("button", name="An editor’s note").click()
    page.get_by_role("textbox", name="Note").fill("Two threads ran *through* the week.")
    page.get_by_role("button", name="Save the note").click()
    page.frame_locator("#mail").get_by_text("Two threads ran").wait_for()
    page.locator("#add").click()
    page.get_by_role("button", name="A sponsor").click()
    page.locator("dialog").get_by_label("Name").fill("Signal Row Books")
    page.locator("dialog").get_by_label("Text").fill("Half price this week.")
    page.locator("dialog").get_by_label("Link").fill("https://books.example/")
    page.get_by_label("Until").fill("2025-08-31")
    page.get_by_role("button", name="Add the sponsor").click()
    until(lambda: bool(at.issue().sponsors and at.issue().sponsors[0].last), "sponsored")
    no_dialog(page)
    page.get_by_label("Subject").fill("Putin telephones Kim; Podul comes ashore")
    page.get_by_label("Preheader").click()
    until(lambda: at.issue().subject == "Putin telephones Kim; Podul comes ashore", "the subject saved")
    page.locator("#inbox").get_by_text("Putin telephones Kim; Podul comes ashore").wait_for()
    assert page.locator("#subject .count").inner_text() == "40 · fits a phone"


def approve(at: Desk) -> None:
    """Approve by mouse, whatever warnings are open."""
    at.page.locator("#approve").click()
    at.page.locator("dialog .foot button").click()
    at.page.locator("#state.approved").wait_for()


def test_a_session_by_keyboard_alone_ends_in_an_approved_issue_whose_bytes_are_those_that_were_shown(desk: Open):
    at = desk()
    change_by_keyboard(at)
    move_a_section_by_keyboard(at)
    add_by_keyboard(at)

    shown = at.mail()
    at.press("A")
    at.page.locator("dialog .foot button").wait_for()
    at.press("Enter")
    at.page.locator("#state.approved").wait_for()
    assert at.approved() == shown
    assert b"word by word" in shown and b"The canteen closes early" in shown


def change_by_keyboard(at: Desk) -> None:
    at.press("j", "j")
    assert at.focused() == FIRST
    at.press("x")
    until(lambda: in_order(at.issue(), 0) == [SECOND, THIRD], "dropped")
    until(lambda: at.focused() == SECOND, "the next is chosen")
    at.press("u")
    until(lambda: in_order(at.issue(), 0) == [FIRST, SECOND, THIRD], "undone")
    at.press("U")
    until(lambda: in_order(at.issue(), 0) == [SECOND, THIRD], "redone")
    at.press("J")
    until(lambda: in_order(at.issue(), 0) == [THIRD, SECOND], "moved down")
    until(lambda: at.focused() == SECOND, "still chosen")
    at.press("p")
    until(lambda: in_order(at.issue(), 0) == [SECOND, THIRD], "pinned to the top")
    at.press("e", "End")
    at.page.keyboard.type(", word by word")
    at.press("Escape")
    until(lambda: in_order(at.issue(), 0)[0] == f"{SECOND}, word by word", "retitled")
    until(lambda: at.focused() == f"{SECOND}, word by word", "the card has the focus again")
    at.page.frame_locator("#mail").get_by_text(f"{SECOND}, word by word").wait_for()
    at.press("l")
    until(lambda: (at.issue().lead or at.issue()).headline == f"{SECOND}, word by word", "promoted")  # type: ignore[union-attr]


def move_a_section_by_keyboard(at: Desk) -> None:
    until(lambda: at.cards()[0] == f"{SECOND}, word by word", "the lead's card is the first")
    at.press("k", "j")
    title = at.focused()
    at.press("J")
    until(lambda: at.issue().sections[1].title == title, "a section moved")
    at.press("e")
    at.page.keyboard.type("Korea")
    at.press("Enter")
    until(lambda: at.issue().sections[1].title == "Korea", "a section renamed")
    no_dialog(at.page)


def add_by_keyboard(at: Desk) -> None:
    at.press("/")
    at.page.keyboard.type("Allies open Ulchi")
    at.page.get_by_role("button", name=re.compile("^take in: ")).wait_for()
    at.press("Enter", "Enter")
    until(lambda: any("Allies open Ulchi" in brief.headline for section in at.issue().sections for brief in section.briefs), "taken in")
    no_dialog(at.page)
    at.press("a", "Tab")
    assert at.focused().startswith("An item by hand")
    at.press("Enter")
    at.page.keyboard.type("The canteen closes early")
    at.press("Control+Enter")
    until(lambda: any(not brief.story_id for section in at.issue().sections for brief in section.briefs), "written by hand")
    until(lambda: at.focused() == "The canteen closes early", "what was added is chosen")
    at.press("?")
    at.page.get_by_role("heading", name="Keys").last.wait_for()
    at.press("Escape")
    no_dialog(at.page)


def test_on_a_phone_the_words_that_are_searched_for_can_be_read(desk: Open):
    at = desk()
    at.page.set_viewport_size({"width": 390, "height": 800})

    at.press("/")
    at.page.keyboard.type("typhoon")

    box = at.page.get_by_label("Words of the story").bounding_box()
    assert box
    assert box["width"] > 250


# --- several hands


def hold(page: "Page") -> Callable[[], None]:
    """Let this tab hear nothing of changes made elsewhere until the answer is called."""
    held: list[Route] = []
    holding = True

    def hear(route: "Route") -> None:
        if holding:
            held.append(route)
        else:
            route.continue_()

    def release() -> None:
        nonlocal holding
        holding = False
        for route in held:
            route.continue_()

    page.route("**/stamp", hear)
    return release


def test_the_later_of_two_tabs_is_told_and_neither_loses_a_word(desk: Open):
    at = desk()
    other = at.page.context.new_page()
    other.goto(at.address.partition("?")[0])
    other.locator("#mail").wait_for()
    release = hold(other)
    other.wait_for_timeout(50)
    at.page.get_by_label("Subject").fill("From the first tab")
    at.page.get_by_label("Preheader").click()
    until(lambda: at.issue().subject == "From the first tab", "saved by the first")

    other.get_by_label("Subject").fill("From the second tab")
    other.get_by_label("Preheader").click()

    told = other.locator("#subject .said")
    told.get_by_text("changed elsewhere").wait_for()
    assert at.issue().subject == "From the first tab"
    assert other.get_by_label("Subject").input_value() == "From the second tab"
    told.get_by_role("button", name="Save mine").click()
    until(lambda: at.issue().subject == "From the second tab", "saved once it was asked for")
    release()
    until(lambda: at.page.get_by_label("Subject").input_value() == "From the second tab", "the first tab follows by itself")


def test_a_card_moved_in_a_tab_that_is_behind_is_not_moved_and_can_be_moved_then(desk: Open):
    at = desk()
    at.page.keyboard.press("j")
    at.page.keyboard.press("j")
    hold(at.page)
    at.page.wait_for_timeout(50)
    at.plan.write_text(at.plan.read_text().replace(f'headline = "{PODUL}"', 'headline = "Podul is ashore"'))

    at.page.keyboard.press("x")

    at.page.get_by_text("changed elsewhere just now").wait_for()
    assert at.card("Podul is ashore").count() == 1
    assert FIRST in in_order(at.issue(), 0)
    at.page.get_by_role("button", name="Do it now").click()
    until(lambda: FIRST not in in_order(at.issue(), 0), "dropped")
    assert in_order(at.issue(), 1)[0] == "Podul is ashore"


def test_an_edit_in_a_text_editor_shows_up_by_itself_where_the_reader_was(desk: Open):
    at = desk()
    page = at.page
    page.evaluate("stage.scrollTop = 900")
    text = at.plan.read_text()

    at.plan.write_text(text.replace(f'headline = "{FIRST}"', 'headline = "A call before Alaska"'))
    at.card("A call before Alaska").wait_for()
    page.frame_locator("#mail").get_by_text("A call before Alaska").wait_for()
    assert page.evaluate("stage.scrollTop") == 900

    page.get_by_label("Subject").press("End")
    page.keyboard.type("!")
    page.get_by_label("Preheader").click()
    until(lambda: at.issue().subject == f"{LEAD}!", "saved")
    until(lambda: page.frames[-1].title() == f"{LEAD}!", "shown")
    at.plan.write_text("subject = ")
    page.get_by_text("is not valid TOML").wait_for()
    assert page.get_by_label("Subject").input_value() == f"{LEAD}!"
    at.plan.write_text(text)
    page.frame_locator("#mail").get_by_text(FIRST, exact=True).wait_for()
    until(lambda: page.get_by_label("Subject").input_value() == LEAD, "the newest is shown")


# --- a hostile story


def test_no_word_of_a_hostile_story_runs_or_breaks_the_desk(desk: Open, tmp_path: Path):
    folder = tmp_path / "hostile"
    (folder / "stories").mkdir(parents=True)
    words = f"{HOSTILE} {'x' * 10_000}"
    text = json.dumps(f"{words} korea")
    (folder / "stories" / "hostile.md").write_text(
        f"---\ntitle: {text}\ndate: 2025-08-13\nlink: 'javascript:top.{RUN}=1'\nimage: 'javascript:top.{RUN}=1'\nimage_alt: {text}\n"
        f"---\n\n{words} says korea. {HOSTILE} It is a second sentence.\n"
    )
    at = desk(built(folder))
    page = at.page
    plan = at.plan.read_text()
    by_hand = "\n".join(
        f"{key} = {text}" for key in ("headline", "kicker", "summary", "source", "credit", "alt", "caption", "photo_credit")
    )
    links = f'link = "javascript:top.{RUN}=1"\nimage = "javascript:top.{RUN}=1"\n'
    sponsor = f'[[sponsor]]\nname = {text}\ntext = {text}\nlink = "javascript:top.{RUN}=1"\n\n'
    plan = plan.replace("[[section.brief]]", f"[[section.brief]]\n{by_hand}\n{links}\n[[section.brief]]", 1)
    at.plan.write_text(plan.replace("[lead]", f"[note]\ntext = {text}\nby = {text}\n\n{sponsor}[lead]", 1))
    page.locator(".row.note").wait_for()

    page.keyboard.press("j")
    for key in "jjj":
        page.keyboard.press(key)
        page.wait_for_timeout(50)
    page.keyboard.press("e")
    page.keyboard.press("Escape")
    for dialog in "oia/":
        page.keyboard.press(dialog)
        page.wait_for_timeout(100)
        if dialog == "/":
            page.keyboard.type("korea")
            page.locator(".result").first.wait_for()
        page.keyboard.press("Escape")
    for _ in range(5):
        page.keyboard.press("v")
        page.wait_for_timeout(80)
    hostile = page.locator(".row.item").first
    hostile.locator(".meta").click()
    hostile.get_by_role("button", name="edit").click()
    page.frame_locator("#mail").locator("h1, h2, h3").first.click()

    assert page.evaluate(f"window.{RUN}") is None
    assert page.locator("svg, script:not([src]), [onerror], [onload]").count() == 0
    assert [link for link in page.locator("a").evaluate_all("all => all.map(one => one.href)") if link.startswith("javascript")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth && document.getElementById('plan').scrollWidth <= 380")
    assert len(page.context.pages) == 1


# --- everybody can use it


def test_axe_finds_nothing_on_any_page_of_the_desk_in_light_and_dark(desk: Open):
    at = desk()
    page, axe = at.page, (package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(f"() => {{ {axe} }}")
    found: dict[str, list[str]] = {}

    def look(where: str, within: str = "document") -> None:
        page.wait_for_timeout(60)
        asked = {"runOnly": {"type": "tag", "values": LEVELS}, "iframes": False, "resultTypes": ["violations"]}
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            broken = page.evaluate("([within, asked]) => axe.run(within === 'document' ? document : within, asked)", [within, asked])
            for rule in broken["violations"]:
                found[f"{where}, {scheme}: {rule['id']}"] = [node["html"][:200] for node in rule["nodes"]]

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(60)

    at.plan.write_text(at.plan.read_text().replace('alt = "Two cranes', 'alt = ""\ncaption = "').replace('caption = "Trade', '# "Trade'))
    page.get_by_text("1 error").first.wait_for()
    page.get_by_role("button", name=re.compile("^Show: Left out")).click()
    look("the desk with an error")
    press("j", "j", "e")
    look("an open item", "#plan")
    press("Escape")
    for key, name in zip("oiat/A?", ("photo", "explain", "add", "test", "search", "approve", "keys"), strict=True):
        press(key)
        page.locator("dialog[open]").wait_for()
        if key == "/":
            page.keyboard.type("korea")
            page.locator(".result").first.wait_for()
        look(name, "#dialog")
        press("Escape")
    for name in ("An item by hand", "An editor’s note", "A sponsor", "A section"):
        press("a")
        page.get_by_role("button", name=name).click()
        look(name, "#dialog")
        press("Escape")
    press("k", "e")
    look("section", "#dialog")
    press("Escape")
    for part in ("text", "source", "headers", "links"):
        press("v")
        look(part, "#stage")
    hold(page)
    at.plan.write_text(at.plan.read_text().replace(PODUL, "Podul is ashore"))
    page.wait_for_timeout(50)
    page.get_by_label("Subject").fill("Mine")
    page.get_by_label("Preheader").click()
    page.get_by_role("button", name="Save mine").wait_for()
    press("Escape")
    at.plan.write_text("subject = ")
    page.unroute("**/stamp")
    look("a conflict")

    assert found == {}
    page.evaluate("""() => {  // beside the real one, whose word the desk writes anew whenever the plan changes
        const wordless = approve.cloneNode(false);
        for (const name of ["id", "title", "aria-label"]) wordless.removeAttribute(name);
        wordless.disabled = false;
        approve.after(wordless);
    }""")
    look("a button without a word")
    assert list(found) == [f"a button without a word, {scheme}: button-name" for scheme in SCHEMES]
