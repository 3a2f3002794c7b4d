"""`destroy`, `hold` and `certificate`: destruction of data, legal holds, and certificates of destruction."""

import os
from pathlib import Path
from typing import Any

import click

from throughway.cli.command import CommandResult, Settings, act_command, acting, command, facts, group, listed
from throughway.cli.load import bar
from throughway.cli.permissions import keeper
from throughway.core.prose import counted
from throughway.core.refusals import Refused

REST_WAITS = "This is a part: some students' rows must be kept for now. Order the destruction again when nothing keeps them; until then it says what does."

hold = group("hold", "Legal holds, which suspend destruction.")
certificate = group("certificate", "Certificates of destruction.")


@command(None, "destroy")
@click.option("--agreement", metavar="ID", help="The data stored under an agreement that has ended.")
@click.option("--partner", metavar="ID", help="A partner's records.")
@click.option("--person", metavar="ID", type=int, help="One person's records, by the id that queries show.")
@click.option(
    "--consent",
    metavar="ID",
    help="The rows stored under a consent: the decision that ended it, as `steps` names it.",
)
@click.option("--why", default="", metavar="TEXT", help="Why the data is destroyed.")
@click.option("--asked-by", default="", metavar="WHO", help="Who asked for it, such as the student's mother.")
def destroy(settings: Settings, why: str, asked_by: str, **subjects: Any) -> CommandResult:
    """Destroy data that no agreement in effect or signed authorizes on its own, and certify it."""
    from throughway.destruction.actions import orders

    if sum(id is not None for id in subjects.values()) != 1:
        raise click.UsageError("give one of --agreement, --partner, --person and --consent")
    with bar("Destroying") as progress:
        made = orders.destroy(**subjects, why=why, asked_by=asked_by, by=acting(settings), progress=progress)
    gone = made.destroyed
    lines = [
        f"Destroyed: {counted(sum(gone['rows'].values()), 'row')} and {counted(sum(gone['values'].values()), 'further value')}, in"
        f" {counted(gone['files'], 'file')}; {counted(gone['keys'], 'key')}.",
        f"Certificate {made.id}: {made.path}",
        *([REST_WAITS] if made.body["kind"] == "part" else []),
        *(f"Kept: {kept['what']}. {kept['why']}" for kept in made.kept),
    ]
    return CommandResult(made.to_json(), "\n".join(lines))


@command(hold, "add")
@click.option("--agreement", metavar="ID", help="The data stored under this agreement.")
@click.option("--partner", metavar="ID", help="This partner's records.")
@click.option("--person", metavar="ID", type=int, help="This person's records, by the id that queries show.")
@click.option("--notice", required=True, metavar="REFERENCE", help="The sender's number of the notice.")
@click.option("--why", required=True, metavar="TEXT", help="What the notice asks to be kept, and why.")
def add(settings: Settings, notice: str, why: str, **subjects: Any) -> CommandResult:
    """Record a legal hold."""
    from throughway.destruction.actions import holds

    given = [(kind, str(id)) for kind, id in subjects.items() if id is not None]
    if len(given) != 1:
        raise click.UsageError("give one of --agreement, --partner and --person")
    [(kind, subject)] = given
    made = holds.hold(kind=kind, subject=subject, notice=notice, why=why, by=acting(settings))
    return CommandResult(vars(made), f"Hold {made.code} is recorded; destruction waits until it is lifted.")


act_command(
    hold, "lift", "Lift a legal hold.", click.argument("code"),
    click.option("--why", required=True, metavar="TEXT", help="What ended the hold."),
    action="destruction.actions.holds:lift", done="Hold {made.code} is lifted since {made.lifted}.", document=vars,
)  # fmt: skip


@command(hold, "list")
def list_holds(settings: Settings) -> CommandResult:
    """List the legal holds that concern your partner, including lifted ones."""
    from throughway.destruction.selectors import holds_known_to

    found = holds_known_to(keeper(settings, "What a legal hold keeps"))
    shown = {
        "hold": "code",
        "of": "kind",
        "id": "subject",
        "notice": "notice",
        "since": "since",
        "lifted": "lifted",
    }
    return listed(
        "holds", [vars(h) for h in found], {**shown, "recorded by": "partner"}, "No hold is recorded."
    )


@command(certificate, "list")
def list_certificates(settings: Settings) -> CommandResult:
    """List the destructions that concern your partner, with the steps that wait."""
    from throughway.destruction import selectors

    by = keeper(settings, "What was destroyed")
    found = [each for each in selectors.listed() if by.is_operator or selectors.sees(by, each)]
    unfinished = {each.id for each in found if not each.finished_at}
    return listed(
        "certificates",
        [facts(each, "id", "kind", "subject", "by", "at", finished="finished_at") for each in found],
        {"certificate": "id", "of": "kind", "id": "subject", "ordered": lambda d: str(d["at"])[:10],
         "state": lambda d: "unfinished" if d["id"] in unfinished else "certified"},
        "Nothing has been destroyed yet.",
    )  # fmt: skip


@command(certificate, "collect")
@click.argument("id")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The file to write."
)
def collect(settings: Settings, id: str, out: Path) -> CommandResult:
    """Collect the ledger entries that your partner receives when its students' records are destroyed."""
    from throughway.destruction.actions import hand_over

    by = acting(settings)
    if out.exists():
        raise Refused(f"A file {out.name} already exists; choose another name.", code="exists")
    content = hand_over.collect(id=id, by=by)
    _write(out, content)
    hand_over.collected(id=id, by=by)
    return CommandResult(
        {"file": str(out), "bytes": len(content)},
        f"Written to {out}. The platform keeps no copy of it.",
    )


def _write(out: Path, content: bytes) -> None:
    """Writes the whole content to the disk before the platform's copy is destroyed."""
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
