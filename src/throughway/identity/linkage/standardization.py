"""Standardizes the values that the gate shows of each record into the columns that comparisons read: folded, split, canonical.

Runs as SQL in an in-memory DuckDB. Columns that no agreement grants are empty. `STEPS` are the tables in order; the last, `comparable`, has one
row for each record.
"""

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa

from throughway.core.long_work import check_no_transaction
from throughway.identity.linkage.word_lists import (
    COMMON_HOME,
    CROWD,
    FAKE_NAMES,
    FEW_ALIKE,
    MISREAD,
    MOST_ALIKE,
    NO_BIRTHDATES,
    NO_SCHOOLS,
    PARTICLES,
    SHRINK,
    SOUNDS,
    STREET_WORDS,
    SUFFIXES,
    USUAL,
    WIDE_SYSTEMS,
    formal_names,
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
    "guardian": ("first_name", "last_or_surname", "telephone_number", "electronic_mail_address"),
    "school_enrollment": ("organization_id", "school_year", "enrollment_entry_date", "entry_grade_level"),
    "program_participation": ("program_identifier",),
}  # fmt: skip
# Of a record: the system that it came from, and whether its key is a number of that system's own. A run reads them, and shows them to nobody.
NUMBERING = ("source_system", "own_number")
COLUMNS = {name: (*columns, *(NUMBERING if name == "person" else ())) for name, columns in GRANTED.items()}

MACROS = """
create macro folded(t) as trim(regexp_replace(
    translate(lower(strip_accents(replace(replace(t, '''', ''), '’', ''))), getvariable('misread'), getvariable('meant')),
    '[^\\p{L}]+', ' ', 'g'));
create macro nonempty(t) as nullif(t, '');
create macro real_name(f) as case when not regexp_full_match(f, getvariable('all_fake')) then f end;
create macro known_name(f) as case when not regexp_full_match(f, getvariable('no_name')) then f end;
create macro not_cut_off(t) as case when t not like '%…' then t end;
create macro system_of(t) as case lower(split_part(coalesce(t, ''), ' ', 1)) when 'xlsx' then 'csv'  -- one office saves either
    else lower(split_part(coalesce(t, ''), ' ', 1)) end;  -- whatever its version
create macro joined(t) as nonempty(replace(t, ' ', ''));
create macro surname_words(t) as case when t is null then []
    when len(list_filter(string_split(t, ' '), w -> not list_contains(getvariable('dropped'), w))) > 0
    then list_filter(string_split(t, ' '), w -> not list_contains(getvariable('dropped'), w))
    else string_split(t, ' ') end;
create macro street_of(t) as array_to_string(list_transform(
    list_filter(string_split(trim(regexp_replace(lower(strip_accents(t)), '[^\\p{L}0-9]+', ' ', 'g')), ' '), w -> w <> ''),
    w -> coalesce(getvariable('street_words')[w], w)), ' ');
create macro phone_of(t) as case when len(regexp_replace(t, '[^0-9]', '', 'g')) >= 7
    then right(regexp_replace(t, '[^0-9]', '', 'g'), 10) end;
create macro email_of(t) as case when t like '%@%' then lower(trim(t)) end;
create macro sounds(t) as list_reduce(  -- the first letter, and a digit for each consonant that sounds unlike the one before
    list_prepend('', string_split(translate(right(t, -1), getvariable('spoken'), getvariable('sounding')), '')),
    (code, c) -> case when right(code, 1) = c then code else code || c end);
create macro sound(t) as case when len(replace(sounds(t), '0', '')) > 1 then left(t, 1) || replace(sounds(t), '0', '') end;
create macro letters(t) as list_aggregate(  -- a bit for each letter in it; one edit changes at most two of them
    list_transform(string_split(t, ''), c -> (1::ubigint << (ascii(c) % 61))::ubigint), 'bit_or')::ubigint;
"""

# Each name is folded once, in a separate step; otherwise DuckDB would fold it again at every use.
SPELLED = """
create table spelled as
select person_record, partner, sex, born, system, nonempty(first_name) as first_name, nonempty(middle_name) as middle_name, nonempty(last_name) as last_name,
    nonempty(preferred_first) as preferred_first, nonempty(preferred_last) as preferred_last, nonempty(other_first) as other_first,
    nonempty(other_last) as other_last
from (
    select person_record, partner, sex, try_cast(birthdate as date) as born,
        case when own_number = 'true' then system_of(source_system) end as system, folded(not_cut_off(first_name)) as first_name,
        folded(not_cut_off(middle_name)) as middle_name, folded(not_cut_off(last_or_surname)) as last_name,
        folded(not_cut_off(preferred_first_name)) as preferred_first, folded(not_cut_off(preferred_last_or_surname)) as preferred_last,
        folded(not_cut_off(other_first_name)) as other_first, folded(not_cut_off(other_last_name)) as other_last
    from person
)
"""

