import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.store import schemas
from throughway.store.actions.landing import of_table, parts
from throughway.store.record_numbers import unpack
from throughway.vocabulary import TABLES


@given(st.lists(st.integers(1, 12), max_size=40), st.integers(1, 5))
def test_parts_hold_every_row_once_and_no_person_twice(persons: list[int], at_most: int) -> None:
    schema = schemas.schema("person_contact")
    numbered = {"record": list(range(len(persons))), "person_record": persons}
    whole = pa.table(
        [pa.array(numbered.get(f.name, [None] * len(persons)), f.type) for f in schema], schema=schema
    )
    held = [part["person_record"].to_pylist() for part in parts("person_contact", whole, at_most)]
    assert [person for part in held for person in part] == sorted(persons)
    assert all(len(set(part)) <= at_most for part in held)
    assert sum(len(set(part)) for part in held) == len(set(persons))
    assert len(held) == max(1, -(-len(set(persons)) // at_most))


def test_only_keys_of_learners_count_as_learners(table_of) -> None:
    keys = table_of(
        "record_key", kind=["person", "guardian", "person"], key=["a", "b", "c"], record=[3, 2, 1]
    )
    assert unpack(of_table("record_key", keys).packed).tolist() == [1, 3]


@pytest.mark.parametrize("table", [*TABLES, *schemas.OWN])
def test_every_table_has_schema_order_and_empty_form(table: str) -> None:
    names = schemas.schema(table).names
    assert set(schemas.order(table)) <= set(names)
    assert schemas.numbered_by(table) in (*names, None)
    assert schemas.empty(table).num_rows == 0


def test_rows_without_a_person_are_refused(table_of) -> None:
    with pytest.raises(ValueError, match="person_record"):
        list(parts("person", table_of("person", record=[1], person_record=[None])))
