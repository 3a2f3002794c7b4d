"""Whether the agreements of a purpose cover a study: its participants, the students whom it compares them with, and its outcome.

A study does not open unless they do, and the sentence names which is missing (34 CFR 99.31(a)(3), (6) and 99.35).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from throughway.agreements.enums import AccessForm, Basis, PurposeKind
from throughway.agreements.grant import Grant
from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.evidence.registered_study import StudyDocument
from throughway.evidence.study import Design
from throughway.evidence.study_measures import COVARIATES, OUTCOMES, PARTICIPATION, lacking, prior_placebo
from throughway.measures.groups import shown
from throughway.measures.sql import ENROLLED, VisibleData

KINDS = frozenset({PurposeKind.EVALUATION, PurposeKind.RESEARCH})
ONLY_PURPOSE = "34 CFR 99.33(a)(2)"
EVALUATES = "34 CFR 99.35(a)(1)"
# A program's evaluation of itself is neither audit nor evaluation of an education program, nor a study for the agency.
FOR_THE_AGENCY = frozenset({Basis.AUDIT_EVALUATION, Basis.STUDY})


def check_covered(
    document: StudyDocument,
    *,
    grants: Collection[Grant],
    visible: VisibleData,
    linked: Collection[str],
    reader: str,
    names: Mapping[str, str],
) -> None:
    """Refused (not_covered) with everything that is missing; see `faults_of`."""
    faults = list(faults_of(document, grants, visible, linked, reader, names))
    if faults:
        raise Refused(
            f"The study does not open under purpose {document.purpose}. {' '.join(faults)}", code="not_covered",
            citations=[ONLY_PURPOSE, EVALUATES],
        )  # fmt: skip


def faults_of(
    document: StudyDocument,
    grants: Collection[Grant],
    visible: VisibleData,
    linked: Collection[str],
    reader: str,
    names: Mapping[str, str],
) -> Iterator[str]:
    """What is missing, each in a sentence. `linked`: the partners whose records a linkage purpose links for this purpose; `reader`: the
    partner that runs the study."""
    program = names.get(document.partner, document.partner)
    other = sorted({str(grant.kind) for grant in grants if grant.kind not in KINDS})
    if other:
        yield f"It is a purpose of {listed(other)}; a study needs one of evaluation or research."
    if any(grant.form is not AccessForm.AGGREGATE for grant in grants):
        yield "Its form is not aggregate, so rows would leave; a study publishes protected figures alone."
    if document.partner == reader and any(
        grant.basis in FOR_THE_AGENCY and grant.discloser != reader for grant in grants
    ):
        yield (
            f"{program} would evaluate its own program with other partners’ records under audit, evaluation or study; let another partner run it."
        )
    covered = document.partner in visible.partners(*PARTICIPATION)
    if not covered:
        yield f"Participants: no agreement shows who takes part in programs of {program} (program, first day and status)."
    if not visible.shows(*ENROLLED) and document.design is not Design.LOTTERY:
        yield "Comparison students: no agreement shows who is enrolled (school, first day and grade)."
    elif missing := lacking(document.measured.needs, visible):
        yield f"Outcome: no agreement shows {missing}."
    else:
        yield from _not_linked(document, visible, linked, program)
    for name in document.placebo:
        if name in OUTCOMES and (missing := lacking(OUTCOMES[name].needs, visible)):
            yield f"Placebo: no agreement shows {missing}."
    yield from _not_shown(document, visible)
    yield from _looks_away(document, visible)


def _looks_away(document: StudyDocument, visible: VisibleData) -> Iterator[str]:
    """What the preset of a comparison names and the records hold, and the study leaves out."""
    kinds = shown(visible)
    left_out = [
        name
        for name in document.preset
        if name not in document.adjusted_for
        and not lacking(COVARIATES[name].needs, visible)
        and (not COVARIATES[name].group or COVARIATES[name].group in kinds)
    ]
    if left_out:
        is_, them = ("is", "it") if len(left_out) == 1 else ("are", "them")
        yield f"It leaves out {listed(left_out)}, which {is_} in the records and which every comparison on {document.outcome} adjusts for; add {them} to the covariates{' or name it as baseline' if document.measured.baseline in left_out else ''}."
    prior = prior_placebo(document.outcome)
    if document.design is Design.MATCHED and prior in document.adjusted_for:
        yield f"It adjusts for {prior}, which every comparison on {document.outcome} is checked by; leave it out of the covariates."


def _not_linked(
    document: StudyDocument, visible: VisibleData, linked: Collection[str], program: str
) -> Iterator[str]:
    """Why participants cannot be found among the students."""
    disclosers = _of_students(document, visible) - {document.partner}
    if disclosers and (document.partner not in linked or not disclosers & set(linked)):
        yield (
            f"Participants: no purpose of kind linkage serves {document.purpose} for {program} and the schools, so participants "
            "cannot be found among the students."
        )


def _of_students(document: StudyDocument, visible: VisibleData) -> set[str]:
    """The partners that show enrollment or the outcome."""
    sources: Iterable[tuple[str, ...]] = (ENROLLED, *(s for needs in document.measured.needs for s in needs))
    return {partner for source in sources for partner in visible.partners(*source)}


def _not_shown(document: StudyDocument, visible: VisibleData) -> Iterator[str]:
    named = [
        *document.adjusted_for,
        *document.subgroups,
        *([document.running] if document.running else []),
        *(name for name in document.placebo if name in COVARIATES),
    ]
    kinds = shown(visible)
    missing = [
        name
        for name in dict.fromkeys(named)
        if lacking(COVARIATES[name].needs, visible)
        or (COVARIATES[name].group and COVARIATES[name].group not in kinds)
    ]
    if missing:
        yield f"No agreement shows what {listed(missing)} {'is' if len(missing) == 1 else 'are'} made of; leave {'it' if len(missing) == 1 else 'them'} out, or have the agreement say why they are needed."
