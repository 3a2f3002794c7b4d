"""The review of a large agreement: two hundred lines of schedule, several purposes, under an MOU and an agreement on data.

From the text that a person sends to the findings, every time anew: parsing the YAML, the form, every rule, and a State's rules.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import yaml

from bench.row import Row

LINES, RUNS = 200, 100
PURPOSES = ("see", "plan", "evaluate", "study")


def measure() -> list[Row]:
    from throughway.agreements.legal_review.review import ReviewContext, review, review_text
    from throughway.agreements.legal_review.rule_pack import read_pack, shipped

    papers = {
        name: _document(paper) for name, paper in (("wide", _mou()), ("data", _agreement("dsa", "data")))
    }
    context = ReviewContext(_register(), papers, packs=(read_pack(shipped()["new-york"], "new-york.yaml"),))
    text = yaml.safe_dump(_agreement("dul", "large", under=["data"]), sort_keys=False)
    document = _document(_agreement("dul", "large", under=["data"]))
    assert not any(finding.id.startswith("D") for finding in review_text(text, context))
    return [
        _row(
            f"review of a document of {LINES} elements, {len(text) // 1000} kB of YAML",
            lambda: review_text(text, context),
            100,
        ),
        _row("the same, once it is parsed", lambda: review(document, context)),
    ]


def _row(what: str, call: Callable[[], object], promised: int | None = None) -> Row:
    """Median and the 95th of a hundred, in milliseconds; the promise is held by the 95th."""
    call()
    took = []
    for _ in range(RUNS):
        began = perf_counter()
        call()
        took.append((perf_counter() - began) * 1000)
    took.sort()
    p95 = took[RUNS * 95 // 100 - 1]
    return Row(f"{what}, p50 and p95 of {RUNS}", f"{took[RUNS // 2]:.0f} and {p95:.0f} ms", "none", "",
               f"< {promised} ms" if promised else "", promised is None or p95 < promised)  # fmt: skip


def _register() -> Any:
    from throughway.partners import PartnerFacts, PartnerKind

    kinds = {"oak": PartnerKind.LEA, "elm": PartnerKind.LEA, "program": PartnerKind.CBO, "lab": PartnerKind.AGENCY,
             "backbone": PartnerKind.BACKBONE}  # fmt: skip
    return {id: PartnerFacts(id, id.title(), kind) for id, kind in kinds.items()}


def _document(values: dict[str, Any]) -> Any:
    from throughway.agreements.document import AgreementDocument

    return AgreementDocument.model_validate(values)


def _mou() -> dict[str, Any]:
    whole = _agreement("mou", "wide")
    return {
        key: value for key, value in whole.items() if key not in ("purposes", "schedule", "custody", "under")
    }


def _agreement(tier: str, id: str, **more: Any) -> dict[str, Any]:
    from throughway.vocabulary import TABLES

    elements = [
        e.path for table in TABLES.values() for e in table.elements.values() if e.name != "person_id"
    ][:LINES]
    assert len(elements) == LINES
    official = {"function": "hosting", "direct_control": True, "annual_notice_criteria": "Notice 2026"}
    bases: dict[str, tuple[str, dict[str, Any]]] = {
        "see": ("consent", {}), "plan": ("school_official", official),
        "evaluate": ("audit_evaluation", {"representative": "lab", "program": "Title I", "program_owner": "oak",
                                          "activity": "Compare those who are helped with those who are not"}),
        "study": ("study", {"purpose": "Reading", "scope": "All grades", "duration": "Two years", "aim": "improve_instruction",
                            "on_behalf_of": "oak"}),
    }  # fmt: skip
    return {
        "throughway": "agreement/1", "id": id, "tier": tier, "title": f"A large one ({tier})",
        **({} if tier == "mou" else {"under": ["wide"]}), **more,
        "parties": [
            {"partner": partner, "roles": roles, "signatory": {"title": "Head", "authority": "Policy"}}
            for partner, roles in (("oak", ["discloser"]), ("elm", ["discloser"]), ("program", ["recipient"]),
                                   ("lab", ["recipient"]), ("backbone", ["steward"]))
        ],
        "purposes": [
            {"id": purpose, "kind": "research" if purpose == "study" else "evaluation", "recipients": ["lab"],
             "roles": ["evaluator"], "interest": f"Why one would {purpose} these records", "basis": bases[purpose][0],
             "basis_details": bases[purpose][1], "form": "pseudonymous"}
            for purpose in PURPOSES
        ],
        "custody": {"basis": "school_official", "basis_details": official},
        "schedule": [
            {"element": element, "purposes": [PURPOSES[n % 4], PURPOSES[(n + 1) % 4]],
             "necessity": "A sentence that says why the purposes cannot do without this element, as people write it"}
            for n, element in enumerate(elements)
        ],
        "population": [{"where": "entry_grade_level IN ('06', '07', '08')", "on": "school_enrollment"}],
        "terms": {"effective": "2026-07-01", "expires": "2028-06-30", "minimum_cell": 10, "training": ["ferpa-basics"],
                  "destruction": {"within_days": 60, "method": "purge"}, "breach_notice_hours": 72},
        "clauses": dict.fromkeys(
            ("use_only_for_purpose", "no_redisclosure", "no_identification", "destroy_when_no_longer_needed",
             "protect_from_further_disclosure", "reasonable_methods", "breach_notice", "right_to_audit", "no_reidentification",
             "termination"), "As people write it, in a sentence or two."),
        **({"project": {"method": "Compare"}} if tier == "dul" else {}),
    }  # fmt: skip
