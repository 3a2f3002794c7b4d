"""What each command lists to each role, compared with a table that people have read; every command has its place in it or is
named as one that needs none."""

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.casework.town import WORKER, allow, settle, trained, works_with
from tests.docs.test_commands import ALL
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.cli import main
from throughway.destruction.actions.holds import hold
from throughway.ledger.entry import Entry
from throughway.ledger.recording import append
from throughway.partners import OPERATOR, assigning
from throughway.partners import actions as partners
from throughway.partners.caseload import Assigned
from throughway.partners.legal_status.actions import change_statuses
from throughway.partners.selectors import actor
from throughway.partners.site_assignment import Site, SiteAssignment, SiteKind
from throughway.publication.actions import publish
from throughway.publication.selectors import releases
from throughway.store import Community
from throughway.supports import actions as supports
from throughway.supports.entry import SupportStatement
from throughway.training import actions as training

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = Path(__file__).with_name("who_sees.csv")
PEOPLE = {
    "operator": "",
    "case worker": WORKER,
    "own evaluator": "evaluator@harbor.example",
    "own officer": "officer@harbor.example",
    "giver's officer": "officer@north.example",
    "giver's leader": "leader@north.example",
    "giver's nurse": "nurse@north.example",
    "steward": "steward@hub.example",
    "backbone's evaluator": "evaluator@hub.example",
    "stranger's officer": "officer@far.example",
}
# Commands whose answer depends on who acts: the words after the name, and the list in the document that is counted.
LISTS: dict[str, tuple[tuple[str, ...], str]] = {
    "agreement list": ((), "agreements"),
    "agreement show": (("sharing-2026",), "plain"),
    "agreement changes": (("sharing-2026", "--from", "1", "--to", "1"), "changes"),
    "agreement proposals": (("sharing-2026",), "proposals"),
    "caseload list": ((), "caseload"),
    "certificate list": ((), "certificates"),
    "check": ((), "due"),
    "consent list": ((), "consents"),
    "doctor": ((), "steps"),
    "feed list": ((), "feeds"),
    "hold list": ((), "holds"),
    "link events": ((), "events"),
    "link evaluate": (("--truth", "TRUTH"), "pairwise"),
    "partner bars": ((), "bars"),
    "partner statuses": ((), "changes"),
    "publish list": ((), "releases"),
    "publish show": (("RELEASE",), "tables"),
    "services": ((), "promises"),
    "site list": ((), "sites"),
    "steps": ((), "steps"),
    "supports list": ((), "supports"),
    "system gaps": ((), "partners"),
    "training list": ((), "training"),
    "user list": ((), "users"),
}
# Open to everybody who may sign in, as their pages are; or they read a file alone.
EVERYBODY = {"agreement rules", "agreement templates", "partner list", "supports export", "system list", "training courses"}  # fmt: skip
# What is done in the folder, with no register read to anybody.
FOLDER = {
    "demo",
    "init",
    "deployment",
    "serve",
    "simulate",
    "vocabulary",
    "effect",
    "link encode",
    "link keys",
    "link secret new",
    "agreement import",
    "inspect",  # with --partner by the rule of `load`
    "crosswalk draft",
    "crosswalk check",
    "crosswalk diff",
    "crosswalk vendor",
}


