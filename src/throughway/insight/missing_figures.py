"""Why a milestone has no figure: computed from what the purpose shows and what was loaded.

Runs only for milestones without a figure, so that a complete pipeline costs no extra query.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from throughway.core.prose import day, listed
from throughway.measures.measure import Cause, Measure, Source
from throughway.measures.policy import POLICY, MeasurePolicy
from throughway.measures.sql import ENROLLED, Ctes, VisibleData, query, with_last

LATER = date(9000, 1, 1)


@dataclass(frozen=True)
class MissingFigureReason:
    """`sentence` says the reason and what to do."""

    cause: Cause
    sentence: str


class Reasons:
    """The reasons for one reader. `rows` runs a query through the gate; the figures are unprotected and never shown."""

    def __init__(
        self,
        rows: Callable[[str], list[dict[str, Any]]],
        visible: VisibleData,
        on: date,
        policy: MeasurePolicy = POLICY,
    ) -> None:
        self._rows, self._sight, self._policy, self._on = rows, visible, policy, on
        self._filled: dict[Source, Mapping[str, int]] = {}

    def without_class(
        self, measure: Measure, old_enough: Callable[[Mapping[int, int]], int | None]
    ) -> MissingFigureReason:
        """Why no class can be judged. `old_enough` chooses the first class that is not due yet."""
        found = self.of_records(measure.needs)
        if found:
            return found
        listing = measure.find_class(self._sight, self._policy, LATER)
        sizes = {
            int(row["class"]): int(row["students"])
            for row in (self._rows(query(*with_last(listing))) if listing else [])
            if row["class"] is not None
        }
        first = old_enough(sizes)
        if first is None:
            return MissingFigureReason(Cause.NO_RECORD, f"The records that came in have no {measure.group}.")
        from_day = max(measure.due(first, self._policy), self._on) + timedelta(days=1)
        return MissingFigureReason(
            Cause.NOT_YET_DUE,
            f"Only finished periods are counted, such as a whole school year; the first class can be counted on {day(from_day)}.",
        )

    def of_nobody_seen(self, measure: Measure, result: Ctes, cause: Cause) -> MissingFigureReason:
        """Why nobody of a class is seen. `result`: the class, as the measure judges it; `cause`: that of most students."""
        found = self.of_records(measure.needs)
        if found:
            return found
        for sources in measure.needs:
            for source in self._shown(sources):
                table = source[0]
                if table != ENROLLED[0] and not self._meets(result, table):
                    return MissingFigureReason(
                        Cause.NO_LINK,
                        f"No record of {table} belongs to any of the {measure.group}; load theirs, or link the records "
                        "(throughway link).",
                    )
        return MissingFigureReason(cause, "")

    def of_records(self, needs: Sequence[Sequence[Source]]) -> MissingFigureReason | None:
        """What the records themselves lack: not shown, not sent, or not mapped."""
        for sources in needs:
            if not self._shown(sources):
                needed = " or ".join(f"{listed(columns)} of {table}" for table, *columns in sources)
                return MissingFigureReason(
                    Cause.NO_AGREEMENT, f"No agreement of this purpose shows {needed}."
                )
        for sources in needs:
            if not any(self._counts(source)["rows"] for source in self._shown(sources)):
                tables = " or ".join(dict.fromkeys(table for table, *_ in self._shown(sources)))
                return MissingFigureReason(
                    Cause.NO_RECORD, f"No records of {tables} that this purpose shows have come in."
                )
        for sources in needs:
            came = [source for source in self._shown(sources) if self._counts(source)["rows"]]
            if not any(all(self._counts(source).values()) for source in came):
                table, *columns = came[0]
                empty = [column for column in columns if not self._counts(came[0])[column]]
                return MissingFigureReason(
                    Cause.NOT_FILLED,
                    f"{listed(empty)} of {table} {'is' if len(empty) == 1 else 'are'} empty in every record that came in; "
                    "if the files contain it, map it in the crosswalk and load them again.",
                )
        return None

    def _shown(self, sources: Sequence[Source]) -> list[Source]:
        return [source for source in sources if self._sight.shows(*source)]

    def _counts(self, source: Source) -> Mapping[str, int]:
        """The number of rows of the table, and the number with a value in each column."""
        if source not in self._filled:
            table, *columns = source
            listing = ", ".join(f"COUNT({column}) AS {column}" for column in columns)
            [row] = self._rows(f"SELECT COUNT(*) AS rows, {listing} FROM {table}")
            self._filled[source] = {name: int(row[name]) for name in ("rows", *columns)}
        return self._filled[source]

    def _meets(self, result: Ctes, table: str) -> bool:
        """Whether any student of the class has a record in the table."""
        found = query(
            {**result, "of_table": f"SELECT DISTINCT person_id FROM {table}"},
            "SELECT COUNT(*) AS met FROM result AS r JOIN of_table AS t ON t.person_id = r.person_id",
        )
        return bool(self._rows(found)[0]["met"])
