"""`load`: a partner's file comes in."""

import csv
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from throughway.cli.frame import Choice, Outcome, Settings, acting, columns, command

FORMATS = ["csv", "xlsx", "oneroster", "edfi-xml", "edfi-jsonl", "hsds", "hmis", "nsc"]


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


@command(None, "load")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--partner", required=True, metavar="ID")
@click.option("--format", "format_", required=True, type=Choice(FORMATS))
@click.option(
    "--crosswalk", type=click.Path(path_type=Path), help="How the partner's columns become the vocabulary's."
)
@click.option("--school-year", callback=school_year, metavar="Y", help="Written 2021-22.")
def load(
    settings: Settings,
    path: Path,
    partner: str,
    format_: str,
    crosswalk: Path | None,
    school_year: int | None,
) -> Outcome:
    """Load a partner's file, zip or folder under its agreements in effect."""
    from throughway.intake import actions

    by = acting(settings)
    with bar(f"Loading {path.name}") as report:
        loaded = actions.load(
            path=path, partner=partner, format=format_, crosswalk=crosswalk, school_year=school_year, by=by,
            progress=report,
        )  # fmt: skip
    document: dict[str, Any] = loaded.to_json()
    wanting = not loaded.anything and _wrong(document)
    text = _told(document)
    if wanting:
        message = f"Nothing of {path.name} landed: each row was set aside or is out of scope; see {document['quarantine']}."
        document["error"] = {"code": "nothing_landed", "message": message, "citations": []}
        text = "\n".join([text, message]) if text else message
    return Outcome(document, text, wanting=wanting)


def _wrong(document: dict[str, Any]) -> bool:
    """Whether a load that brought nothing had something to bring: an empty bundle is well formed, and done."""
    tables: dict[str, dict[str, int]] = document["tables"]
    return any(counts["read"] for counts in tables.values()) or _listed(document)


def _listed(document: dict[str, Any]) -> bool:
    """Whether the list of what was set aside or left empty has a line below its heading."""
    with Path(str(document["quarantine"])).open(encoding="utf-8", newline="") as listed:
        return len(list(islice(csv.reader(listed), 2))) > 1


def _told(document: dict[str, Any]) -> str:
    counted = ["read", "landed", "unchanged", "out_of_scope", "quarantined"]
    tables: dict[str, dict[str, int]] = document["tables"]
    rows = [[name, *(f"{counts[c]:,}" for c in counted)] for name, counts in tables.items()]
    lines = [columns(rows, ["table", *(c.replace("_", " ") for c in counted)])] if rows else []
    if refused := document["refused_columns"]:
        lines.append(f"No agreement covers, so not stored: {', '.join(refused)}.")
    if document["cells_emptied"]:
        cells = "1 cell" if document["cells_emptied"] == 1 else f"{document['cells_emptied']:,} cells"
        lines.append(f"Left empty, since it could not be read: {cells}.")
    if _listed(document):
        lines.append(f"What was set aside, and how to mend it: {document['quarantine']}")
    if any(c["unchanged"] for c in tables.values()) and not any(c["landed"] for c in tables.values()):
        lines.append("All of it was here already; nothing changed.")
    return "\n".join(lines)
