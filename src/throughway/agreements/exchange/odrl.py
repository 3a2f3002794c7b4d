"""A policy of ODRL 2.2 (W3C, 2018) in JSON-LD, written and read: permissions, prohibitions and duties.

ODRL's own terms are used where they exist: assigner, assignee, target, action, purpose, dates, prohibitions and duties. What is
specific to student data is in our profile `urn:throughway:odrl:`, with the prefix `tw`, so that our policy can be imported without
loss. From other policies only ODRL's own terms are read.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from throughway.agreements.document import AgreementDocument, document_values, version_of
from throughway.agreements.document_sections import Purpose, ScheduleLine
from throughway.agreements.enums import AccessForm, Basis, PartyRole, PurposeKind
from throughway.agreements.exchange.imported import (
    ImportedDraft,
    dicts,
    in_place,
    line_values,
    many,
    refused,
    slug,
    within_size,
)
from throughway.core.yaml_text import UnreadableText, values_of

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
PROFILE = "urn:throughway:odrl:"
AGREEMENT, PARTNER, DATA = "urn:throughway:agreement:", "urn:throughway:partner:", "urn:throughway:element:"
Policy = dict[str, Any]

# The terms of the profile are defined in docs/agreements.md.
TERMS = (
    "form", "id", "tier", "version", "under", "joinder", "parties", "custody", "writes", "population", "records", "onward",
    "services", "terms", "project", "precedence", "clauses", "kind", "serves", "joins", "training", "reach", "interest", "basis",
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
    "parties", "joinder", "custody", "writes", "population", "records", "onward", "services", "terms", "project", "clauses",
    "basisDetails", "partOfNobody",
)  # fmt: skip
# Sections that the profile copies from the document.
SECTIONS = (
    "joinder", "parties", "custody", "writes", "population", "records", "onward", "services", "terms", "project", "precedence",
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
    return [CONTEXT, {"tw": PROFILE, **{f"tw:{term}": type_of for term, type_of in own.items()}}]


def odrl_policy(document: AgreementDocument) -> Policy:
    """The policy; a party, an agreement and an element are URNs, since they have no common URL."""
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
    """One purpose entry. Several assigners, assignees or targets mean one rule for each combination (ODRL 2.7.1)."""
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
    if entry.joins:
        permission["tw:joins"] = list(entry.joins)
    permission["tw:training"] = list(entry.training)
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
        # Scoped to this agreement: another may show the same element differently.
        "uid": f"{AGREEMENT}{document.id}:line:{place}",
        "tw:element": line.element,
        **{f"tw:{key}": value for key, value in _line(place, line).items()},
    }


def _line(place: int, line: ScheduleLine) -> dict[str, Any]:
    return {LINE_TERMS.get(field, field): value for field, value in line_values(place, line).items()}


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
    if courses := document.courses(entry):
        yield {"action": "tw:train", "constraint": [_limit("product", "isAllOf", list(courses))]}


def _prohibitions(document: AgreementDocument) -> Iterator[dict[str, Any]]:
    """Prohibited uses; passing on, except to named recipients; identification; publication of small counts."""
    if not document.purposes:
        return
    target = f"{DATA}*"
    for word in document.terms.prohibited:
        action = FORBIDDEN.get(word)
        limit = {} if action else {"constraint": [_limit("purpose", "eq", word)]}
        yield {"target": target, "action": action or "tw:forbidden", **limit}
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
    """Duties to destroy in time, and to report a breach in time."""
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


FORM = "policy (ODRL 2.2 in JSON-LD)"
ALLOWED_BACK = {action: word for word, action in FORBIDDEN.items()}
DAYS = re.compile(r"P(\d{1,5})D")
Values = Mapping[str, Any]
READ = frozenset({
    "@context", "@type", "@id", "type", "uid", "profile", "dct:title", "assigner", "assignee", "permission", "prohibition",
    "obligation",
})  # fmt: skip
READ_IN_RULE = frozenset(
    {"@type", "type", "uid", "assigner", "assignee", "action", "target", "constraint", "duty"}
)


def read_odrl(text: str) -> ImportedDraft:
    """One policy; Refused when it is invalid. Purposes come from its permissions, the schedule from their targets."""
    policy = _policy(within_size(text, FORM))
    left: list[str] = []
    ours = str(policy.get("profile", "")).startswith(PROFILE)
    values: dict[str, Any] = {
        "throughway": policy.get("tw:form", "agreement/1"),
        "id": policy.get("tw:id") or slug(str(policy.get("uid", policy.get("@id", ""))).rpartition("/")[2]),
        "tier": policy.get("tw:tier"),
        "under": [_bare(wide, AGREEMENT) for wide in many(policy.get("tw:under"))] or None,
        "title": policy.get("dct:title"),
        **{section: policy.get(f"tw:{section}") for section in SECTIONS},
    }
    rules = dicts(policy.get("permission"))
    entries = [_entry(rule, n, ours, left) for n, rule in enumerate(rules, 1)]
    values["purposes"] = in_place((rule.get("tw:place"), e) for rule, e in zip(rules, entries, strict=True))
    values["schedule"] = _schedule(rules, entries, policy)
    if not rules and values["tier"] == "mou":
        del values["purposes"], values["schedule"]
    if not ours:
        _from_odrl_alone(values, policy)
    left += _contradictions(values, rules)
    left += [f"{key}: a policy has it, an agreement does not." for key in policy if _unknown(key, values)]
    return ImportedDraft({key: value for key, value in values.items() if value is not None}, tuple(left))


def _policy(text: str) -> Values:
    try:
        found = values_of(text) if text.lstrip()[:1] == "{" else None
    except UnreadableText as error:
        raise refused(FORM, str(error)) from None
    if not isinstance(found, Mapping):
        raise refused(FORM, "it is no JSON object; save the policy as compact JSON-LD.")
    kind = found.get("@type", found.get("type"))
    if str(kind).rpartition(":")[2].rpartition("/")[2] not in ("Agreement", "Offer", "Set", "Policy"):
        raise refused(FORM, "its @type is none of Agreement, Offer, Set and Policy.")
    return found


def _entry(rule: Values, number: int, ours: bool, left: list[str]) -> dict[str, Any]:
    """A purpose entry from a permission."""
    limits = {str(c.get("leftOperand")): c.get("rightOperand") for c in dicts(rule.get("constraint"))}
    entry = {
        "id": _plain(limits.get("purpose", "")) or f"purpose-{number}",
        "kind": rule.get("tw:kind"),
        "serves": rule.get("tw:serves"),
        "joins": rule.get("tw:joins"),
        "training": rule.get("tw:training"),
        "from": None if rule.get("tw:everyDiscloser") else _named(rule.get("assigner")),
        "recipients": None if rule.get("tw:everyRecipient") else _named(rule.get("assignee")),
        "roles": many(limits.get("tw:role")) or None,
        "reach": limits.get("tw:reach"),
        "interest": rule.get("tw:interest"),
        "basis": rule.get("tw:basis"),
        "basis_details": rule.get("tw:basisDetails"),
        "form": rule.get("tw:form"),
    }
    if not ours:
        entry |= _guessed(rule)
        known = {"purpose", "dateTime", "tw:role", "tw:reach"}
        left += [f"permission {number}: its constraint on {name}." for name in limits if name not in known]
        left += [
            f"permission {number}: {key}." for key in rule if key not in READ_IN_RULE and key[:3] != "tw:"
        ]
    return {key: value for key, value in entry.items() if value is not None}


def _guessed(rule: Values) -> dict[str, Any]:
    """What ODRL's own terms say about a purpose: its action, and whether consent is a duty."""
    action = str(rule.get("action")).rpartition(":")[2]
    duties = {str(duty.get("action")).rpartition(":")[2] for duty in dicts(rule.get("duty"))}
    guessed: dict[str, Any] = {}
    if action == "aggregate":
        guessed["form"] = "aggregate"
    if "obtainConsent" in duties:
        guessed["basis"] = "consent"
    return guessed


