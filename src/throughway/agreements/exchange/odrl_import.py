"""A policy (ODRL 2.2, JSON-LD) as a draft: ours gives the agreement back, another's gives what ODRL itself can say."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from throughway.agreements.exchange.imported import ImportedDraft, refused, within_size
from throughway.agreements.exchange.odrl_export import AGREEMENT, DATA, FORBIDDEN, PARTNER, PROFILE, SECTIONS
from throughway.core.yaml_text import UnreadableText, values_of

FORM = "policy (ODRL 2.2 in JSON-LD)"
ALLOWED_BACK = {said: word for word, said in FORBIDDEN.items()}
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
    """One policy; Refused when it is none. Purposes come from its permissions, the schedule from their targets."""
    policy = _policy(within_size(text, FORM))
    left: list[str] = []
    ours = str(policy.get("profile", "")).startswith(PROFILE)
    values: dict[str, Any] = {
        "throughway": policy.get("tw:form", "agreement/1"),
        "id": policy.get("tw:id") or _slug(str(policy.get("uid", policy.get("@id", "")))),
        "tier": policy.get("tw:tier"),
        "under": [_bare(wide, AGREEMENT) for wide in _many(policy.get("tw:under"))] or None,
        "title": policy.get("dct:title"),
        **{section: policy.get(f"tw:{section}") for section in SECTIONS},
    }
    rules = _dicts(policy.get("permission"))
    entries = [_entry(rule, n, ours, left) for n, rule in enumerate(rules, 1)]
    values["purposes"] = _in_place((rule.get("tw:place"), e) for rule, e in zip(rules, entries, strict=True))
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
    """A purpose entry of a permission."""
    limits = {str(c.get("leftOperand")): c.get("rightOperand") for c in _dicts(rule.get("constraint"))}
    entry = {
        "id": _plain(limits.get("purpose", "")) or f"purpose-{number}",
        "kind": rule.get("tw:kind"),
        "serves": rule.get("tw:serves"),
        "from": None if rule.get("tw:everyDiscloser") else _named(rule.get("assigner")),
        "recipients": None if rule.get("tw:everyRecipient") else _named(rule.get("assignee")),
        "roles": _many(limits.get("tw:role")) or None,
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
    """What ODRL's own words tell of a purpose: its action, and whether consent is a duty."""
    action = str(rule.get("action")).rpartition(":")[2]
    duties = {str(duty.get("action")).rpartition(":")[2] for duty in _dicts(rule.get("duty"))}
    said: dict[str, Any] = {}
    if action == "aggregate":
        said["form"] = "aggregate"
    if "obtainConsent" in duties:
        said["basis"] = "consent"
    return said


def _schedule(rules: list[Values], entries: list[dict[str, Any]], policy: Values) -> list[dict[str, Any]]:
    found: dict[str, tuple[object, dict[str, Any]]] = {}
    for n, rule in enumerate(rules):
        for asset in _many(rule.get("target")):
            said = asset if isinstance(asset, Mapping) else {"uid": asset}
            line = {
                "element": said.get("tw:element") or _bare(said.get("uid", said.get("@id", "")), DATA),
                "from": said.get("tw:disclosers"),
                "purposes": said.get("tw:purposes") or [entries[n]["id"]],
                "necessity": said.get("tw:necessity"),
                "transform": said.get("tw:transform"),
            }
            line = {key: value for key, value in line.items() if value is not None}
            found.setdefault(
                json.dumps([said.get("tw:place"), line], default=str), (said.get("tw:place"), line)
            )
    lost: list[tuple[object, dict[str, Any]]] = []
    for left in _dicts(policy.get("tw:partOfNobody")):
        kept = {"element": left.get("element"), "from": left.get("disclosers"), "purposes": left.get("purposes"),
                "necessity": left.get("necessity"), "transform": left.get("transform")}  # fmt: skip
        lost.append((left.get("place"), {key: value for key, value in kept.items() if value is not None}))
    return _in_place([*found.values(), *lost])


def _from_odrl_alone(values: dict[str, Any], policy: Values) -> None:
    """The parties, the dates, the destruction and what is forbidden, of a policy that does not know our profile."""
    roles: dict[str, list[str]] = {}
    for rule in (policy, *_dicts(policy.get("permission"))):
        for key, role in (("assigner", "discloser"), ("assignee", "recipient")):
            for partner in _named(rule.get(key)) or ():
                if role not in roles.setdefault(partner, []):
                    roles[partner].append(role)
    if roles and not values.get("parties"):
        values["parties"] = [{"partner": partner, "roles": has} for partner, has in roles.items()]
    terms = _section(values.get("terms"))
    for field, day in _dates(_dicts(policy.get("permission"))):
        terms.setdefault(field, day)
    for owed in _dicts(policy.get("obligation")):
        for limit in _dicts(owed.get("constraint")):
            days = DAYS.fullmatch(_plain(limit.get("rightOperand")))
            if str(owed.get("action")).rpartition(":")[2] == "delete" and days:
                terms.setdefault("destruction", {"within_days": int(days[1])})
    never = [ALLOWED_BACK[str(p.get("action"))] for p in _dicts(policy.get("prohibition"))
             if str(p.get("action")) in ALLOWED_BACK]  # fmt: skip
    if never:
        terms.setdefault("prohibited", never)
    if terms:
        values["terms"] = terms


def _dates(rules: list[Values]) -> Iterator[tuple[str, str]]:
    for rule in rules:
        for limit in _dicts(rule.get("constraint")):
            if limit.get("leftOperand") == "dateTime":
                field = {"gteq": "effective", "lteq": "expires"}.get(str(limit.get("operator")))
                if field:
                    yield field, _plain(limit.get("rightOperand"))


def _contradictions(values: Values, rules: list[Values]) -> Iterator[str]:
    """Where the dates of the rules are not those of the terms: ODRL would be obeyed, the agreement would say otherwise."""
    terms = _section(values.get("terms"))
    for field, day in dict.fromkeys(_dates(rules)):
        if str(terms.get(field)) != day:
            yield f"terms.{field}: the terms say {terms.get(field)}, a permission's dateTime says {day}."


def _unknown(key: str, values: Values) -> bool:
    known = {"tw:form", "tw:id", "tw:tier", "tw:version", "tw:under", "tw:partOfNobody"}
    return key not in READ and key not in known and key.removeprefix("tw:") not in values


def _in_place(placed: Any) -> list[Any]:
    return [each for _, each in sorted(placed, key=lambda one: one[0] if isinstance(one[0], int) else 10**9)]


def _named(value: object) -> list[str] | None:
    """Parties by their ids."""
    found = [_bare(p.get("uid", "") if isinstance(p, Mapping) else p, PARTNER) for p in _many(value)]
    return found or None


def _section(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _bare(value: object, prefix: str) -> str:
    return str(value).removeprefix(prefix)


def _plain(value: object) -> str:
    return str(value.get("@value", "") if isinstance(value, Mapping) else value)


def _many(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _dicts(value: object) -> list[Values]:
    return [each for each in _many(value) if isinstance(each, Mapping)]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", text.lower().rpartition("/")[2]).strip("-")[:100] or "imported"
