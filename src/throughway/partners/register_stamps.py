"""What the newest row of each register is, for all registers in one question to the database: a cache of what was read from one of them
holds until its stamp changes.

    EVENTS = RegisterStamp("max(id)", "max(at)", table="agreements_agreementevent")
    known.of(EVENTS.now(), read)
"""

from collections.abc import Sequence

from django.db import connection

from throughway.partners.request_cache import cached_per_request

Stamp = tuple[object, ...]


class RegisterStamp:
    """The stamp of one register, which its room makes when it is imported. `columns`: SQL of what to read of the newest row, or with
    `table` expressions over that table; `parameters`: their values, in order. A moment beside an id distinguishes rows that were rolled back
    from those that took their ids."""

    _every: list["RegisterStamp"] = []

    def __init__(self, *columns: str, table: str = "", parameters: Sequence[str] = ()) -> None:
        self.columns = [f"(SELECT {each} FROM {table})" if table else f"({each})" for each in columns]
        self.parameters = tuple(parameters)
        self._every.append(self)

    def now(self) -> Stamp:
        """The name of the database, then a value for each column. Within a request cache, as it was first asked there."""
        return _values(len(self._every))[self]


@cached_per_request
def _values(registers: int) -> dict[RegisterStamp, Stamp]:
    """The stamps of so many registers, those that are known now."""
    every = RegisterStamp._every[:registers]
    columns = [column for each in every for column in each.columns]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", [value for each in every for value in each.parameters])
        found = iter(cursor.fetchone())
    database = str(connection.settings_dict["NAME"])
    return {each: (database, *(next(found) for _ in each.columns)) for each in every}