# Fields of a line of the schedule, each with its name in the profile.
LINE_TERMS = {name: name for name in ("element", "purposes", "necessity", "transform")} | {
    "from": "disclosers"
}


def _schedule(rules: list[Values], entries: list[dict[str, Any]], policy: Values) -> list[dict[str, Any]]:
    """Each line once: the targets of permissions, and lines without a permission."""
    found: list[tuple[object, dict[str, Any]]] = []
    for entry, rule in zip(entries, rules, strict=True):
        for asset in many(rule.get("target")):
            values = asset if isinstance(asset, Mapping) else {"uid": asset}
            line = _line_of(values, "tw:")
            line.setdefault("element", _bare(values.get("uid", values.get("@id", "")), DATA))
            line["purposes"] = line.get("purposes") or [entry["id"]]
            found.append((values.get("tw:place"), line))
    lost = [(values.get("place"), _line_of(values)) for values in dicts(policy.get("tw:partOfNobody"))]
    return in_place([*found, *lost])


def _line_of(values: Values, prefix: str = "") -> dict[str, Any]:
    line = {field: values.get(f"{prefix}{term}") for field, term in LINE_TERMS.items()}
    return {field: value for field, value in line.items() if value is not None}


def _from_odrl_alone(values: dict[str, Any], policy: Values) -> None:
    """The parties, dates, destruction and prohibitions of a policy that does not use our profile."""
    roles: dict[str, list[str]] = {}
    for rule in (policy, *dicts(policy.get("permission"))):
        for key, role in (("assigner", "discloser"), ("assignee", "recipient")):
            for partner in _named(rule.get(key)) or ():
                if role not in roles.setdefault(partner, []):
                    roles[partner].append(role)
    if roles and not values.get("parties"):
        values["parties"] = [{"partner": partner, "roles": has} for partner, has in roles.items()]
    terms = _section(values.get("terms"))
    for field, day in _dates(dicts(policy.get("permission"))):
        terms.setdefault(field, day)
    for owed in dicts(policy.get("obligation")):
        for limit in dicts(owed.get("constraint")):
            days = DAYS.fullmatch(_plain(limit.get("rightOperand")))
            if str(owed.get("action")).rpartition(":")[2] == "delete" and days:
                terms.setdefault("destruction", {"within_days": int(days[1])})
    never = [ALLOWED_BACK[str(p.get("action"))] for p in dicts(policy.get("prohibition"))
             if str(p.get("action")) in ALLOWED_BACK]  # fmt: skip
    if never:
        terms.setdefault("prohibited", never)
    if terms:
        values["terms"] = terms


