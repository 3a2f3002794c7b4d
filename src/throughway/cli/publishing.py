"""`report` and `publish`: protected figures leave, and are registered."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from throughway.cli.asking import day, reader
from throughway.cli.frame import Outcome, Settings, columns, command, group

report = group("report", "Protected figures, published and registered.")
publish = group("publish", "The registry of releases.")


@command(report, "pipeline")
@click.option("--purpose", required=True, metavar="P", help="A purpose of form aggregate.")
@click.option("--on", callback=day, metavar="DATE", help="The as-of day; else today.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE.html", help="Where to write; else in the folder."
)
def pipeline(settings: Settings, purpose: str, on: date | None, out: Path | None) -> Outcome:
    """Where students are lost between the milestones, and what cannot be seen."""
    from throughway.insight import actions

    actor = reader(settings, purpose=purpose, on=on, asked="report pipeline")
    made = actions.report_pipeline(actor=actor, purpose=purpose, on=on, out=out)
    return Outcome(made, f"Release {made['release']} is registered.\nThe report: {made['report']}")


@command(report, "services")
@click.option("--purpose", required=True, metavar="P", help="A purpose of form aggregate.")
@click.option("--on", callback=day, metavar="DATE", help="The as-of day; else today.")
def services(settings: Settings, purpose: str, on: date | None) -> Outcome:
    """What was promised to be provided, and how many students took part."""
    from throughway.insight.services.actions import report_services

    actor = reader(settings, purpose=purpose, on=on, asked="report services")
    made = report_services(actor=actor, purpose=purpose, on=on)
    return Outcome(
        made,
        f"Release {made['release']} is registered; see it on the site, or with `throughway publish show`.",
    )


@command(publish, "list")
def list_releases(settings: Settings) -> Outcome:
    """List what was published."""
    from throughway.disclosure.reading import releases

    found = releases()
    rows = [[str(r["id"]), str(r["at"])[:19], str(r["title"])] for r in found]
    return Outcome(
        {"releases": found}, columns(rows, ["id", "at", "title"]) if rows else "Nothing was published yet."
    )


@command(publish, "show")
@click.argument("release")
def show(settings: Settings, release: str) -> Outcome:
    """Show the figures of one release, as published."""
    from throughway.disclosure.reading import release as read

    found: dict[str, Any] = read(release)
    lines: list[str] = []
    for table in found["tables"]:
        rows = [
            [
                ", ".join(f"{k}: {v}" for k, v in c["at"].items()) or "all",
                c["statistic"],
                "withheld" if c["withheld"] else str(c["shown"]),
            ]
            for c in table["cells"]
        ]
        lines += [table["title"], columns(rows, ["at", "statistic", "shown"]), ""]
    return Outcome(found, "\n".join(lines))
