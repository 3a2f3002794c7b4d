"""How a text becomes a value of an element, as SQL and for one constant: days, true and false, plain numbers, codes.

A moment in UTC is another day in some time zones. At midnight UTC, a system has stored a day as a moment, and that day is meant.
Otherwise it is the day in the partner's time zone, which a crosswalk states (`source.time_zone`). Without a time zone, only moments from
10:00 on are read, because they are on the same day in every State from Hawaii (UTC-10) to the East (UTC-4).
School years are stored as their ending year: 2021-22, 2021-2022, SY22 and 2022 all become 2022; nothing is guessed.
A code may be written as its label, where the label is of one code alone."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from throughway.core.refusals import Refused
from throughway.intake.raw_cells import sql_text
from throughway.vocabulary import Element, codes_of

MOST_LABELS = 500  # of a list of codes that may be written as their labels
YEAR = "school_year"
NO_YEAR = ("not a school year", "write it as 2021-22, or as its ending year")

# The ending year alone; two digits only after SY, since 22 by itself may be anything.
ALONE = "(?:[Ss][Yy] *)?((?:19|20|21)[0-9][0-9])(?:[.]0*)?"
SHORT = "[Ss][Yy] *([0-9][0-9])"
# Two years, the second following the first.
PAIR = "(?:[Ss][Yy] *)?((?:19|20|21)?[0-9][0-9]) *[-/–—] *((?:19|20|21)?[0-9][0-9])"


def is_school_year(element: Element) -> bool:
    """Whether the element is written as an ending year."""
    return element.name == YEAR


def ending_year(text: str) -> str | None:
    """The ending year in a text, in four digits; None if there is none."""
    if found := re.fullmatch(ALONE, text):
        return found[1]
    if found := re.fullmatch(SHORT, text):
        return f"20{found[1]}"
    found = re.fullmatch(PAIR, text)
    if not found:
        return None
    first = int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
    last = str(first + 1)
    return last if last.endswith(found[2]) else None


def ending_year_sql(text: str) -> str:
    """The same in SQL, of an expression."""

    def part(pattern: str, group: int) -> str:
        return f"regexp_extract({text}, {sql_text(f'^{pattern}$')}, {group})"

    def fits(pattern: str) -> str:
        return f"regexp_full_match({text}, {sql_text(pattern)})"

    first, last = part(PAIR, 1), part(PAIR, 2)
    following = f"CAST(TRY_CAST(CASE WHEN length({first}) = 2 THEN '20' || {first} ELSE {first} END AS INTEGER) + 1 AS VARCHAR)"
    return (
        f"CASE WHEN {fits(ALONE)} THEN {part(ALONE, 1)} WHEN {fits(SHORT)} THEN '20' || {part(SHORT, 1)}"
        f" WHEN {fits(PAIR)} AND suffix({following}, {last}) THEN {following} END"
    )


def ending_year_of(day: str) -> str:
    """The ending year of the school year (July to June) that a DATE expression falls in, as an INTEGER expression."""
    return f"(year({day}) + CASE WHEN month({day}) >= 7 THEN 1 ELSE 0 END)"


def check_stated_year(stated: int | None, in_file: int | None) -> None:
    """Refuses a stated school year that differs from the one in the files. Rows with days in another year do not contradict it; they keep
    their year."""
    if stated is not None and in_file not in (None, stated):
        raise Refused(
            f"The file is for the school year {_year_words(in_file)}, not of {_year_words(stated)}; state "
            f"the file's own year.",
            code="school_year",
        )


def _year_words(year: int | None) -> str:
    return f"{(year or 0) - 1}-{(year or 0) % 100:02}"


TRUE = ("true", "yes", "y", "1")
FALSE = ("false", "no", "n", "0")
INTEGER = r"[+-]?\d{1,18}(\.0*)?"
DECIMAL = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?"
SERIAL = r"\d{5}(\.\d*)?"  # days since 1899-12-30, as a workbook counts them
TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?"
EPOCH_MS = r"-?\d{9,14}"
ISO = ("%Y-%m-%d",)
# A workbook's own dates arrive as ISO text, whatever formats a crosswalk names for typed dates.
WORKBOOK = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "excel")


def listed(texts: Sequence[str]) -> str:
    return "(" + ", ".join(map(sql_text, texts)) + ")"


SAME_DAY_FROM = 10  # the hour of UTC from which a moment is the same day in every State
OFFSET = r"\s*(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"  # of a moment from UTC
IN_UTC = r"(Z|UTC|GMT|[+-]00(:?00)?)$"


def reads_moments(format: str) -> bool:
    """Whether a date format of a crosswalk reads moments with an offset from UTC, not days."""
    return format == "epoch_ms" or format.endswith(("Z", "%z"))


def day_of_moment(moment: datetime, time_zone: str | None) -> date | None:
    """The day of a moment; None if it is ambiguous. With an offset other than zero it is the written day."""
    if moment.utcoffset() or moment.tzinfo is None or moment.timetz().replace(tzinfo=None) == time():
        return moment.date()
    if time_zone is not None:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).date()
    return moment.date() if moment.hour >= SAME_DAY_FROM else None


def _day_of_moment_sql(moment: str, time_zone: str | None) -> str:
    """The same in SQL, for a TIMESTAMP in UTC."""
    here = f"CAST({moment} AS DATE)"
    midnight = f"{moment} = date_trunc('day', {moment})"
    if time_zone is None:
        return f"CASE WHEN {midnight} OR hour({moment}) >= {SAME_DAY_FROM} THEN {here} END"
    there = f"CAST({moment} AT TIME ZONE 'UTC' AT TIME ZONE {sql_text(time_zone)} AS DATE)"
    return f"CASE WHEN {midnight} THEN {here} ELSE {there} END"


def day_sql(text: str, formats: Sequence[str], time_zone: str | None = None) -> str:
    """The DATE of the first format that reads the text as a day of the years 1000 to 9999; else NULL."""
    tried = [_one_format(text, f, time_zone) for f in dict.fromkeys(formats)]
    return f"coalesce({', '.join(tried)})" if len(tried) > 1 else tried[0]


def _one_format(text: str, format: str, time_zone: str | None) -> str:
    if format == "excel":
        days = f"CAST(floor(TRY_CAST({text} AS DOUBLE)) AS INTEGER)"
        return f"CASE WHEN regexp_full_match({text}, {sql_text(SERIAL)}) THEN DATE '1899-12-30' + {days} END"
    if format == "epoch_ms":
        day = _day_of_moment_sql(f"make_timestamp(TRY_CAST({text} AS BIGINT) * 1000)", time_zone)
        return f"CASE WHEN regexp_full_match({text}, {sql_text(EPOCH_MS)}) THEN {day} END"
    moment = f"try_strptime({text}, {sql_text(format)})"
    day = f"CAST({moment} AS DATE)"
    if format.endswith("%z"):
        # The engine would read the offset and then take the day in the time zone of this machine.
        written = f"regexp_replace({text}, {sql_text(OFFSET)}, '')"
        moment = f"try_strptime({written}, {sql_text(format.removesuffix('%z').rstrip())})"
        in_utc = f"regexp_matches({text}, {sql_text(IN_UTC)})"
        day = (
            f"CASE WHEN {in_utc} THEN {_day_of_moment_sql(moment, time_zone)} ELSE CAST({moment} AS DATE) END"
        )
        day = f"CASE WHEN regexp_matches({text}, {sql_text(OFFSET)}) THEN {day} END"
    elif format.endswith("Z"):
        day = _day_of_moment_sql(moment, time_zone)
    return f"CASE WHEN year({moment}) BETWEEN 1000 AND 9999 THEN {day} END"


def kind_of(element: Element) -> str:
    """The engine's type of a staged value; for a guardian it is still the partner's own key."""
    return "VARCHAR" if element.name == "guardian_person_id" else element.stored_as


def typed_sql(text: str, element: Element) -> str:
    """The value of a text in the element's own type (`kind_of`), NULL when it cannot be read as one."""
    kind = kind_of(element)
    if kind == "DATE":
        return day_sql(text, ISO)
    if kind == "BIGINT":
        return f"CASE WHEN regexp_full_match({text}, {sql_text(INTEGER)}) THEN TRY_CAST({text} AS BIGINT) END"
    if kind == "DOUBLE":
        number = f"TRY_CAST({text} AS DOUBLE)"
        return f"CASE WHEN regexp_full_match({text}, {sql_text(DECIMAL)}) AND isfinite({number}) THEN {number} END"
    if kind == "BOOLEAN":
        return f"CASE WHEN lower({text}) IN {listed(TRUE)} THEN true WHEN lower({text}) IN {listed(FALSE)} THEN false END"
    if kind == "TIMESTAMP":
        return f"TRY_CAST({text} AS TIMESTAMP)"
    if is_school_year(element):
        return ending_year_sql(text)
    codes = codes_of(element)
    if codes is not None:
        labels = _labels(codes)
        other = "".join(f" WHEN {sql_text(label)} THEN {sql_text(code)}" for label, code in labels.items())
        coded = f"WHEN {text} IN {listed(tuple(codes))} THEN {text}"
        return f"CASE {coded} ELSE {f'CASE {text}{other} END' if other else 'NULL'} END"
    return text


