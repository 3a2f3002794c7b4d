"""Turns what the door shows of each record into the columns that comparisons read: folded, split, canonical.

Runs as SQL on a DuckDB connection in memory. Columns that a partner does not grant are simply empty.
"""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from throughway.identity.linkage.nicknames import formal_names
from throughway.identity.linkage.words import (
    COMMON_HOME,
    CROWD,
    FAKE_NAMES,
    FEW_ALIKE,
    MOST_ALIKE,
    NO_BIRTHDATES,
    PARTICLES,
    SHRINK,
    STREET_WORDS,
    SUFFIXES,
    USUAL,
    WIDE_SYSTEMS,
)

GRANTED = {
    "person": (
        "first_name", "middle_name", "last_or_surname", "preferred_first_name", "preferred_last_or_surname",
        "other_first_name", "other_last_name", "birthdate", "sex",
    ),
    "person_contact": (
        "address_street_number_and_name", "address_apartment_room_or_suite_number", "telephone_number",
        "electronic_mail_address",
    ),
    "person_identifier": ("person_identifier", "person_identification_system", "student_identification_code"),
}  # fmt: skip

MACROS = """
create macro folded(t) as nullif(trim(regexp_replace(
    lower(strip_accents(replace(replace(t, '''', ''), '’', ''))), '[^\\p{L}]+', ' ', 'g')), '');
create macro named(t) as case when t is null or t like '%…' then null
    when list_has_all(getvariable('fake'), string_split(folded(t), ' ')) then null else folded(t) end;
create macro called(t) as case  -- an initial alone is no name
    when len(list_filter(string_split(named(t), ' '), w -> len(w) > 1 and not list_contains(getvariable('fake'), w))) > 0
    then named(t) end;
create macro joined(t) as nullif(replace(t, ' ', ''), '');
create macro surname_words(t) as case when t is null then []
    when len(list_filter(string_split(t, ' '), w -> not list_contains(getvariable('dropped'), w))) > 0
    then list_filter(string_split(t, ' '), w -> not list_contains(getvariable('dropped'), w))
    else string_split(t, ' ') end;
create macro street_of(t) as nullif(array_to_string(list_transform(
    list_filter(string_split(trim(regexp_replace(lower(strip_accents(t)), '[^\\p{L}0-9]+', ' ', 'g')), ' '), w -> w <> ''),
    w -> coalesce(getvariable('street_words')[w], w)), ' '), '');
"""

# One birth date, or one name, in so many of a source's records is what its program writes where none is known.
PLACEHOLDERS = """
create table usual_dates as
select partner, born from (
    select partner, born, count(*) as n, sum(count(*)) over (partition by partner) as held
    from (select distinct person_record, partner, try_cast(birthdate as date) as born from person)
    where born is not null group by partner, born
) where n >= getvariable('few_alike') and n > getvariable('most_alike') * held;
create table usual_names as
select partner, first_name, last_name from (
    select partner, first_name, last_name, count(*) as n, sum(count(*)) over (partition by partner) as held
    from (select distinct person_record, partner, folded(first_name) as first_name, folded(last_or_surname) as last_name from person)
    where first_name is not null and last_name is not null group by partner, first_name, last_name
) where n >= getvariable('few_alike') and (n > getvariable('most_alike') * held or n > getvariable('crowd'));
create view sifted as
select person.* exclude (birthdate, first_name, last_or_surname),
    case when born is null then person.birthdate end as birthdate,
    case when usual_names.partner is null then person.first_name end as first_name,
    case when usual_names.partner is null then person.last_or_surname end as last_or_surname
from person
left join usual_dates on usual_dates.partner = person.partner and born = try_cast(person.birthdate as date)
left join usual_names on usual_names.partner = person.partner and usual_names.first_name = folded(person.first_name)
    and usual_names.last_name = folded(person.last_or_surname)
"""

