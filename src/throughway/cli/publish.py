"""`report` and `publish`: protected figures leave, and are registered."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from throughway.cli.command import Cell, CommandResult, Settings, acting, columns, command, group, listed
from throughway.cli.query import day, reader
from throughway.core.prose import counted, data_through
from throughway.core.refusals import Refused
from throughway.publication.acts import ACTS, ActText
from throughway.publication.states import ReleaseAct

FILE = "QUESTION.sql"  # how the command for a file is listed


class Reports(click.Group):
    """The reports by name; any other word is the file of a question in SQL."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0] if args else ""
        if word.lower().endswith(".sql") or (word not in self.commands and Path(word).is_file()):
            return FILE, self.commands[FILE], args
        return super().resolve_command(ctx, args)


report = Reports("report", help="Publish reports with protected figures, and register them.")
publish = group("publish", "The registry of releases.")
outside = group("outside", "Tables that others have published about the same students.")
publish.add_command(outside)


SHOWS_ONLY = "Show what would be published and withheld, without any figure; publish nothing."


def report_options(run: Callable[..., CommandResult]) -> Callable[..., CommandResult]:
    """The options of every report: its purpose, its day, and whether only a preview is wanted."""
    for option in (
        click.option("--preview", is_flag=True, help=SHOWS_ONLY),
        click.option("--on", callback=day, metavar="DATE", help="The as-of day (default: today)."),
        click.option("--purpose", required=True, metavar="P", help="A purpose of form aggregate."),
    ):
        run = option(run)
    return run


out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write .html, .pdf, .xlsx or .csv.",
)


# By their word, what the reports of one frame publish.
REPORTS = {
    "pipeline": "Publish the pipeline: where students are lost between milestones, and what cannot be seen.",
    "services": "Publish the promised services, and how many students took part.",
    "needs": "Publish who has a need, and who is served, waits, got no answer or was never referred.",
    "overlaps": "Publish who had the same kind of support from two providers on the same days.",
    "trends": "Publish what share of each class reached an outcome, year after year, with targets and gaps.",
    "experiences": "Publish what students answer in surveys, with response rates.",
    "school-trends": "Publish the outcomes of each school's classes.",
    "program-trends": "Publish the outcomes of those who took part in a program, and of those who did not.",
    "reach": "Publish whom each program reaches: who took part, who is eligible, who applied and who waits.",
}
# Where the file is not one of the four of any release.
OUT_OPTIONS: dict[str, Callable[[Callable[..., CommandResult]], Callable[..., CommandResult]]] = {
    "pipeline": click.option(
        "--out",
        type=click.Path(path_type=Path),
        metavar="FILE.html",
        help="The file to write (default: one in the community folder).",
    ),
    "services": lambda run: run,
}


def _add_report(name: str, help: str) -> None:
    """Adds the command of one report."""

    def run(
        settings: Settings, purpose: str, on: date | None, preview: bool, out: Path | None = None
    ) -> CommandResult:
        from throughway.insight.reports.actions import make_report, preview_report, report_kind

        kind = report_kind(name)
        actor = reader(settings, purpose=purpose, on=on, asked=f"report {name}")
        if preview:
            return _previewed(preview_report(kind, actor=actor, purpose=purpose, on=on))
        made: dict[str, Any] = make_report(kind, actor=actor, purpose=purpose, on=on, out=out)
        lines = [str(made["headline"]), *made["talk"]] if kind.page else []
        lines.append(_registered(made))
        if name == "pipeline":
            lines.append(f"The report: {made['report']}")
        elif name == "services":
            lines.append("See it on the site, or with `throughway publish show`.")
        return CommandResult(made, "\n".join(lines))

    command(report, name)(report_options(OUT_OPTIONS.get(name, out_option)(run))).help = help


for name, help in REPORTS.items():
    _add_report(name, help)


@command(report, "what-works")
@report_options
@click.option(
    "--study",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A study in YAML, which is registered first (default: the registered studies of the purpose that have no finding yet).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write .html, .pdf, .xlsx or .csv; with --study.",
)
@click.option(
    "--decision",
    type=click.IntRange(min=1),
    metavar="N",
    help="The council's decision, by its number in the log, that opens a second specification; with --study.",
)
def what_works(
    settings: Settings,
    purpose: str,
    on: date | None,
    preview: bool,
    file: Path | None,
    out: Path | None,
    decision: int | None,
) -> CommandResult:
    """Publish what registered studies find: whether a program helps, in words that its design earns."""
    from throughway.evidence.actions.previews import preview_what_works
    from throughway.evidence.actions.studies import report_what_works
    from throughway.evidence.registered_study import study_document_in

    if file is None and (preview or out is not None or decision is not None):
        raise Refused(
            "A preview, a file and a decision are of one study; name it with --study FILE.", code="study"
        )
    document = study_document_in(file) if file is not None else None
    actor = reader(settings, purpose=purpose, on=on, asked="report what-works")
    if preview and document is not None:
        found = preview_what_works(actor=actor, purpose=purpose, document=document, decision=decision, on=on)
        plan = found["study"]
        lines = [f"{each['group']}: {each['students']}" for each in plan["groups"]]
        lines += filter(None, [plan["power"], *plan["stops"], *plan["missing"]])
        return CommandResult(found, "\n".join([*lines, "", _previewed(found).text]))
    made = report_what_works(
        actor=actor, purpose=purpose, document=document, decision=decision, on=on, out=out
    )
    text = "\n\n".join(
        "\n".join([each["title"], *each["sentences"], _registered(each)]) for each in made["studies"]
    )
    return CommandResult(made, text)


