"""Entries of the directory as HSDS 3.0: a data package of CSV tables, or JSON as a page of services.

The same entries give the same bytes: ids of parts are derived from the entry's. What HSDS 3.0 has no field for is an attribute with a
term of the taxonomy `throughway`.
"""

import csv
import json
import uuid
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from throughway.core.spreadsheet import safe
from throughway.supports.entry import WEEK, SupportEntry, SupportStatement, language_words
from throughway.supports.hsds.statements import TAXONOMY

Row = dict[str, Any]
TERMS = {
    "category": "Kind of support",
    "program": "Identifier of the program in its partner's records",
    "subject": "A school subject with which it helps",
    "grade_from": "Lowest grade",
    "grade_to": "Highest grade",
    "rule": "A rule that a student must meet",
    "first": "A rule by which students come first when seats are few",
    "citation": "Counsel's citation of the law that allows a rule",
    "seats_open": "Seats that are free",
    "seats_all": "Seats in all",
    "seats_on": "Day of the seats",
    "way_home": "How students get home",
    "public": "Whether everybody may see the entry",
}
# The fields of each table, in the order of the specification; `id` is required everywhere.
FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "organization": (("id", "string"), ("name", "string"), ("description", "string")),
    "service": (
        ("id", "string"), ("organization_id", "string"), ("name", "string"), ("description", "string"), ("url", "string"),
        ("email", "string"), ("status", "string"), ("fees_description", "string"), ("eligibility_description", "string"),
        ("minimum_age", "number"), ("maximum_age", "number"), ("assured_date", "date"),
    ),
    "location": (
        ("id", "string"), ("location_type", "string"), ("name", "string"), ("transportation", "string"), ("latitude", "number"),
        ("longitude", "number"),
    ),
    "address": (
        ("id", "string"), ("location_id", "string"), ("address_1", "string"), ("city", "string"), ("state_province", "string"),
        ("postal_code", "string"), ("country", "string"), ("address_type", "string"),
    ),
    "service_at_location": (("id", "string"), ("service_id", "string"), ("location_id", "string")),
    "schedule": (
        ("id", "string"), ("service_id", "string"), ("valid_from", "date"), ("valid_to", "date"), ("freq", "string"),
        ("byday", "string"), ("opens_at", "time"), ("closes_at", "time"),
    ),
    "language": (("id", "string"), ("service_id", "string"), ("name", "string"), ("code", "string")),
    "phone": (("id", "string"), ("service_id", "string"), ("number", "string")),
    "contact": (("id", "string"), ("service_id", "string"), ("department", "string")),
    "cost_option": (
        ("id", "string"), ("service_id", "string"), ("option", "string"), ("currency", "string"), ("amount", "number"),
    ),
    "attribute": (
        ("id", "string"), ("link_id", "string"), ("taxonomy_term_id", "string"), ("link_entity", "string"), ("value", "string"),
    ),
    "taxonomy_term": (
        ("id", "string"), ("code", "string"), ("name", "string"), ("description", "string"), ("taxonomy", "string"),
        ("taxonomy_id", "string"),
    ),
    "taxonomy": (("id", "string"), ("name", "string"), ("description", "string")),
}  # fmt: skip
PATHS = {
    "organization": "organizations.csv", "service": "services.csv", "location": "locations.csv", "address": "addresses.csv",
    "service_at_location": "service_at_location.csv", "schedule": "schedules.csv", "language": "languages.csv", "phone": "phones.csv",
    "contact": "contacts.csv", "cost_option": "cost_options.csv", "attribute": "attributes.csv",
    "taxonomy_term": "taxonomy_terms.csv", "taxonomy": "taxonomies.csv",
}  # fmt: skip
REFERENCES = {
    "service": (("organization_id", "organization"),),
    "address": (("location_id", "location"),),
    "service_at_location": (("service_id", "service"), ("location_id", "location")),
    "schedule": (("service_id", "service"),),
    "language": (("service_id", "service"),),
    "phone": (("service_id", "service"),),
    "contact": (("service_id", "service"),),
    "cost_option": (("service_id", "service"),),
    "attribute": (("taxonomy_term_id", "taxonomy_term"),),
    "taxonomy_term": (("taxonomy_id", "taxonomy"),),
}
REQUIRED = {
    "organization": {"name", "description"}, "service": {"organization_id", "name", "status"}, "location": {"location_type"},
    "address": {"address_1", "city", "state_province", "postal_code", "country", "address_type"},
    "service_at_location": {"service_id", "location_id"}, "phone": {"number"}, "cost_option": {"service_id"},
    "attribute": {"link_id", "taxonomy_term_id", "link_entity"}, "taxonomy_term": {"name", "description"},
    "taxonomy": {"name", "description"},
}  # fmt: skip