def _dates(rules: list[Values]) -> Iterator[tuple[str, str]]:
    for rule in rules:
        for limit in dicts(rule.get("constraint")):
            if limit.get("leftOperand") == "dateTime":
                field = {"gteq": "effective", "lteq": "expires"}.get(str(limit.get("operator")))
                if field:
                    yield field, _plain(limit.get("rightOperand"))


def _contradictions(values: Values, rules: list[Values]) -> Iterator[str]:
    """Where the dates of the rules differ from those of the terms: an ODRL processor would follow the rules."""
    terms = _section(values.get("terms"))
    for field, day in dict.fromkeys(_dates(rules)):
        if str(terms.get(field)) != day:
            yield f"terms.{field}: the terms say {terms.get(field)}, a permission's dateTime says {day}."


def _unknown(key: str, values: Values) -> bool:
    known = {"tw:form", "tw:id", "tw:tier", "tw:version", "tw:under", "tw:partOfNobody"}
    return key not in READ and key not in known and key.removeprefix("tw:") not in values


def _named(value: object) -> list[str] | None:
    """Parties by their ids."""
    found = [_bare(p.get("uid", "") if isinstance(p, Mapping) else p, PARTNER) for p in many(value)]
    return found or None


def _section(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _bare(value: object, prefix: str) -> str:
    return str(value).removeprefix(prefix)


def _plain(value: object) -> str:
    return str(value.get("@value", "") if isinstance(value, Mapping) else value)
