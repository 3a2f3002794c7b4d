"""`ledger`: who has seen what, and whether the record of it is intact."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from throughway.cli.command import Cell, CommandResult, Settings, acting, columns, command, group, listed
from throughway.cli.query import day, reader
from throughway.cli.redisclosure import further
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.ledger.access_channels import way_words

ledger = group("ledger", "The ledger: the record of disclosures.")
ledger.add_command(further)


@command(ledger, "verify")
@click.option(
    "--head",
    type=click.Path(path_type=Path),
    help="A head that you kept; it shows whether the ledger was cut short.",
)
def verify(settings: Settings, head: Path | None) -> CommandResult:
    """Seal the entries that are not sealed yet, then check every entry against its seal."""
    from throughway.ledger.actions.verification import verified

    document, problem = verified(_kept(head) if head is not None else None, acting(settings))
    verdict = (
        "every one holds"
        if document["ok"]
        else f"the first that does not hold is {document['first_bad']}. {problem.rstrip('.')}"
    )
    found = f"{counted(document['entries'], 'entry', 'entries')}, {document['sealed']:,} sealed: {verdict}."
    return CommandResult(document, "\n".join([found, *document["notes"]]), wanting=not document["ok"])


def _kept(head: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(head.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Refused(
            f"{head} is not a kept head; make one with: throughway ledger head --json", code="no_file"
        ) from None
    return found


@command(ledger, "prove")
@click.argument("entry", required=False)
@click.option(
    "--head",
    type=click.Path(path_type=Path),
    help="A head that you kept: prove that the ledger only grew since then, and tie the entry to it.",
)
def prove(settings: Settings, entry: str | None, head: Path | None) -> CommandResult:
    """Prove to an outsider that an entry is in the ledger, or that the ledger only grew since a head was kept."""
    from throughway.ledger.actions.verification import prove_entry, prove_growth

    kept = _kept(head) if head is not None else None
    if entry is not None:
        proof = prove_entry(entry, by=reader(settings, purpose="ledger", asked="ledger prove"), kept=kept)
    elif kept is not None:
        proof = prove_growth(kept, by=acting(settings))
    else:
        raise click.UsageError("give the id of an entry, or --head with a head that was kept")
    return CommandResult(proof, json.dumps(proof, indent=2, ensure_ascii=False))


@command(ledger, "head")
def head(settings: Settings) -> CommandResult:
    """Print the newest signed head, for a partner to keep."""
    from throughway.ledger.actions.verification import newest_head

    found = newest_head(acting(settings))
    return CommandResult(found, json.dumps(found, indent=2, default=str))


@command(ledger, "person")
@click.argument("id", required=False, type=int)
@click.option("--partner", metavar="P", help="With --record-key: the partner, in place of the platform's id.")
@click.option("--record-key", metavar="K", help="The partner's own key of the record.")
@click.option("--looks", is_flag=True, help="Also list who asked earlier who saw the record.")
def person(
    settings: Settings, id: int | None, partner: str | None, record_key: str | None, looks: bool
) -> CommandResult:
    """List every disclosure of one person's records."""
    from throughway.gate.actions import disclosures_of

    by_key = (partner is not None, record_key is not None)
    if by_key != ((False, False) if id is not None else (True, True)):
        raise click.UsageError("give a platform person id, or --partner and --record-key")
    actor = reader(settings, purpose="ledger", asked="ledger person")
    entries = disclosures_of(person=id, partner=partner, record_key=record_key, looks=looks, by=actor)
    shown: dict[str, Cell] = {
        "at": lambda e: str(e["at"])[:19], "who": lambda e: _who(e["actor"]), "purpose": "purpose",
        "interest": lambda e: _short("; ".join(filter(None, (str(e["threat"]), str(e["interest"]))))), "outcome": "outcome",
        "channel": lambda e: way_words(str(e["way"])),
    }  # fmt: skip
    return listed("disclosures", entries, shown, "Nobody has been shown this record yet.")


@command(ledger, "use")
@click.option("--partner", required=True, metavar="ID", help="The partner whose data it is about.")
@click.option("--from", "first", required=True, callback=day, metavar="DAY", help="The first day, in UTC.")
@click.option("--to", "last", callback=day, metavar="DAY", help="The last day, in UTC (default: today).")
def use(settings: Settings, partner: str, first: date, last: date | None) -> CommandResult:
    """Print a statement of use of a partner's data: agreements, purposes, readers by role, how often. It names no student and no
    address."""
    from throughway.ledger.actions.usage import use_of, words_of_the_day
    from throughway.ledger.usage_statement import PARTS, to_json, usage_line

    until = last or datetime.now(UTC).date()
    found = use_of(partner=partner, first=first, last=until, by=acting(settings))
    called = words_of_the_day()
    rows = [
        [words, str(line.use.times), line.who, _short(line.purpose), ", ".join(line.use.key.agreements)]
        for part, words in PARTS.items()
        for line in (usage_line(each, called) for each in found.parts[part])
    ]
    rest = f"Published: {counted(found.releases, 'release')}. Somebody asked who saw a record: {counted(found.lookups, 'time')}."
    heading = ["what", "times", "who", "purpose", "agreements"]
    return CommandResult(to_json(found), "\n".join([*([columns(rows, heading)] if rows else []), rest]))


def _who(actor: dict[str, Any]) -> str:
    """The address where it is shown, otherwise the role and its partner."""
    from throughway.ledger.entry_presenter import role_words

    return actor["email"] or ", ".join(filter(None, (role_words(actor["role"]), actor["partner"])))


def _short(words: str) -> str:
    return words if len(words) <= 80 else f"{words[:79]}…"
