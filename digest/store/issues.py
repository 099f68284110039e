"""Keeps built issues: a folder of plain files for each, and a row that remembers what it carried."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from digest.errors import Busy, StoreError
from digest.model import Window
from digest.store import sealing, staging
from digest.store.database import Database
from digest.store.files import disk_errors, locked, swap_beside, write_beside
from digest.store.plain import moment_from_plain, moment_to_plain

if TYPE_CHECKING:
    from sqlalchemy import Connection

State = Literal["planned", "approved", "sent"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NAME = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._-]*/)?[A-Za-z0-9_][A-Za-z0-9._-]*")
_OUT = ("approved", "sent")  # an issue that readers get; a plan may still change or be thrown away


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What is on record about an issue."""

    window: Window  # with the issue's id and its edition
    built_at: datetime  # UTC; the last time it was built
    state: State
    carried: tuple[str, ...]  # story ids


class Issues:
    """The built issues of a newsroom. Every method may raise StoreError or Busy.

    A build that was killed is settled on opening: its issue is then wholly the old one or wholly the new one.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        """`folder` holds a folder an issue; it need not exist yet."""
        self._folder = folder
        self._database = database
        self._building: set[str] = set()
        self.recover()

    # --- files

    def path(self, id: str) -> Path:
        """The folder of an issue, whether it exists or not. Raises StoreError for an id that could not name a folder of ours."""
        if not _ID.fullmatch(id):
            raise StoreError(f"{id!r} cannot be the id of an issue.", hint="Ids look like 2025-W33: letters, digits, - . and _ only.")
        return self._folder / id

    def exists(self, id: str) -> bool:
        """Whether the issue has a plan."""
        return (self.path(id) / staging.PLAN).is_file()

    def read(self, id: str, name: str) -> str | None:
        """One file of an issue, line endings as they stand; None when it is not there. Raises StoreError when it is not UTF-8."""
        path = self.path(id) / _checked(name)
        with disk_errors(path):
            content = staging.read_bytes(path)
        try:
            return None if content is None else content.decode()
        except UnicodeDecodeError as error:
            raise StoreError(f"{path} is not UTF-8 text.", hint="Save it again as UTF-8.") from error

    def ids(self) -> tuple[str, ...]:
        """Every issue with a plan: those without a record by name first, then by the end of their window and id."""
        with disk_errors(self._folder):
            found = {path.parent.name for path in self._folder.glob(f"*/{staging.PLAN}") if _ID.fullmatch(path.parent.name)}
        ends = {record.window.issue_id: record.window.end for record in self._records()} if found else {}
        unknown = datetime.min.replace(tzinfo=UTC)
        return tuple(sorted(found, key=lambda id: (ends.get(id, unknown), id)))

    def latest(self) -> str | None:
        """The issue whose window ends last; among issues without a record, the last by name."""
        return next(reversed(self.ids()), None)

    def copy_plan(self, id: str, at: datetime) -> Path:
        """Copy plan.toml to a free name that tells the time, such as plan.2025-08-18T0930.toml, and return it.

        `at` is in the zone that the name shall show.
        """
        plan = self.path(id) / staging.PLAN
        with disk_errors(plan):
            content = plan.read_bytes()
            stem = f"plan.{at:%Y-%m-%dT%H%M}"
            number = 1
            while (copy := plan.with_name(f"{stem}{f'-{number}' if number > 1 else ''}.toml")).exists():
                number += 1
        write_beside(copy, content)
        return copy

    # --- building

    @contextmanager
    def building(self, id: str) -> Iterator[None]:
        """Keep every other build of this issue out while the block runs. Raises Busy at once when one is at work."""
        self.path(id)
        with disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        hint = "Wait until it is done, then run the same command again."
        with locked(self._folder / f".{id}.lock", busy=f"Another digest is building {id}.", hint=hint):
            self._building.add(id)
            try:
                yield
            finally:
                self._building.discard(id)

    def save(
        self,
        id: str,
        files: Mapping[str, bytes],
        *,
        window: Window,
        carried: Sequence[str],
        built_at: datetime,
        expect_plan: str | None,
    ) -> Path:
        """Put an issue's files and its record (as planned) in place, all of them or none, and return its folder.

        Names may hold one folder ("images/x.png"). Files of images/ that are not in the set are removed; other files are left alone.
        `expect_plan` is plan.toml as the build read it, None for no plan: if it has changed since, Busy is raised and nothing is written.
        After a StoreError the old issue stands whole; if the disk failed in the last moment, the next command finishes the new one.
        """
        assert window.issue_id == id
        folder, waiting = self.path(id), self._staging(id)
        record = Built(window=window, built_at=built_at, state="planned", carried=tuple(carried))
        expected = None if expect_plan is None else expect_plan.encode()
        names = [_checked(name) for name in files]
        if id not in self._building:
            with self.building(id):
                return self.save(id, files, window=window, carried=carried, built_at=built_at, expect_plan=expect_plan)
        self._settle(id)
        with disk_errors(folder):
            if staging.read_bytes(folder / staging.PLAN) != expected:
                raise _plan_changed(id)
        staging.stage(waiting, folder, files)
        try:
            with self._database.writing() as connection:
                _put(connection, record)  # before the point of no return, because the database may refuse
                staging.commit(waiting, names=names, expected_plan=expected, note=_to_plain(record))
                if not staging.finish(waiting, folder):
                    staging.discard(waiting)
                    raise _plan_changed(id)
        except BaseException:
            with suppress(StoreError):  # the first error is the one to tell; the next command settles the rest
                if staging.committed(waiting) is None:
                    staging.discard(waiting)
            raise
        staging.discard(waiting)
        return folder

    def put_plan(self, id: str, content: bytes, *, expect_plan: str) -> None:
        """Put an edited plan in place, whole. Call it inside `building`.

        `expect_plan` is plan.toml as the editor saw it: if it has changed since, Busy is raised and nothing is written.
        """
        assert id in self._building
        self._settle(id)
        if not swap_beside(self.path(id) / staging.PLAN, content, expect=expect_plan.encode()):
            hint = "Look at it, then do it again."
            raise Busy(f"{staging.PLAN} of {id} was changed elsewhere just now; nothing was written.", hint=hint)

    def recover(self) -> None:
        """Settle what killed builds left behind: finish what was committed, throw the rest away. Live builds are left alone."""
        with disk_errors(self._folder):
            left = {path.name[1:].rpartition(".")[0] for kind in ("building", "approving") for path in self._folder.glob(f".*.{kind}")}
        for id in sorted(left):
            try:
                with self.building(id):
                    self._settle(id)
            except Busy:
                continue  # its builder is alive, and will settle it

    # --- approving

    def is_sealed(self, id: str) -> bool:
        """Whether the issue is approved, which is what the disk says."""
        return sealing.is_sealed(self.path(id))

    def seal(self, id: str, files: Mapping[str, bytes]) -> None:
        """Put an approved issue's files into its folder approved/, in place of earlier ones, and mark it, all or nothing.

        One of the files is seal.json. The issue's lock is held: call it inside `building`. Raises StoreError when it was never built.
        """
        assert id in self._building and sealing.SEAL in files
        self._settle(id)
        sealing.stage(self._approving(id), files)
        with self._resealing(id, "approved") as folder:
            sealing.put(self._approving(id), folder)

    def withdraw(self, id: str) -> None:
        """Take an approval back: the files are gone and the issue is planned again. Call it inside `building`."""
        assert id in self._building
        self._settle(id)
        with self._resealing(id, "planned") as folder:
            sealing.take(self._approving(id), folder)

    def sealed_path(self, id: str, name: str) -> Path | None:
        """A file of the approved issue ("message.eml", "images/x.png"); None when it is not approved or has no such file."""
        path = self.path(id) / sealing.APPROVED / name
        return path if _NAME.fullmatch(name) and self.is_sealed(id) and path.is_file() and not path.is_symlink() else None

    def on_its_way(self, id: str) -> bool:
        """Whether the issue has its recipients: from then on it cannot be changed any more."""
        from digest.store.tables import dispatch

        with self._database.reading() as connection:
            return connection.execute(dispatch.select().where(dispatch.c.issue == id)).first() is not None

    def mark(self, id: str, state: State) -> None:
        """Record that an issue is planned again, approved or sent. Raises StoreError when it was never built."""
        with self._database.writing() as connection:
            if not _mark(connection, id, state):
                raise _never_built(id)

    # --- memory

    def state(self, id: str) -> State:
        """Whether an issue is planned, approved or sent; a folder without a record is planned. What is on the disk decides on approval."""
        if any(record.state == "sent" for record in self._records() if record.window.issue_id == id):
            return "sent"
        return "approved" if self.is_sealed(id) else "planned"

    def built(self, edition: str) -> tuple[Built, ...]:
        """Every issue of an edition that was ever built, by the end of its window and id."""
        return tuple(record for record in self._records() if record.window.edition == edition)

    def carried(self, edition: str, *, before: datetime | None = None, besides: str = "") -> dict[str, str]:
        """Which issue carried each story, by story id: approved and sent issues of the edition, the earliest issue if several.

        `before` leaves out issues whose window ends later than that; `besides` the issue that is being built.
        """
        out = [record for record in self.built(edition) if record.state in _OUT and record.window.issue_id != besides]
        counted = [record for record in out if before is None or record.window.end <= before]
        return {story_id: record.window.issue_id for record in reversed(counted) for story_id in record.carried}

    def last_end(self, edition: str) -> datetime | None:
        """Where the last approved or sent issue of the edition ended, in UTC; None before the first."""
        return max((record.window.end for record in self.built(edition) if record.state in _OUT), default=None)

    # --- inside

    def _staging(self, id: str) -> Path:
        return self._folder / f".{id}.building"

    def _settle(self, id: str) -> None:
        """Finish or throw away what a killed build or approval of this issue left. The issue's lock is held."""
        waiting = self._staging(id)
        note = staging.committed(waiting)
        if note is not None and staging.finish(waiting, self.path(id)):
            with self._database.writing() as connection:
                _put(connection, _from_plain(note))
        staging.discard(waiting)
        if self._approving(id).exists():
            self._settle_approval(id)

    def _approving(self, id: str) -> Path:
        return self._folder / f".{id}.approving"

    @contextmanager
    def _resealing(self, id: str, state: State) -> Iterator[Path]:
        """Change the mark along with the files that the block moves: neither without the other."""
        try:
            with self._database.writing() as connection:
                if not _mark(connection, id, state):  # before the files move, because the database may refuse
                    raise _never_built(id)
                yield self.path(id)
        except BaseException:
            with suppress(StoreError, Busy):  # the first error is the one to tell; the next command settles the rest
                self._settle_approval(id)
            raise
        sealing.discard(self._approving(id))

    def _settle_approval(self, id: str) -> None:
        """Make the database say of an issue's approval what the disk says."""
        folder = self.path(id)
        sealing.restore(self._approving(id), folder)
        with self._database.writing() as connection:
            _mark(connection, id, "approved" if sealing.is_sealed(folder) else "planned", only_from=("planned", "approved"))
        sealing.discard(self._approving(id))

    def _records(self) -> list[Built]:
        from digest.store.tables import issue

        with self._database.reading() as connection:
            rows = connection.execute(issue.select().order_by(issue.c.end_at, issue.c.id)).all()
        return [_from_row(row) for row in rows]


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise StoreError(f"{name!r} cannot be a file of an issue.", hint="Names hold letters, digits, - . and _, and at most one folder.")
    return name


