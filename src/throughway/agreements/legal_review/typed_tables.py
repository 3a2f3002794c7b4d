"""Who may type about a student (W1), as a school official only who is one (W2), never a confidential service (W3), free text only
where it identifies anyway (W4), and names without a record to nobody else (W5)."""

from collections.abc import Iterator

from throughway.agreements.confidential_partners import why_confidential
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose, WritePermission
from throughway.agreements.enums import AccessForm, AuthorCapacity, Basis, PartyRole, PurposeKind
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, blocking
from throughway.core.prose import listed
from throughway.core.refusals import did_you_mean
from throughway.partners import LegalStatus
from throughway.vocabulary import TABLES

TYPED = tuple(name for name, table in TABLES.items() if table.typed)


def known_tables(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """W1: each entry names a table that people type, a purpose of casework on identified students, and roles that read there."""
    for position, entry in enumerate(document.writes):
        path = f"writes[{position}]"
        if entry.table not in TYPED:
            cure = did_you_mean(entry.table, TYPED, f"name one of {listed(TYPED)}.")
            yield blocking("W1", f"{path}.table", f"{entry.table} is not a table that people type; {cure}")
        elif entry.capacity is AuthorCapacity.RECEIVER and not TABLES[entry.table].between:
            yield blocking("W1", f"{path}.capacity",
                           f"Nobody sends {entry.table} to another partner, so nobody answers it as a receiver; write capacity: "
                           "own_program.")  # fmt: skip
        for id in entry.purposes:
            yield from _purpose(document, entry, f"{path}.purposes", id)
        if not entry.purposes:
            yield blocking(
                "W1", f"{path}.purposes", "No purpose is named; say under which purpose people type."
            )


def _purpose(
    document: AgreementDocument, entry: WritePermission, path: str, id: str
) -> Iterator[ReviewFinding]:
    under = document.entries(id)
    if not under:
        cure = did_you_mean(id, [p.id for p in document.purposes], "name a purpose of this agreement.")
        yield blocking("W1", path, f"This agreement has no purpose {id}; {cure}")
    elif any((p.kind, p.form) != (PurposeKind.CASEWORK, AccessForm.IDENTIFIED) for p in under):
        yield blocking("W1", path,
                       f"People type about a student only under casework on identified students, and {id} is not that; "
                       "name a purpose of kind casework and form identified.")  # fmt: skip
    else:
        extra = set(entry.roles) - {role for p in under for role in p.roles}
        if extra:
            yield blocking("W1", path.replace("purposes", "roles"),
                           f"{listed(sorted(extra))} may not read under {id}, so may not type there; add the role to "
                           f"the purpose, or take it out here.")  # fmt: skip


def authors_and_owners(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """W1: under some entry of the purpose the author's partner receives and the partner whose record it is gives, so that the
    agreement houses the record, and its custody, its term and its end hold for it."""
    for position, entry in enumerate(document.writes):
        path = f"writes[{position}]"
        purposes = [p for id in entry.purposes for p in document.entries(id)]
        if entry.capacity is AuthorCapacity.SCHOOL_OFFICIAL and entry.for_ is None:
            yield blocking("W2", f"{path}.for",
                           "A school official acts for a school, and none is named; name the district whose record it is.")  # fmt: skip
            continue
        if entry.capacity is AuthorCapacity.OWN_PROGRAM and entry.for_ is not None:
            yield blocking("W1", f"{path}.for",
                           "What is typed for an own program is that partner's own record; leave `for` out, or write "
                           "capacity: school_official.")  # fmt: skip
        for author in _authors(document, entry, purposes):
            if purposes and not any(author == a for p in purposes for a, _ in document.owners(entry, p)):
                owner = author if entry.capacity is AuthorCapacity.OWN_PROGRAM else entry.for_ or "the sender"
                yield blocking("W1", f"{path}.by",
                               f"{author} types about records of {owner}, but under {listed(entry.purposes)} {author} does "
                               f"not receive records that {owner} gives; add an entry of the purpose from [{owner}] with "
                               f"recipients [{author}].")  # fmt: skip


def _authors(document: AgreementDocument, entry: WritePermission, purposes: list[Purpose]) -> list[str]:
    if entry.by is not None:
        return list(entry.by)
    if entry.capacity is AuthorCapacity.OWN_PROGRAM:
        giving = document.parties_with(PartyRole.DISCLOSER)
        return list(dict.fromkeys(r for p in purposes for r in document.recipients(p) if r in giving))
    return list(dict.fromkeys(r for p in purposes for r in document.recipients(p)))


def one_capacity(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """W1: for one table, purpose and author's partner there is one capacity, so that nobody has to choose whose record it is."""
    known: dict[tuple[str, str, str], int] = {}
    for position, entry in enumerate(document.writes):
        for id in dict.fromkeys(entry.purposes):
            for author in dict.fromkeys(
                a for p in document.entries(id) for a, _ in document.owners(entry, p)
            ):
                first = known.setdefault((entry.table, id, author), position)
                if first != position:
                    yield blocking("W1", f"writes[{position}]",
                                   f"{author} may already type {entry.table} under {id} by writes[{first}]; keep one of the "
                                   "two, so that it is certain whose record a row is.")  # fmt: skip


def school_officials(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """W2: who types as a school official is one under this agreement, for a school."""
    for position, entry in enumerate(document.writes):
        if entry.capacity is not AuthorCapacity.SCHOOL_OFFICIAL or entry.for_ is None:
            continue
        path = f"writes[{position}]"
        if context.facts(entry.for_) and not context.has_status(entry.for_, LegalStatus.ED_FUNDED):
            yield blocking("W2", f"{path}.for",
                           f"{entry.for_} is not a school that FERPA binds, so nobody is its school official; write capacity: "
                           "own_program.")  # fmt: skip
        for purpose in (p for id in entry.purposes for p in document.entries(id)):
            named = [author for author, _ in document.owners(entry, purpose)]
            if named and purpose.basis is not Basis.SCHOOL_OFFICIAL:
                yield blocking("W2", f"{path}.capacity",
                               f"Under {purpose.id} {listed(named)} reads records of {entry.for_} on another basis, so what "
                               f"{listed(named)} types is not typed as a school official; give that entry the basis "
                               "school_official, or write capacity: own_program.")  # fmt: skip


def confidential_services(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """W3: nobody types for a partner whose clients the law protects."""
    for position, entry in enumerate(document.writes):
        purposes = [p for id in entry.purposes for p in document.entries(id)]
        for author in _authors(document, entry, purposes):
            facts = context.facts(author)
            why = why_confidential(facts.legal) if facts else None
            if why is not None:
                yield blocking("W3", f"writes[{position}].by",
                               f"{author} {why[0]}, and that a person is its client is itself protected; take {author} out "
                               "of `by`. It answers a referral under the client's own authorization.", why[1])  # fmt: skip


def necessity_of_typing(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G2: each kind of row that people may type says why it is necessary."""
    for position, entry in enumerate(document.writes):
        if not entry.necessity.strip():
            yield blocking("G2", f"writes[{position}].necessity",
                           f"Nothing says why {entry.table} must be typed; say why the purpose cannot be met without it.")  # fmt: skip


def identified_text(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """W4: free text can name anybody, so it is shown only where students are identified."""
    for position, line in enumerate(document.schedule):
        table = TABLES.get(line.table)
        if table is None or not table.typed or line.is_wildcard:
            continue
        column = table.elements.get(line.element.partition(".")[2])
        for id in line.purposes if column is not None and column.restricted else ():
            forms = {p.form for p in document.entries(id)} - {AccessForm.IDENTIFIED}
            if forms:
                yield blocking("W4", f"schedule[{position}].element",
                               f"{line.element} is free text, which can name anybody, and {id} does not show who students "
                               "are; leave the element out of that purpose.")  # fmt: skip


def names_of_nobody_known(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """W5: a name without a record is read by those who typed it: no family can be asked, and nobody is known to be reached."""
    for position, line in enumerate(document.schedule):
        table = TABLES.get(line.table)
        if table is not None and table.of_nobody_known:
            yield blocking("W5", f"schedule[{position}].element",
                           f"{line.table} holds names of people whose record nobody knows, so that no family can be asked and no reach "
                           "applies; take the line out. Those who type them read them by `writes`.")  # fmt: skip