def package(entries: Sequence[SupportEntry]) -> dict[str, str]:
    """The files of a data package by name: datapackage.json and one CSV for each table, which opens in a spreadsheet without a formula."""
    tables = _tables(entries)
    files = {"datapackage.json": _pretty(_datapackage(tables))}
    for table, rows in tables.items():
        written = StringIO(newline="")
        columns = [name for name, _ in FIELDS[table]]
        sheet = csv.DictWriter(written, columns, lineterminator="\n")
        sheet.writeheader()
        sheet.writerows(
            {name: safe(v) if isinstance(v, str) else v for name, v in row.items()} for row in rows
        )
        files[PATHS[table]] = written.getvalue()
    return files


def page(entries: Sequence[SupportEntry]) -> str:
    """JSON: one page of services, each with all that belongs to it."""
    contents = [_nested(entry) for entry in entries]
    return _pretty(
        {
            "total_items": len(contents), "total_pages": 1, "page_number": 1, "size": len(contents), "first_page": True,
            "last_page": True, "empty": not contents, "contents": contents,
        }
    )  # fmt: skip


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _datapackage(tables: dict[str, list[Row]]) -> Row:
    resources = []
    for table in tables:
        fields = [
            {"name": name, "type": type}
            | ({"constraints": {"required": True}} if name == "id" or name in REQUIRED.get(table, ()) else {})
            for name, type in FIELDS[table]
        ]
        keys = [
            {"fields": column, "reference": {"resource": target, "fields": "id"}}
            for column, target in REFERENCES.get(table, ())
        ]
        schema: Row = {"primaryKey": "id", "fields": fields} | ({"foreignKeys": keys} if keys else {})
        resources.append(
            {
                "name": table,
                "path": PATHS[table],
                "profile": "tabular-data-resource",
                "format": "csv",
                "encoding": "utf-8",
                "schema": schema,
            }
        )
    return {
        "name": "human_services_data",
        "title": "Directory of supports (HSDS 3.0)",
        "profile": "tabular-data-package",
        "resources": resources,
    }


def _id(*parts: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "throughway/" + "/".join(map(str, parts))))


