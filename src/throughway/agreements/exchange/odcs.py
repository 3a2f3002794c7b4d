"""Data contracts in the Open Data Contract Standard 3.1, one for each discloser, written and read.

What the standard has no field for (parties, bases, consent, destruction) is in `customProperties`, in the words of the agreement
document, so that our contracts can be imported without loss. From other contracts only the schedule is read.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

from throughway.agreements.document import AgreementDocument, document_values, version_of
from throughway.agreements.document_sections import Party, Purpose, ScheduleLine
from throughway.agreements.document_yaml import in_order
from throughway.agreements.enums import PartyRole
from throughway.agreements.exchange.imported import (
    ImportedDraft,
    dicts,
    in_place,
    line_values,
    refused,
    slug,
    within_size,
)
from throughway.agreements.family_choice import BASES
from throughway.agreements.labels import (
    CITATIONS,
    ENDING_WORDS,
    element_words,
    listed,
    partner_labels,
    people,
    table_words,
    transform_words,
)
from throughway.agreements.transform_sql import transform_sql
from throughway.agreements.transforms import Transform
from throughway.core.yaml_text import UnreadableText, values_of
from throughway.vocabulary import TABLES, Element, covered

API_VERSION = "v3.1.0"
Contract = dict[str, Any]
Names = Mapping[str, str]

# States of an agreement in the standard's terms; all others mean retired.
STATUSES: Mapping[str, str] = {
    "draft": "draft",
    **dict.fromkeys(("review", "negotiation", "approval", "approved"), "proposed"),
    **dict.fromkeys(("partly_signed", "signed", "not_yet_effective"), "proposed"),
    "active": "active",
    "suspended": "suspended",
}
LOGICAL: Mapping[str, str] = {
    "date": "date",
    "datetime": "timestamp",
    "time": "time",
    "integer": "integer",
    "decimal": "number",
    "boolean": "boolean",
}  # all others are strings
# Sections of the document that are copied to customProperties.
SECTIONS = (
    "tier", "under", "joinder", "parties", "purposes", "custody", "writes", "population", "records", "onward", "services",
    "terms", "project", "precedence", "clauses",
)  # fmt: skip


def odcs_contracts(document: AgreementDocument, names: Names, state: str = "draft") -> tuple[Contract, ...]:
    """A contract for each discloser, in the order of the document; for an agreement without disclosers one contract without a schema.
    `state`: the agreement's state."""
    givers = {p.partner: p for p in document.parties if PartyRole.DISCLOSER in p.roles}
    each: list[Party | None] = [*givers.values()] or [None]
    return tuple(_contract(document, party, names, state) for party in each)


def _contract(document: AgreementDocument, giver: Party | None, names: Names, state: str) -> Contract:
    discloser = giver.partner if giver else ""
    contract: Contract = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"{document.id}/{discloser}" if discloser else document.id,
        "version": version_of(document),
        "status": STATUSES.get(state, "retired"),
        "name": document.title,
        "domain": "education",
        "description": _description(document, discloser, names),
    }
    if giver:
        contract["tenant"] = discloser
        contract["schema"] = [_table(*found) for found in _tables(document, discloser)]
        contract["team"] = {"name": partner_labels((discloser,), names)[0]}
        contract["support"] = list(_support(giver))
        contract["roles"] = list(_roles(document, discloser, names))
    contract["slaProperties"] = list(_service_levels(document, discloser))
    contract["customProperties"] = list(_custom(document, discloser))
    return {key: value for key, value in contract.items() if value != []}


def _description(document: AgreementDocument, discloser: str, names: Names) -> dict[str, str]:
    interests = dict.fromkeys(p.interest.rstrip(".") for p in _entries(document, discloser))
    never = [word.replace("_", " ") for word in document.terms.prohibited]
    limits = [f"Never: {listed(never)}." if never else "", document.clauses.use_only_for_purpose]
    description = {
        "purpose": "; ".join(interests) or document.title,
        "limitations": " ".join(filter(None, limits)),
        "usage": f"Under the agreement {document.id} alone, by readers of {_takers(document, discloser, names)}."
        if interests
        else "",
    }
    return {key: value for key, value in description.items() if value}


def _takers(document: AgreementDocument, discloser: str, names: Names) -> str:
    takers = dict.fromkeys(r for p in _entries(document, discloser) for r in document.recipients(p))
    return listed(partner_labels(takers, names))


def _entries(document: AgreementDocument, discloser: str) -> list[Purpose]:
    return [entry for entry in document.purposes if discloser in document.disclosers(entry)]


