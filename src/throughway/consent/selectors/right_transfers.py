"""When the right passes to each student, as far as a discloser's own records here tell it."""

from datetime import date

from throughway.consent.right_holders import UNKNOWN, Transfers
from throughway.consent.right_holders import transfers as judged
from throughway.core.cache import Cache
from throughway.partners.kinds import LegalStatus
from throughway.partners.selectors import partners
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.selectors import Snapshot

# Days at a college on which no school had the student: while both do, parents keep the right at the school (34 CFR 99.5(a)).
AT_COLLEGE = """
    SELECT c.person_record, min(c.entry_date_into_postsecondary) AS day FROM college AS c
    WHERE c.entry_date_into_postsecondary IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM school AS s WHERE s.person_record = c.person_record
        AND coalesce(s.enrollment_entry_date, DATE '0001-01-01') <= c.entry_date_into_postsecondary
        AND coalesce(s.enrollment_exit_date, DATE '9999-12-31') >= c.entry_date_into_postsecondary)
    GROUP BY c.person_record
"""
COLLEGE, SCHOOL = "postsecondary_enrollment", "school_enrollment"
_KNOWN = Cache[Transfers](16)  # partners


def transfers(stored: Snapshot, partner: str) -> Transfers:
    """Read anew as soon as the partner's files change, or its keys no longer open them."""
    facts = partners().get(partner)
    if facts is None:
        return UNKNOWN
    files = [file.id for table in ("person", COLLEGE, SCHOOL) for file in stored.stored(table, partner)]
    key = (partner, facts.legal, *files)
    # Refused where no key opens them, also when they were read before.
    persons = stored.sealed("person", partner)

    def read() -> Transfers:
        births: list[tuple[int, date]] = [
            (record, born)
            for record, born in zip(
                persons["person_record"].to_pylist(), persons["birthdate"].to_pylist(), strict=True
            )
            if record is not None and born is not None
        ]
        # Attending college moves the right over education records alone.
        funded = LegalStatus.ED_FUNDED in facts.legal
        students = persons["person_record"].to_pylist() if LegalStatus.COLLEGE in facts.legal else []
        return judged(births, _at_college(stored, partner) if funded else [], is_college=students)

    return _KNOWN.of(key, read)


def _at_college(stored: Snapshot, partner: str) -> list[tuple[int, date]]:
    college = stored.files(COLLEGE, partner)
    if not college:
        return []
    with DuckDBEngine() as engine:
        engine.register("college", college, columns=schemas.columns(COLLEGE))
        school = stored.files(SCHOOL, partner) or schemas.empty(SCHOOL)
        engine.register("school", school, columns=schemas.columns(SCHOOL))
        found = engine.run(AT_COLLEGE)
    return list(zip(found["person_record"].to_pylist(), found["day"].to_pylist(), strict=True))
