"""The main job on Riverbend, step by step: agreements, loads, links, consents, readings, a published report."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from throughway.core.prose import counted
from throughway.demo.agree import agree
from throughway.demo.load import load_all
from throughway.demo.readings import ask, publish, publish_services, work
from throughway.demo.register import DemoSignIn, register, train
from throughway.demo.scenes import play
from throughway.partners.actor import OPERATOR

Say = Callable[[str], None]

# What Riverbend decided about its measures, as its settings say it.
DECIDED = "\n[measures]\nnone_reported_is_lost = true\n"


def run(folder: Path, say: Say) -> tuple[list[DemoSignIn], dict[str, Any]]:
    """Runs the whole main job in a community folder that `simulate` has filled: the sign-ins, and the report made."""
    from throughway.ledger import recording

    today = date.today()
    say("Partners and users are registered")
    sign_ins = register()
    train(today, say)
    say("Agreements")
    agree(folder, today, say)
    say("Feeds come in, as far as the agreements need them")
    load_all(folder, say)
    say("Students are recognised across partners")
    recognise(folder, say)
    say("Families' consents, and who works with which student")
    entrust(folder, say)
    say("A governed question")
    ask(today, say)
    say("Case workers open their students")
    work(say)
    say("A published report, small figures withheld")
    report = publish(today, say)
    publish_services(today, say)
    play(folder, today, say)
    recording.seal(by=OPERATOR)
    verdict = recording.verify()
    say(
        f"The ledger: {counted(verdict.entries, 'entry', 'entries')}, {verdict.sealed} sealed, {'all hold' if verdict.ok else 'BROKEN'}"
    )
    return sign_ins, report


def recognise(folder: Path, say: Say) -> None:
    """Links the records, and holds the result against the truth."""
    from throughway.identity.actions import evaluate, link

    linked = link(full=False, by=OPERATOR)
    say(f"  {linked.records:,} records are {linked.persons:,} persons ({linked.seconds:.1f} s)")
    judged: dict[str, Any] = evaluate(truth=folder / "truth" / "persons.csv", by=OPERATOR)
    found = judged["pairwise"]
    say(f"  held against the truth: precision {found['precision']:.3f}, recall {found['recall']:.3f}")


def entrust(folder: Path, say: Say) -> None:
    """Records who works with which student, and what families decided."""
    from throughway.consent.actions import add
    from throughway.gate.actions.caseloads import add_caseload

    assigned = add_caseload(path=folder / "caseloads.csv", by=OPERATOR)
    say(f"  {assigned.new} students are assigned to those who work with them")
    for paper in sorted((folder / "consents").glob("*.csv")):
        added = add(path=paper, by=OPERATOR)
        say(f"  {paper.stem}: {counted(added.new, 'decision')} of families")
