"""The main job on Riverbend, step by step: agreements, loads, links, consents, readings, a published report. What is under way
comes last, so that whoever looks can take the next step."""

from datetime import date
from pathlib import Path
from typing import Any

from throughway.consent.actions import add
from throughway.core.prose import counted
from throughway.demo.loading import list_systems, load_all
from throughway.demo.partners import Say
from throughway.demo.readings import ask, publish, publish_services, work
from throughway.demo.register import DemoSignIn, register, train
from throughway.demo.scenes import agreements, governing
from throughway.demo.scenes.families import use_rights
from throughway.demo.scenes.reviewing import review_pairs
from throughway.gate.actions.caseloads import add_caseload
from throughway.identity.actions import evaluate, link
from throughway.ledger import sealing
from throughway.ledger.actions import verification
from throughway.partners.actor import OPERATOR


def run(folder: Path, say: Say) -> tuple[list[DemoSignIn], dict[str, Any]]:
    """Runs the whole main job in a community folder that `simulate` has filled: the sign-ins, and the report made."""
    today = date.today()
    say("Partners and users are registered")
    sign_ins = register()
    train(today, say)
    say("Agreements")
    agreements.sign_all(folder, today, say)
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
    say("What is under way")
    agreements.end_two(folder, say)
    list_systems(folder, say)
    agreements.negotiate(say)
    agreements.change_two(today, say)
    governing.govern(today, say)
    governing.ask_for_data(today, say)
    agreements.approve(today, say)
    agreements.begin_a_draft(today, say)
    review_pairs(folder, say)
    use_rights(folder, today, say)
    sealing.seal(by=OPERATOR)
    verdict = verification.verify()
    say(
        f"The ledger: {counted(verdict.entries, 'entry', 'entries')}, {verdict.sealed} sealed, {'all hold' if verdict.ok else 'BROKEN'}"
    )
    return sign_ins, report


def recognise(folder: Path, say: Say) -> None:
    """Links the records, and holds the result against the truth."""
    linked = link(full=False, by=OPERATOR)
    say(f"  {linked.records:,} records are {linked.persons:,} persons ({linked.seconds:.1f} s)")
    judged: dict[str, Any] = evaluate(truth=folder / "truth" / "persons.csv", by=OPERATOR)
    found = judged["pairwise"]
    say(f"  held against the truth: precision {found['precision']:.3f}, recall {found['recall']:.3f}")


def entrust(folder: Path, say: Say) -> None:
    """Records who works with which student, and what families decided."""
    assigned = add_caseload(path=folder / "caseloads.csv", by=OPERATOR)
    say(f"  {assigned.new} students are assigned to those who work with them")
    for paper in sorted((folder / "consents").glob("*.csv")):
        added = add(path=paper, by=OPERATOR)
        say(f"  {paper.stem}: {counted(added.new, 'decision')} of families")
