"""The group `supports`: the directory of supports."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from throughway.cli.command import Cell, CommandResult, Settings, SuggestingChoice, acting, command, listed


@click.group("supports")
def supports() -> None:
    """The directory of supports: programs and services, their days, places and seats."""


@command(supports, "list")
@click.option("--partner", metavar="ID", help="Only the supports of this partner.")
def list_supports(settings: Settings, partner: str | None) -> CommandResult:
    """List the supports of the directory."""
    from throughway.partners.selectors import own_kind
    from throughway.supports.permissions import may_keep_entries
    from throughway.supports.selectors import entries

    by, today = acting(settings), date.today()
    own = own_kind(by)
    found: list[dict[str, Any]] = [
        {
            "number": each.number, "id": each.key, "partner": each.partner, "name": each.said.name, "kind": each.said.category,
            "days": [session.day for session in each.said.sessions], "languages": list(each.said.languages),
            "seats_open": each.said.seats_open, "seats_all": each.said.seats_all, "public": each.said.public,
            "confirmed": each.confirmed.isoformat() if each.confirmed else None, "stands": each.is_confirmed(today) and not each.has_ended(today),
            "closed": each.closed.isoformat() if each.closed else None,
            "ends": each.said.ends.isoformat() if each.said.ends else None,
        }
        for each in entries()
        if partner in (None, each.partner) and (not each.closed or may_keep_entries(by, own, each.partner))
    ]  # fmt: skip
    shown: dict[str, Cell] = {
        "support": "name", "partner": "partner", "kind": "kind", "days": lambda e: " ".join(e["days"]),
        "languages": lambda e: " ".join(e["languages"]), "seats": lambda e: "" if e["seats_open"] is None else str(e["seats_open"]),
        "confirmed": lambda e: e["confirmed"] or "not yet",
    }  # fmt: skip
    return listed("supports", found, shown, "The directory holds no support.")


@command(supports, "take")
@click.option("--partner", required=True, metavar="ID", help="The partner whose loaded records are read.")
def take(settings: Settings, partner: str) -> CommandResult:
    """Bring programs and seats from a partner's own loaded records; needs --as one of its people."""
    from throughway.supports.actions import take_from_records

    taken = take_from_records(partner=partner, by=acting(settings))
    document = {
        "new": taken.new,
        "changed": taken.changed,
        "unchanged": taken.unchanged,
        "refused": list(taken.refused),
    }
    text = f"{taken.new} entered, {taken.changed} changed, {taken.unchanged} unchanged."
    return CommandResult(document, "\n".join([text, *taken.refused]))


@command(supports, "confirm")
@click.argument("number", type=int)
def confirm(settings: Settings, number: int) -> CommandResult:
    """Say that an entry is still right."""
    from throughway.supports.actions import confirm_support

    found = confirm_support(number=number, by=acting(settings))
    day = found.confirmed.isoformat() if found.confirmed else ""
    return CommandResult({"number": number, "confirmed": day}, f"{found.said.name} is confirmed.")


@command(supports, "export")
@click.option("--format", "form", type=SuggestingChoice(["csv", "json"]), default="csv", show_default=True, help="A data package of CSV tables, or JSON.")  # fmt: skip
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="A folder for csv, a file for json."
)
@click.option("--public", is_flag=True, help="Only what everybody may see.")
def export(settings: Settings, form: str, out: Path, public: bool) -> CommandResult:
    """Write the open entries of the directory as HSDS 3.0."""
    from throughway.core.refusals import Refused
    from throughway.supports.hsds.writing import package, page
    from throughway.supports.selectors import entries, public_entries

    acting(settings)
    found = public_entries(date.today()) if public else [each for each in entries() if not each.closed]
    try:
        if form == "json":
            out.write_text(page(found), encoding="utf-8")
        else:
            out.mkdir(parents=True, exist_ok=True)
            for name, text in package(found).items():
                (out / name).write_text(text, encoding="utf-8")
    except OSError:
        raise Refused(
            f"{out.name} cannot be written there; check the path and its permissions.", code="no_file"
        ) from None
    return CommandResult(
        {"supports": len(found), "written": str(out)}, f"{len(found)} supports written to {out}."
    )
