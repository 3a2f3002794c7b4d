"""`system`: the data systems of each partner, and what they hold."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, facts, group, listed
from throughway.cli.permissions import keeper
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.partners.systems.system import SystemStatement

if TYPE_CHECKING:
    from throughway.partners.models import DataSystem

system = group("system", "The data systems of the partners.")


@command(system, "add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--partner", metavar="ID", help="The partner whose systems they are, if the file does not name it."
)
def add(settings: Settings, file: Path, partner: str | None) -> CommandResult:
    """Add the data systems in a YAML or CSV file, all or none. A system whose name is known is updated."""
    from throughway.partners.systems.actions import enter_systems

    entered = enter_systems(found=_systems_in(file, partner), by=acting(settings))
    found = [{**_document(each.system), "what": each.what or "unchanged"} for each in entered]
    return listed("systems", found, {"what": "what", "partner": "partner", "system": "name"}, "")


def _systems_in(file: Path, partner: str | None) -> list[tuple[str, SystemStatement]]:
    from throughway.core.yaml_text import UnreadableText, values_of
    from throughway.partners.csv_lists import lines_of
    from throughway.partners.systems.system import COLUMNS, from_lines, from_values

    if file.suffix.lower() == ".csv":
        found = from_lines(lines_of(file, COLUMNS), partner)
    else:
        try:
            found = from_values(values_of(file.read_text(encoding="utf-8-sig")), partner)
        except UnreadableText as unreadable:
            raise Refused(f"{file.name}: {unreadable}", code="bad_file") from None
        except OSError:
            raise Refused(f"There is no file {file.name}; check the path.", code="no_file") from None
        except UnicodeDecodeError:
            raise Refused(f"{file.name} is not a text in UTF-8; save it so.", code="bad_file") from None
    if not found:
        raise Refused(f"{file.name} names no system; nothing was changed.", code="bad_file")
    return found


@command(system, "list")
@click.option("--partner", metavar="ID", help="Only this partner's systems.")
@click.option("--retired", is_flag=True, help="Also list systems that are no longer in use.")
def list_systems(settings: Settings, partner: str | None, retired: bool) -> CommandResult:
    """List the data systems and what each holds."""
    from throughway.partners.selectors import known
    from throughway.partners.systems.selectors import all_systems

    if partner is not None:
        known(partner)
    found = [s for s in all_systems(partner) if retired or s.retired is None]
    rows = [[s.partner_id, s.name, s.owner or "not given", s.get_refresh_display(), _held(s)] for s in found]
    heading = ["partner", "system", "owner", "refreshed", "holds"]
    empty = "No data system yet: throughway system add FILE"
    return CommandResult(
        {"systems": [_document(s) for s in found]}, columns(rows, heading) if rows else empty
    )


@command(system, "retire")
@click.argument("name")
@click.option("--partner", metavar="ID", required=True, help="The partner whose system it is.")
def retire(settings: Settings, name: str, partner: str) -> CommandResult:
    """Mark a system as no longer in use; it stays on record."""
    from throughway.partners.systems.actions import retire_system
    from throughway.partners.systems.selectors import all_systems

    found = next((s for s in all_systems(partner) if s.name == name), None)
    if found is None:
        raise Refused(
            f"{partner} has no data system of that name; see `throughway system list`.", code="unknown_system"
        )
    retired = retire_system(partner=partner, number=found.pk, by=acting(settings))
    return CommandResult(
        _document(retired), f"{retired.name} of {partner} is out of use; it stays on record."
    )


@command(system, "from-loads")
@click.option("--partner", metavar="ID", required=True, help="The partner whose system it is.")
def from_loads(settings: Settings, partner: str) -> CommandResult:
    """Add or update the system "As loaded here", made of what was loaded from a partner."""
    from throughway.intake.actions import register_landed

    entered = register_landed(partner=partner, by=acting(settings))
    change = {None: "is as it was", "added": "is entered", "changed": "is refreshed"}[entered.what]
    return CommandResult(
        {**_document(entered.system), "what": entered.what or "unchanged"},
        f"{entered.system.name} of {partner} {change}: it holds {_held(entered.system)}.",
    )


@command(system, "gaps")
@click.option("--partner", metavar="ID", help="Only this partner.")
def gaps(settings: Settings, partner: str | None) -> CommandResult:
    """Compare what agreements need, what systems hold and what has come in."""
    from throughway.intake.coverage import coverage, overlaps
    from throughway.intake.selectors import elements_landed, elements_needed
    from throughway.partners.selectors import held, known

    by = keeper(settings, "What is missing and what is held twice")
    if partner is not None:
        known(partner)
    needed, came, has = elements_needed(by, date.today()), elements_landed(by), held()
    found = [each for each in coverage(needed, has, came) if partner in (None, each.partner)]
    kinds = ("missing", "not_held", "not_needed", "not_registered", "not_asked")
    document = {
        "partners": [
            facts(each, "partner", "is_registered", "sees_loads")
            | {kind: list(getattr(each, kind)) for kind in (*kinds, "complete")}
            for each in found
        ],
        "overlaps": [
            {"table": o.table, "partners": list(o.partners), "needed": list(o.needed)} for o in overlaps(needed, has, came)
        ],
    }  # fmt: skip
    rows = [[each.partner, *(str(len(getattr(each, kind))) for kind in kinds)] for each in found]
    heading = ["partner", *(kind.replace("_", " ") for kind in kinds)]
    text = (
        columns(rows, heading)
        if rows
        else "No agreement in effect needs records, and no data system is in the register."
    )
    return CommandResult(document, text)


def _held(system: "DataSystem") -> str:
    tables = {holding.table for holding in system.statement.holdings}
    return f"{counted(len(system.holdings), 'element')} of {counted(len(tables), 'table')}"


def _document(system: "DataSystem") -> dict[str, object]:
    names = ("id", "name", "owner", "steward", "note", "retired", "regime", "refresh", "origin")
    return facts(system, *names, partner="partner_id") | {
        "holdings": [{"element": e, "from": first, "to": last} for e, first, last in system.holdings]
    }
