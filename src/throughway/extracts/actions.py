"""Makes an extract: through the gate, registered with its ledger entry, and then written atomically."""

import secrets
import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.db import transaction

from throughway.agreements.agreement_list import may_see_status
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import chains
from throughway.agreements.enums import AccessForm
from throughway.agreements.extract_permission import is_license, term_against_extracts
from throughway.agreements.selectors import agreement_statuses, one, unknown_agreement
from throughway.agreements.states import OPEN
from throughway.agreements.status import AgreementStatus
from throughway.core.disk_full import is_full
from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused, did_you_mean
from throughway.extracts import files, terms
from throughway.extracts.codebook import (
    CODE_COLUMNS,
    CODEBOOK_COLUMNS,
    LEFT_OUT,
    PERSON,
    codebook,
    codes,
    columns,
    questions,
)
from throughway.extracts.files import check, hidden_until_complete
from throughway.extracts.models import Extract
from throughway.extracts.reidentification_risk import Rarity, rarity
from throughway.gate.actions import GrantedTables, enter
from throughway.gate.actions.ledger_entries import record_early_refusal
from throughway.gate.compiler import withheld_texts
from throughway.gate.linkage_coverage import sentences
from throughway.gate.linkage_recall import recall
from throughway.partners.actor import Actor
from throughway.partners.selectors import partner_names, partners

LETTERS = string.ascii_uppercase.replace("O", "").replace("I", "") + "23456789"
CODED = "34 CFR 99.31(b)(2)"
STATEMENTS = ("person_id", "element", "statement", "on")


@dataclass(frozen=True)
class CreatedExtract:
    """The new extract. `warnings`: sentences for those who receive it."""

    id: str
    folder: Path
    manifest: Mapping[str, Any]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        shown = ("agreement", "purpose", "disclosures", "students", "files", "terms", "rarity")
        return {
            "extract": self.id, "folder": str(self.folder), **{name: self.manifest[name] for name in shown},
            "warnings": list(self.warnings),
        }  # fmt: skip


def extract(*, agreement: str, out: Path, by: Actor, purpose: str = "") -> CreatedExtract:
    """Writes the rows that the license gives the actor under a purpose of form pseudonymous into the new folder `out`, within the
    scope of the license and of every agreement above it.

    Refused where the agreement is not a license, where it or one above it keeps the records in the system, where the gate refuses,
    where there is no such purpose, where there are several and none is named, and where `out` exists already.
    """
    standing = check_may_leave(agreement=agreement, by=by)
    chosen = _purpose(standing, purpose, by)
    check(out, settings.COMMUNITY.root)
    access = enter(actor=by, purpose=chosen, under=agreement)
    tables = columns(access.grants)
    kept = terms.terms_of(standing.document, access.grants)
    row = Extract(
        id="".join(secrets.choice(LETTERS) for _ in range(8)),
        agreement=agreement, version=standing.version, purpose=chosen, partner=by.partner or "", by=by.email,
        disclosers=sorted({grant.discloser for grant in access.grants}), ends=kept.ends, destroy_by=kept.destroy_by,
    )  # fmt: skip

    def register(disclosure: str) -> None:
        row.at, row.disclosure = datetime.now(UTC), disclosure
        row.save(force_insert=True)

    taken = access.take(questions(tables), within=register)
    taken = replace(taken, tables={name: files.by_value(rows) for name, rows in taken.tables.items()})
    together, single = rarity(taken.tables, kept.minimum_cell, _informative(taken))
    joins = access.joining(tables)
    not_joined = sentences(joins, partner_names(), recall()) if joins else ()
    warnings = (*_warnings(together, taken), *not_joined)
    with _room_on_disk(), hidden_until_complete(out) as folder:
        _write(folder, taken)
        title = f"{standing.document.title}: extract {row.id}"
        (folder / "terms.txt").write_text(terms.as_text(title, kept, warnings), encoding="utf-8")
        held = files.listed(folder, {name: rows.num_rows for name, rows in taken.tables.items()})
        manifest = _manifest(row, standing, taken, kept, together, single, held)
        files.write_manifest(folder, manifest)
    _written(row, held)
    return CreatedExtract(row.id, out, manifest, warnings)


def check_may_leave(*, agreement: str, by: Actor) -> AgreementStatus:
    """The license. Refused where there is no such agreement that the actor may know of; and, recorded, where it is not a license,
    where it is still in preparation, or where a term of it or of one above it keeps the records in the system."""
    standing = one(agreement)
    if not may_see_status(by, standing, partners()):
        raise unknown_agreement(agreement)
    document, known = standing.document, agreement_statuses(date.today())
    if not is_license(document):
        why = f"{document.id} is not a license: an extract can be taken only under a license for one project (tier dul)"
        licensed = [
            s.document.id
            for s in known
            if document.id in s.document.under
            and is_license(s.document)
            and may_see_status(by, s, partners())
        ]
        cure = f"name {listed(licensed)}, which is under it." if licensed else "ask for a license under it."
        _refuse(f"{why}; {cure}", f"{document.id}, tier", document, by)
    if standing.state in OPEN:
        _refuse(
            f"{standing.reason} No extract can be taken before all parties have signed it (`throughway agreement sign {agreement}`) "
            f"and it is in effect (`throughway agreement activate {agreement}`).",
            f"{agreement}, terms", document, by,
        )  # fmt: skip
    above = {tier.document.id: tier.document for chain in chains(standing, known) for tier in chain}
    for text in (document, *above.values()):
        if term := term_against_extracts(text):
            _refuse(
                f"{text.id} says in {term} that the records stay in this system, so no extract can be taken; query them here with `throughway query`, or ask the parties to amend that term.",
                f"{text.id}, {term}", document, by,
            )  # fmt: skip
    return standing