# The schema ---------------------------------------------------------------------------------------------------------

Placed = tuple[int, ScheduleLine]  # its number in the schedule, from 1


def _tables(document: AgreementDocument, discloser: str) -> Iterator[tuple[str, list[Placed]]]:
    """Each table of which this discloser's records show something, with the schedule lines."""
    mine = [placed for placed in enumerate(document.schedule, 1) if _is_of(document, placed[1], discloser)]
    for table in dict.fromkeys(line.table for _, line in mine):
        yield table, [(place, line) for place, line in mine if line.table == table]


def _is_of(document: AgreementDocument, line: ScheduleLine, discloser: str) -> bool:
    if line.from_ is not None:
        return discloser in line.from_
    entries = [e for e in document.purposes if e.id in line.purposes]
    return any(discloser in document.disclosers(e) for e in entries) or not entries


def _table(table: str, lines: Sequence[Placed]) -> dict[str, Any]:
    wildcards = [placed for placed in lines if placed[1].is_wildcard]
    named: dict[str, list[Placed]] = {}
    for place, line in lines:
        if not line.is_wildcard:
            named.setdefault(line.element.partition(".")[2], []).append((place, line))
    known = TABLES.get(table)
    shown = {e.name: e for e in (covered(f"{table}.*") if known and wildcards else ())}
    for column in named:
        shown.setdefault(column, _element(table, column))
    schema: dict[str, Any] = {
        "name": table,
        "physicalName": table,
        "logicalType": "object",
        "physicalType": "table",
        "businessName": table_words(table),
    }
    if known:
        schema["dataGranularityDescription"] = f"One row: {known.grain[:1].lower()}{known.grain[1:]}"
    schema["properties"] = [_property(e, named.get(name, []), wildcards) for name, e in shown.items()]
    if wildcards:
        schema["customProperties"] = [_own("wildcards", [line_values(*placed) for placed in wildcards])]
    return schema


def _element(table: str, column: str) -> Element:
    """The element; for an unknown one, only its name."""
    try:
        return covered(f"{table}.{column}")[0]
    except KeyError:
        return Element(table, column, "string", "", "", "", "", frozenset())


def _property(element: Element, named: Sequence[Placed], wildcards: Sequence[Placed]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": element.name,
        "physicalName": element.name,
        "businessName": element_words(element.name),
        "description": element.description,
        "logicalType": LOGICAL.get(element.type, "string"),
        "physicalType": element.stored_as,
        "classification": "restricted" if element.restricted else "confidential",
        "criticalDataElement": "identifier" in element.law_tags,
        **_transforms(element, [line for _, line in named or wildcards]),
        "tags": sorted(element.law_tags),
    }
    own = [
        _own("ndpaCategory", element.ndpa_category),
        _own("cedsGlobalId", element.ceds_global_id),
        _own("lines", [line_values(*placed) for placed in named]),
    ]
    values["customProperties"] = [one for one in own if one["value"]]
    return {key: value for key, value in values.items() if value not in ("", [])}


def _transforms(element: Element, lines: Sequence[ScheduleLine]) -> dict[str, str]:
    """Transforms of its values; by purpose where they differ."""
    ways = dict.fromkeys(line.transform for line in lines)
    if set(ways) <= {"none"}:
        return {}
    logic, words = [], []
    for way in ways:
        transform = Transform.parse(way)
        of = ", ".join(dict.fromkeys(p for line in lines if line.transform == way for p in line.purposes))
        head = f"{of}: " if len(ways) > 1 else ""
        logic.append(head + _sql(element, transform))
        words.append(head + (transform_words(transform) or "as it is"))
    return {"transformLogic": "; ".join(logic), "transformDescription": "; ".join(words)}


def _sql(element: Element, transform: Transform) -> str:
    code = exp.column("code") if transform.name == "pseudonym" else None
    return transform_sql(exp.column(element.name), element, transform, code=code).sql(dialect="duckdb")


# Who, how long, by what right ---------------------------------------------------------------------------------------


def _support(giver: Party) -> Iterator[dict[str, str]]:
    for what, office in (giver.contacts.model_dump() if giver.contacts else {}).items():
        if office:
            yield {"channel": office, "description": what, "tool": "other"}