PEOPLE = """
create table people as
with spelled as (
    select person_record, any_value(partner) as partner,
        max(called(first_name)) as first_name, max(named(middle_name)) as middle_name,
        max(called(last_or_surname)) as last_name, max(called(preferred_first_name)) as preferred_first,
        max(called(preferred_last_or_surname)) as preferred_last, max(called(other_first_name)) as other_first,
        max(called(other_last_name)) as other_last,
        max(try_cast(birthdate as date)) filter (
            where not list_contains(getvariable('no_birthdates'), try_cast(birthdate as date)::varchar)) as birthdate,
        max(case lower(left(trim(sex), 1)) when 'm' then 'm' when 'f' then 'f' end) as sex
    from sifted group by person_record
)
select row_number() over (order by person_record) - 1 as unique_id, person_record, coalesce(partner, '') as source,
    joined(coalesce(first_name, preferred_first)) as first,
    string_split(coalesce(first_name, preferred_first, ''), ' ') as firsts,
    joined(concat(coalesce(first_name, preferred_first), coalesce(middle_name, ''))) as given,
    list_filter(string_split(concat_ws(' ', first_name, middle_name, preferred_first), ' '), w -> len(w) > 1) as givens,
    list_filter([joined(first_name), joined(preferred_first), joined(other_first)], w -> w is not null) as spellings,
    joined(middle_name) as middle,
    joined(array_to_string(surname_words(coalesce(last_name, preferred_last)), ' ')) as spelled,
    nullif(array_to_string(list_sort(surname_words(coalesce(last_name, preferred_last))), ' '), '') as surname,
    surname_words(coalesce(last_name, preferred_last))[1] as head,
    list_sort(list_filter(list_distinct(list_concat(surname_words(coalesce(last_name, preferred_last)),
        surname_words(preferred_last), surname_words(other_last))), w -> len(w) > 1)) as surnames,
    left(coalesce(first_name, preferred_first), 1) as initial, birthdate,
    year(birthdate) as year, month(birthdate) as month, day(birthdate) as day, strftime(birthdate, '%Y%m%d') as digits,
    case when day(birthdate) <= 12 then make_date(year(birthdate), day(birthdate), month(birthdate)) end as swapped, sex
from spelled
"""

FORMS = """
create table forms as
select unique_id, list(distinct form order by form) as forms from (
    select unique_id, unnest(spellings) as form from people
    union all
    select unique_id, formal as form from (select unique_id, unnest(spellings) as short from people) join nicknames using (short)
) group by unique_id
"""

SHORTS = """
create table shorts as
select unique_id, list(distinct short order by short) as shorts
from people join nicknames on formal = first where len(short) > 3 group by unique_id
"""

CONTACTS = """
create table contacts as
with given as (
    select distinct person_record,
        case when address_street_number_and_name like '%…' then null else street_of(address_street_number_and_name) end
            as street,
        case when len(regexp_replace(telephone_number, '[^0-9]', '', 'g')) >= 7
            then right(regexp_replace(telephone_number, '[^0-9]', '', 'g'), 10) end as phone,
        case when electronic_mail_address like '%@%' then lower(trim(electronic_mail_address)) end as email
    from person_contact
), held as (
    select person_record, 'street' as kind, street as value from given where regexp_matches(street, '[0-9]') and regexp_matches(street, '\\p{L}')
    union select person_record, 'phone', phone from given where phone is not null
    union select person_record, 'email', email from given where email is not null
), rare as (
    select kind, value from held group by kind, value having count(*) <= getvariable('common_home')
)
select person_record, list(value order by value) filter (where kind = 'street') as streets,
    list(value order by value) filter (where kind = 'phone') as phones,
    list(value order by value) filter (where kind = 'email') as emails,
    min(value) filter (where kind = 'street') as street
from held semi join rare using (kind, value) group by person_record
"""

IDENTIFIERS = """
create table identifiers as
with held as (
    select distinct person_record, regexp_replace(lower(person_identification_system), '[^a-z]', '', 'g') as system,
        upper(regexp_replace(coalesce(person_identifier, student_identification_code), '[^A-Za-z0-9]', '', 'g')) as value
    from person_identifier
    where person_identification_system is not null and len(coalesce(person_identifier, student_identification_code)) > 2
), sorted as (
    select *, list_contains(getvariable('wide_systems'), system) as wide, system || ':' || value as tagged from held
    where len(replace(value, left(value, 1), '')) > 0 and value <> '123456789'  -- 999-99-9999 is nobody's
    qualify count(*) over (partition by system, value) <= getvariable('common_home')
)
select person_record, list(tagged order by tagged) filter (where wide) as wide,
    list(distinct system order by system) filter (where wide) as wide_systems,
    list(tagged order by tagged) filter (where not wide) as local
from sorted group by person_record
"""

