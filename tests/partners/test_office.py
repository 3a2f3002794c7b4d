"""When somebody's leaving would leave an office empty: the rule, against asking day by day."""

from collections.abc import Collection
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from throughway.partners.leaving.office import Office, OfficeHolder, left_empty

TODAY = date.today()
YESTERDAY = TODAY - timedelta(1)

LAST = st.one_of(st.none(), st.integers(0, 4).map(lambda n: TODAY + timedelta(n)))
HOLDERS = st.lists(
    st.builds(OfficeHolder, st.sampled_from(Office), st.sampled_from("abc"), LAST), max_size=6,
    unique_by=lambda holder: (holder.office, holder.email),
)  # fmt: skip


def day_by_day(found: Collection[OfficeHolder], email: str, last: date | None) -> set[Office]:
    """The same, by asking for each day of a fortnight who holds each office, before and after."""

    def there(office: Office, on: date, changed: bool) -> bool:
        days = [
            last if changed and each.email == email else each.last for each in found if each.office == office
        ]
        return any(each is None or on <= each for each in days)

    fortnight = [TODAY + timedelta(n) for n in range(14)]
    return {o for o in Office for on in fortnight if there(o, on, False) and not there(o, on, True)}


@given(HOLDERS, st.sampled_from("abc"), st.one_of(LAST, st.just(YESTERDAY)))
def test_an_office_is_left_empty_on_some_day(
    found: list[OfficeHolder], email: str, last: date | None
) -> None:
    assert left_empty(found, email, last) == day_by_day(found, email, last)


ACTS = st.lists(st.tuples(st.sampled_from("abc"), st.one_of(LAST, st.just(YESTERDAY))), max_size=6)


@given(HOLDERS, ACTS)
def test_no_row_of_acts_of_one_person_shortens_the_time_of_an_office(
    found: list[OfficeHolder], acts: list[tuple[str, date | None]]
) -> None:
    before = found
    for email, last in acts:
        if not left_empty(found, email, last):
            found = [OfficeHolder(h.office, h.email, last) if h.email == email else h for h in found]
    covered = {
        o: max((h.last or date.max for h in before if h.office == o), default=date.min) for o in Office
    }
    for office, day in covered.items():
        assert max((h.last or date.max for h in found if h.office == office), default=date.min) >= day
