"""An agreement as a policy of ODRL 2.2 (W3C, 2018) in JSON-LD: who permits what to whom, what is forbidden, what is owed.

ODRL's own terms say what they can: assigner, assignee, target, action, purpose, dates, prohibitions and duties. What is
student data's own stands in our profile `urn:throughway:odrl:`, under the prefix `tw`. `read_odrl` gives the document back.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from throughway.agreements.document import AgreementDocument, document_values, version_of
from throughway.agreements.document_sections import Purpose, ScheduleLine
from throughway.agreements.enums import AccessForm, Basis, PartyRole, PurposeKind

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
PROFILE = "urn:throughway:odrl:"
AGREEMENT, PARTNER, DATA = "urn:throughway:agreement:", "urn:throughway:partner:", "urn:throughway:element:"
Policy = dict[str, Any]

# The words of the profile: what each means stands in docs/agreements.md.
TERMS = (
    "form", "id", "tier", "version", "under", "joinder", "parties", "custody", "population", "records", "onward",
    "services", "terms", "project", "precedence", "clauses", "kind", "serves", "reach", "interest", "basis",
    "basisDetails", "everyDiscloser", "everyRecipient", "place", "disclosers", "purposes", "necessity", "transform",
    "role", "element", "partOfNobody",
)  # fmt: skip
ACTIONS = (
    "link",
    "train",
    "identify",
    "advertise",
    "trainModels",
    "enforceImmigration",
    "publishSmallCounts",
    "forbidden",
)
AS_JSON = (
    "parties", "joinder", "custody", "population", "records", "onward", "services", "terms", "project", "clauses",
    "basisDetails", "partOfNobody",
)  # fmt: skip
# Sections that stand in the profile as the document has them.
SECTIONS = (
    "joinder", "parties", "custody", "population", "records", "onward", "services", "terms", "project", "precedence",
    "clauses",
)  # fmt: skip
FORBIDDEN: Mapping[str, str] = {
    "sale": "sell",
    "advertising": "tw:advertise",
    "model_training": "tw:trainModels",
    "immigration_enforcement": "tw:enforceImmigration",
}


def context() -> list[Any]:
    own = {term: {"@id": f"tw:{term}", "@type": "@json"} for term in AS_JSON}
    return [CONTEXT, {"tw": PROFILE, **{f"tw:{term}": said for term, said in own.items()}}]


def odrl(document: AgreementDocument) -> Policy:
    """The policy; a party, an agreement and an element are URNs, since they have no address in common."""
    values = document_values(document)
    policy: Policy = {
        "@context": context(),
        "@type": "Agreement",
        "uid": f"{AGREEMENT}{document.id}",
        "profile": f"{PROFILE}1",
        "dct:title": document.title,
        "tw:form": document.throughway,
        "tw:id": document.id,
        "tw:tier": document.tier.value,
        "tw:version": version_of(document),
        "assigner": _partners(document.parties_with(PartyRole.DISCLOSER) or document.partners),
        "assignee": _partners(document.parties_with(PartyRole.RECIPIENT) or document.partners),
    }
    if document.under:
        policy["tw:under"] = [f"{AGREEMENT}{wide}" for wide in document.under]
    policy["permission"] = [_permission(document, n, entry) for n, entry in enumerate(document.purposes, 1)]
    policy["prohibition"] = list(_prohibitions(document))
    policy["obligation"] = list(_obligations(document))
    policy |= {f"tw:{section}": values[section] for section in SECTIONS if section in values}
    known = {entry.id for entry in document.purposes}
    lost = [_line(n, line) | {"element": line.element} for n, line in enumerate(document.schedule, 1)
            if not known.intersection(line.purposes)]  # fmt: skip
    if lost:
        policy["tw:partOfNobody"] = lost
    return {key: value for key, value in policy.items() if value != []}


def _partners(partners: tuple[str, ...]) -> list[str]:
    return [f"{PARTNER}{partner}" for partner in partners]


def _permission(document: AgreementDocument, place: int, entry: Purpose) -> dict[str, Any]:
    """One purpose entry. Several assigners, assignees or targets stand for a rule for each combination (ODRL 2.7.1)."""
    permission: dict[str, Any] = {
        "uid": f"{AGREEMENT}{document.id}:permission:{place}",
        "assigner": _partners(document.disclosers(entry)),
        "assignee": _partners(document.recipients(entry)),
        "action": _action(entry),
        "target": [
            _asset(document, n, line)
            for n, line in enumerate(document.schedule, 1)
            if entry.id in line.purposes
        ],
        "constraint": list(_constraints(document, entry)),
        "duty": list(_duties(document, entry)),
        "tw:place": place,
        "tw:kind": entry.kind.value,
        "tw:form": entry.form.value,
        "tw:interest": entry.interest,
        "tw:basis": entry.basis.value,
        "tw:basisDetails": dict(entry.basis_details),
    }
    if entry.serves is not None:
        permission["tw:serves"] = list(entry.serves)
    permission["tw:everyDiscloser"] = entry.from_ is None
    permission["tw:everyRecipient"] = entry.recipients is None
    return {key: value for key, value in permission.items() if value not in ([], {}, False)}


def _action(entry: Purpose) -> str:
    if entry.kind is PurposeKind.LINKAGE:
        return "tw:link"
    return "aggregate" if entry.form is AccessForm.AGGREGATE else "read"


def _asset(document: AgreementDocument, place: int, line: ScheduleLine) -> dict[str, Any]:
    return {
        "@type": "AssetCollection" if line.is_wildcard else "Asset",
        "uid": f"{AGREEMENT}{document.id}:line:{place}",  # of this agreement: the same element may be given otherwise elsewhere
        "tw:element": line.element,
        **{f"tw:{key}": value for key, value in _line(place, line).items()},
    }


def _line(place: int, line: ScheduleLine) -> dict[str, Any]:
    said: dict[str, Any] = {"place": place, "purposes": list(line.purposes)}
    if line.from_ is not None:
        said["disclosers"] = list(line.from_)
    if line.necessity:
        said["necessity"] = line.necessity
    if line.transform != "none":
        said["transform"] = line.transform
    return said


def _constraints(document: AgreementDocument, entry: Purpose) -> Iterator[dict[str, Any]]:
    yield _limit("purpose", "eq", entry.id)
    yield _limit("dateTime", "gteq", _day(document.terms.effective.isoformat()))
    yield _limit("dateTime", "lteq", _day(document.terms.expires.isoformat()))
    yield _limit("tw:role", "isAnyOf", [role.value for role in entry.roles])
    if entry.states_reach:
        yield _limit("tw:reach", "eq", entry.reach.value)


def _limit(left: str, operator: str, right: object) -> dict[str, Any]:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _day(iso: str) -> dict[str, str]:
    return {"@value": iso, "@type": "xsd:date"}


def _duties(document: AgreementDocument, entry: Purpose) -> Iterator[dict[str, Any]]:
    if entry.basis is Basis.CONSENT:
        yield {"action": "obtainConsent"}
    if document.terms.training:
        yield {
            "action": "tw:train",
            "constraint": [_limit("product", "isAllOf", list(document.terms.training))],
        }


def _prohibitions(document: AgreementDocument) -> Iterator[dict[str, Any]]:
    """What the terms never allow; passing on, save to those named; naming anybody; publishing small counts."""
    if not document.purposes:
        return
    target = f"{DATA}*"
    for word in document.terms.prohibited:
        said = FORBIDDEN.get(word)
        limit = {} if said else {"constraint": [_limit("purpose", "eq", word)]}
        yield {"target": target, "action": said or "tw:forbidden", **limit}
    may_receive = [step.party for step in document.onward]
    onward = {"constraint": [_limit("recipient", "isNoneOf", may_receive)]} if may_receive else {}
    yield {"target": target, "action": "distribute", **onward}
    if document.clauses.no_identification:
        yield {"target": target, "action": "tw:identify"}
    yield {
        "target": target,
        "action": "tw:publishSmallCounts",
        "constraint": [_limit("count", "lt", document.terms.minimum_cell)],
    }


def _obligations(document: AgreementDocument) -> Iterator[dict[str, Any]]:
    """To destroy in time, and to tell of a breach in time."""
    if not document.purposes:
        return
    takers = _partners(document.parties_with(PartyRole.RECIPIENT))
    within = {"@value": f"P{document.terms.destruction.within_days}D", "@type": "xsd:duration"}
    owed = {"assignee": takers, "target": f"{DATA}*", "action": "delete"}
    yield {key: value for key, value in owed.items() if value} | {
        "constraint": [
            _limit("event", "gt", {"@id": "odrl:policyUsage"}),
            _limit("elapsedTime", "lteq", within),
        ]
    }
    if document.terms.breach_notice_hours is not None:
        hours = {"@value": f"PT{document.terms.breach_notice_hours}H", "@type": "xsd:duration"}
        yield {"action": "inform", "constraint": [_limit("elapsedTime", "lteq", hours)]}
