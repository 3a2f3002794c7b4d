"""Which texts are values of which element, in SQL; nothing is guessed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughway.agreements.transforms import Transform
from throughway.intake.cell_checks import IMPOSSIBLE, element_of
from throughway.intake.contract import stored_as
from throughway.intake.crosswalk import ColumnMap, SourceLayout
from throughway.intake.edfi.rows import day
from throughway.intake.scope import blurred_sql
from throughway.intake.staging import BITS, staged_columns
from throughway.intake.value_parsing import day_sql, readable, typed_sql
from throughway.store.engine import DuckDBEngine
from throughway.vocabulary import TABLES, element

COUNT = element("organization.institution_ipeds_unitid")
AMOUNT = element("service_received.service_quantity")
TRUTH = element("person.multiple_birth_indicator")
DAY = element("person.birthdate")
CODE = element("person.sex")


def answer(sql: str, text: str | None) -> object:
    with DuckDBEngine() as engine:
        return engine.run(f"SELECT {sql} FROM (SELECT CAST(? AS VARCHAR) AS t)", [text]).column(0)[0].as_py()


@pytest.mark.parametrize(
    ("of", "text", "value"),
    [
        (COUNT, "12", 12), (COUNT, "-3", -3), (COUNT, "12.0", 12), (COUNT, "3.7", None), (COUNT, "1e3", None),
        (COUNT, "0x1F", None), (COUNT, "1,234", None), (COUNT, "1_000", None), (COUNT, None, None),
        (AMOUNT, "1.5", 1.5), (AMOUNT, ".5", 0.5), (AMOUNT, "1e2", 100.0), (AMOUNT, "nan", None), (AMOUNT, "inf", None),
        (AMOUNT, "1e999", None), (AMOUNT, "85.12 B+", None),
        (TRUTH, "Yes", True), (TRUTH, "0", False), (TRUTH, "maybe", None),
        (DAY, "2010-02-28", date(2010, 2, 28)), (DAY, "2010-02-30", None), (DAY, "2010-02-28x", None),
        (DAY, "02/28/2010", None), (DAY, "0010-02-28", None),
        (CODE, "Female", "Female"), (CODE, "female", None), (CODE, "F", None),
    ],
)  # fmt: skip
def test_a_text_is_a_value_or_nothing(of: object, text: str | None, value: object) -> None:
    assert answer(typed_sql("t", of), text) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("formats", "text", "value"),
    [
        (["%m/%d/%Y", "%m/%d/%y"], "1/2/2010", date(2010, 1, 2)),
        (["%m/%d/%Y", "%m/%d/%y"], "1/2/10", date(2010, 1, 2)),
        (["%m/%d/%Y"], "1/2/10", None),
        (["%d/%m/%Y", "%m/%d/%Y"], "3/4/2010", date(2010, 4, 3)),
        (["%m/%d/%Y"], "13/1/2010", None),
        (["epoch_ms"], "1420070400000", date(2015, 1, 1)),
        (["excel"], "45540", date(2024, 9, 5)),
        (["excel"], "455400", None),
    ],
)
def test_formats_are_tried_in_order(formats: list[str], text: str, value: date | None) -> None:
    assert answer(day_sql("t", formats), text) == value


# A moment, the time zone that is stated, the day. The offset of New York in September is four hours, of Honolulu ten.
MOMENTS = [
    ("2024-09-05T03:30:00Z", "America/New_York", date(2024, 9, 4)),
    ("2024-09-05T03:30:00Z", None, None),
    ("2024-09-05T09:59:59Z", None, None),
    ("2024-09-05T10:00:00Z", None, date(2024, 9, 5)),
    ("2024-09-05T13:00:00Z", None, date(2024, 9, 5)),
    ("2024-09-05T00:00:00Z", None, date(2024, 9, 5)),  # a day kept as a moment
    ("2024-09-05T00:00:00Z", "America/New_York", date(2024, 9, 5)),
    ("2024-09-05T04:00:00Z", "America/New_York", date(2024, 9, 5)),
    ("2024-09-05T08:00:00Z", "Pacific/Honolulu", date(2024, 9, 4)),
    ("2024-09-04T23:30:00-04:00", None, date(2024, 9, 4)),  # the clock that wrote it
    ("2024-09-05T03:30:00+00:00", "America/New_York", date(2024, 9, 4)),
    ("2024-09-05T03:30:00+00:00", None, None),
]


@pytest.mark.parametrize(("text", "time_zone", "value"), MOMENTS)
def test_the_day_of_a_moment(text: str, time_zone: str | None, value: date | None) -> None:
    assert answer(day_sql("t", ["%Y-%m-%dT%H:%M:%S%z"], time_zone), text) == value
    if text.endswith("Z"):
        assert answer(day_sql("t", ["%Y-%m-%dT%H:%M:%SZ"], time_zone), text) == value
        milliseconds = str(int(datetime.fromisoformat(text).timestamp()) * 1000)
        assert answer(day_sql("t", ["epoch_ms"], time_zone), milliseconds) == value
    assert day(text, time_zone) == (value.isoformat() if value else None)  # as Ed-Fi is read


@settings(max_examples=40, deadline=None)
@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda m: m.replace(microsecond=0)),
    st.sampled_from([None, "America/New_York", "America/Denver", "Pacific/Honolulu", "America/Puerto_Rico"]),
)
def test_utc_moments_without_a_time_zone(moment: datetime, time_zone: str | None) -> None:
    text = f"{moment.isoformat()}Z"
    read = answer(day_sql("t", ["%Y-%m-%dT%H:%M:%SZ"], time_zone), text)
    assert str(read) == str(day(text, time_zone))
    if time_zone is None and read is not None and moment.time() != time():
        zones = [ZoneInfo("America/New_York"), ZoneInfo("Pacific/Honolulu"), ZoneInfo("America/Anchorage")]
        assert {moment.replace(tzinfo=UTC).astimezone(zone).date() for zone in zones} == {read}


@pytest.mark.parametrize(
    ("format", "said"),
    [
        ("%m%Y", "and Throughway does not guess one"), ("%Y", "has no day"), ("%m/%y", "has no day"), ("%Y-%m-%d %Z", "must be %z, at its end"),
        ("%z %Y-%m-%d", "must be %z, at its end"), ("day", "must be a date format with % signs"),
    ],
)  # fmt: skip
def test_date_format_without_a_day_is_refused(format: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ColumnMap.model_validate({"from": "Day", "date": [format]})


@pytest.mark.parametrize("format", ["%m/%d/%Y", "%-d.%-m.%Y", "%Y-%j", "%b %d, %Y", "epoch_ms", "excel"])
def test_other_date_formats_are_not(format: str) -> None:
    assert ColumnMap.model_validate({"from": "Day", "date": [format]}).date == (format,)


def test_a_time_zone_is_one_that_exists() -> None:
    with pytest.raises(ValueError, match="America/New_York"):
        SourceLayout.model_validate({"time_zone": "Eastern"})


def test_constants_of_a_crosswalk_are_values_of_their_element() -> None:
    assert readable("minute", element("service_received.service_quantity_unit"))
    assert not readable("fortnight", element("service_received.service_quantity_unit"))
    assert not readable("soon", DAY)
    assert not readable("1.5", COUNT)
    assert readable("true", TRUTH)


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        (["year"], "year"), (["year", "none"], "none"), (["year", "year"], "year"), (["band:4", "band:6"], "band:2"),
        (["band:3", "band:5"], "none"), (["mask", "pseudonym"], "none"), (["pseudonym"], "none"), (["mask"], "mask"),
    ],
)  # fmt: skip
def test_values_are_stored_as_coarse_as_purposes_allow(asked: list[str], stored: str) -> None:
    assert str(stored_as([Transform.parse(text) for text in asked])) == stored


@pytest.mark.parametrize(
    ("kind", "transform", "text", "value"),
    [
        ("DATE", "year", "2010-06-02", date(2010, 1, 1)), ("BIGINT", "band:5", "-3", -5), ("BIGINT", "band:5", "13", 10),
        ("DOUBLE", "band:10", "13.5", 10.0), ("VARCHAR", "mask", "Élan", "É…"), ("VARCHAR", "mask", "", None),
    ],
)  # fmt: skip
def test_blurring_is_idempotent(kind: str, transform: str, text: str, value: object) -> None:
    once = blurred_sql(f"CAST(t AS {kind})", kind, Transform.parse(transform))
    assert answer(once, text) == value
    assert answer(blurred_sql(f"({once})", kind, Transform.parse(transform)), text) == value


@pytest.mark.parametrize("table", TABLES)
def test_every_fault_of_a_row_has_a_bit(table: str) -> None:
    """A signed integer of 64 bits holds those of any reader, and those of the checks that follow."""
    names = [
        name
        for name in staged_columns(table)
        if not name.endswith("_source") or name in TABLES[table].elements
    ]
    typed = sum(typed_sql(name, element_of(table, name)) != name for name in names)
    impossible = sum(name in names for name, _, _ in IMPOSSIBLE)
    assert BITS + TABLES[table].of_person + typed + impossible <= 62