# A birth date or name in very many of a source's records is a placeholder of its program. A few records cannot show that, so the
# placeholders of a full run count for them too.
PLACEHOLDERS = """
create table usual_dates as
select partner, born from (
    select partner, born, count(*) as n, sum(count(*)) over (partition by partner) as held
    from (select distinct person_record, partner, born from spelled)
    where born is not null group by partner, born
) where n >= getvariable('few_alike') and n > getvariable('most_alike') * held
union select partner, value::date from found_no_evidence where kind = 'birth date';
create table usual_names as
select partner, first_name, last_name from (
    select partner, first_name, last_name, count(*) as n, sum(count(*)) over (partition by partner) as held
    from (select distinct person_record, partner, first_name, last_name from spelled)
    where first_name is not null and last_name is not null group by partner, first_name, last_name
) where n >= getvariable('few_alike') and (n > getvariable('most_alike') * held or n > getvariable('crowd'))
union select partner, value, last from found_no_evidence where kind = 'name';
"""

PEOPLE = """
create table people as
with without_placeholders as (
    select spelled.* replace (
        case when usual_dates.partner is null and not list_contains(getvariable('no_birthdates'), born::varchar) then born end as born,
        case when usual_names.partner is null then real_name(first_name) end as first_name,
        case when usual_names.partner is null then real_name(last_name) end as last_name)
    from spelled left join usual_dates using (partner, born) left join usual_names using (partner, first_name, last_name)
), one as (
    select person_record, any_value(partner) as partner,
        max(known_name(first_name)) as first_name, max(real_name(middle_name)) as middle_name, max(known_name(last_name)) as last_name,
        max(known_name(preferred_first)) as preferred_first, max(known_name(preferred_last)) as preferred_last,
        max(known_name(other_first)) as other_first, max(known_name(other_last)) as other_last, max(born) as birthdate,
        max(case lower(left(trim(sex), 1)) when 'm' then 'm' when 'f' then 'f' end) as sex,
        coalesce(any_value(partner), '') || ' ' || max(system) as system
    from without_placeholders group by person_record
), worded as (
    select *, surname_words(coalesce(last_name, preferred_last)) as words from one
)
select row_number() over (order by person_record) - 1 as unique_id, person_record, coalesce(partner, '') as source,
    joined(coalesce(first_name, preferred_first)) as first,
    string_split(coalesce(first_name, preferred_first, ''), ' ') as firsts,
    joined(concat(coalesce(first_name, preferred_first), coalesce(middle_name, ''))) as given,
    list_filter(string_split(concat_ws(' ', first_name, middle_name, preferred_first), ' '), w -> len(w) > 1) as givens,
    list_filter([joined(first_name), joined(preferred_first), joined(other_first)], w -> w is not null) as spellings,
    joined(middle_name) as middle,
    joined(array_to_string(words, ' ')) as spelled, nonempty(array_to_string(list_sort(words), ' ')) as surname, words[1] as head,
    list_sort(list_filter(list_distinct(list_concat(words, surname_words(preferred_last), surname_words(other_last))),
        w -> len(w) > 1)) as surnames,
    left(coalesce(first_name, preferred_first), 1) as initial, birthdate,
    year(birthdate) as year, month(birthdate) as month, day(birthdate) as day, strftime(birthdate, '%Y%m%d') as digits,
    case when day(birthdate) <= 12 then make_date(year(birthdate), day(birthdate), month(birthdate)) end as swapped, sex, system
from worded
"""

FORMS = """
create table forms as
with spelled_so as (select distinct spellings from people)
select spellings, list_sort(list_distinct(list(form))) as forms from (
    select spellings, unnest(spellings) as form from spelled_so
    union all
    select spellings, formal from (select spellings, unnest(spellings) as short from spelled_so) join nicknames using (short)
) group by spellings
"""

SHORTS = """
create table shorts as
select first, list_sort(list_distinct(list(short))) as shorts
from (select distinct first from people where first is not null) join nicknames on formal = first where len(short) > 3 group by first
"""

