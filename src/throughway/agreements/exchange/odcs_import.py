"""Data contracts (ODCS 3) as a draft: ours give the agreement back, others give its schedule."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from throughway.agreements.exchange.imported import ImportedDraft, refused, within_size
from throughway.agreements.exchange.odcs_export import SECTIONS
from throughway.core.yaml_text import UnreadableText, values_of
from throughway.vocabulary import TABLES, covered

FORM = "data contract (ODCS 3)"
BOUNDARY = re.compile(r"^---[ \t]*(?:#.*)?\r?$", re.MULTILINE)
MOST_CONTRACTS = 200
Values = Mapping[str, Any]
# The standard's own fields that a draft has no place for, and those that it reads.
READ = frozenset({
    "apiVersion", "kind", "id", "version", "status", "name", "schema", "customProperties", "description", "tenant",
    "domain", "roles", "slaProperties", "support", "team",
})  # fmt: skip


def read_odcs(text: str) -> ImportedDraft:
    """One contract, or several of one agreement (a YAML stream or a JSON list); Refused when it is none."""
    contracts = [_checked(each) for each in _contracts(within_size(text, FORM))]
    first = _own_of(contracts[0])
    if len({_own_of(c).get("agreement", c.get("id")) for c in contracts}) > 1:
        raise refused(FORM, "its contracts are of several agreements; import the contracts of one at a time.")
    left: list[str] = []
    values: dict[str, Any] = {
        "throughway": "agreement/1",
        "id": first.get("agreement") or _slug(str(contracts[0].get("id", ""))),
        "title": contracts[0].get("name"),
        **{section: first[section] for section in SECTIONS if section in first},
    }
    if not first.get("agreement"):
        left += _foreign(values, contracts)
    lines = _merged(line for contract in contracts for line in _lines(contract, left))
    if lines or values.get("tier") != "mou":
        values["schedule"] = lines
    left += _not_read(contracts)
    ordered = (
        "throughway",
        "id",
        "tier",
        "under",
        "title",
        "joinder",
        "parties",
        "purposes",
        "custody",
        "schedule",
    )
    in_order = {key: values[key] for key in ordered if values.get(key) is not None}
    return ImportedDraft(
        in_order | {k: v for k, v in values.items() if v is not None and k not in ordered}, tuple(left)
    )


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
        for own in _dicts(holder.get("customProperties"))
        if "property" in own
    }


def _dicts(value: object) -> list[Values]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _lines(contract: Values, left: list[str]) -> Iterator[dict[str, Any]]:
    """Lines of the schedule: as our export notes them at tables and elements, else one for each element."""
    for table in _dicts(contract.get("schema")):
        name = _known(table, TABLES)
        columns = TABLES[name].elements if name in TABLES else {}
        wildcards = _dicts(_own_of(table).get("wildcards"))
        swept = {e.name for e in covered(f"{name}.*")} if wildcards and columns else set()
        yield from ({"element": f"{name}.*", **line} for line in wildcards)
        listed = {_known(column, columns): column for column in _dicts(table.get("properties"))}
        if swept - listed.keys():
            gone = ", ".join(sorted(swept - listed.keys()))
            left.append(
                f"{name}: the contract does not list {gone}, which its wildcard gives; name its elements instead."
            )
        for column, said in listed.items():
            lines = _dicts(_own_of(said).get("lines"))
            yield from ({"element": f"{name}.{column}", **line} for line in lines)
            if not lines and column not in swept:
                yield {"element": f"{name}.{column}"}
                if said.get("transformLogic"):
                    left.append(
                        f"{name}.{column}: its transformLogic; choose the transform that does the same."
                    )
    yield from map(dict, _dicts(_own_of(contract).get("linesOfNobody")))


def _known(holder: Values, vocabulary: Mapping[str, object]) -> str:
    """The name by which the vocabulary has it, else the contract's own: the review names what is unknown."""
    names = [str(holder[key]) for key in ("name", "physicalName") if holder.get(key)]
    folded = [_slug(name).replace("-", "_") for name in names]
    return next((name for name in (*names, *folded) if name in vocabulary), names[0] if names else "unnamed")


def _merged(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each line once, in the order of the schedule that it comes from."""
    placed: dict[str, tuple[int, dict[str, Any]]] = {}
    for line in lines:
        place = line.pop("place", None)
        key = json.dumps([place, line], sort_keys=True, default=str)
        placed.setdefault(key, (place if isinstance(place, int) else 10**9, line))
    return [line for _, line in sorted(placed.values(), key=lambda each: each[0])]


def _foreign(values: dict[str, Any], contracts: Sequence[Values]) -> Iterator[str]:
    """What a contract of another hand says of the agreement, and what it cannot say."""
    said = _own_of(contracts[0])
    levels = {str(level.get("property")): level for level in _dicts(contracts[0].get("slaProperties"))}
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
        f"customProperties: {name} has no place in an agreement." for name in said if name not in values
    )


def _not_read(contracts: Sequence[Values]) -> Iterator[str]:
    for name in dict.fromkeys(name for contract in contracts for name in contract if name not in READ):
        yield f"{name}: a contract has it, an agreement does not."


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:100] or "imported"