COMPARABLE = """
create table comparable as
with counted as (
    select *, count(*) over (partition by first) as firsts_n, count(*) over (partition by surname) as surnames_n,
        count(first) over () as all_firsts, count(surname) over () as all_surnames from people
), frequent as (
    select *, case when first is not null then (firsts_n + getvariable('shrink') * getvariable('usual_first'))
            / (all_firsts + getvariable('shrink')) end as first_share,
        case when surname is not null then (surnames_n + getvariable('shrink') * getvariable('usual_surname'))
            / (all_surnames + getvariable('shrink')) end as surname_share,
        firsts_n >= 4 or first in (select short from nicknames union all select formal from nicknames) as usual
    from counted
)
select f.* exclude (firsts_n, surnames_n, all_firsts, all_surnames, spellings),
    coalesce(forms, []) as forms, coalesce(shorts, []) as shorts, coalesce(streets, []) as streets, coalesce(phones, []) as phones,
    coalesce(emails, []) as emails, coalesce(wide, []) as wide, coalesce(wide_systems, []) as wide_systems,
    coalesce(local, []) as local, street, case when street is not null then dense_rank() over (order by street) end as home
from frequent f left join forms using (unique_id) left join shorts using (unique_id) left join contacts using (person_record)
    left join identifiers using (person_record)
order by unique_id
"""


def connection() -> duckdb.DuckDBPyConnection:
    """An engine in memory that never spills to disk: names may not lie there unsealed."""
    opened = duckdb.connect(":memory:")
    opened.execute("set temp_directory = ''; set preserve_insertion_order = true")
    return opened


def prepare(engine: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> int:
    """Makes the table `comparable` (one row a record, `unique_id` from 0) and returns its number of rows.

    `tables` holds `person` and, where granted, `person_contact` and `person_identifier`: each with `person_record`,
    `partner` and whichever of the GRANTED columns the agreements show. A record may come several times.
    """
    _set_words(engine)
    for name, columns in GRANTED.items():
        _register(engine, name, tables.get(name), columns)
    shorts, formals = zip(*formal_names(), strict=True)
    engine.register("nicknames", pa.table({"short": list(shorts), "formal": list(formals)}))
    for statement in (MACROS, PLACEHOLDERS, PEOPLE, FORMS, SHORTS, CONTACTS, IDENTIFIERS, COMPARABLE):
        engine.execute(statement)
    counted = engine.execute("select count(*) from comparable").fetchall()
    return int(counted[0][0])


def _set_words(engine: duckdb.DuckDBPyConnection) -> None:
    words = {
        "fake": list(FAKE_NAMES),
        "no_birthdates": list(NO_BIRTHDATES),
        "dropped": [*PARTICLES, *SUFFIXES],
        "wide_systems": list(WIDE_SYSTEMS),
    }
    for name, value in words.items():
        engine.execute(f"set variable {name} = {value!r}")
    pairs = ", ".join(f"{word!r}: {short!r}" for word, short in STREET_WORDS.items())
    engine.execute(f"set variable street_words = map {{{pairs}}}")
    numbers = {
        "common_home": COMMON_HOME,
        "few_alike": FEW_ALIKE,
        "most_alike": MOST_ALIKE,
        "crowd": CROWD,
        "shrink": SHRINK,
        "usual_first": USUAL["first"],
        "usual_surname": USUAL["surname"],
    }
    for name, number in numbers.items():
        engine.execute(f"set variable {name} = {number}")


def _register(
    engine: duckdb.DuckDBPyConnection, name: str, table: pa.Table | None, columns: tuple[str, ...]
) -> None:
    """Registers a granted table with every column that comparisons read, as text, empty where it is not granted."""
    if table is None:
        table = pa.table({"person_record": pa.array([], pa.int64()), "partner": pa.array([], pa.string())})
    engine.register(f"granted_{name}", table)
    held = set(table.column_names)
    shown = [
        f'cast("{column}" as varchar) as "{column}"'
        if column in held
        else f'cast(null as varchar) as "{column}"'
        for column in ("partner", *columns)
    ]
    engine.execute(f"create view {name} as select person_record, {', '.join(shown)} from granted_{name}")
