"""Limits on an adult's rights by a court order, a statute or a binding document (34 CFR 99.4). Either parent has every right
unless a recorded limit says otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pyarrow as pa

from throughway.consent.rights_events import RightsRecord, by_code

CITATION = "34 CFR 99.4"


class LimitKind(StrEnum):
    RIGHTS = "rights"  # no right over the student's records: neither consents nor refuses, neither inspects nor amends
    CONTACT = "contact"  # is not to learn where the student lives or can be met


# Left out for somebody who must not learn where the student is: tables that say where it lives, learns, works or is helped,
# and in all others what can name a place: ids of schools and programs, partners' own keys, free text.
WHEREABOUTS = frozenset(
    {
        "person_contact", "guardian", "organization", "calendar_day", "program", "school_enrollment", "program_participation",
        "service_received", "referral", "postsecondary_enrollment", "employment",
    }
)  # fmt: skip
PLACES = frozenset(
    {
        "organization_id", "organization_name", "assigning_organization_id", "person_identification_system",
        "program_id", "program_identifier", "course_section_identifier", "institution_ipeds_unitid", "incident_location",
        "incident_description", "response_comment", "homeless_primary_nighttime_residence",
    }
)  # fmt: skip
# Where the record itself says which adults are kept from the student.
GUARDIAN, RESTRICTIONS = "guardian", "person_relationship_to_learner_contact_restrictions_description"
GUARDIAN_NAMES = ("first_name", "last_or_surname")
KEYS = frozenset({"source_record_id", "source_system", "batch_id"})  # a key may begin with its school's


def without_places(tables: Mapping[str, pa.Table]) -> tuple[dict[str, pa.Table], tuple[str, ...]]:
    """A student's rows by table without what says where the student is; and what was left out: tables, and elements as
    table.column where they held a value."""
    kept, left_out = {}, []
    for name, rows in sorted(tables.items()):
        if name in WHEREABOUTS:
            left_out.append(name)
            continue
        named = [c for c in rows.column_names if c.removesuffix("_source") in PLACES | KEYS]
        kept[name] = rows.drop_columns(named)
        left_out += [f"{name}.{c}" for c in named if c in PLACES and rows[c].null_count < rows.num_rows]
    return kept, tuple(left_out)


@dataclass(frozen=True)
class RightsLimit:
    """`holder`: the adult's number among those of the record; `reference`: the order or document, as its court numbered it;
    `lifted`: from which day on it no longer holds."""

    code: str
    partner: str
    record: int
    holder: int
    kind: LimitKind
    reference: str
    since: date
    lifted: date | None = None
    lifted_why: str = ""

    def on(self, day: date) -> bool:
        return self.since <= day and (self.lifted is None or day < self.lifted)


def limits(events: Iterable[RightsRecord]) -> list[RightsLimit]:
    """Every limit, in the order in which they were recorded."""
    found = []
    for code, of_one in by_code(events).items():
        first = next(e for e in of_one if e.step == "add")
        lift = next((e for e in of_one if e.step == "lift"), None)
        found.append(
            RightsLimit(
                code, first.partner, first.record or 0, first.holder, LimitKind(first.facts["kind"]), first.word("reference"),
                first.day, lift.day if lift else None, lift.word("why") if lift else "",
            )
        )  # fmt: skip
    return found


def stands(
    found: Iterable[RightsLimit],
    holder: int,
    on: date,
    kind: LimitKind = LimitKind.RIGHTS,
    *,
    record: int | None = None,
) -> RightsLimit | None:
    """The limit of that kind on this adult that applies on the day, among those of one record; `record`: where there are others too."""
    return next(
        (
            each
            for each in found
            if each.holder == holder and record in (None, each.record) and each.kind is kind and each.on(on)
        ),
        None,
    )