# A guardian's contacts identify the home, not the student: the telephone counts as the home's, and name and e-mail are a separate list,
# without an adult student's own name. An e-mail address that is also the guardian's is not the student's.
CONTACTS = """
create table held as
with given as (
    select distinct person_record, nonempty(street_of(not_cut_off(address_street_number_and_name))) as street,
        phone_of(telephone_number) as phone, email_of(electronic_mail_address) as email
    from person_contact
), adults as (
    select distinct person_record, split_part(known_name(folded(not_cut_off(first_name))), ' ', 1) || ' '
            || array_to_string(list_sort(surname_words(known_name(folded(not_cut_off(last_or_surname))))), ' ') as named,
        phone_of(telephone_number) as phone, email_of(electronic_mail_address) as email
    from guardian
)
select person_record, 'street' as kind, street as value from given
    where regexp_matches(street, '[0-9]') and regexp_matches(street, '\\p{L}')
    union select person_record, 'phone', phone from given where phone is not null
    union select person_record, 'phone', phone from adults where phone is not null
    union (select person_record, 'email', email from given where email is not null
        except select person_record, 'email', email from adults)
    union select person_record, 'guardian', email from adults where email is not null
    union (select person_record, 'guardian', named from adults where len(named) > 3 and named like '_% _%'
        except select person_record, 'guardian', firsts[1] || ' ' || surname from people semi join adults using (person_record));
create table common as
select kind, value from held group by kind, value having count(*) > getvariable('common_home')
union select kind, value from found_no_evidence where kind in ('street', 'phone', 'email', 'guardian');
create table contacts as
select person_record, list_sort(list(value) filter (kind = 'street')) as streets,
    list_sort(list(value) filter (kind = 'phone')) as phones, list_sort(list(value) filter (kind = 'email')) as emails,
    list_sort(list(value) filter (kind = 'guardian')) as guardians, min(value) filter (kind = 'street') as street
from held anti join common using (kind, value) group by person_record
"""

IDENTIFIERS = """
create table numbered as
with given as (
    select distinct person_record, regexp_replace(lower(person_identification_system), '[^a-z]', '', 'g') as system,
        upper(regexp_replace(coalesce(person_identifier, student_identification_code), '[^A-Za-z0-9]', '', 'g')) as value
    from person_identifier
    where person_identification_system is not null and len(coalesce(person_identifier, student_identification_code)) > 2
)
select *, list_contains(getvariable('wide_systems'), system) as wide, system || ':' || value as tagged from given
where len(replace(value, left(value, 1), '')) > 0 and value <> '123456789';  -- 999-99-9999 is nobody's
create table common_numbers as
select tagged from numbered group by tagged having count(*) > getvariable('common_home')
union select value from found_no_evidence where kind = 'number';
create table identifiers as
select person_record, list_sort(list(tagged) filter (wide)) as wide,
    list_sort(list_distinct(list(system) filter (wide))) as wide_systems, list_sort(list(tagged) filter (not wide)) as local,
    min(value) filter (system = 'masteruser') as master
from numbered anti join common_numbers using (tagged) group by person_record
"""

# A school is its id without the partner's prefix. Equal ids of two partners mean one school, except short numbers, which are each
# partner's own. Schools in different notations (number, code or name) cannot be compared. A grade becomes a class: the ending year of the
# school year in which the class was in kindergarten, which stays the same from year to year.
SCHOOLING = """
create table schooling as
with given as (
    select distinct person_record, partner, upper(trim(entry_grade_level)) as grade,
        nonempty(trim(regexp_replace(lower(strip_accents(
            case when starts_with(organization_id, partner || '/') then substr(organization_id, len(partner) + 2) else organization_id end
        )), '[^\\p{L}0-9]+', ' ', 'g'))) as named,
        coalesce(try_cast(school_year as integer), year(try_cast(enrollment_entry_date as date) + interval 6 months)) as ending,
        year(try_cast(enrollment_entry_date as date) + interval 6 months) as entered
    from school_enrollment
), without_placeholders as (
    select * replace (case when not list_contains(getvariable('no_schools'), named) then named end as named) from given
), each as (
    select person_record, ending, case when regexp_full_match(named, '[0-9]{1,5}') then partner || ' ' || named else named end as school,
        case when regexp_full_match(named, '[0-9]{1,5}') then partner when regexp_full_match(named, '[0-9 ]+') then 'number'
            when len(named) < 6 then 'code' else 'name' end as written_as,
        coalesce(entered, ending) - case when grade = 'KG' then 0 when regexp_full_match(grade, '0[1-9]|1[0-3]') then try_cast(grade as integer) end as class
    from without_placeholders
)
select person_record, list_sort(list_distinct(list(ending || ' ' || school) filter (ending is not null and school is not null))) as schools,
    list_sort(list_distinct(list(ending || ' ' || written_as) filter (ending is not null and school is not null))) as schooled,
    list_sort(list_distinct(list(class) filter (class is not null))) as classes
from each group by person_record
"""

