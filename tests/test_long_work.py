"""What may take long never runs in a transaction: it refuses, and no code of the program calls it in one."""

import pytest
from django.db import transaction

from tests.calls import Program, program
from throughway.core.long_work import TransactionOpen
from throughway.evidence.effect import estimate_of
from throughway.identity.linkage.standardization import connection
from throughway.publication.certificate import certificate_of
from throughway.publication.integer_program import IntegerProgram
from throughway.publication.linear_program import least
from throughway.store.engine import DuckDBEngine

GUARD = "throughway.core.long_work.check_no_transaction"
# What may take long: what asks the guard, and the engine where only its protocol is named.
LONG = (GUARD, "throughway.store.engine.Engine.run", "throughway.store.engine.Engine.write")
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
