"""Checks the stored community: manifest against files, ledger against its seals, triggers in place."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db import connection

from throughway.core.database_errors import ROLES
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.ledger import recording
from throughway.ledger.actions import redisclosure, verification
from throughway.ledger.entry_search import bloom_filter_problems
from throughway.ledger.hmac_digests import ENTRY_KEY, QUESTION_KEY, check_key
from throughway.ledger.triggers import APPEND_ONLY, missing_triggers
from throughway.store.actions import database_rights, maintenance
from throughway.store.actions.moving import MOVED
from throughway.store.selectors import current_community, snapshot


def check() -> list[str]:
    """What is wrong, one sentence each; nothing when all is well. Changes nothing."""
    problems = [*maintenance.check(), *_of_the_ledger(), *bloom_filter_problems()]
    missing = missing_triggers(connection)
    if missing:
        problems.append(
            f"The ledger is not protected against changes: {', '.join(missing)} is missing; run any command "
            f"again."
        )
    return [*problems, *_of_the_role()]


def _of_the_role() -> Iterator[str]:
    """Rights of the database's role with which somebody could change the ledger. The owner's are not among them: see `rights`."""
    if connection.vendor != "postgresql":
        return
    role = database_rights.role()
    if database_rights.is_superuser():
        yield (
            f"The role {role} is a superuser of the database server, whom no trigger and no right holds back; use the address of a role "
            f"that owns no table ({ROLES})."
        )
        return
    changeable = [] if _owned() else database_rights.changeable(APPEND_ONLY)
    if changeable:
        yield (
            f"The role {role} may change or delete entries of the ledger ({', '.join(changeable)}); as their owner, run: "
            f'REVOKE UPDATE, DELETE, TRUNCATE ON {", ".join(changeable)} FROM "{role}";'
        )


def rights() -> list[str]:
    """What the operator should know of the database's role, though it is right for some work: that it owns the ledger's tables."""
    if connection.vendor != "postgresql" or database_rights.is_superuser() or not _owned():
        return []
    return [
        f"The role {database_rights.role()} owns the tables of the ledger and can switch off their protection: right for `init`, `restore` "
        f"and an upgrade. Serve the site, and work each day, with a role that owns no table, and give that role its rights "
        f"again after such work ({ROLES})."
    ]


def _owned() -> bool:
    return any(database_rights.owns(table) for table in APPEND_ONLY)


def _of_the_ledger() -> Iterator[str]:
    """Faults in the ledger's seals and times, and in the keys of its entries and questions."""
    try:
        verdict = verification.verify()
        if not verdict.ok:
            yield f"The ledger fails verification at {verdict.first_bad}: {verdict.problem}"
        else:
            yield from verification.doubtful_moments()[1]
    except Refused as refused:  # the signing key's file holds no key
        yield refused.message
    for name in (QUESTION_KEY, ENTRY_KEY):
        try:
            recording.check_not_lost(name)
            check_key(current_community().keys, name)
        except Refused as refused:
            yield refused.message


def due() -> Sequence[str]:
    """What is overdue today, one sentence each."""
    former = current_community().database.with_name(f"{current_community().database.name}{MOVED}")
    left = [
        f"data/{former.name}, the database before the move, is still there; delete it once the new one is in a backup."
    ]
    return [*redisclosure.overdue(date.today()), *(left if former.exists() else [])]


def quick_check() -> list[str]:
    """Checks that need no file to be read: missing triggers and missing files."""
    problems = []
    if missing_triggers(connection):
        problems.append("The ledger is not protected against changes; run any command of the folder again.")
    with snapshot() as stored:
        gone = sum(1 for file in stored.stored() if not file.path.is_file())
    if gone:
        problems.append(f"{counted(gone, 'stored file')} cannot be found; restore the newest backup.")
    return problems
