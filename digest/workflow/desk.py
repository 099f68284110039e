"""The desk: see an issue as it stands, change it, take a change back, approve it, and send a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any

from digest.edit.amend import amend
from digest.edit.check import Proof, check
from digest.edit.compose import brief_of
from digest.edit.plan import brief_values
from digest.edit.rewrite import rewrite
from digest.errors import Busy, ConfigError, PlanError, Refused, StoreError, TemplateError
from digest.model import Event
from digest.newsroom import Newsroom, reread
from digest.workflow.approve import approve_issue, begun, in_the_way
from digest.workflow.deliveries import Environment, send_test
from digest.workflow.explain import explain_story, find_stories
from digest.workflow.proof import PLAN, Located, draft_of, located, plan_of, plan_stamp, planned, proof_of_plan, report_of
from digest.workflow.shown import (
    NOTHING,
    found_story,
    places_of,
    shown_findings,
    shown_mail,
    shown_plan,
    shown_sender,
    shown_standing,
    told_story,
)

FOUND = 30  # stories that a search shows
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"})


class Overtaken(Busy):
    """The plan is no longer as it was when the one who wants to change it looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An issue at one moment: the plan, the mail that it makes, and all that the desk shows of both."""

    stamp: str
    shown: Mapping[str, Any]  # plain values, as JSON has them
    proof: Proof | None = None  # None = the mail cannot be shown, shown["fault"] says why
    found: tuple[Located, ...] = ()


class Desk:
    """One issue on the desk. Its plan file is the only state; what can be taken back is forgotten when the desk is closed.

    Every method may be called from several threads, and raises StoreError or Busy as the stores do.
    """

    def __init__(self, newsroom: Newsroom, issue_id: str, *, clock: Callable[[], datetime], environment: Environment) -> None:
        """Raises StoreError when there is no such issue."""
        plan_of(newsroom, issue_id)
        self.issue_id = issue_id
        self._newsroom, self._clock, self._environment = newsroom, clock, environment
        self._lock = RLock()
        self._seen: Seen | None = None
        self._undo: list[str] = []  # texts of the plan, the latest last
        self._redo: list[str] = []
        self._left = ""  # the plan as the desk last wrote it; what somebody else wrote is not taken back
        self._pictures: list[Path] = []  # by their number on the desk

    # --- see

    def stamp(self) -> str:
        """Changes when what there is to see does. Cheap: it is asked every second."""
        return self._stamp(self._text())

    def seen(self) -> Seen:
        """The issue as its plan stands now; looked at anew only when the stamp has changed."""
        with self._lock:
            text = self._text()
            stamp = self._stamp(text)
            if self._seen is None or self._seen.stamp != stamp:
                self._seen = self._look(stamp, text)
            return self._seen

    def state(self) -> dict[str, Any]:
        """All that the desk shows, as plain values."""
        with self._lock:
            shown, mine = self.seen().shown, self._text() == self._left
            return {**shown, "undo": mine and bool(self._undo), "redo": mine and bool(self._redo)}

    def eml(self) -> bytes:
        """The issue as a file for a mail program. Raises Refused when there is no mail to show."""
        proof = self._proof()
        assert proof.email is not None
        return draft_of(self._newsroom, proof.issue, proof.email)

    def picture(self, number: int) -> Path | None:
        """The file of the picture that the desk shows under this number."""
        return self._pictures[number] if number < len(self._pictures) else None

    def story(self, wanted: str) -> dict[str, Any]:
        """A story as digest understood it, and why it is where it is. Raises StoreError when it is not known."""
        told = explain_story(self._newsroom, wanted, issue_id=self.issue_id)
        return told_story(told, report_of(self._newsroom, self.issue_id), zone=self._newsroom.settings.zone, shown_at=self._shown_at)

    def search(self, text: str) -> list[dict[str, Any]]:
        """Stories of the store that hold every word of `text`, the newest first, each with its place in the plan."""
        places, zone = places_of(self.seen().shown), self._newsroom.settings.zone
        return [found_story(story, places, zone=zone) for story in find_stories(self._newsroom, text, limit=FOUND)]

    # --- change

    def change(self, stamp: str, change: Mapping[str, Any]) -> None:
        """Write one change into the plan. An approval is taken back by it.

        `stamp` is of the plan that the change was made for: Overtaken is raised when it is another one now. Raises PlanError for a
        change that cannot be made, and Refused once the issue is on its way.
        """
        with self._lock, self._newsroom.issues.building(self.issue_id):
            text = self._expected(stamp)
            issue = planned(self._newsroom, self.issue_id, text)
            wanted = rewrite(text, amend(issue, self._with_story(change)))
            if wanted == text:
                return
            self._put(wanted, text)
            if text != self._left:  # somebody else's work is not taken back along with ours
                self._undo.clear()
            self._undo.append(text)
            self._redo.clear()
            self._left = wanted

    def undo(self, stamp: str) -> None:
        """Take the latest change back. Raises Refused when there is none, or when the plan was changed elsewhere since."""
        self._step(stamp, self._undo, self._redo, "undo")

    def redo(self, stamp: str) -> None:
        """Make the change again that was taken back last. Raises as undo()."""
        self._step(stamp, self._redo, self._undo, "redo")

    # --- approve

    def approve(self, stamp: str, *, sure: bool) -> tuple[Located, ...]:
        """Seal the very mail that is shown; returns the warnings to ask about first, () once it is approved.

        `sure`: whoever approves has seen the warnings. One that came up meanwhile is asked about all the same. Raises Overtaken as
        change(), and Refused with every reason when it cannot be approved.
        """
        with self._lock:
            before = self.seen()
            if before.stamp != stamp:
                raise self._overtaken()
            self._seen = None  # the stories are looked up again: a source may have changed one since
            proof, found = self._proof(), self.seen().found
            if reasons := in_the_way(self._newsroom, found):
                raise Refused(f"{self.issue_id} cannot be approved.", faults=reasons, hint="Mend this, then approve again.")
            known = {one.finding for one in before.found} if sure else set()
            if asked := tuple(one for one in found if one.finding not in known):
                return asked
            approve_issue(self._newsroom, self.issue_id, self._clock(), previewed=before.proof.email if before.proof else proof.email)
            return ()

    def test(self, address: str) -> None:
        """Send the issue as its plan stands now to one address, marked as a test. Raises Refused and TransportError."""
        send_test(self._newsroom, self.issue_id, [address], now=self._clock(), environment=self._environment)

    # --- inside

    def _text(self) -> str | None:
        return self._newsroom.issues.read(self.issue_id, PLAN)

    def _stamp(self, text: str | None) -> str:
        sending = self._newsroom.ledger.dispatch(self.issue_id)
        return plan_stamp(self._newsroom, self.issue_id, text) + (f"-{sending.state}" if sending else "")

    def _look(self, stamp: str, text: str | None) -> Seen:
        shown: dict[str, Any] = {**NOTHING, "stamp": stamp, "issue": self.issue_id}
        try:
            room = self._newsroom = reread(self._newsroom)
            issue = planned(room, self.issue_id, plan_of(room, self.issue_id) if text is None else text)
            report = report_of(room, self.issue_id)
            shown |= shown_sender(room) | shown_standing(room, self.issue_id) | shown_plan(room, issue, report, self._shown_at)
            proof = proof_of_plan(room, issue)
            found = located(room, self.issue_id, check(proof))
            shown |= shown_mail(room, proof, self._shown_at) | {"findings": shown_findings(found)}
        except (ConfigError, PlanError, StoreError, TemplateError) as error:
            fault = "\n".join([error.message, *getattr(error, "faults", ()), error.hint]).strip()
            return Seen(stamp=stamp, shown={**shown, "fault": fault})
        return Seen(stamp=stamp, shown=shown, proof=proof, found=found)

    def _proof(self) -> Proof:
        seen = self.seen()
        if seen.proof is None:
            raise Refused("There is no mail to show.", faults=(str(seen.shown["fault"]),), hint="Mend this first.")
        return seen.proof

    def _expected(self, stamp: str) -> str:
        """The plan's text, if it is still the one with this stamp."""
        text = self._text()
        if text is None or self._stamp(text) != stamp:
            raise self._overtaken()
        return text

    def _overtaken(self) -> Overtaken:
        return Overtaken(f"{self.issue_id} was changed elsewhere meanwhile.", hint="Here it is as it stands now; look, then do it again.")

    def _step(self, stamp: str, back: list[str], forth: list[str], name: str) -> None:
        with self._lock, self._newsroom.issues.building(self.issue_id):
            text = self._expected(stamp)
            if not back:
                raise Refused(f"There is nothing to {name}.")
            if text != self._left:
                raise Refused(f"{PLAN} was changed elsewhere; there is nothing of the desk's to {name}.")
            self._put(back[-1], text)
            forth.append(text)
            self._left = back.pop()

    def _put(self, text: str, before: str) -> None:
        """The plan on disk, whole, as it shall be; `before` is what it has to replace. The issue's lock is held."""
        issues = self._newsroom.issues
        if issues.on_its_way(self.issue_id):
            raise begun(self.issue_id)
        if issues.is_sealed(self.issue_id):
            issues.withdraw(self.issue_id)  # first: an approval of a plan that is no more would only be refused later, by send
        issues.put_plan(self.issue_id, text.encode(), expect_plan=before)

    def _with_story(self, change: Mapping[str, Any]) -> Mapping[str, Any]:
        """The change, its brief made from the story of the store that it names and says nothing else of."""
        brief = change.get("brief")
        if change.get("do") != "add" or not isinstance(brief, Mapping) or set(brief) != {"story"}:
            return change
        return {**change, "brief": self._brief(str(brief["story"]))}

    def _brief(self, story_id: str) -> dict[str, Any]:
        """A story as build wrote it, or would have written it."""
        room, places = self._newsroom, places_of(self.seen().shown)
        report = report_of(room, self.issue_id)
        values = dict(report.get("written", {}).get("briefs", {}).get(story_id, {}))
        if not values:
            story = room.stories.get(story_id)
            if story is None:
                raise StoreError(f"No story {story_id!r} is known.", hint="Look for it with the search.")
            zone, language = room.settings.zone, room.settings.masthead.language
            values = brief_values(brief_of(Event(stories=(story,)), edition=self._edition(), zone=zone, language=language))
        others = [row for row in values.pop("also", ()) if row.get("story") not in places]
        return values | ({"also": others} if others else {})

    def _edition(self) -> Any:
        proof = self.seen().proof
        return self._newsroom.edition("", proof.issue.window.edition if proof else "")

    def _shown_at(self, url: str) -> str:
        """Where the desk shows a picture of a plan or story from."""
        if url.startswith(("https://", "http://")):
            return url
        file = (self._newsroom.root / url).resolve()
        if not url or file.suffix.lower() not in PICTURES or not file.is_relative_to(self._newsroom.root) or not file.is_file():
            return ""
        if file not in self._pictures:
            self._pictures.append(file)
        return f"/picture/{self._pictures.index(file)}"