def _refuse(message: str, citation: str, document: AgreementDocument, by: Actor) -> NoReturn:
    purpose = next((e.id for e in document.purposes if e.form is AccessForm.PSEUDONYMOUS), "extract")
    raise record_early_refusal(
        Refused(message, code="not_allowed", citations=[citation]), actor=by, purpose=purpose
    )


def _purpose(standing: AgreementStatus, asked: str, by: Actor) -> str:
    document = standing.document
    known = list(dict.fromkeys(e.id for e in document.purposes if e.form is AccessForm.PSEUDONYMOUS))
    if asked and asked in known:
        return asked
    if not known or asked:
        what = f"no purpose of form pseudonymous is in {document.id}."
        if known:
            what = f"{document.id} has no such purpose of form pseudonymous; " + did_you_mean(
                asked, known, f"choose {', '.join(known)}."
            )
        raise record_early_refusal(
            Refused(f"Extracts show students only under codes, and {what}", code="form", citations=[CODED]),
            actor=by, purpose=asked or (document.purposes[0].id if document.purposes else "extract"),
        )  # fmt: skip
    if len(known) > 1:
        raise Refused(
            f"{document.id} has several purposes of form pseudonymous; choose one with --purpose: {', '.join(known)}.",
            code="purpose",
        )
    return known[0]


def _informative(taken: GrantedTables) -> dict[str, list[str]]:
    """By table, the columns with information: not a code, and not empty for every discloser."""
    silent = ("pseudonym", "suppress")
    return {
        table: [
            name
            for name in rows.column_names
            if any(
                g.table == table and name in g.columns and g.columns[name].name not in silent
                for g in taken.grants
            )
        ]
        for table, rows in taken.tables.items()
    }


def _warnings(found: Rarity, taken: GrantedTables) -> Iterator[str]:
    for table in taken.tables:
        yield from withheld_texts(taken.grants, table)
    if found.few:
        yield (
            f"{counted(found.few, 'student')} of {found.students:,} share what others may know of them with fewer than "
            f"{found.k - 1} others, {found.alone:,} with nobody; whoever knows such a student may find the row. Keep the files "
            "as you would keep names."
        )
    if taken.statements:
        yield (
            "statements.csv holds the families' statements on the parts that they contest, in their own words; pass it on whenever you pass on these parts (34 CFR 99.21(c))."
        )


def _write(folder: Path, taken: GrantedTables) -> None:
    files.write_tables(folder, taken.tables)
    files.write_lines(folder / "codebook.csv", CODEBOOK_COLUMNS, codebook(taken.tables, taken.grants))
    named = {table: rows.column_names for table, rows in taken.tables.items()}
    files.write_lines(folder / "codes.csv", CODE_COLUMNS, codes(named))
    if taken.statements:
        statements = sorted(
            (str(s.person), s.element, s.statement, s.on.isoformat()) for s in taken.statements
        )
        files.write_lines(folder / "statements.csv", STATEMENTS, statements)


def _manifest(
    row: Extract,
    standing: AgreementStatus,
    taken: GrantedTables,
    kept: terms.ExtractTerms,
    together: Rarity,
    single: Sequence[Rarity],
    held: list[dict[str, Any]],
) -> dict[str, Any]:
    wider = sorted({tier for grant in taken.grants for tier in grant.tiers})
    return {
        "throughway": files.FORMAT,
        "id": row.id,
        "made_at": row.at.isoformat(timespec="seconds"),
        "day": date.today().isoformat(),
        "agreement": {"id": row.agreement, "version": row.version, "title": standing.document.title,
                      "under": [{"id": id, "version": version} for id, version in wider]},
        "purpose": row.purpose,
        "interest": "; ".join(dict.fromkeys(grant.interest for grant in taken.grants)),
        "disclosers": row.disclosers,
        "held_by": row.partner,
        "disclosures": [row.disclosure],
        "students": together.students,
        "codes": f"person_id is {PERSON.format(row.purpose)}",
        "left_out": sorted(LEFT_OUT),
        "terms": kept.to_json(),
        "rarity": {"together": together.to_json(), "by_table": [each.to_json() for each in single]},
        "files": held,
    }  # fmt: skip


@transaction.atomic
def _written(row: Extract, held: list[dict[str, Any]]) -> None:
    row.files, row.written_at = held, datetime.now(UTC)
    row.save(update_fields=["files", "written_at"])


@contextmanager
def _room_on_disk() -> Iterator[None]:
    """Turns a full disk into a Refused with a sentence."""
    try:
        yield
    except OSError as error:
        full = is_full(error)
        why = "the disk is full" if full else "its folder could not be written to"
        raise Refused(
            f"The extract was not written because {why}; no part of it is left there. Fix that and try again: the ledger keeps the entry of this attempt.",
            code="no_room" if full else "out",
        ) from None