def _roles(document: AgreementDocument, discloser: str, names: Names) -> Iterator[dict[str, Any]]:
    """Who reads: the discloser's office approves first, then the reader's own."""
    offices = {p.partner: p.signatory.title for p in document.parties if p.signatory}
    for entry in _entries(document, discloser):
        for recipient in document.recipients(entry):
            for role in entry.roles:
                (name,) = partner_labels((recipient,), names)
                values = {
                    "role": f"{entry.id}/{recipient}/{role}",
                    "access": "aggregate" if entry.form == "aggregate" else "read",
                    "description": f"{people(role).capitalize()} of {name}: {entry.interest}",
                    "firstLevelApprovers": offices.get(discloser, ""),
                    "secondLevelApprovers": offices.get(recipient, ""),
                }
                yield {key: value for key, value in values.items() if value}


def _service_levels(document: AgreementDocument, discloser: str) -> Iterator[dict[str, Any]]:
    terms = document.terms
    yield {
        "property": "retention",
        "value": terms.destruction.within_days,
        "unit": "d",
        "driver": "regulatory",
        "description": f"Days after the agreement ends within which records are {ENDING_WORDS[terms.destruction.election]} "
        f"({terms.destruction.method}).",
    }
    for delivery in terms.delivery:
        if delivery.from_ == discloser:
            yield {
                "property": "frequency",
                "value": delivery.every,
                "element": delivery.what,
                "driver": "operational",
                "description": f"Delivered as {delivery.format}.",
            }
    yield {"property": "generalAvailability", "value": terms.effective.isoformat(), "driver": "regulatory"}
    yield {"property": "endOfLife", "value": terms.expires.isoformat(), "driver": "regulatory"}


def _custom(document: AgreementDocument, discloser: str) -> Iterator[dict[str, Any]]:
    yield _own("format", document.throughway)
    yield _own("agreement", document.id)
    if discloser:
        yield _own("discloser", discloser)
    values = document_values(document)
    for section in SECTIONS:
        if section in values:
            yield _own(section, values[section])
    yield _own(
        "basis",
        list(_rights(_entries(document, discloser))),
        "The right for each purpose, with its citation.",
    )
    by_choice = [e.id for e in _entries(document, discloser) if e.basis in BASES]
    yield _own("consent", list(dict.fromkeys(by_choice)), "Purposes that depend on each family's choice.")
    yield _own("destruction", values["terms"]["destruction"], "As the terms have it.")
    lost = [line_values(place, line) | {"element": line.element} for place, line in enumerate(document.schedule, 1)
            if not any(_is_of(document, line, d) for d in document.parties_with(PartyRole.DISCLOSER))]  # fmt: skip
    if lost:
        yield _own("linesOfNobody", lost, "Lines of the schedule that name no discloser of their purposes.")


def _rights(entries: Iterable[Purpose]) -> Iterator[dict[str, str]]:
    for entry in entries:
        yield {"purpose": entry.id, "basis": entry.basis.value, "citation": CITATIONS[entry.basis]}


def _own(property: str, value: object, description: str = "") -> dict[str, Any]:
    return {"property": property, "value": value, **({"description": description} if description else {})}


FORM = "data contract (ODCS 3)"
BOUNDARY = re.compile(r"^---[ \t]*(?:#.*)?\r?$", re.MULTILINE)
MOST_CONTRACTS = 200
Values = Mapping[str, Any]
# The standard's own fields that a draft cannot represent, and those that are read.
READ = frozenset({
    "apiVersion", "kind", "id", "version", "status", "name", "schema", "customProperties", "description", "tenant",
    "domain", "roles", "slaProperties", "support", "team",
})  # fmt: skip


def read_odcs(text: str) -> ImportedDraft:
    """One contract, or several of one agreement (a YAML stream or a JSON list); Refused when it is invalid."""
    contracts = [_checked(each) for each in _contracts(within_size(text, FORM))]
    first = _own_of(contracts[0])
    if len({_own_of(c).get("agreement", c.get("id")) for c in contracts}) > 1:
        raise refused(FORM, "its contracts are of several agreements; import the contracts of one at a time.")
    left: list[str] = []
    values: dict[str, Any] = {
        "throughway": "agreement/1",
        "id": first.get("agreement") or slug(str(contracts[0].get("id", ""))),
        "title": contracts[0].get("name"),
        **{section: first[section] for section in SECTIONS if section in first},
    }
    if not first.get("agreement"):
        left += _foreign(values, contracts)
    lines = in_place(
        (line.pop("place", None), line) for contract in contracts for line in _lines(contract, left)
    )
    if lines or values.get("tier") != "mou":
        values["schedule"] = lines
    left += _not_read(contracts)
    stated = {name: value for name, value in values.items() if value is not None}
    return ImportedDraft(in_order(stated), tuple(left))


