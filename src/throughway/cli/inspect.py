"""`inspect` and `crosswalk`: what a partner's file holds, and the crosswalk that would load it. Nothing is stored."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, group, open_community
from throughway.cli.load import school_year as school_year_of
from throughway.core.private_folder import private_folder
from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.crosswalk_check import CrosswalkCheck, problem_sentence
from throughway.intake.inspection.crosswalk_check import check as check_file
from throughway.intake.inspection.earlier_mapping import explained
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.inspection import FileInspection, InspectedTable, is_only_key, range_of
from throughway.intake.inspection.inspection import inspect as inspect_file
from throughway.intake.inspection.layout_changes import changes_for_crosswalk, changes_of_files
from throughway.intake.vendor_layouts import vendor_crosswalk, vendor_crosswalks

PATH = click.argument("file", type=click.Path(path_type=Path))
TABLE = click.option(
    "--table", metavar="NAME", help="Only this sheet of a workbook, or this file of a zip or folder."
)
PARTNER = click.option(
    "--partner",
    metavar="ID",
    help="The partner whose file it is: which agreements in effect would let each column in.",
)
crosswalk = group(
    "crosswalk", "Drafts a crosswalk for a file, tries it, and tells what a new layout changes."
)


def _needs(settings: Settings, partner: str | None) -> Mapping[str, TableNeed] | None:
    """What the agreements in effect need of the partner; None where no partner is given, which needs no community."""
    if partner is None:
        return None
    open_community(settings)
    from throughway.intake.selectors import needs_of

    return needs_of(partner, by=acting(settings))


@command(None, "inspect", PATH, TABLE, PARTNER, opens=False)
def inspect(settings: Settings, file: Path, table: str | None, partner: str | None) -> CommandResult:
    """Say what a file holds and which elements its columns may be. It stores nothing; without --partner it needs no community."""
    needs = _needs(settings, partner)
    with private_folder() as folder:
        found = inspect_file(file, into=folder, partner=partner or "", needs=needs, table=table)
    return CommandResult(found.to_json(), _report(found))


@command(crosswalk, "draft", PATH, TABLE, PARTNER, opens=False)
def draft(settings: Settings, file: Path, table: str | None, partner: str | None) -> CommandResult:
    """Print a crosswalk for a file; what is doubtful is a comment that begins with # DOUBT."""
    needs = _needs(settings, partner)
    with private_folder() as folder:
        found = inspect_file(file, into=folder, partner=partner or "", needs=needs, table=table)
    if not found.crosswalk:
        raise Refused(
            " ".join(found.notes_by_command) or f"No crosswalk can be drafted for {file.name}.",
            code="no_crosswalk",
        )
    doubts = found.crosswalk.count("# DOUBT:")
    return CommandResult(
        {"crosswalk": found.crosswalk, "doubts": doubts, "notes": found.notes_by_command},
        found.crosswalk.rstrip("\n"),
    )


@command(
    crosswalk, "check", PATH, click.argument("crosswalk", type=click.Path(path_type=Path)),
    click.option("--school-year", callback=school_year_of, metavar="Y", help="The school year, written 2021-22."),
    opens=False,
)  # fmt: skip
def check(settings: Settings, file: Path, crosswalk: Path, school_year: int | None) -> CommandResult:
    """Try a crosswalk on a file: ten mapped rows, the codes that it lacks, and what it cannot read. It stores nothing."""
    mapped = Crosswalk.of_file(crosswalk)
    with private_folder() as folder:
        try:
            found = check_file(file, mapped, into=folder, school_year=school_year)
        except Refused as refused:
            raise explained(refused, file, mapped, into=folder / "looked at") from None
    return CommandResult(found.to_json(), _checked(found), wanting=not found.is_fit)


@command(crosswalk, "diff", click.argument("old", type=click.Path(path_type=Path)), click.argument("new", type=click.Path(path_type=Path)), opens=False)  # fmt: skip
def diff(settings: Settings, old: Path, new: Path) -> CommandResult:
    """Say what a new file changes: beside an old one, or for a crosswalk (.yaml)."""
    with private_folder() as folder:
        (folder / "new").mkdir()
        found = inspect_file(new, into=folder / "new")
        if old.suffix.lower() in (".yaml", ".yml"):
            changes = changes_for_crosswalk(Crosswalk.of_file(old), found)
        else:
            (folder / "old").mkdir()
            changes = changes_of_files(inspect_file(old, into=folder / "old"), found)
    text = "\n".join(change.sentence for change in changes) or "Nothing changed that a crosswalk depends on."
    return CommandResult({"same": not changes, "changes": [change.to_json() for change in changes]}, text)


