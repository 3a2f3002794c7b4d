"""`effect`: the estimator of a program's effect, on a plain table outside of any community."""

from pathlib import Path
from typing import Any

import click

from throughway.cli.command import CommandResult, Settings, columns, command
from throughway.core.refusals import Refused


@command(None, "effect", opens=False)
@click.argument("data", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--study",
    "document",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="STUDY.yaml",
    help="The study: treatment, outcome, design and what else it needs.",
)
def effect(settings: Settings, data: Path, document: Path) -> CommandResult:
    """Estimate a program's effect on a CSV table, with the verdict that the figures support."""
    # These take seconds to import, which no other command should wait for.
    try:
        from throughway.evidence.effect import effect_of
        from throughway.evidence.plain_table import read_table
    except ModuleNotFoundError:
        raise Refused(
            "Effects are estimated with libraries that are not installed here; install the extra effects of Throughway, as the manual says under Serving.",
            code="not_installed",
        ) from None
    from throughway.evidence.study import study_in

    study = study_in(document)
    found = effect_of(read_table(data, study), study)
    return CommandResult(found, _text(found))


def _text(found: dict[str, Any]) -> str:
    notes = "\n".join(f"- {note}" for note in found["notes"])
    if found["estimate"] is None:
        return f"Verdict: {found['verdict']}. There is no estimate.\n\n{notes}"
    counts = found["n"]
    apart = "" if found["standardized"] is None else f" ({found['standardized']:+.2f} standard deviations)"
    lines = [
        f"Verdict: {found['verdict']}.",
        f"Estimate {found['estimate']:+.4g}{apart}, 95% interval {found['low']:+.4g} to {found['high']:+.4g}.",
        f"{counts['treated']:,} in the program, {counts['comparison']:,} in the comparison group, {counts['left_out']:,} left out.",
        f"As a claim: {found['ceiling'] or 'it supports none under ESSA'}.",
    ]
    rows = [
        [each["covariate"], f"{each['before']:+.2f}", f"{each['after']:+.2f}"] for each in found["balance"]
    ]
    table = columns(rows, ["apart in standard deviations", "before", "after"]) if rows else ""
    return "\n\n".join(part for part in ("\n".join(lines), notes, table) if part)
