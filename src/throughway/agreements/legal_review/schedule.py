"""Checks the schedule against the vocabulary (D8): known elements, one line for each, a reason for each (G2, G20)."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import ScheduleLine
from throughway.agreements.enums import Basis, PurposeKind, Tier
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking, warning
from throughway.agreements.transforms import Transform
from throughway.core.refusals import did_you_mean
from throughway.vocabulary import COMMON, TABLES, Element, covered

# Rules that require a list of what is disclosed, by basis.
LISTS = {
    Basis.STUDY: ("S4", "A study"),
    Basis.AUDIT_EVALUATION: ("A2", "An audit or evaluation"),
}


def elements_of(line: ScheduleLine) -> tuple[Element, ...]:
    """The elements that the line covers; empty for unknown ones."""
    try:
        return covered(line.element)
    except KeyError:
        return ()


def known_elements(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Each line names a table and a column of the vocabulary."""
    for position, line in enumerate(document.schedule):
        problem = _unknown(line.element)
        if problem:
            yield blocking("D8", f"schedule[{position}].element", problem)


def _unknown(path: str) -> str:
    table, _, column = path.partition(".")
    if table not in TABLES:
        return f"{table} is not a table of the vocabulary; " + did_you_mean(
            table, TABLES, f"known tables: {', '.join(TABLES)}."
        )
    if not column:
        return (
            f"{path} names a whole table; write {table}.* for all of its columns, or {table}.column for one."
        )
    if column == "*" or column == "source_record_id" or column in TABLES[table].elements:
        return ""
    if column in COMMON:
        return f"{path} is included with every table that is granted; leave this line out."
    return f"{column} is not a column of {table}; " + did_you_mean(
        column, TABLES[table].elements, f"see `throughway vocabulary {table}` for its columns."
    )


def known_purposes(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Each line serves purposes of this document, and disclosers that they read."""
    ids = list(dict.fromkeys(purpose.id for purpose in document.purposes))
    for position, line in enumerate(document.schedule):
        path = f"schedule[{position}].purposes"
        if not line.purposes:
            yield blocking("D8", path,
                           f"{line.element} is not listed under any purpose; name the purposes that need "
                           f"it.")  # fmt: skip
        for id in line.purposes:
            if id not in ids:
                cure = did_you_mean(id, ids, "add it to purposes, or correct the name.")
                yield blocking("D8", path, f"{id} is not a purpose of this agreement; {cure}")
            elif not any(document.line_disclosers(line, entry) for entry in document.entries(id)):
                yield warning("D8", path,
                              f"{line.element} is listed from partners whose records {id} does not read, so it shows "
                              "nothing there.")  # fmt: skip


def no_duplicate_lines(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """For one element, purpose and discloser there is one named line, and one transform among wildcards."""
    first_lines: dict[tuple[str, str, str], tuple[int, str]] = {}
    for position, line in enumerate(document.schedule):
        for id in dict.fromkeys(line.purposes):
            disclosers = {d for entry in document.entries(id) for d in document.line_disclosers(line, entry)}
            for discloser in sorted(disclosers):
                first, transform = first_lines.setdefault(
                    (line.element, id, discloser), (position, line.transform)
                )
                if first == position or (line.is_wildcard and transform == line.transform):
                    continue
                yield blocking("D8", f"schedule[{position}].element",
                               f"{line.element} of {discloser} is listed twice under {id} (schedule[{first}] too); "
                               "keep one line.")  # fmt: skip
                break


def transforms(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A transform fits the type of every element that its line covers."""
    for position, line in enumerate(document.schedule):
        misfits = [e for e in elements_of(line) if not Transform.parse(line.transform).fits(e.type)]
        if misfits:
            named = ", ".join(f"{e.name} ({e.type})" for e in misfits[:4]) + (
                ", …" if len(misfits) > 4 else ""
            )
            yield blocking("D8", f"schedule[{position}].transform",
                           f"{line.transform} has no meaning for {named}; choose another transform, or name the "
                           "elements that it fits one by one.")  # fmt: skip


def necessity(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G2, G20: each line states why the purpose needs it, particularly for an element under a special law."""
    for position, line in enumerate(document.schedule):
        if line.necessity:
            continue
        restricted = [] if line.is_wildcard else [e for e in elements_of(line) if e.restricted]
        if restricted:
            tags = ", ".join(sorted(restricted[0].law_tags))
            yield blocking("G20", f"schedule[{position}].necessity",
                           f"{line.element} is specially protected ({tags}); state in necessity why the "
                           f"purpose needs it.")  # fmt: skip
        else:
            yield blocking("G2", f"schedule[{position}].necessity",
                           f"No reason is given for {line.element}; only necessary elements may be "
                           f"disclosed, so state the reason in necessity.")  # fmt: skip


def wildcard_left_out(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G20: lists the elements that a wildcard does not cover, since each of them must be named."""
    named = {line.element for line in document.schedule if not line.is_wildcard}
    for position, line in enumerate(document.schedule):
        table = TABLES.get(line.table)
        if table is None or not line.is_wildcard:
            continue
        apart = [e.name for e in table.elements.values() if e.restricted and e.path not in named]
        if apart:
            yield advice("G20", f"schedule[{position}].element",
                         f"{line.element} does not cover {', '.join(apart)}: specially protected elements are shown "
                         "only when a line names them, with the reason.")  # fmt: skip


def covered_purposes(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """S4, A2: each study and each audit lists what is disclosed; any other purpose without a line shows nothing."""
    if document.tier is Tier.MOU and not document.schedule:
        return
    listed = {id for line in document.schedule for id in line.purposes}
    for purpose in dict.fromkeys((p.id, p.kind, p.basis) for p in document.purposes if p.id not in listed):
        id, kind, basis = purpose
        if basis in LISTS:
            rule, what = LISTS[basis]
            yield blocking(rule, "schedule",
                           f"{what} needs a written list of the information to be disclosed, but the "
                           f"schedule lists nothing under {id}; add the elements that it needs.")  # fmt: skip
        elif document.schedule:
            what = "matches nobody" if kind is PurposeKind.LINKAGE else "shows nothing"
            yield warning("D8", "schedule", f"No line is listed under {id}, so it {what}; add what it needs.")
    if not document.schedule:
        yield blocking("D8", "schedule",
                       "The schedule is empty; list which elements are shown, under which purposes, and why.")  # fmt: skip
