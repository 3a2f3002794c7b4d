"""Oddities in the records that linkage reads, in sentences without a person's values.

A source without birth dates, whole names in one column, shifted columns, one placeholder for many, one telephone of thousands: each is
reported, and none counts as evidence (`standardization` treats it as missing).
"""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from throughway.identity.linkage.standardization import connection, register
from throughway.identity.linkage.word_lists import COMMON_HOME, FEW_ALIKE, MOST_ALIKE

FEWEST = 20  # fewer records of a source are never reported as odd
MOST_EMPTY, MOST_WRONG = 0.95, 0.5
COLUMNS = {
    "person": ("first_name", "middle_name", "last_or_surname", "birthdate", "sex"),
    "person_contact": ("address_street_number_and_name", "telephone_number", "electronic_mail_address"),
    "person_identifier": ("person_identifier", "person_identification_system"),
}

TRIMMED = """nullif(trim(cast("{}" as varchar)), '')"""

# For each source its number of records, and the share with each oddity. `held`: the records with a value.
PERSON = """
select partner, count(*) as records,
    count(first_name) / count(*) as named, count(last_or_surname) / count(*) as surnamed,
    count(birthdate) / count(*) as born,
    coalesce(avg((last_or_surname like '% %' and first_name is null)::int) filter (where last_or_surname is not null), 0) as last_whole,
    coalesce(avg((first_name like '% %' and last_or_surname is null)::int) filter (where first_name is not null), 0) as first_whole,
    coalesce(avg(regexp_matches(first_name, '[0-9]')::int), 0) as first_numbers,
    coalesce(avg(regexp_matches(last_or_surname, '[0-9]')::int), 0) as last_numbers,
    coalesce(avg((try_cast(birthdate as date) is null)::int) filter (where birthdate is not null), 0) as no_dates,
    coalesce(avg((lower(left(trim(sex), 1)) not in ('m', 'f', 'n', 'u', 'o', 'x'))::int) filter (where sex is not null), 0) as no_sex
from (select distinct on (person_record) * from person) group by partner order by partner
"""
CONTACT = """
select partner, count(distinct person_record) as records,
    coalesce(avg((not regexp_matches(telephone_number, '[0-9]{3}'))::int) filter (where telephone_number is not null), 0) as no_phone,
    coalesce(avg((electronic_mail_address not like '%@%')::int) filter (where electronic_mail_address is not null), 0) as no_email
from person_contact group by partner order by partner
"""
USUAL_DATE = """
select partner, birthdate, n, n / held as share from (
    select partner, birthdate, count(*) as n, sum(count(*)) over (partition by partner) as held
    from (select distinct person_record, partner, birthdate from person where birthdate is not null) group by partner, birthdate
) qualify row_number() over (partition by partner order by n desc, birthdate) = 1 order by partner
"""
USUAL_NAME = """
select partner, n, n / held as share from (
    select partner, count(*) as n, sum(count(*)) over (partition by partner) as held from (
        select distinct person_record, partner, lower(first_name) as f, lower(last_or_surname) as l from person
        where first_name is not null and last_or_surname is not null
    ) group by partner, f, l
) qualify row_number() over (partition by partner order by n desc) = 1 order by partner
"""
SHARED = """
select partner, max(n) as most from (
    select partner, {column} as value, count(distinct person_record) as n from {table}
    where {column} is not null group by partner, value
) group by partner having most > {limit} order by partner
"""


def data_warnings(tables: Mapping[str, pa.Table]) -> tuple[str, ...]:
    """One sentence for each oddity in the tables that `standardization.prepare` reads, source by source.

    Raises RuntimeError without the engine's message, which may hold a name.
    """
    try:
        with connection() as engine:
            for name, columns in COLUMNS.items():
                register(engine, name, tables.get(name), columns, TRIMMED)
            return (*_columns(engine), *_placeholders(engine), *_shared(engine))
    except duckdb.Error as error:
        raise RuntimeError(f"the records could not be looked over ({type(error).__name__})") from None


def _rows(engine: duckdb.DuckDBPyConnection, question: str) -> list[dict[str, object]]:
    found = engine.execute(question)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _columns(engine: duckdb.DuckDBPyConnection) -> list[str]:
    """Empty and misplaced columns; all misplaced columns of one table are one sentence."""
    found = []
    for row in _rows(engine, PERSON) + _rows(engine, CONTACT):
        if _number(row, "records") < FEWEST:
            continue
        if "born" in row and _number(row, "born") < 1 - MOST_EMPTY:
            found.append(
                f"The records of {row['partner']} have no birth dates, so they are joined only by names, homes and numbers."
            )
        if "surnamed" in row and max(_number(row, "named"), _number(row, "surnamed")) < 1 - MOST_EMPTY:
            found.append(
                f"The records of {row['partner']} have no names, so hardly any of them can be joined: map the names in its crosswalk, and load the"
                " file again."
            )
        for column, share in (("the last name", "last_whole"), ("the first name", "first_whole")):
            if share in row and _number(row, share) > MOST_WRONG:
                found.append(
                    f"{row['partner']} writes whole names in {column} in {_number(row, share):.0%} of its records: map the parts"
                    " to separate columns; otherwise they are compared as surnames."
                )
        wrong = [text for text, share in MISPLACED if share in row and _number(row, share) > MOST_WRONG]
        if wrong:
            found.append(
                f"At {row['partner']}, {' and '.join(wrong)}: its columns may be shifted; compare its mapping with the file."
            )
    return found


MISPLACED = (
    ("first names contain digits", "first_numbers"),
    ("last names contain digits", "last_numbers"),
    ("birth dates are not dates", "no_dates"),
    ("the column for sex has other values", "no_sex"),
    ("telephone numbers have no digits", "no_phone"),
    ("e-mail addresses are not addresses", "no_email"),
)


def _placeholders(engine: duckdb.DuckDBPyConnection) -> list[str]:
    def odd(row: dict[str, object]) -> bool:
        return _number(row, "n") >= FEW_ALIKE and _number(row, "share") > MOST_ALIKE

    dates = [
        f"The birth date of {row['partner']} is the same day in {_number(row, 'share'):.0%} of its records:"
        " it counts as missing there."
        for row in _rows(engine, USUAL_DATE)
        if odd(row)
    ]
    names = [
        f"{_number(row, 'share'):.0%} of the records of {row['partner']} have the same name: a placeholder,"
        " or one person entered many times."
        for row in _rows(engine, USUAL_NAME)
        if odd(row)
    ]
    return dates + names


def _shared(engine: duckdb.DuckDBPyConnection) -> list[str]:
    subjects = {
        "telephone_number": ("person_contact", "One telephone number"),
        "address_street_number_and_name": ("person_contact", "One address"),
        "electronic_mail_address": ("person_contact", "One e-mail address"),
        "person_identifier": ("person_identifier", "One identification number"),
    }
    return [
        f"{words} is shared by {row['most']:,} records of {row['partner']}, so it is not evidence for any of them."
        for column, (table, words) in subjects.items()
        for row in _rows(engine, SHARED.format(column=column, table=table, limit=COMMON_HOME))
    ]


def _number(row: Mapping[str, object], name: str) -> float:
    return float(str(row[name]))