# A program is its name without the partner's prefix, as another partner's file would name it. It is no comparison of its own: it settles who
# is meant where two sources have nothing but names (see `names_alone`). A short code is each partner's own.
PROGRAMS = """
create table programs as
select person_record, list_sort(list_distinct(list(named))) as programs from (
    select person_record, trim(regexp_replace(lower(strip_accents(
        case when starts_with(program_identifier, partner || '/') then substr(program_identifier, len(partner) + 2) else program_identifier end
    )), '[^\\p{L}0-9]+', ' ', 'g')) as named
    from program_participation
) where len(named) > 5 and regexp_matches(named, '\\p{L}') group by person_record
"""

NO_EVIDENCE = """
create table no_evidence as
select 'birth date' as kind, partner, born::varchar as value, null::varchar as last from usual_dates
union all select 'name', partner, first_name, last_name from usual_names
union all select kind, null, value, null from common
union all select 'number', null, tagged, null from common_numbers
"""

# One birth date for two first names at one address: twins, or a housemate's date entered by mistake.
BORN_ALIKE = """
select source, street, birthdate from {rows} where street is not null and birthdate is not null
group by all having min(coalesce(first, '')) <> max(coalesce(first, ''))
"""

COMPARABLE = f"""
create table comparable as
with firsts_of as (select first, count(*) as n, sum(count(*)) over () as held, sound(first) as sound
    from people where first is not null group by first),
surnames_of as (select surname, count(*) as n, sum(count(*)) over () as held, sound(joined(surname)) as sounded
    from people where surname is not null group by surname),
known as (select distinct first from (select short as first from nicknames union all select formal from nicknames)),
born_alike as ({BORN_ALIKE.format(rows="people join contacts using (person_record)")})
select p.* exclude (spellings),
    (f.n + getvariable('shrink') * getvariable('usual_first')) / (f.held + getvariable('shrink')) as first_share,
    (s.n + getvariable('shrink') * getvariable('usual_surname')) / (s.held + getvariable('shrink')) as surname_share,
    f.sound, s.sounded,
    -- Where records are many, four of them have one misspelling, too.
    coalesce(f.n >= greatest(4, f.held / 5000), false) or known.first is not null as usual,
    coalesce(forms, []) as forms, coalesce(shorts, []) as shorts, coalesce(streets, []) as streets, coalesce(phones, []) as phones,
    coalesce(emails, []) as emails, coalesce(guardians, []) as guardians, coalesce(wide, []) as wide,
    coalesce(wide_systems, []) as wide_systems,
    coalesce(local, []) as local, master, coalesce(schools, []) as schools, coalesce(schooled, []) as schooled, coalesce(classes, []) as classes, coalesce(programs, []) as programs,
    list_sort(list_distinct(list_concat(list_transform(coalesce(classes, []), c -> c - 1), list_transform(coalesce(classes, []), c -> c + 1))))
        as next_classes, contacts.street, b.street is not null as born_alike, letters(p.first) as first_letters, letters(contacts.street) as street_letters
from people p left join firsts_of f using (first) left join surnames_of s using (surname) left join known on known.first = p.first
    left join forms using (spellings) left join shorts on shorts.first = p.first left join contacts using (person_record)
    left join identifiers using (person_record) left join schooling using (person_record) left join programs using (person_record)
    left join born_alike b on b.source = p.source and b.street = contacts.street and b.birthdate = p.birthdate
"""
# Each step, with the tables that are not needed after it.
STEPS = {
    SPELLED: (),
    PLACEHOLDERS: (),
    PEOPLE: ("spelled",),
    FORMS: (),
    SHORTS: (),
    CONTACTS: ("held",),
    IDENTIFIERS: ("numbered",),
    SCHOOLING: (),
    PROGRAMS: (),
    NO_EVIDENCE: ("usual_dates", "usual_names", "common", "common_numbers"),
    COMPARABLE: ("people", "forms", "shorts", "contacts", "identifiers", "schooling", "programs"),
}
NOTHING_FOUND = pa.table({name: pa.array([], pa.string()) for name in ("kind", "partner", "value", "last")})


