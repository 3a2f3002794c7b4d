"""What may take long never runs in a transaction: it refuses, and no code of the program calls it in one."""

import ast
from collections.abc import Iterable

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher
from django.db import transaction

from tests.calls import Program, is_task, program
from throughway.core.long_work import TransactionOpen
from throughway.demo.tasks import TRENDS, publish_trends, run_studies
from throughway.destruction.tasks import carry_out
from throughway.evidence.effect import estimate_of
from throughway.evidence.tasks import run_registered_study
from throughway.identity.linkage.standardization import connection
from throughway.identity.tasks import link_records
from throughway.insight.counts.tasks import count_report
from throughway.insight.desk.long_questions.tasks import count_question
from throughway.intake.tasks import load_upload
from throughway.partners import OPERATOR
from throughway.partners.actions import add_partner, add_user
from throughway.partners.models import User
from throughway.publication.certificate import certificate_of
from throughway.publication.integer_program import IntegerProgram
from throughway.publication.linear_program import least
from throughway.site.passphrase_hasher import PassphraseHasher
from throughway.store.engine import DuckDBEngine

GUARD = "throughway.core.long_work.check_no_transaction"
# What may take long: what asks the guard, and the engine where only its protocol is named.
LONG = (GUARD, "throughway.store.engine.Engine.run", "throughway.store.engine.Engine.write")
# What starts an engine, a solver, a fit or a hash, by the last word of its name: in a transaction none is even named.
STARTERS = {
    "connect", "milp", "linprog", "minimize", "fit", "qr", "Linker", "Popen", "make_password", "set_password", "check_password",
    "acheck_password", "authenticate",
}  # fmt: skip
# The gate's own transaction: where something must be computed in it, it ends and is begun anew.
TRIES_AGAIN = "throughway.gate.actions.decided_access.DecidedAccess._while_it_stands"
REGIONS = [region for region in program().regions() if not region.where.startswith(TRIES_AGAIN)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "work",
    [
        DuckDBEngine,
        connection,
        IntegerProgram([0], [1]).best,
        lambda: least(None, None, None),  # type: ignore[arg-type]
        lambda: certificate_of([]),
        lambda: estimate_of(None, None),  # type: ignore[arg-type]
    ],
)
def test_it_refuses_to_begin_in_a_transaction(work) -> None:
    """Also in a test that runs in a transaction itself, which counts for nothing."""
    DuckDBEngine().run("SELECT 1")
    with transaction.atomic(), pytest.raises(TransactionOpen, match="within a transaction"):
        work()
    with pytest.raises(TransactionOpen), transaction.atomic(), transaction.atomic():
        work()


@pytest.mark.django_db
def test_an_engine_that_was_open_before_refuses_too(tmp_path) -> None:
    engine = DuckDBEngine()
    with transaction.atomic():
        for act in (lambda: engine.run("SELECT 1"), lambda: engine.write("SELECT 1 AS a", tmp_path / "a")):
            with pytest.raises(TransactionOpen):
                act()


def test_transactions_were_found() -> None:
    assert len(REGIONS) > 150


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.where.removeprefix("throughway."))
def test_no_transaction_reaches_what_may_take_long(region) -> None:
    found = program().reached(program().called_in(region))
    assert not [program().path(found, each) for each in LONG if each in found]


def starts(nodes: Iterable[ast.AST]) -> set[str]:
    calls = (each.func for node in nodes for each in ast.walk(node) if isinstance(each, ast.Call))
    return {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls} & STARTERS


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.where.removeprefix("throughway."))
def test_no_transaction_starts_an_engine_a_solver_or_a_hash(region) -> None:
    """Whatever the guard says, and where a library is called directly."""
    found = program().reached(program().called_in(region))
    functions = program().functions
    assert not starts(region.nodes)
    assert not [
        program().path(found, each) for each in found if each in functions and starts([functions[each]])
    ]


TASKS = [name for name, definition in program().functions.items() if is_task(definition)]
TRIED = [
    (link_records, 0), (carry_out, "none"), (count_report, 0), (count_question, 0), (publish_trends, TRENDS[0]), (run_studies, 0), (load_upload, "none"), (run_registered_study, 0),
]  # fmt: skip


def test_every_task_is_tried_below() -> None:
    assert sorted(TASKS) == sorted(f"{t.func.__module__}.{t.func.__name__}" for t, _ in TRIED)


@pytest.mark.django_db
@pytest.mark.parametrize(("task", "given"), TRIED, ids=lambda each: getattr(each, "name", ""))
def test_each_task_refuses_to_begin_in_a_transaction(task, given: object, community: object) -> None:
    with (
        transaction.atomic(),
        pytest.raises((TransactionOpen, RuntimeError), match=r"TransactionOpen|within a transaction"),
    ):
        task.func(given)


@pytest.mark.parametrize("task", TASKS)
def test_each_task_computes_what_asks_the_guard(task: str) -> None:
    assert GUARD in program().reached(program().calls(task))


@pytest.mark.django_db
def test_a_passphrase_is_hashed_before_the_transaction(community: object) -> None:
    """A third of a second on purpose, in which nobody else could write."""
    passphrase = "four herons stand in mist"
    add_partner(id="oak", name="Oak", kind="lea", by=OPERATOR)
    leader = {"partner": "oak", "role": "leader", "password": passphrase, "by": OPERATOR}
    add_user(email="lead@oak.example", **leader)
    user = User.objects.get(email="lead@oak.example")
    for within in (
        lambda: get_hasher().encode(passphrase, "salt"),
        lambda: PassphraseHasher().encode(passphrase, "salt"),
        lambda: user.check_password(passphrase),
        lambda: add_user(email="more@oak.example", **leader),
    ):
        with transaction.atomic(), pytest.raises(TransactionOpen, match="hash of a passphrase"):
            within()
    assert user.check_password(passphrase)


def test_what_django_hashed_is_opened() -> None:
    made = PBKDF2PasswordHasher().encode("four herons stand in mist", "salt", 1_000)
    assert PassphraseHasher().verify("four herons stand in mist", made)
    assert not PassphraseHasher().verify("five herons stand in mist", made)


BAD = """
from django.db import transaction
from throughway.core.long_work import check_no_transaction
class Engine:
    def run(self): check_no_transaction("it")
def helper(engine: Engine): engine.run()
@transaction.atomic
def decorated(): helper(Engine())
def block():
    with transaction.atomic():
        engine = Engine()
        engine.run()
def handed_over(land):
    def write(): helper(Engine())
    land(within=write)
def good():
    engine = Engine()
    engine.run()
    with transaction.atomic():
        transaction.on_commit(lambda: helper(engine))
"""


def test_each_kind_of_transaction_is_recognized() -> None:
    small = Program(
        [("throughway.core.long_work", "def check_no_transaction(work): pass"), ("throughway.bad", BAD)]
    )
    wrong = {r.where.partition(":")[0] for r in small.regions() if GUARD in small.reached(small.called_in(r))}
    assert wrong == {"throughway.bad.decorated", "throughway.bad.block", "throughway.bad.handed_over"}
