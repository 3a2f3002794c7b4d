"""The terms under which an extract may be used, from the agreement that gives it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from throughway.agreements.document import AgreementDocument
from throughway.agreements.grant import Grant
from throughway.core.prose import day

CLAUSES = (
    "use_only_for_purpose", "no_redisclosure", "no_identification", "no_reidentification",
    "destroy_when_no_longer_needed", "protect_from_further_disclosure", "breach_notice",
)  # fmt: skip
ALWAYS = (
    "Nobody tries to find out who a student is, by linking these rows with others or otherwise (34 CFR 99.31(a)(6)(iii)(C)(2), "
    "99.31(b)(2)).",
    "Nothing is passed on to anybody, not even in part (34 CFR 99.33(a)).",
    "A table that is published from these rows leaves out every figure about fewer than {cell} students.",
    "The last day of use is {ends}. All copies, in whole or in part, are destroyed by {destroy_by}, and that is certified on the "
    "page of the agreement.",
)  # fmt: skip


@dataclass(frozen=True)
class ExtractTerms:
    """`ends`: the last day of use, the earliest of all tiers; `destroy_by`: the last day to destroy every copy."""

    ends: date
    destroy_by: date
    minimum_cell: int
    document: AgreementDocument

    def sentences(self) -> list[str]:
        values = {"cell": self.minimum_cell, "ends": day(self.ends), "destroy_by": day(self.destroy_by)}
        return [sentence.format(**values) for sentence in ALWAYS]

    def to_json(self) -> dict[str, Any]:
        terms = self.document.terms
        return {
            "ends": self.ends.isoformat(),
            "destroy_by": self.destroy_by.isoformat(),
            "destruction": {
                "election": str(terms.destruction.election.value),
                "method": terms.destruction.method,
            },
            "minimum_cell": self.minimum_cell,
            "publication_review_days": terms.publication_review_days,
            "prohibited": list(terms.prohibited),
            "sentences": self.sentences(),
            "clauses": self.clauses(),
        }

    def clauses(self) -> Mapping[str, str]:
        """The clauses that the parties signed."""
        values = {name: str(getattr(self.document.clauses, name, "")) for name in CLAUSES}
        return {name: words for name, words in values.items() if words}


def terms_of(document: AgreementDocument, grants: Sequence[Grant]) -> ExtractTerms:
    ends = min(grant.expires for grant in grants)
    return ExtractTerms(
        ends,
        ends + timedelta(days=document.terms.destruction.within_days),
        max(grant.minimum_cell for grant in grants),
        document,
    )


def as_text(title: str, terms: ExtractTerms, warnings: Iterable[str]) -> str:
    """The terms as readable text; the manifest has them for programs."""
    lines = [title, "", *terms.sentences(), "", "In the words of the agreement:"]
    lines += [f"- {words}" for words in terms.clauses().values()]
    warned = list(warnings)
    return "\n".join([*lines, *(["", "Take care:", *(f"- {each}" for each in warned)] if warned else []), ""])