def connection() -> duckdb.DuckDBPyConnection:
    """An in-memory engine that never spills to disk, where names would be unencrypted."""
    check_no_transaction("linkage")
    opened = duckdb.connect(":memory:")
    opened.execute("set temp_directory = ''; set preserve_insertion_order = true")
    return opened


def prepare(
    engine: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], no_evidence: pa.Table = NOTHING_FOUND
) -> int:
    """Makes the table `comparable` (one row a record, `unique_id` from 0, by rising `person_record`) and returns its number of rows; and
    the table `no_evidence`, of values that are too common to be evidence. `no_evidence`: those that a full run found.

    `tables` has `person` and the other granted tables of GRANTED, each with `person_record`, `partner` and the COLUMNS that the
    agreements show. A record may have several rows.
    """
    set_words(engine)
    engine.register("found_no_evidence", no_evidence)
    for name, columns in COLUMNS.items():
        register(engine, name, tables.get(name), columns)
    engine.execute(MACROS)
    for statement, spent in STEPS.items():
        engine.execute(statement)
        for table in spent:
            engine.execute(f"drop table {table}")
    counted = engine.execute("select count(*) from comparable").fetchall()
    return int(counted[0][0])


def born_alike(rows: pa.Table) -> np.ndarray:
    """For each row of `comparable`, in order, whether two first names of its source have its birth date at its address."""
    columns = ["source", "street", "birthdate", "first"]
    numbered = rows.select(columns).append_column("place", pa.array(np.arange(rows.num_rows)))
    with connection() as engine:
        engine.register("these_rows", numbered)
        found = engine.execute(
            "select b.street is not null as alike from these_rows"
            f" left join ({BORN_ALIKE.format(rows='these_rows')}) b using (source, street, birthdate) order by place"
        ).to_arrow_table()
    alike: np.ndarray = found["alike"].to_numpy()
    return alike


def set_words(engine: duckdb.DuckDBPyConnection) -> None:
    """Sets the variables and the table `nicknames` that the steps read."""
    shorts, formals = zip(*formal_names(), strict=True)
    engine.register("nicknames", pa.table({"short": list(shorts), "formal": list(formals)}))
    fake = "|".join(FAKE_NAMES)
    streets = ", ".join(f"{word!r}: {short!r}" for word, short in STREET_WORDS.items())
    variables = {
        "no_birthdates": list(NO_BIRTHDATES),
        "no_schools": list(NO_SCHOOLS),
        "dropped": [*PARTICLES, *SUFFIXES],
        "wide_systems": list(WIDE_SYSTEMS),
        "all_fake": f"({fake})( ({fake}))*",
        # An initial alone is not a name. [^ ] and not a class of all letters, which is slow to compile.
        "no_name": f"([^ ]|{fake})( ([^ ]|{fake}))*",
        "misread": MISREAD[0],
        "meant": MISREAD[1],
        "spoken": SOUNDS[0],
        "sounding": SOUNDS[1],
        "common_home": COMMON_HOME,
        "few_alike": FEW_ALIKE,
        "most_alike": MOST_ALIKE,
        "crowd": CROWD,
        "shrink": SHRINK,
        "usual_first": USUAL["first"],
        "usual_surname": USUAL["surname"],
    }
    for name, value in variables.items():
        engine.execute(f"set variable {name} = {value!r}")
    engine.execute(f"set variable street_words = map {{{streets}}}")


def register(
    engine: duckdb.DuckDBPyConnection,
    name: str,
    table: pa.Table | None,
    columns: tuple[str, ...],
    cell: str = 'cast("{}" as varchar)',
) -> None:
    """Registers a granted table with every column that is read, as text; empty where it is not granted. `cell`: a column's text in
    SQL."""
    if table is None:
        table = pa.table({"person_record": pa.array([], pa.int64()), "partner": pa.array([], pa.string())})
    engine.register(f"granted_{name}", table)
    held = set(table.column_names)
    shown = [
        f'{cell.format(column)} as "{column}"' if column in held else f'cast(null as varchar) as "{column}"'
        for column in ("partner", *columns)
    ]
    engine.execute(f"create view {name} as select person_record, {', '.join(shown)} from granted_{name}")
