"""`link`: linking records across partners, evaluating that, and looking persons up."""

from dataclasses import asdict
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from throughway.cli.command import Cell, CommandResult, Settings, acting, command, listed
from throughway.cli.link_review import review
from throughway.cli.load import bar
from throughway.cli.query import day, reader
from throughway.core.refusals import Refused

link = click.Group(
    "link", help="Link the records of one person across partners.", invoke_without_command=True
)


def _run(settings: Settings, full: bool, spark: str | None) -> CommandResult:
    from throughway.identity.actions import linking
    from throughway.identity.review.name_rule import sentences
    from throughway.identity.review.selectors import name_rules
    from throughway.partners.selectors import partner_names

    with bar("Linking") as report:
        linked = linking.link(full=full, spark=spark, by=acting(settings), progress=report)
    decide = "Decide the pairs before you publish: throughway link review decide --as EMAIL"
    lines = filter(
        None,
        [
            linked.sentence, linked.taught, *linked.noticed, *sentences(name_rules(), partner_names()),
            decide if linked.for_review else "",
        ],
    )  # fmt: skip
    return CommandResult(linked.to_json(), "\n".join(lines))


_link_all = command(None, "link")(
    click.option("--full", is_flag=True, help="Compare all records again, not only new and changed ones.")(
        click.option(
            "--spark", metavar="MASTER", help="Compare all records on the Spark cluster at this address."
        )(_run)
    )
)
link.params = list(_link_all.params)


@link.result_callback()
def _nothing(*_: Any, **__: Any) -> None:
    """The subcommand has printed its result."""


def _start(**options: Any) -> Any:
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is None:
        return ctx.invoke(_link_all, **options)
    ctx.obj = ctx.obj.over(options["community"], options["acting"], options["as_json"])
    return None


link.callback = _start
link.add_command(review)
if find_spec("throughway.identity.pprl"):  # linkage without names is an optional package
    from throughway.cli.pprl import encode, keys, secret

    for part in (secret, encode, keys):
        link.add_command(part)


def _check_keeps_all(settings: Settings, what: str) -> None:
    """Persons of all partners are for the operator and for data stewards of a partner that keeps all records, as on the pages."""
    from throughway.ledger.visibility import sight
    from throughway.partners.actor import Role

    by = acting(settings)
    if not by.is_operator and not (by.role == Role.DATA_STEWARD and sight(by).everything):
        raise Refused(
            f"Only data stewards of the partner that keeps all records may see {what}; ask one of them.",
            code="not_allowed",
        )


@command(link, "evaluate")
@click.option(
    "--truth", required=True, type=click.Path(path_type=Path), help="CSV: partner,record_key,person."
)
def evaluate(settings: Settings, truth: Path) -> CommandResult:
    """Compare the links with a list of the true persons."""
    from throughway.identity.actions import evaluation

    _check_keeps_all(settings, "how the links compare with a list of who is who")
    found: dict[str, Any] = evaluation.evaluate(truth=truth, by=acting(settings))
    lines = [
        f"{kind:9s} precision {found[kind]['precision']:.4f}  recall {found[kind]['recall']:.4f}  F1 {found[kind]['f1']:.4f}"
        for kind in ("pairwise", "clusters")
    ]
    return CommandResult(found, "\n".join(lines))


@command(link, "events")
@click.option("--person", type=int, metavar="ID", help="Only this person, by the platform's number.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="How many to list, newest first.",
)
def events(settings: Settings, person: int | None, most: int) -> CommandResult:
    """List the changes to persons: merged, split, left, returned, undone."""
    from throughway.identity.selectors import events as events_of

    _check_keeps_all(settings, "what became of persons")
    found = events_of(person, most=most)
    shown: dict[str, Cell] = {
        "event": "id", "at": lambda e: str(e["at"])[:16], "kind": "kind", "reason": "reason", "by": "by",
        "": lambda e: "undone" if e["undone"] else "",
    }  # fmt: skip
    return listed("events", found, shown, "No person was merged, split or undone yet.")


@command(link, "undo")
@click.argument("event", type=int)
def undo(settings: Settings, event: int) -> CommandResult:
    """Undo a merge or a split of persons. Later runs respect it."""
    from throughway.identity.actions import person_history

    person_history.undo(event=event, by=acting(settings))
    return CommandResult(
        {"event": event, "undone": True},
        f"Event {event} is undone: its records are with the persons they had.",
    )


@command(link, "look-up")
@click.option("--first", default="", help="First name.")
@click.option("--middle", default="", help="Middle name.")
@click.option("--last", default="", help="Last name, or both.")
@click.option("--birthdate", callback=day, metavar="DATE", help="Birth date, such as 2012-03-04.")
@click.option("--sex", default="", help="Female or Male.")
@click.option("--street", default="", help="Number and street.")
@click.option("--phone", default="", help="Telephone.")
@click.option("--email", default="", help="E-mail address.")
@click.option("--school", default="", help="The school's number or name, as partners write it.")
@click.option("--grade", default="", help="The grade in this school year, such as KG or 5.")
@click.option("--purpose", required=True, metavar="P", help="A purpose of kind linkage that you may enter.")
def look_up(settings: Settings, purpose: str, birthdate: date | None, **described: str) -> CommandResult:
    """Find the known persons who may match."""
    from throughway.identity.actions import lookup

    found = lookup.look_up(
        **described, birthdate=birthdate, purpose=purpose, by=reader(settings, purpose=purpose)
    )
    lines = [
        f"{c.probability:.0%}  person {c.person}: "
        + "; ".join(
            f"{r.partner} ({', '.join((*r.speaks_for, *r.speaks_against)) or 'little in common'})"
            for r in c.records
        )
        for c in found.candidates
    ]
    text = "\n".join([*(lines or ["No known person matches."]), f"Disclosure {found.disclosure}."])
    return CommandResult(asdict(found), text)
