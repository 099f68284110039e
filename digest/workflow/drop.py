"""Gather from a watched drop folder: whole files are read once and remembered, the others wait or are set aside."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from digest.edit.reading.arrived import has_arrived
from digest.gather.drop import YOUNG, Sighting, gather_drop, may_grow, set_aside
from digest.model import Document, Failure, Source
from digest.newsroom import Newsroom
from digest.store.keeping import READ_AGAIN

if TYPE_CHECKING:
    from digest.store.stories import Seen
    from digest.workflow.reading import Gathered


@dataclass(kw_only=True)
class Drop:
    """One round over a drop folder. Nothing of it is kept: the folder itself and the store know enough for the next."""

    newsroom: Newsroom
    source: Source
    now: datetime
    _sighted: dict[str, Sighting] = field(default_factory=dict)  # by place
    _whole: dict[str, bool] = field(default_factory=dict)  # place -> whether all that came of it shows that nothing more comes

    def documents(self) -> Iterator[Document | Failure]:
        """What is in the folder, without the files that must wait: of half a feed half an entry would be read."""
        for found in gather_drop(self.source, self.newsroom.root, self._sighted, now=self.now):
            if isinstance(found, Document) and self._is_young(_file(found.url)):
                file = _file(found.url)
                self._whole[file] = has_arrived(found) and self._whole.get(file, True)
                if found.kind in ("xml", "json") and self._waits(file):
                    continue
            yield found

    def settled(self, total: "Gathered", places: set[str]) -> "Gathered":
        """The round as it is told: what waits is no failure, and a file of which no story could be read is set aside.

        No story is gone because its file is: others take away what was read. `places` are those of all that was found.
        """
        failed: dict[str, list[Failure]] = {}
        for failure in total.failures:
            failed.setdefault(_file(failure.place), []).append(failure)
        good = {_file(place) for place in places - {failure.place for failure in total.failures}} | self._refused()
        told: list[Failure] = []
        for file, failures in failed.items():
            sighting = self._sighted.get(file)
            if sighting and self._waits(file):
                continue
            told += failures
            if sighting and file not in good and (trouble := set_aside(sighting, self._folder(), failures, now=self.now)):
                told.append(trouble)
        lost = (self.source.name,) if self.source.files in failed else ()
        return replace(total, failures=tuple(told), lost=lost)

    def _is_young(self, file: str) -> bool:
        return file in self._sighted and self._sighted[file].age < YOUNG

    def _waits(self, file: str) -> bool:
        return self._is_young(file) and not self._whole.get(file, False) and may_grow(self._sighted[file], now=self.now)

    def _refused(self) -> set[str]:
        """The files with a story that belongs to another source: nothing is wrong with them."""
        return {_file(place) for place, one in self.newsroom.stories.seen(self.source.name).items() if _is_refused(one)}

    def _folder(self) -> Path:
        """The folder that is watched: of a glob what comes before the first sign of one."""
        path = self.newsroom.root / self.source.files
        if path.is_dir():
            return path
        parts = takewhile(lambda part: not any(sign in part for sign in "*?["), PurePath(self.source.files).parts[:-1])
        return self.newsroom.root.joinpath(*parts)


def is_told(newsroom: Newsroom, source: Source, place: str, seen: "Seen") -> bool:
    """Whether what is on record of a failure still holds: of a drop folder only of a refused file that is still there."""
    return not source.drop or (_is_refused(seen) and (newsroom.root / _file(place)).exists())


def _is_refused(seen: "Seen") -> bool:
    return seen.failure is not None and seen.fingerprint == READ_AGAIN


def _file(place: str) -> str:
    return place.partition("#")[0]
