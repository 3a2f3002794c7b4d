"""The command `load`."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from throughway.cli.command import CommandResult, Settings, SuggestingChoice, acting, columns, command
from throughway.core.personal_data import resting_on_loads
from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused
from throughway.intake.feeds.contract import stopping
from throughway.intake.formats import DIRECTORY, FORMATS, READABLE
from throughway.intake.load_report import Counts, Loaded, ProblemGroup, groups, total

if TYPE_CHECKING:
    from throughway.destruction.undo_requests.request import UndoAsked
    from throughway.gate.hidden_rows import HiddenStudents

SHOWN = 12  # kinds of fault that the report names
NAMED = 10  # columns or kinds of record that a sentence names
# The columns of the report; some of them are always shown.
BECAME = (
    "read", "landed", "changed", "unchanged", "out_of_scope", "cannot_tell", "not_covered", "not_read", "quarantined"
)  # fmt: skip
ALWAYS = ("read", "landed", "unchanged", "out_of_scope", "quarantined")


@contextmanager
def bar(title: str) -> Iterator[Callable[[str, float], None]]:
    """A progress bar on stderr when a person is looking; yields `report(stage, fraction)`."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield lambda stage, fraction: None
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        console=console, transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task(title, total=1.0)

        def report(stage: str, fraction: float) -> None:
            progress.update(task, description=f"{title}: {stage}", completed=fraction)

        yield report