@command(report, FILE)
@click.argument("question", type=click.Path(dir_okay=False, path_type=Path), metavar="QUESTION.sql")
@report_options
@click.option("--title", default="", metavar="TEXT", help="Else the comment in the first line of the file.")
@click.option(
    "--minimum",
    type=click.IntRange(min=1),
    metavar="N",
    help="A higher minimum of students than the agreements'.",
)
@out_option
def own_question(
    settings: Settings, question: Path, purpose: str, title: str, minimum: int | None, on: date | None, preview: bool,
    out: Path | None,
) -> CommandResult:  # fmt: skip
    """A question of your own in SQL: students, shares, sums and means, by group."""
    from throughway.insight.questions.actions import preview_question, report_question

    sql = _text(question)
    actor = reader(settings, purpose=purpose, on=on, asked=f"report {question.name}")
    if preview:
        return _previewed(
            preview_question(actor=actor, purpose=purpose, sql=sql, title=title, minimum_cell=minimum, on=on)
        )
    made = report_question(
        actor=actor, purpose=purpose, sql=sql, title=title, minimum_cell=minimum, on=on, out=out
    )
    return CommandResult(
        made,
        f"{chr(10).join([_registered(made), *_pairs(made)])}\nSee it with `throughway publish show {made['release']}`.",
    )


