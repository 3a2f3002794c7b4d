"""What is said of a file whose headings differ from those of its crosswalk."""

from collections.abc import Mapping
from pathlib import Path

from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.crosswalk_draft import TableOfFile
from throughway.intake.inspection.inspection import inspect
from throughway.intake.inspection.renamed_headings import Headings, candidates, ways, why_the_same
from throughway.intake.safe_names import QuotesHeading


def explained(
    refusal: Refused, path: Path, crosswalk: Crosswalk | None, *, into: Path, needs: Mapping[str, TableNeed] | None = None
) -> Refused:  # fmt: skip
    """The refusal of a file that lacks a column, with the column that may be it under another heading; every other refusal as it is. Works in
    the folder `into`, which must not exist and which the caller removes."""
    if refusal.code != "missing_column" or crosswalk is None or not crosswalk.seen:
        return refusal
    into.mkdir()
    try:
        of = inspect(path, into=into, needs=needs).drafted
    except Refused:  # the file has more faults, and the first one is told
        return refusal
    found = _ways(crosswalk, of) if of is not None else []
    if not found:
        return refusal
    several = len(found[0]) > 1
    lacks = (
        f"{path.name} has no column{'s' if several else ''} {listed(found[0])}, which the crosswalk reads;"
    )
    cure = f"If {'they are the same columns' if several else 'it is the same column'}, rename {'them' if several else 'it'} in the crosswalk"
    return QuotesHeading(
        f"{lacks} {why_the_same(found)}. {cure}, or look at the file on the site.",
        kept=f"{lacks} {'others stand at their places and look' if several else 'another stands at its place and looks'} the same. {cure}.",
        code=refusal.code,
    )


def _ways(crosswalk: Crosswalk, of: TableOfFile) -> list[Headings]:
    """None where the file has less than half of the columns: it is of another layout then."""
    read, now = _read(crosswalk), {column.name for column in of.columns}
    return ways(candidates(crosswalk, of.columns)) if len(read & now) * 2 >= len(read) else []


def _read(crosswalk: Crosswalk) -> set[str]:
    return {source for table in crosswalk.tables.values() for source in table.sources()}