@command(crosswalk, "vendor", click.argument("name", required=False), opens=False)
def vendor(settings: Settings, name: str | None) -> CommandResult:
    """Print a crosswalk that is included for a vendor's file, or list their names."""
    if name is None:
        return CommandResult({"crosswalks": list(vendor_crosswalks())}, "\n".join(vendor_crosswalks()))
    text = vendor_crosswalk(name)
    return CommandResult({"name": name, "crosswalk": text}, text.rstrip("\n"))


def _report(found: FileInspection) -> str:
    parts = [f"Format: {found.format}", *found.notes_by_command]
    parts += [_table(found, table) for table in found.tables]
    if found.crosswalk:
        doubts = found.crosswalk.count("# DOUBT:")
        parts.append(
            f"A crosswalk can be drafted: throughway crosswalk draft FILE. It asks {counted(doubts, 'question')}."
        )
    return "\n\n".join(parts)


def _table(found: FileInspection, table: InspectedTable) -> str:
    heading = ["column", "type", "filled", "distinct", "shape", "range", "element", "sure", "sensitive"]
    with_agreements = found.needs is not None
    rows = [
        [*_cells(c, split=found.is_split(c)), *([_let_in(c, found.admitted_by(c) or ())] if with_agreements else [])]
        for c in table.columns
    ]  # fmt: skip
    layout = f"{table.name}: {counted(table.rows, 'row')}"
    if table.source is not None and table.source.format == "csv":
        layout += f", {table.source.encoding}, delimiter {table.source.delimiter!r}"
    reasons = [f"  {c.name}: {c.reason}" for c in table.columns if c.is_doubt]
    shown = columns(rows, [*heading, *(["let in by"] if with_agreements else [])])
    return "\n".join([layout, *table.notes, "", shown, *(["", "Doubts:", *reasons] if reasons else [])])


def _let_in(guess: ElementGuess, admitted: Sequence[str]) -> str:
    return ", ".join(admitted) or ("the key alone" if is_only_key(guess, admitted) else "none")


def _cells(guess: ElementGuess, *, split: bool) -> list[str]:
    profile = guess.profile
    kind = profile.type
    if kind == "date" and profile.dates is not None and profile.dates.order != "year first":
        kind = f"date, {profile.dates.order}"
    return [
        guess.name or f"(column {profile.position})", kind, f"{profile.filled:,}", f"{profile.distinct:,}", ", ".join(profile.shapes[:2]),
        range_of(guess), guess.element or ("person: parts of a name" if split else ""), f"{guess.confidence:.0%}" + (" ?" if guess.is_doubt else ""), guess.sensitive,
    ]  # fmt: skip


def _checked(found: CrosswalkCheck) -> str:
    parts = []
    for table in found.tables:
        lines = [
            f"{table.name}: {counted(table.rows, 'row')}, {table.set_aside:,} set aside, {table.repeated_keys:,} with a key that repeats"
        ]
        rows = [
            [
                str(row),
                c.element.partition(".")[2],
                c.column,
                c.original,
                "" if c.mapped is None else c.mapped,
            ]
            for row, cells in table.sample
            for c in cells
        ]
        lines += [columns(rows, ["row", "element", "column", "in the file", "loaded as"])] if rows else []
        lines += [
            f"Code without a map: {c.column} = {c.code} in {counted(c.rows, 'row')}"
            + (
                f"; the nearest: {', '.join(f'{code} ({label})' if label else code for code, label in c.nearest)}"
                if c.nearest
                else ""
            )
            for c in table.codes
        ]
        if table.codes_hidden:
            lines.append(
                f"Further codes without a map, each in one row or too long to show: {table.codes_hidden:,}"
            )
        lines += [f"{each.count:,} × in {each.where}: {problem_sentence(each)}" for each in table.problems]
        if table.notes:
            lines.append(
                f"{counted(table.notes, 'line')} of totals or notes, which a load leaves out; nothing is lost."
            )
        parts.append("\n".join(lines))
    if found.unmapped:
        parts.append(f"Columns that nothing maps: {', '.join(found.unmapped)}.")
    if found.by_year:
        parts.append(
            f"Load it with --school-year: it tells the rows of {listed(found.by_year)} from next year's."
        )
    parts += _verdict(found)
    return "\n\n".join(parts)


def _verdict(found: CrosswalkCheck) -> Iterator[str]:
    for table in (t for t in found.tables if not t.is_fit):
        what = f"nothing of {listed(dict.fromkeys(table.unread))} can be read"
        share = f"{table.faulty:,} of {counted(table.rows - table.notes, 'row')} cannot be read as a whole"
        yield f"{table.name}: {what if table.unread else share}; correct the crosswalk or the file."
    if found.is_fit:
        yield (
            "Few rows cannot be read as a whole; a load sets such rows aside or leaves their cells empty, and lists them."
            if any(table.faulty for table in found.tables)
            else "Everything that the crosswalk names can be read."
        )
