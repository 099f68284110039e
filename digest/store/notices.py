"""Keeps what somebody was told of, so that the same trouble is not told at every run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from digest.store.database import Database
from digest.store.keeping import storable

_BETWEEN = "\n"  # a run, and what was wrong with it


class Notices:
    """What was told, run by run. Every method may raise StoreError or Busy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def told(self, run: str) -> dict[str, datetime]:
        """When each trouble of a run was last told."""
        from digest.store.tables import notice

        of_run = notice.c.what.startswith(_what(run, ""), autoescape=True)
        with self._database.reading() as connection:
            return {row.what.partition(_BETWEEN)[2]: row.told_at for row in connection.execute(notice.select().where(of_run))}

    def note(self, run: str, told: Mapping[str, datetime], *, forget_before: datetime) -> None:
        """Let this be all that was told of a run. What was told of others before `forget_before` is forgotten too."""
        from sqlalchemy import or_

        from digest.store.tables import notice

        of_run = notice.c.what.startswith(_what(run, ""), autoescape=True)
        rows = [{"what": _what(run, key), "told_at": moment} for key, moment in told.items()]
        with self._database.writing() as connection:
            connection.execute(notice.delete().where(or_(of_run, notice.c.told_at < forget_before)))
            if rows:
                connection.execute(notice.insert(), rows)


def _what(run: str, key: str) -> str:
    return _BETWEEN.join(storable(part).replace(_BETWEEN, " ") for part in (run, key))