def _plan_changed(id: str) -> Busy:
    return Busy(f"{staging.PLAN} of {id} was changed while building; nothing was written.", hint="Build again: your change is kept.")


def _never_built(id: str) -> StoreError:
    return StoreError(f"{id} was never built here.", hint="Build it first: digest build")


# --- the record as a row, and as plain values for the marker


def _put(connection: Connection, record: Built) -> None:
    from digest.store.tables import issue

    row = {
        "edition": record.window.edition,
        "start_at": record.window.start,
        "end_at": record.window.end,
        "zone": record.window.zone,
        "built_at": record.built_at,
        "state": record.state,
        "carried": list(record.carried),
    }
    id = record.window.issue_id
    if not connection.execute(issue.update().where(issue.c.id == id).values(row)).rowcount:
        connection.execute(issue.insert().values(row | {"id": id}))


def _mark(connection: Connection, id: str, state: State, *, only_from: Sequence[State] = ("planned", "approved", "sent")) -> bool:
    """Whether there was such an issue to mark."""
    from digest.store.tables import issue

    this = (issue.c.id == id) & issue.c.state.in_(only_from)
    return connection.execute(issue.update().where(this).values(state=state)).rowcount > 0


def _from_row(row: Any) -> Built:
    window = Window(issue_id=row.id, edition=row.edition, start=row.start_at, end=row.end_at, zone=row.zone)
    return Built(window=window, built_at=row.built_at, state=row.state, carried=tuple(row.carried))


def _to_plain(record: Built) -> dict[str, Any]:
    window = record.window
    return {
        "window": {"issue_id": window.issue_id, "edition": window.edition, "zone": window.zone},
        "start": moment_to_plain(window.start),
        "end": moment_to_plain(window.end),
        "built_at": moment_to_plain(record.built_at),
        "state": record.state,
        "carried": list(record.carried),
    }


def _from_plain(plain: Mapping[str, Any]) -> Built:
    window = Window(**plain["window"], start=moment_from_plain(plain["start"]), end=moment_from_plain(plain["end"]))
    return Built(window=window, built_at=moment_from_plain(plain["built_at"]), state=plain["state"], carried=tuple(plain["carried"]))