def _contracts(text: str) -> Sequence[Any]:
    try:
        if text.lstrip()[:1] == "[":
            found = json.loads(text)
            return [values_of(json.dumps(each)) for each in found[:MOST_CONTRACTS]] or _none()
        parts = [part for part in BOUNDARY.split(text) if part.strip()]
        if len(parts) > MOST_CONTRACTS:
            raise refused(FORM, f"it holds more than {MOST_CONTRACTS} contracts.")
        return [values_of(part) for part in parts] or _none()
    except UnreadableText as error:
        raise refused(FORM, str(error)) from None
    except (ValueError, RecursionError):
        raise refused(FORM, "it is neither YAML nor JSON.") from None


def _none() -> Sequence[Any]:
    raise refused(FORM, "it is empty.")


def _checked(contract: Any) -> Values:
    if not isinstance(contract, Mapping) or contract.get("kind") != "DataContract":
        raise refused(FORM, "`kind: DataContract` is missing.")
    version = str(contract.get("apiVersion", ""))
    if not version.startswith("v3."):
        raise refused(FORM, "its apiVersion must be v3.0.0 or a later v3; convert the contract first.")
    return contract


def _own_of(holder: Values) -> dict[str, Any]:
    """The custom properties by name."""
    return {
        str(own["property"]): own.get("value")
        for own in dicts(holder.get("customProperties"))
        if "property" in own
    }


def _lines(contract: Values, left: list[str]) -> Iterator[dict[str, Any]]:
    """Lines of the schedule: from our export's notes at tables and elements, otherwise one for each element."""
    for table in dicts(contract.get("schema")):
        name = _known(table, TABLES)
        columns = TABLES[name].elements if name in TABLES else {}
        wildcards = dicts(_own_of(table).get("wildcards"))
        swept = {e.name for e in covered(f"{name}.*")} if wildcards and columns else set()
        yield from ({"element": f"{name}.*", **line} for line in wildcards)
        listed = {_known(column, columns): column for column in dicts(table.get("properties"))}
        if swept - listed.keys():
            gone = ", ".join(sorted(swept - listed.keys()))
            left.append(
                f"{name}: the contract does not list {gone}, which its wildcard gives; name its elements instead."
            )
        for column, values in listed.items():
            lines = dicts(_own_of(values).get("lines"))
            yield from ({"element": f"{name}.{column}", **line} for line in lines)
            if not lines and column not in swept:
                yield {"element": f"{name}.{column}"}
                if values.get("transformLogic"):
                    left.append(
                        f"{name}.{column}: its transformLogic; choose the transform that does the same."
                    )
    yield from map(dict, dicts(_own_of(contract).get("linesOfNobody")))


def _known(holder: Values, vocabulary: Mapping[str, object]) -> str:
    """Its name in the vocabulary, otherwise the contract's own: the review reports unknown names."""
    names = [str(holder[key]) for key in ("name", "physicalName") if holder.get(key)]
    folded = [slug(name).replace("-", "_") for name in names]
    return next((name for name in (*names, *folded) if name in vocabulary), names[0] if names else "unnamed")


def _foreign(values: dict[str, Any], contracts: Sequence[Values]) -> Iterator[str]:
    """What another producer's contract says about the agreement, and what it cannot say."""
    custom = _own_of(contracts[0])
    levels = {str(level.get("property")): level for level in dicts(contracts[0].get("slaProperties"))}
    stated = values.get("terms")
    terms: dict[str, Any] = dict(stated) if isinstance(stated, Mapping) else {}
    for field, level in (("effective", "generalAvailability"), ("expires", "endOfLife")):
        if level in levels:
            terms.setdefault(field, levels[level].get("value"))
    retention = levels.get("retention")
    if retention is not None and "destruction" not in terms:
        if str(retention.get("unit")) in ("d", "day", "days"):
            terms["destruction"] = {"within_days": retention.get("value")}
        else:
            yield "slaProperties: a retention that is not in days; state terms.destruction.within_days."
    if terms:
        values["terms"] = terms
    yield from (
        f"customProperties: {name} has no place in an agreement." for name in custom if name not in values
    )


def _not_read(contracts: Sequence[Values]) -> Iterator[str]:
    for name in dict.fromkeys(name for contract in contracts for name in contract if name not in READ):
        yield f"{name}: a contract has it, an agreement does not."
