"""The family's choices for a student's page and the list: which records, until when, and which not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.enums import ANY, Basis
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.agreements.labels import BASIS_WORDS
from throughway.consent.enums import ConsentDecision
from throughway.core.prose import day

GROUPS: Mapping[str, str] = {
    "attendance_day": "attendance", "attendance_summary": "attendance", "course_grade": "marks",
    "assessment_result": "test results", "program_participation": "programs", "service_received": "services",
    "referral": "referrals", "behavior_incident": "behavior", "disciplinary_action": "discipline",
    "guardian": "family", "survey_response": "survey answers", "credential": "diplomas",
    "postsecondary_enrollment": "college", "employment": "work", "school_enrollment": "school and grade",
    "person_status": "learner status", "person_contact": "address and telephone",
}  # fmt: skip
LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "so": "Somali",
    "vi": "Vietnamese",
    "zh": "Chinese",
    "ar": "Arabic",
}
Each = tuple[RequiredFamilyChoice, str]  # a choice, and the discloser whose records it opens
RELATIONS = {
    "student": "the student",
    "self": "the student",
    "acting_parent": "the person acting as a parent",
}


@dataclass(frozen=True)
class Decided:
    """One decision of a family on one purpose of an agreement, about one discloser's records."""

    agreement: str
    purpose: str
    discloser: str
    decision: ConsentDecision
    signed_on: date
    until: date | None
    relation: str
    language: str
    id: str = ""

    def about(self, choice: RequiredFamilyChoice, discloser: str) -> bool:
        """Whether this decision covers that choice: all of the agreement's purposes, or this purpose."""
        same = (self.agreement, self.discloser) == (choice.agreement, discloser)
        return same and (choice.purpose == ANY or self.purpose in (ANY, choice.purpose))


@dataclass(frozen=True)
class Consents:
    """A family's choices: `given`: consents in force, each with its decision; `refused`: refused or withdrawn; `ended`: expired.
    `asked`: whether anything depends on consent. `decided`: every decision, in order of recording;
    `waiting`: a form that the family was given is still out."""

    asked: bool
    given: Mapping[Each, Decided]
    refused: frozenset[Each]
    ended: frozenset[Each]
    decided: Sequence[Decided] = ()
    waiting: bool = False

    @property
    def to_ask(self) -> bool:
        """Whether the family's consent would show more, nobody has refused, and nobody has asked."""
        return self.asked and not self.given and not self.refused and not self.waiting

    @property
    def until(self) -> date | None:
        """The first day on which a consent ends; None where none has an end."""
        return min((d.until for d in self.given.values() if d.until is not None), default=None)


@dataclass(frozen=True)
class Banner:
    """`allowed` and `refused`: kinds of records in words; `without`: by which right, where no consent is needed."""

    allowed: Sequence[str]
    until: date | None
    refused: Sequence[str]
    without: str
    ended: bool


def consents_of(asked: Iterable[Each], consented: Iterable[Each], decided: Sequence[Decided]) -> Consents:
    """`consented`: the choices that the gate treats as given today; the decisions say by which consent, and the state of the others.
    `decided` in order of recording."""
    asked, consented = frozenset(asked), frozenset(consented)
    given: dict[Each, Decided | None] = {}
    refused: set[Each] = set()
    ended: set[Each] = set()
    for each in asked:
        decisions = [d for d in decided if d.about(*each)]
        yes = [d for d in decisions if d.decision is ConsentDecision.YES]
        if each in consented:
            given[each] = max(yes, key=lambda d: (d.until or date.max, d.signed_on)) if yes else None
        elif decisions:
            last = max(decisions, key=lambda d: (d.signed_on, d.decision is not ConsentDecision.YES))
            (ended if last.decision is ConsentDecision.YES else refused).add(each)
    return Consents(
        bool(asked),
        {each: d for each, d in given.items() if d is not None},
        frozenset(refused),
        frozenset(ended),
        decided,
    )


def banner(grants: Sequence[Grant], consents: Consents) -> Banner:
    by_consent = [g for g in grants if _choices(g)]
    allowed = [g for g in by_consent if _choices(g) <= consents.given.keys()]
    refused = [g for g in by_consent if _choices(g) & consents.refused]
    rights = [BASIS_WORDS[Basis(g.basis)] for g in grants if g.basis in set(Basis) and not _choices(g)]
    words = _words(allowed)
    return Banner(
        words, consents.until, [w for w in _words(refused) if w not in words],
        "; ".join(dict.fromkeys(rights)), bool(consents.ended) and not words,
    )  # fmt: skip


def _choices(grant: Grant) -> frozenset[Each]:
    return frozenset((c, grant.discloser) for c in grant.choices if c.basis is Basis.CONSENT)


def _words(grants: Iterable[Grant]) -> list[str]:
    return sorted({GROUPS[g.table] for g in grants if g.table in GROUPS})


def signed_words(decided: Decided) -> str:
    """Signed by the mother on 2 September 2026, in Spanish. Ends 30 June 2027."""
    who = RELATIONS.get(decided.relation, f"the {decided.relation}")
    language = LANGUAGES.get(decided.language, "")
    until = f" Ends {day(decided.until)}." if decided.until else ""
    on = day(decided.signed_on)
    return f"Signed by {who} on {on}{f', in {language}' if language else ''}.{until}"