def _text(file: Path, what: str = "question", kind: str = "SQL") -> str:
    """The text of a file; Refused where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            f"The {what} in {file} cannot be read; give a file of {kind} as UTF-8 text.", code="file"
        ) from error


def _previewed(found: Mapping[str, Any]) -> CommandResult:
    """What would be shown and withheld, table by table; what cannot be shown, and why; and the publication date."""
    rows = [
        [*(str(table[name]) for name in ("shown", "ranges", "withheld")), str(table["title"])]
        for table in found["tables"]
    ]
    lines = [columns(rows, ["shown", "as a range", "withheld", "table"]), ""] if rows else []
    lines += [*map(str, found["in_words"]), str(found["told"])] if "told" in found else []
    lines += [f"{each['what']}: {each['why']}" for each in found["absent"]]
    when = (
        f"It {_waits(found, 'would wait')}" if found["state"] == "waiting" else "It would be public at once."
    )
    dated = filter(None, [data_through(found["data_through"])])
    return CommandResult(
        found, "\n".join([*lines, *_notes(found), *dated, *_pairs(found), f"{when} Nothing was published."])
    )


def _pairs(found: Mapping[str, Any]) -> list[str]:
    """What undecided pairs mean for the figures, and the command that shows them."""
    return (
        [f"{found['pairs']} Decide them with `throughway link review decide --as EMAIL`."]
        if found.get("pairs")
        else []
    )


def _registered(made: Mapping[str, Any]) -> str:
    where = _waits(made, "waits") if made["state"] == "waiting" else "is public."
    line = f"Release {made['release']} {where} {data_through(made['data_through'])}".rstrip()
    return "\n".join([line, *_notes(made)])


def _notes(found: Mapping[str, Any]) -> list[str]:
    """What a reader of the figures must know."""
    return [*found.get("question", {}).get("notes", ()), *found["notes"]]


def _waits(found: Mapping[str, Any], waits: str) -> str:
    """`waits until 2026-12-13, or until all of these agree: oak, bank.`"""
    who = ", ".join(found["disclosers"])
    if found["two_people"]:
        return (
            f"{waits} for a second person: a leader, privacy officer or data steward of one of {who}, other than its publisher, must "
            "agree."
        )
    return f"{waits} until {found['public_on']}, or until all of these agree: {who}."


@command(publish, "list")
def list_releases(settings: Settings) -> CommandResult:
    """List published and withdrawn releases, and those under review that you may see."""
    from throughway.publication.selectors import releases

    shown: dict[str, Cell] = {
        "id": "id", "at": lambda r: str(r["at"])[:19], "state": "state", "public on": "public_on", "title": "title",
    }  # fmt: skip
    return listed("releases", releases(acting(settings)), shown, "Nothing has been published yet.")


@command(publish, "show")
@click.argument("release")
def show(settings: Settings, release: str) -> CommandResult:
    """Show the figures of one release, as published, and its state."""
    from throughway.publication.selectors import published
    from throughway.publication.selectors import release as read
    from throughway.publication.states import notice

    by = acting(settings)
    found: dict[str, Any] = read(release, by)
    state = notice(published(release, by, tables=False).standing)
    dated = data_through(found["data_through"])
    rule = f"Publication rule: {found['rule']['name']}." if found["rule"] else ""
    lines: list[str] = [*filter(None, (found["title"], state, dated, rule, *found["notes"])), ""]
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
    return CommandResult(found, "\n".join(lines))


@command(publish, "verify")
@click.argument("release")
def verify(settings: Settings, release: str) -> CommandResult:
    """Verify the certificate of one release: that nobody can place a withheld figure too closely."""
    from throughway.publication.selectors import verification
    from throughway.publication.verify_release import sentence_of

    found = verification(release, acting(settings))
    lines = [f"Release {found['release']}, SHA-256 {found['sha256']}", *found["problems"]]
    if found["ok"]:
        lines.append(sentence_of(found))
    lines += [f"Not part of the certificate: {each['what']}. {each['rule']}" for each in found["own_rules"]]
    return CommandResult(found, "\n".join(lines), wanting=not found["ok"])


@command(outside, "add")
@click.argument("table", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.csv")
@click.option("--title", required=True, metavar="TEXT", help="What the table is called.")
@click.option("--publisher", required=True, metavar="TEXT", help="Who published it.")
@click.option(
    "--source", required=True, metavar="TEXT", help="The address or the paper in which it is found."
)
@click.option("--on", required=True, callback=day, metavar="DATE", help="The day that its figures describe.")
@click.option(
    "--question",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="QUESTION.sql",
    help="Whom it counts, as a question in SQL; else as the pipeline counts.",
)
def add_outside(
    settings: Settings, table: Path, title: str, publisher: str, source: str, on: date, question: Path | None
) -> CommandResult:
    """Record a table that somebody else has published: later releases are checked together with it."""
    from throughway.insight.questions.question import question as understood
    from throughway.publication.actions import add_outside_table
    from throughway.publication.selectors import outside_to_json

    sql = _text(question) if question else ""
    if sql:
        understood(sql, title)
    made = add_outside_table(
        title=title, publisher=publisher, source=source, on=on, figures=_text(table, "table", "CSV"), question=sql,
        by=acting(settings),
    )  # fmt: skip
    return CommandResult(
        outside_to_json(made),
        f"Table {made.id} is recorded, with {counted(len(made.figures), 'figure')}. Every later release is checked together with it.",
    )


@command(outside, "list")
@click.option("--removed", is_flag=True, help="Also those that were removed.")
def list_outside(settings: Settings, removed: bool) -> CommandResult:
    """List the tables that others have published."""
    from throughway.publication.permissions import check_keeps_outside_tables
    from throughway.publication.selectors import outside_tables, outside_to_json

    check_keeps_outside_tables(acting(settings))
    shown: dict[str, Cell] = {
        "id": "id", "day": "day", "figures": lambda t: str(t["figures"]), "publisher": "publisher", "title": "title",
        "removed": "removed",
    }  # fmt: skip
    found = [outside_to_json(each) for each in outside_tables(removed=removed)]
    return listed("tables", found, shown, "No table from outside is recorded.")


@command(outside, "remove")
@click.argument("table")
@click.option("--reason", required=True, metavar="TEXT", help="What was entered wrongly; it is kept.")
def remove_outside(settings: Settings, table: str, reason: str) -> CommandResult:
    """Remove a table that was entered wrongly; what is public stays known, so keep one that is right."""
    from throughway.publication.actions import remove_outside_table
    from throughway.publication.selectors import STAYS_KNOWN, outside_to_json

    made = remove_outside_table(table=table, reason=reason, by=acting(settings))
    return CommandResult(outside_to_json(made), f"Table {made.id} is removed. {STAYS_KNOWN}")


def _add(act: ReleaseAct, text: ActText) -> None:
    """Adds the command of one act on a release."""

    def run(settings: Settings, release: str, reason: str = "") -> CommandResult:
        from throughway.publication.actions import act_on
        from throughway.publication.selectors import where

        found = act_on(act, release=release, by=acting(settings), reason=reason)
        document = where(found)
        until = ""
        if document["state"] == "waiting" and document["public_on"]:
            until = f" until {document['public_on']}"
            if found.standing.missing and not document["needs_approval"]:
                until += f", or until all of these agree: {', '.join(found.standing.missing)}"
        until = until or (", for a second person" if document["needs_approval"] else "")
        return CommandResult(document, f"Release {found.id} is {document['state']}{until}.")

    if text.needs_reason:
        run = click.option("--reason", required=True, metavar="TEXT", help=text.option)(run)
    command(publish, act.replace("_", "-"))(click.argument("release")(run)).help = text.help


for act, text in ACTS.items():
    _add(act, text)