@pytest.fixture
def run(community: Community, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    from throughway.cli import command

    monkeypatch.setattr(command, "open_community", lambda settings: community)
    _town(tmp_path)
    feed = "throughway: crosswalk/1\nsource: {format: oneroster}\nfeed: {partner: north, every_days: 7}\n"
    (community.crosswalks / "north.yaml").write_text(feed, encoding="utf-8")

    def run(*words: str, exit: int | None = 0) -> Any:
        done = CliRunner().invoke(main, [*words, "--json"])
        assert exit is None or done.exit_code == exit, done.output
        return json.loads(done.output)

    return run


def _town(folder: Path) -> None:
    """North gives and Harbor works with its students, Hub houses; Far and Hub have an agreement of their own."""
    settle()
    partners.add_partner(id="far", name="Far", kind="cbo", by=OPERATOR)
    for email, role in (("officer@far.example", "privacy_officer"), ("leader@north.example", "leader"),
                        ("nurse@north.example", "case_worker"), ("steward@hub.example", "data_steward")):  # fmt: skip
        partner = email.partition("@")[2].removesuffix(".example")
        partners.add_user(email=email, partner=partner, role=role, by=OPERATOR)
    making.in_effect(making.sharing(
        id="far-2026", parties=[making.party("far", "discloser"), making.party("hub", "steward", "recipient")],
        purposes=[making.purpose("outings", "operations", "identified", recipients=["hub"], **making.OWN_PROMISE)],
        custody=making.OWN_PROMISE, schedule=[making.line("service_received.*", "outings")],
        services=[{"partner": "far", "program": "Outings", "seats": 12}],
    ))  # fmt: skip
    waits = making.sharing(id="more-2026", parties=[making.party("north", "discloser"), making.party("hub", "steward", "recipient")],
                           purposes=[making.purpose("planning", "operations", "identified", recipients=["hub"])],
                           schedule=[making.line("attendance_day.*", "planning")])  # fmt: skip
    agreements.add(text=json.dumps(waits), by=OPERATOR)
    works_with(11)
    yesterday = date.today() - timedelta(days=1)
    assigning.assign(assigned=[Assigned("nurse@north.example", "north", 12, yesterday)], by=OPERATOR)
    art = Site(SiteKind.PROGRAM, "art")
    assigning.assign_sites(assigned=[SiteAssignment(WORKER, "harbor", art, yesterday)], by=OPERATOR)
    allow(folder, ("n-11", "yes"), ("n-12", "no"))
    trained("ferpa-basics")
    training.record(email="evaluator@hub.example", course="ferpa-basics", on=yesterday, by=OPERATOR)
    partners.bar(party="far", agency="north", finding="FPCO 7", found_on=yesterday, by=OPERATOR)
    change_statuses(partner="north", adds=["minor_consent"], reason="A school clinic", by=OPERATOR)
    hold(kind="partner", subject="north", notice="7", why="A subpoena", by=actor("officer@north.example"))
    read = append(
        Entry(
            "released",
            making.reader("evaluator@hub.example"),
            "planning",
            date.today(),
            disclosers=("harbor", "north"),
        )
    )
    publish(
        report="pipeline", title="A count that waits", tables=[], purpose="planning", on=date.today(), agreements=[],
        minimum_cell=10, review_days=14, disclosures=[read], by=making.reader("evaluator@hub.example"),
    )  # fmt: skip
    for name in ("Chess", "Boats"):
        number = supports.add_support(partner="harbor", said=SupportStatement(name), by=OPERATOR).number
    supports.close_support(number=number, by=OPERATOR)
    (folder / "truth.csv").write_text("partner,record_key,person\nnorth,n-11,a\nnorth,n-12,b\n")


def _count(run: Callable[..., Any], name: str, email: str, folder: Path) -> str:
    words, key = LISTS[name]
    given = {"TRUTH": str(folder / "truth.csv"), "RELEASE": releases(OPERATOR)[0]["id"]}
    said = [given.get(word, word) for word in words]
    document = run(*name.split(), *said, *(["--as", email] if email else []), exit=None)
    if "error" in document:
        assert document["error"]["message"].endswith((".", "`"))
        return str(document["error"]["code"])
    return str(len(document[key])) if isinstance(document[key], list) else "told"


def test_each_role_sees_what_the_table_says(run: Callable[..., Any], tmp_path: Path) -> None:
    found = {
        name: {who: _count(run, name, email, tmp_path) for who, email in PEOPLE.items()} for name in LISTS
    }
    with TABLE.open(encoding="utf-8", newline="") as file:
        written = {row.pop("command"): row for row in csv.DictReader(file)}
    assert found == written


def test_lists_have_only_the_readers_rows(run: Callable[..., Any]) -> None:
    assert [a["record"] for a in run("caseload", "list", "--as", WORKER)["caseload"]] == [11]
    assert [a["id"] for a in run("agreement", "list", "--as", "officer@far.example")["agreements"]] == [
        "far-2026"
    ]
    assert {c["email"] for c in run("training", "list", "--as", WORKER)["training"]} == {WORKER}
    assert {u["partner"] for u in run("user", "list", "--as", WORKER)["users"]} == {"harbor"}
    hidden = run("agreement", "show", "sharing-2026", "--odrl", "--as", "officer@far.example", exit=1)
    none = run("agreement", "show", "nowhere", "--odrl", "--as", "officer@far.example", exit=1)
    same = json.loads(json.dumps(hidden).replace("sharing-2026", "nowhere"))
    assert same == none


def test_every_command_is_in_the_table() -> None:
    """One that reads and asks nobody who acts stands in the table or is named above; all others ask who acts."""
    from tests.cli.asking import deaf

    assert {name.removeprefix("throughway ") for name in ALL} >= set(LISTS) | EVERYBODY | FOLDER
    assert deaf() - {"link"} <= EVERYBODY | FOLDER  # `link` asks where it begins, not in its group
