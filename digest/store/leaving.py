"""Writes down that somebody has left a list."""

from __future__ import annotations

from datetime import datetime

from digest.store.database import Database


class Leaving:
    """The way out. It may be taken twice: the second time changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def leave(self, subscriber: int, list: str, at: datetime) -> bool:
        """Whether they were on the list until now. Raises StoreError and Busy, and then nothing is written."""
        from digest.store.tables import membership

        theirs = (membership.c.subscriber == subscriber) & (membership.c.list == list) & (membership.c.status != "left")
        with self._database.writing() as connection:
            return connection.execute(membership.update().where(theirs).values(status="left", changed_at=at)).rowcount > 0
