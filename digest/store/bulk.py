"""Reads and writes many rows with one statement, without the work that SQLAlchemy does for each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Insert, Update


def each(texts: ColumnElement[Any]) -> Any:
    """The members of a JSON list as rows with a column `value`: SQLite's way. PostgreSQL calls it json_array_elements_text."""
    from sqlalchemy import func

    return func.json_each(texts).table_valued("value")


def among(column: ColumnElement[Any], values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
    """The column is one of the values, however many they are: they travel as one."""
    from sqlalchemy import literal, select

    return column.in_(select(each(literal(json.dumps(list(values)))).c.value))


def write_rows(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement for every row, as `connection.execute` does; all rows have the names of the first.

    The statement is compiled once and each value goes through its column's own type, so the database gets what it always gets.
    """
    if not rows:
        return
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    fixed = {name: value for name, value in compiled.params.items() if name not in rows[0]}
    names = compiled.positiontup or list(compiled.params)
    columns = []
    for name in names:
        values = [fixed[name]] * len(rows) if name in fixed else [row[name] for row in rows]
        process = compiled.binds[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        columns.append(_processed(values, process) if process else values)
    many = list(zip(*columns, strict=True))
    connection.exec_driver_sql(str(compiled), many if compiled.positional else [dict(zip(names, row, strict=True)) for row in many])


def _processed(values: Sequence[Any], process: Callable[[Any], Any]) -> list[Any]:
    """Each value as the database takes it; one that comes again is worked out once."""
    try:
        known = {value: process(value) for value in set(values)}
    except TypeError:  # a dict has no hash; most are empty
        empty = process({})
        return [empty if value == {} else process(value) for value in values]
    return [known[value] for value in values]
