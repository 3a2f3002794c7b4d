"""Lines of the schedule as plain values: put in, taken out, and told apart."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from throughway.core.refusals import Refused
from throughway.negotiation.drafting.data_availability import elements
from throughway.vocabulary import TABLES

Line = Mapping[str, Any]


def line(
    element: str,
    *,
    purposes: Sequence[str],
    necessity: str,
    transform: str = "none",
    from_: Sequence[str] = (),
) -> dict[str, Any]:
    """One line, without what is as it is anyway: of every discloser, shown as it stands."""
    made: dict[str, Any] = {"element": element}
    if from_:
        made["from"] = list(from_)
    made |= {"purposes": list(purposes), "necessity": necessity.strip()}
    if transform != "none":
        made["transform"] = transform
    return made


def added(schedule: Sequence[Line], lines: Iterable[Line]) -> list[Line]:
    """The schedule with these lines, each beside those of its own table; Refused for what is listed already."""
    whole = list(schedule)
    for new in lines:
        if any(_overlap(new, old) for old in whole):
            raise Refused(
                f"{new['element']} is listed already for that purpose and partner; change its line, or take it out first.",
                code="listed",
            )
        table = new["element"].partition(".")[0]
        same = [n for n, old in enumerate(whole) if str(old.get("element", "")).partition(".")[0] == table]
        whole.insert(same[-1] + 1 if same else len(whole), new)
    return whole


def removed(schedule: Sequence[Line], lines: Iterable[Line]) -> list[Line]:
    """The schedule without these lines."""
    gone = list(lines)
    return [old for old in schedule if old not in gone]


def _overlap(new: Line, old: Line) -> bool:
    """Whether both name the same element for some purpose and discloser; a line without `from` is of every one."""
    return (
        new["element"] == old.get("element")
        and bool(set(new["purposes"]) & set(old.get("purposes") or ()))
        and (not new.get("from") or not old.get("from") or bool(set(new["from"]) & set(old["from"])))
    )


def listed_elements(schedule: Iterable[Line]) -> frozenset[str]:
    """Every path that any line covers."""
    return frozenset(path for each in schedule for path in elements(str(each.get("element", ""))))


def of_table(schedule: Sequence[Line], table: str) -> list[tuple[int, Line]]:
    """The lines of one table, with their positions."""
    return [
        (n, each)
        for n, each in enumerate(schedule)
        if str(each.get("element", "")).partition(".")[0] == table
    ]


def tables_in_order(schedule: Sequence[Line]) -> list[str]:
    """The tables of which any line speaks, in the order of the vocabulary."""
    named = {str(each.get("element", "")).partition(".")[0] for each in schedule}
    return [table for table in TABLES if table in named]
