"""The mapping of an earlier file for one whose headings differ: which crosswalk would read the file once its renamed headings are recognized,
that crosswalk with the new headings, and what a refusal of the file says of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.crosswalk_draft import TableOfFile
from throughway.intake.inspection.draft_lines import in_yaml, one_line
from throughway.intake.inspection.inspection import inspect
from throughway.intake.inspection.renamed_headings import Headings, candidates, missing, ways, why_the_same
from throughway.intake.safe_names import QuotesHeading
from throughway.intake.said_dates import lacks_a_year

LAYOUT = ("encoding", "delimiter", "quote", "header_row", "sheet", "sheets")  # as the new file is written


@dataclass(frozen=True)
class EarlierMapping:
    """`crosswalk`: the name of its file. `ways`: the headings that are renamed, of which a person confirms one way. `by_year`: whether a load
    with it needs the school year."""

    crosswalk: str
    ways: Sequence[Headings]
    by_year: bool = False

    @property
    def asks(self) -> str:
        """The one question about the file."""
        earlier = [f"“{name}”" for name in self.ways[0]]
        gone = f"The column {earlier[0]}" if len(earlier) == 1 else f"The columns {listed(earlier)}"
        is_gone = (
            f"{gone} of last time {'is' if len(earlier) == 1 else 'are'} missing. {why_the_same(self.ways)}."
        )
        if len(self.ways) > 1:
            return f"{is_gone} Which of them is it, or is it none?"
        return f"{is_gone} {'Is it the same column' if len(earlier) == 1 else 'Are they the same columns'}?"

    @property
    def presses(self) -> list[str]:
        """The words of each press that confirms a way."""
        if len(self.ways) == 1:
            return ["Yes, load it as last time"]
        return [
            f"It is {listed(f'“{now}”' for now in way.values())}: load it as last time" for way in self.ways
        ]

    def way(self, press: str) -> Headings:
        """The way that a press confirms, by its place; Refused for another."""
        if press not in map(str, range(len(self.ways))):
            raise Refused("Choose one of the answers.", code="unanswered")
        return self.ways[int(press)]

    @property
    def state(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_state(cls, state: Mapping[str, Any]) -> Self:
        return cls(**state)


def earlier_mapping(known: Mapping[str, Crosswalk], of: TableOfFile) -> EarlierMapping | None:
    """The first of the crosswalks, by the names of their files, that lacks nothing of the file but headings that are recognized; None where
    there is none, or another one reads as many of its columns as it is."""
    now = {column.name for column in of.columns}
    fitting = [c for c in known.values() if c.source.format == of.source.format and _reads_days(c, now)]
    whole = [_read(crosswalk) for crosswalk in fitting if not missing(crosswalk, of.columns)]
    for name, crosswalk in known.items():
        if crosswalk not in fitting or not (found := _ways(crosswalk, of)):
            continue
        after = {found[0].get(heading, heading) for heading in _read(crosswalk)} & now
        if not any(after <= read for read in whole):
            return EarlierMapping(name, found, _needs_a_year(crosswalk))
    return None


def _ways(crosswalk: Crosswalk, of: TableOfFile) -> list[Headings]:
    """None where the file has less than half of the columns: it is of another layout then."""
    read, now = _read(crosswalk), {column.name for column in of.columns}
    return ways(candidates(crosswalk, of.columns)) if len(read & now) * 2 >= len(read) else []


def _read(crosswalk: Crosswalk) -> set[str]:
    return {source for table in crosswalk.tables.values() for source in table.sources()}


def _reads_days(crosswalk: Crosswalk, headings: set[str]) -> bool:
    """Whether the file has columns for everything that the crosswalk unpivots."""
    patterns = [
        p for t in crosswalk.tables.values() if t.melt for p in (t.melt.columns, *t.melt.beside.values())
    ]
    return all(any(re.search(pattern, heading) for heading in headings) for pattern in patterns)


def _needs_a_year(crosswalk: Crosswalk) -> bool:
    tables = crosswalk.tables.values()
    return any(t.by_year or (t.melt is not None and lacks_a_year(t.melt.date or ())) for t in tables)


def with_headings(crosswalk: Crosswalk, name: str, headings: Headings, of: TableOfFile) -> str:
    """The crosswalk as YAML with new headings in place of the earlier ones, for a file that is written as this one. `name`: that of its
    file. Refused where it does not read the earlier headings any more, or something is expected of its files."""
    if not headings.keys() <= {*crosswalk.headings()} or crosswalk.feed is not None:
        raise Refused(
            f"The crosswalk {name} was changed meanwhile; look at the file again.", code="crosswalk"
        )
    own = crosswalk.source
    layout = {field: value for field in LAYOUT if (value := getattr(of.source, field)) != getattr(own, field)}
    mapped = crosswalk.model_copy(update={"source": own.model_copy(update=layout), "seen": dict(of.seen)})
    document = mapped.model_dump(mode="json", by_alias=True, exclude_unset=True)
    document["tables"] = {table: _renamed(each, headings) for table, each in document["tables"].items()}
    told = listed(f"{one_line(now)} for {one_line(earlier)}" for earlier, now in headings.items())
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=2**16)
    return in_yaml(f"# As {name}, with new headings: {told}.\n{text}")


def _renamed(table: Mapping[str, Any], headings: Headings) -> dict[str, Any]:
    """A table of the document with the new headings wherever it names a column."""

    def new(names: Any) -> Any:
        return [headings.get(n, n) for n in names] if isinstance(names, list) else headings.get(names, names)

    def column(each: Mapping[str, Any]) -> dict[str, Any]:
        sums = [{**term, "from": new(term["from"])} for term in each["sum"]] if each.get("sum") else None
        read = {part: new(each[part]) for part in ("from", "join") if each.get(part)}
        return {**each, **read, **({"sum": sums} if sums else {})}

    changed = {part: new(table[part]) for part in ("key", "person") if part in table}
    return {**table, **changed, "columns": {e: column(each) for e, each in table.get("columns", {}).items()}}


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