def _tables(entries: Sequence[SupportEntry]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {table: [] for table in FIELDS}
    for partner, name in sorted({(entry.partner, entry.partner_name) for entry in entries}):
        tables["organization"].append(_organization(partner, name))
    used: set[str] = set()
    for entry in entries:
        for table, row in _rows(entry):
            tables[table].append(row)
            if table == "attribute":
                used.add(row["taxonomy_term_id"])
    if used:
        tables["taxonomy"].append(_taxonomy())
        tables["taxonomy_term"] = [
            _term(code) | {"taxonomy_id": _id("taxonomy")} for code in TERMS if _id("term", code) in used
        ]
    return tables


def _organization(partner: str, name: str) -> Row:
    return {"id": _id("organization", partner), "name": name, "description": name}


def _taxonomy() -> Row:
    return {
        "id": _id("taxonomy"),
        "name": TAXONOMY,
        "description": "What HSDS 3.0 has no field for, in a directory of Throughway",
    }


def _term(code: str) -> Row:
    return {
        "id": _id("term", code),
        "code": code,
        "name": TERMS[code],
        "description": TERMS[code],
        "taxonomy": TAXONOMY,
    }


def _rows(entry: SupportEntry) -> Iterator[tuple[str, Row]]:
    """The rows of one entry; what is not said is left out."""
    said, key = entry.said, entry.key
    yield "service", _present({
        "id": key, "organization_id": _id("organization", entry.partner), "name": said.name, "description": said.description,
        "url": said.website, "email": said.email, "status": "inactive" if entry.closed else "active",
        "fees_description": said.cost_words, "eligibility_description": said.who, "minimum_age": said.minimum_age,
        "maximum_age": said.maximum_age, "assured_date": entry.confirmed and entry.confirmed.isoformat(),
    })  # fmt: skip
    if said.place or said.address or said.transport or said.latitude is not None:
        yield "location", _present({
            "id": _id(key, "location"), "location_type": "physical", "name": said.place, "transportation": said.transport,
            "latitude": said.latitude, "longitude": said.longitude,
        })  # fmt: skip
        yield (
            "service_at_location",
            {"id": _id(key, "at"), "service_id": key, "location_id": _id(key, "location")},
        )
    if said.street and said.city and said.state and said.postal_code:  # an address of HSDS needs all of them
        yield "address", {
            "id": _id(key, "address"), "location_id": _id(key, "location"), "address_1": said.street, "city": said.city,
            "state_province": said.state, "postal_code": said.postal_code, "country": "US", "address_type": "physical",
        }  # fmt: skip
    yield from (("schedule", row) for row in _schedules(said, key))
    for code in said.languages:
        yield (
            "language",
            {"id": _id(key, "language", code), "service_id": key, "name": language_words(code), "code": code},
        )
    if said.phone:
        yield "phone", {"id": _id(key, "phone"), "service_id": key, "number": said.phone}
    if said.office:
        yield "contact", {"id": _id(key, "contact"), "service_id": key, "department": said.office}
    if said.cost is not None:
        yield "cost_option", _present({"id": _id(key, "cost"), "service_id": key, "option": said.cost_words, "currency": "usd", "amount": float(said.cost)})  # fmt: skip
    for place, (code, value) in enumerate(_attributes(said)):
        yield "attribute", {
            "id": _id(key, "attribute", place, code), "link_id": key, "taxonomy_term_id": _id("term", code), "link_entity": "service",
            "value": value,
        }  # fmt: skip


def _schedules(said: SupportStatement, key: str) -> Iterator[Row]:
    """One for the sessions of the same hours; the season alone where no day is said."""
    season = {
        "valid_from": said.starts and said.starts.isoformat(),
        "valid_to": said.ends and said.ends.isoformat(),
    }
    hours: dict[tuple[Any, Any], list[str]] = {}
    for session in said.sessions:
        hours.setdefault((session.opens, session.closes), []).append(session.day)
    for place, ((opens, closes), days) in enumerate(hours.items()):
        times = {"opens_at": opens and opens.isoformat(), "closes_at": closes and closes.isoformat()}
        week = {"freq": "WEEKLY", "byday": ",".join(code for code in WEEK if code in days)}
        yield _present({"id": _id(key, "schedule", place), "service_id": key} | season | week | times)
    if not hours and (said.starts or said.ends):
        yield _present({"id": _id(key, "schedule"), "service_id": key} | season)


def _attributes(said: SupportStatement) -> Iterator[tuple[str, str]]:
    """Those who wait are left out: it is a number of students."""
    values: list[tuple[str, Any]] = [
        ("category", said.category), ("program", said.program), *(("subject", subject) for subject in said.subjects), ("grade_from", said.lowest_grade), ("grade_to", said.highest_grade),
        *(("rule", rule) for rule in said.rules), *(("first", rule) for rule in said.first), ("citation", said.citation),
        ("seats_open", said.seats_open), ("seats_all", said.seats_all), ("seats_on", said.seats_on), ("way_home", said.way_home.value),
        ("public", "yes" if said.public else "no"),
    ]  # fmt: skip
    yield from ((code, str(value)) for code, value in values if value not in (None, ""))


def _present(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None and value != ""}


def _nested(entry: SupportEntry) -> Row:
    parts: dict[str, list[Row]] = {}
    for table, row in _rows(entry):
        parts.setdefault(table, []).append(
            {
                name: value
                for name, value in row.items()
                if name not in ("service_id", "organization_id", "link_id")
            }
        )
    [service] = parts.pop("service")
    service["organization"] = _organization(entry.partner, entry.partner_name)
    for table, name in (
        ("schedule", "schedules"),
        ("language", "languages"),
        ("phone", "phones"),
        ("contact", "contacts"),
        ("cost_option", "cost_options"),
    ):
        if table in parts:
            service[name] = parts[table]
    if "location" in parts:
        location = parts["location"][0]
        if "address" in parts:
            location["addresses"] = [
                {n: v for n, v in row.items() if n != "location_id"} for row in parts["address"]
            ]
        service["service_at_locations"] = [
            {"id": parts["service_at_location"][0]["id"], "location": location}
        ]
    service["attributes"] = [
        {name: value for name, value in row.items() if name != "taxonomy_term_id"}
        | {"taxonomy_term": _term(code)}
        for row, (code, _) in zip(parts.get("attribute", []), _attributes(entry.said), strict=True)
    ]
    return service
