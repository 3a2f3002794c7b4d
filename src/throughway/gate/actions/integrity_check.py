"""Checks the stored community: manifest against files, ledger against its seals, triggers in place."""

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from django.db import connection

from throughway.core.database_errors import ROLES
from throughway.core.file_rights import may_not_use
from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused
from throughway.ledger import recording
from throughway.ledger.actions import redisclosure, verification
from throughway.ledger.entry_search import bloom_filter_problems
from throughway.ledger.hmac_digests import ENTRY_KEY, QUESTION_KEY, check_key
from throughway.ledger.triggers import APPEND_ONLY, LEDGER, missing_triggers
from throughway.partners.triggers import append_only
from throughway.store.actions import database_rights, maintenance, opening, text_sealing
from throughway.store.actions.moving import MOVED
from throughway.store.community import Community
from throughway.store.database_record import POSTGRESQL
from throughway.store.selectors import current_community, snapshot
from throughway.store.settings_file import SETTINGS


def check() -> list[str]:
    """What is wrong, one sentence each; nothing when all is well. Changes nothing, save that the owner of the tables puts back a trigger
    that is missing."""
    out_of_reach = [*unusable_files(), *_missing_tables()]
    if out_of_reach:
        return out_of_reach
    problems = [*maintenance.check(), *_of_the_ledger(), *bloom_filter_problems()]
    return [*problems, *_of_the_triggers(), *_of_the_role()]


def unusable_files() -> list[str]:
    """The files and folders of the community that this user may not read and write; none where they belong to it."""
    community = current_community()
    found = [path for path in (community.root, *_files(community)) if not _usable(path)]
    if not found:
        return []
    name = str(found[0].relative_to(community.root.parent))
    more = f" and {counted(len(found) - 1, 'other')}" if len(found) > 1 else ""
    return [may_not_use(f"{name}{more}", found[0], community.root)]


def _files(community: Community) -> Iterator[Path]:
    """Settings, keys and data of the community; not what is below a folder that cannot be opened."""
    yield community.root / SETTINGS
    for folder in (community.keys, community.data):
        yield folder
        yield from sorted(folder.rglob("*"))


def _usable(path: Path) -> bool:
    needed = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
    return path.is_symlink() or not path.exists() or os.access(path, needed)


def _missing_tables() -> list[str]:
    """Tables that this version has and the database has not."""
    missing = sorted(opening.own_tables() - opening.tables_there())
    if not missing:
        return []
    return [
        f"The database lacks {counted(len(missing), 'table')} of this version ({listed(missing[:3])}"
        f"{' …' if len(missing) > 3 else ''}), though it says that they were made; restore the newest backup, made by a version "
        "that was released."
    ]


def _of_the_triggers() -> Iterator[str]:
    """Append-only tables of any room without their triggers. Who owns the tables puts the triggers back."""
    for kept in append_only():
        missing = kept.missing(connection)
        if not missing:
            continue
        what = "The ledger is" if kept is LEDGER else "Some rows that must stay as they are, are"
        if connection.vendor == POSTGRESQL and not _owned():
            cure = (
                "the owner of the tables puts that back: run `throughway check` with the owner's address in THROUGHWAY_DATABASE_URL (on a "
                "server: throughway-admin --owner check)"
            )
        else:
            kept.put(connection)
            cure = "it is back now, and rows may have been changed meanwhile"
        yield (
            f"{what} not protected against changes: {', '.join(missing)} is missing or switched off; {cure}. Compare the ledger with a "
            "head that a partner kept (throughway ledger verify --head)."
        )


def _of_the_role() -> Iterator[str]:
    """Rights of the database's role with which somebody could change the ledger. The owner's are not among them: see `rights`."""
    if connection.vendor != POSTGRESQL:
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
    if connection.vendor != POSTGRESQL or database_rights.is_superuser() or not _owned():
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
    yield from lost_ledger_keys()


def lost_ledger_keys() -> Iterator[str]:
    """Which keys of the ledger's entries and questions are damaged, or missing though something was written under them."""
    for name in (QUESTION_KEY, ENTRY_KEY):
        try:
            recording.check_not_lost(name)
            check_key(current_community().keys, name)
        except Refused as refused:
            yield refused.message


def due() -> Sequence[str]:
    """What is overdue today, one sentence each. Free text that an earlier version stored unsealed is: nothing is damaged."""
    former = current_community().database.with_name(f"{current_community().database.name}{MOVED}")
    left = [
        f"data/{former.name}, the database before the move, is still there; delete it once the new one is in a backup."
    ]
    moved = left if former.exists() else []
    return [*redisclosure.overdue(date.today()), *moved, *text_sealing.unsealed()]


def quick_check() -> list[str]:
    """Checks that need no file to be read: missing triggers and missing files."""
    problems = []
    if missing_triggers(connection):
        problems.append(
            "The ledger is not protected against changes; the operator of the folder runs `throughway check`."
        )
    with snapshot() as stored:
        gone = sum(1 for file in stored.stored() if not file.path.is_file())
    if gone:
        problems.append(f"{counted(gone, 'stored file')} cannot be found; restore the newest backup.")
    return problems
