"""`agreement`: the life of an agreement on the command line."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from throughway.cli import agreement_start, negotiation  # noqa: F401  (they add their commands to the group)
from throughway.cli.agreement_acts import agreement, document_in, status_result
from throughway.cli.agreement_formats import FORMS, in_form, seen_by
from throughway.cli.command import CommandResult, Settings, acting, command, listed
from throughway.core.refusals import Refused

MARKS = {"blocking": "✗", "warning": "!", "advice": "·"}


@command(agreement, "review")
@click.argument("file", type=click.Path(path_type=Path))
def review(settings: Settings, file: Path) -> CommandResult:
    """Review a document against the law, the vocabulary and the other agreements."""
    from throughway.agreements.agreement_list import may_see
    from throughway.agreements.json_output import review as as_document
    from throughway.agreements.selectors import reviewed
    from throughway.agreements.validation_errors import unreadable
    from throughway.partners.selectors import partners

    by, register = acting(settings), partners()
    try:
        findings = reviewed(document_in(file), sees=lambda d: by.is_operator or may_see(by, d, register))
    except Refused as refused:
        if refused.code != "unreadable":
            raise
        findings = [unreadable(refused.message)]  # a review always answers with findings
    document = as_document(findings)
    found = document["status"]
    lines = [
        f"{MARKS[f.severity]} {f.id}  {f.element}\n    {f.message}"
        + (f"\n    ({f.citation})" if f.citation else "")
        for f in findings
    ]
    counted = f"{file.name} is {found}: " + ", ".join(
        f"{sum(f.severity == s for f in findings)} {s}" for s in ("blocking", "warning", "advice")
    )
    return CommandResult(document, "\n".join([*lines, counted + "."]), wanting=found == "blocked")


@command(agreement, "rules")
@click.option(
    "--pack",
    metavar="NAME",
    help="Print a State's rules that come with the platform, to save as a file.",
)
@click.option("--page", "as_page", is_flag=True, help="Print the manual's page on the rules.")
def rules(settings: Settings, pack: str | None, as_page: bool) -> CommandResult:
    """List the rules of the review: those of the law, and those that this community added."""
    from throughway.agreements.legal_review.rule_pack import shipped
    from throughway.agreements.legal_review.rules import PARTS, RULES
    from throughway.agreements.legal_review.rules_page import page
    from throughway.agreements.selectors import added_rules

    if as_page:
        return CommandResult({"page": page()}, page().rstrip())
    if pack is not None:
        if pack not in shipped():
            raise Refused(
                f"No rules are called {pack}; there are {', '.join(shipped())}.", code="unknown_pack"
            )
        return CommandResult({"pack": shipped()[pack]}, shipped()[pack].rstrip())
    added = added_rules()
    document = {
        "rules": [rule.to_json() for rule in RULES.values()],
        "added": [p.model_dump(mode="json", exclude_defaults=True) for p in added],
    }
    lines = []
    for part, heading in PARTS.items():
        lines += ["", heading]
        lines += [
            f"  {MARKS.get(str(rule.severity), ' ')} {rule.id:<12}{rule.title} ({rule.citation})"
            for rule in RULES.values()
            if rule.part == part
        ]
    for each in added:
        lines += ["", each.title]
        lines += [f"  {MARKS[str(r.severity)]} {r.id:<12}{r.title} ({r.citation})" for r in each.rules]
    return CommandResult(document, "\n".join(lines).lstrip("\n"))


@command(agreement, "add")
@click.argument("file", type=click.Path(path_type=Path))
def add(settings: Settings, file: Path) -> CommandResult:
    """Add a document. Adding the same text again changes nothing."""
    from throughway.agreements import actions

    added = actions.add(text=document_in(file), by=acting(settings))
    return status_result(
        added, f"{added.document.id} is added as version {added.version[:12]} ({added.state})."
    )


@command(agreement, "list")
def list_agreements(settings: Settings) -> CommandResult:
    """List the agreements that you may see, with their status today."""
    from throughway.agreements.agreement_list import is_listed_for
    from throughway.agreements.json_output import row_json
    from throughway.agreements.selectors import agreement_lifecycles
    from throughway.partners.selectors import partners

    by, register = acting(settings), partners()
    found = [
        row_json(life.current)
        for life in agreement_lifecycles(date.today())
        if by.is_operator or is_listed_for(by, life, register)
    ]
    shown = {
        "id": "id",
        "tier": "tier",
        "state": "state",
        "from": "effective",
        "until": "expires",
        "title": "title",
    }
    empty = "No agreement yet: throughway agreement review FILE, then throughway agreement add FILE"
    return listed("agreements", found, shown, empty)


@command(
    agreement, "show", click.argument("id"),
    click.option("--plain", "plain_text", is_flag=True, help="The text in words (the default)."),
    click.option("--sql", "as_sql", is_flag=True, help="The SQL that enforces the agreement."),
    *FORMS,
)  # fmt: skip
def show(settings: Settings, id: str, plain_text: bool, as_sql: bool, **forms: Any) -> CommandResult:
    """Show an agreement in words, as SQL, or in a format for other systems."""
    from throughway.agreements.agreement_list import may_see
    from throughway.agreements.grant_sql import show as show_sql
    from throughway.agreements.json_output import agreement_json
    from throughway.agreements.plain_text import plain
    from throughway.agreements.selectors import open_steps, past_acts, wider
    from throughway.agreements.signatures import given_of
    from throughway.partners.selectors import partners

    by = acting(settings)
    life = seen_by(by, id)
    if (in_other_form := in_form(life, forms)) is not None:
        return in_other_form
    status = life.current
    may_see_steps = by.is_operator or may_see(by, status.document, partners())
    waiting = [step for step in open_steps(date.today()) if step.agreement == id] if may_see_steps else []
    signed = given_of(past_acts(id), status.version) if may_see_steps else ()
    text = show_sql(status, wider(status, date.today())) if as_sql else plain(status.document, signed=signed)
    document = agreement_json(status, life.pending, waiting, signed)
    return CommandResult({**document, "sql" if as_sql else "plain": text}, text)
