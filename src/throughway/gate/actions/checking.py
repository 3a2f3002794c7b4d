"""Whether what is stored is whole: manifest against files, ledger against its seals, triggers in place."""

from django.db import connection

from throughway.gate import recording
from throughway.gate.triggers import missing_triggers
from throughway.store import actions as store


def check() -> list[str]:
    """What is wrong, one sentence each; nothing when all is well. Changes nothing."""
    problems = list(store.check())
    verdict = recording.verify()
    if not verdict.ok:
        problems.append(f"The ledger does not hold at {verdict.first_bad}: {verdict.problem}")
    missing = missing_triggers(connection)
    if missing:
        problems.append(
            f"The ledger is not guarded against change: {', '.join(missing)} is missing; run any command again."
        )
    return problems