def _labels(codes: Mapping[str, str]) -> dict[str, str]:
    """Label → code, of the labels that are of one code alone; none of the longest lists, which no file spells out."""
    if len(codes) > MOST_LABELS:
        return {}
    times = Counter(codes.values())
    return {label: code for code, label in codes.items() if times[label] == 1 and label not in codes}


def constant_sql(text: str | None, element: Element) -> str:
    """The value of a text that a crosswalk writes and that is `readable`."""
    if text is not None and is_school_year(element):
        text = ending_year(text)
    return f"CAST({'NULL' if text is None else sql_text(text)} AS {kind_of(element)})"


def readable(text: str, element: Element) -> bool:
    """Whether a text is a value of the element, such as a constant or a target of a map that a crosswalk writes."""
    if element.name == "guardian_person_id":
        return True
    if element.type == "date":
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
        return True
    if element.type == "integer":
        return re.fullmatch(INTEGER, text) is not None
    if element.type == "decimal":
        return re.fullmatch(DECIMAL, text) is not None
    if element.type == "boolean":
        return text.lower() in (*TRUE, *FALSE)
    if element.type == "time":
        return re.fullmatch(TIME, text) is not None
    if is_school_year(element):
        return ending_year(text) is not None
    codes = codes_of(element)
    return codes is None or text in codes