def school_year(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """`2021-22`, stored as its ending year."""
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", value)
    start = int(match[1]) if match else 0
    if not match or int(match[2]) != (start + 1) % 100:
        raise click.BadParameter("write a school year as 2021-22")
    return start + 1


class FileFormat(SuggestingChoice):
    """Lists the readable formats. A format that is not readable yet is refused later, with what to do instead."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if value in FORMATS else super().convert(value, param, ctx)


@command(None, "load")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--partner", metavar="ID", help="The partner whose file it is.")
@click.option(
    "--format",
    "format_",
    type=FileFormat([*READABLE, DIRECTORY]),
    help="The format of the file.",
)
@click.option(
    "--crosswalk",
    type=click.Path(path_type=Path),
    help="The crosswalk from the partner's columns to the vocabulary.",
)
@click.option("--school-year", callback=school_year, metavar="Y", help="The school year, written 2021-22.")
@click.option(
    "--right",
    default="",
    metavar="REASON",
    help="Why the file is right although it differs from what is expected of it, or deletes much.",
)
@click.option(
    "--check", is_flag=True, help="Say what would be stored and what is doubtful, and store nothing."
)
@click.option(
    "--undo", metavar="BATCH", help="Take this load back instead, with the later ones that rest on it."
)
@click.option("--reason", default="", metavar="TEXT", help="Why it is taken back; name no student.")
def load(
    settings: Settings,
    path: Path | None,
    partner: str | None,
    format_: str | None,
    crosswalk: Path | None,
    school_year: int | None,
    right: str,
    check: bool,
    undo: str | None,
    reason: str,
) -> CommandResult:
    """Load a partner's file, zip or folder under its agreements in effect; a directory of services (hsds) needs none."""
    if undo is not None:
        if path is not None or partner or format_ or crosswalk or school_year or right:
            raise click.UsageError("--undo takes a load back; give nothing beside it but --reason or --check")
        return _undoing(undo, settings) if check else _undone(undo, reason, settings)
    if path is None or partner is None or format_ is None:
        missing = "PATH" if path is None else "--partner" if partner is None else "--format"
        raise click.UsageError(f"Missing {missing}; see throughway load --help")
    if reason:
        raise click.UsageError(
            "--reason goes with --undo; for a file that is right all the same it is --right"
        )
    from throughway.intake import actions
    from throughway.supports.actions import load_directory

    by = acting(settings)
    if format_ == DIRECTORY and check:
        raise Refused(
            "A directory of services is not compared with student records; load it without --check.",
            code="check",
        )
    if format_ == DIRECTORY:
        return _outcome(load_directory(path=path, partner=partner, by=by))
    with bar(f"Loading {path.name}") as report:
        loaded = actions.load(
            path=path, partner=partner, format=format_, crosswalk=crosswalk, school_year=school_year, by=by,
            progress=report, right=right, check=check,
        )  # fmt: skip
    if check:
        return _checked(loaded)
    from datetime import date

    from throughway.agreements.selectors import agreement_statuses
    from throughway.gate.actions.data_freshness import out_of_sight
    from throughway.publication.selectors import releases_changed_by

    today = date.today()
    hidden, _ = out_of_sight(agreement_statuses(today), [partner], (), today)
    return _outcome(loaded, releases_changed_by(loaded.batch, by), hidden)


def _undoing(load: str, settings: Settings) -> CommandResult:
    """What taking the load back would do; exits with 1 where it must wait."""
    from throughway.destruction.actions.orders import undoing

    by = acting(settings)
    found, reasons = undoing(load=load, by=by)
    releases = resting_on_loads(found.ids, by)
    document = {
        "batches": list(found.ids),
        "students": len(found.students),
        "left_alone": len(found.alone),
        "rows": dict(found.rows),
        "restored": dict(found.restored),
        "not_restored": dict(found.not_restored),
        "waits": reasons,
        "releases": releases,
    }
    lines = [
        f"Taken back with it would be: {listed(found.ids[:-1])}."
        if found.ids[1:]
        else "No later load rests on it."
    ]
    lines += _effects(found.rows, found.restored, found.not_restored, releases)
    lines += [f"It must wait: {reason}" for reason in reasons]
    lines.append("Nothing was changed; this was a check.")
    return CommandResult(document, "\n".join(lines), wanting=bool(reasons))


def _undone(load: str, reason: str, settings: Settings) -> CommandResult:
    """Takes the load back, and links the records that are left anew; exits with 1 where it was only asked for."""
    from throughway.destruction.selectors import taken_back
    from throughway.destruction.undo_requests.actions import take_back
    from throughway.destruction.undo_requests.request import UndoAsked
    from throughway.identity.actions.linking import link_after_undo

    by = acting(settings)
    with bar("Taking the load back") as report:
        made = take_back(load=load, reason=reason, by=by, progress=report)
    if isinstance(made, UndoAsked):
        return _asked(made)
    done, linked = taken_back(made.id), link_after_undo()
    releases = resting_on_loads(done.loads, by)
    document = {
        "batches": done.loads, "rows": made.destroyed["rows"], "restored": done.restored, "not_restored": done.not_restored,
        "releases": releases, **made.to_json(),
    }  # fmt: skip
    lines = [f"Taken back: {listed(done.loads)}."]
    lines += _effects(made.destroyed["rows"], done.restored, done.not_restored, releases)
    lines += [f"Certificate {made.id}: {made.path}", *([linked] if linked else [])]
    return CommandResult(document, "\n".join(lines))


def _asked(made: "UndoAsked") -> CommandResult:
    people = sorted(made.people)
    message = (
        f"Nothing was destroyed: it was asked, as your account does not decide on a load of {made.partner} alone. By {made.until} one of these "
        f"must agree, on the site or with the same command: {listed(people)}."
    )
    asks = {"message": message, "people": people, "until": made.until, "number": made.number}
    with_it = [f"Would go with it: {listed(made.loads[:-1])}."] if made.loads[1:] else []
    return CommandResult(
        {"asks": asks, "batches": list(made.loads), "rows": dict(made.rows)}, "\n".join([message, *with_it]), wanting=True
    )  # fmt: skip


def _effects(
    gone: Mapping[str, int],
    restored: Mapping[str, int],
    not_restored: Mapping[str, int],
    releases: Sequence[str],
) -> list[str]:
    def by_table(rows: Mapping[str, int]) -> str:
        return listed(f"{number:,} of {table}" for table, number in sorted(rows.items()))

    lines = [f"Rows destroyed: {by_table(gone)}."] if gone else []
    lines += [f"Rows that are again as they were: {by_table(restored)}."] if restored else []
    lines += [f"Earlier rows that do not come back: {by_table(not_restored)}."] if not_restored else []
    if releases:
        lines.append(f"Rest on it, and stay as they are: {'; '.join(releases)}. Publish anew if it matters.")
    return lines


def _checked(loaded: Loaded) -> CommandResult:
    """Exits with 1 where the file would be stopped."""
    document = {
        "findings": [finding.to_json() for finding in loaded.findings],
        "tables": {name: asdict(counts) for name, counts in loaded.tables.items()},
    }
    lines = [_table(loaded.tables)] if loaded.tables else []
    lines += [f"{'Stops' if each.stops else 'Doubtful'}: {each.sentence}" for each in loaded.findings]
    lines.append(
        "Nothing was stored; this was a check."
        if loaded.findings
        else "Nothing is doubtful. Nothing was stored; this was a check."
    )
    return CommandResult(document, "\n".join(lines), wanting=bool(stopping(loaded.findings)))


def _outcome(
    loaded: Loaded, changed: Sequence[str] = (), hidden: "Sequence[HiddenStudents]" = ()
) -> CommandResult:
    """`changed`: the titles of releases that were counted from rows that this load changed; `hidden`: whom agreements do not show, because
    a cell is empty."""
    more = {"releases_changed": list(changed), "not_shown": [each.to_json() for each in hidden]}
    document: dict[str, Any] = loaded.to_json() | more
    text = "\n".join([_report(loaded), *(f"Not shown: {each.heading}. {each.why}" for each in hidden)])
    if changed:
        text += f"\nChanges records from which was counted: {'; '.join(changed)}. What is published stays; publish anew if it matters."
    if loaded.nothing:
        document["error"] = loaded.nothing.to_json()
        text = "\n".join(filter(None, [text, loaded.nothing.message]))
    return CommandResult(document, text, wanting=loaded.nothing is not None)


def _report(loaded: Loaded) -> str:
    """The outcome for every kind of record, what was not stored and why, and the problems."""
    lines = [_table(loaded.tables)] if loaded.tables else []
    if unread := [kind for kind, counts in loaded.tables.items() if counts.not_read]:
        lines.append(f"Not read: {_named(unread)}.")
    uncovered = [kind for kind, counts in loaded.tables.items() if counts.not_covered]
    uncovered += [name for name in loaded.refused_columns if name not in loaded.unmapped]
    if uncovered:
        lines.append(f"Not stored, because no agreement covers it: {_named(uncovered)}.")
    if loaded.unmapped:
        lines.append(
            f"Not mapped, so not stored (map them in the crosswalk if an agreement needs them): {_named(loaded.unmapped)}."
        )
    if loaded.cells_emptied:
        cells = counted(loaded.cells_emptied, "cell")
        lines.append(f"Could not be read, so left empty or unchanged: {cells}.")
    if loaded.withdrawn:
        gone = listed(f"{number:,} of {kind}" for kind, number in loaded.withdrawn.items())
        lines.append(f"Withdrawn, because the file says that they are deleted or no longer has them: {gone}.")
    lines += [f"Doubtful, or not as expected: {sentence}" for sentence in loaded.differences]
    lines += _problems(groups(loaded.quarantine), loaded.quarantine)
    whole = total(loaded.tables.values())
    if not lines or (loaded.tables and not whole.read):
        lines.append("The file holds no record; nothing changed.")
    if whole.unchanged and not whole.landed:
        everything = whole.unchanged == whole.read
        lines.append(
            "Everything was already stored; nothing changed."
            if everything
            else "Nothing new was loaded: everything that could be stored was already stored."
        )
    return "\n".join(lines)


def _named(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - NAMED
    return f"{', '.join(names[:NAMED])} and {more:,} more" if more > 0 else ", ".join(names)


def _table(tables: Mapping[str, Counts]) -> str:
    whole = total(tables.values())
    shown = [name for name in BECAME if name in ALWAYS or getattr(whole, name)]
    rows = [[kind, *(f"{getattr(counts, name):,}" for name in shown)] for kind, counts in tables.items()]
    return columns(rows, ["table", *(name.replace("_", " ") for name in shown)])


def _problems(found: Sequence[ProblemGroup], listed: Path) -> Iterator[str]:
    """One line for each kind of fault, the most frequent first, and where the whole list is."""
    if found:
        yield "Errors, and how to fix them:"
    for group in found[:SHOWN]:
        place = f"{group.column}: " if group.column else ""
        yield f"  {group.count:,} × in {group.file}, {group.where}: {place}{group.problem}; {group.cure}"
    if more := found[SHOWN:]:
        yield f"  and {counted(len(more), 'more kind')} of fault"
    if found:
        yield f"Row by row: {listed}"
