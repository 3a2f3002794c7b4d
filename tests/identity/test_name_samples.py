"""Names alone through the real gate and store: drawn by lot, asked first, joined once people found the rule right, and told with its error."""

from typing import Any

import pyarrow as pa
import pytest
from django.urls import reverse
from django.utils import timezone

from tests.gate import making
from tests.identity import arriving_batches
from tests.identity.test_names_alone import TWO, student, town
from tests.identity.test_names_alone import tables as all_tables
from tests.site.people import client_of
from throughway.gate.actions import person_links
from throughway.identity.actions.linking import link
from throughway.identity.actions.name_samples import names_known
from throughway.identity.actions.person_history import _forget_pairs
from throughway.identity.linkage.names_alone import FIRST_SAMPLE
from throughway.identity.models import ReviewPair, SampledNamePair
from throughway.identity.review.name_rule import exact
from throughway.identity.review.selectors import name_rules
from throughway.identity.review.verdicts import PairVerdict
from throughway.partners import OPERATOR
from throughway.store import Community

THIS_YEAR = {"on": "school_enrollment", "where": "school_year = '2026'", "when": "ever"}
pytestmark = pytest.mark.django_db


def tables(students: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """The students with their schools; none of them is in a program."""
    made = all_tables(students)
    return {name: made[name] for name in ("person", "school_enrollment")}


@pytest.fixture
def agreed(community: Community) -> None:
    arriving_batches.register()
    making.in_effect(arriving_batches.agreed(population=[THIS_YEAR]))
    made, _ = town(1, families=12)
    arriving_batches.arrive(tables(made), "load-0")


def settle(verdict: PairVerdict, only: int = 1_000) -> None:
    """The pairs of the sample that wait are decided. (How readers decide is tested elsewhere.)"""
    for row in SampledNamePair.objects.select_related("pair").order_by("id")[:only]:
        if row.pair and row.pair.state != "settled":
            row.pair.state, row.pair.verdict, row.pair.settled_at = "settled", verdict, timezone.now()
            row.pair.save()


def joined() -> int:
    """How many persons have two records."""
    links = person_links()
    persons = links["person"].to_pylist()
    return len(persons) - len(set(persons))


@pytest.mark.usefixtures("agreed")
def test_a_sample_is_asked_then_names_join_and_the_error_is_told() -> None:
    first = link(by=OPERATOR)
    before = joined()
    assert SampledNamePair.objects.count() == FIRST_SAMPLE
    assert first.for_review <= 20
    [told] = first.names_alone
    assert (told["state"], told["sampled"], told["decided"], told["wrong_share"]) == ("asking", 12, 0, None)
    assert link(by=OPERATOR).for_review == first.for_review  # no others are drawn while these wait
    assert SampledNamePair.objects.count() == FIRST_SAMPLE
    settle(PairVerdict.SAME, FIRST_SAMPLE - 1)
    assert link(by=OPERATOR).names_alone[0]["state"] == "asking"
    settle(PairVerdict.SAME)
    then = link(by=OPERATOR)
    assert then.why_full == ""
    assert then.names_alone[0]["state"] == "open"
    assert joined() > before + FIRST_SAMPLE + 30
    assert then.names_alone[0]["wrong_share"] == {
        "value": 0,
        "low": 0,
        "high": pytest.approx(0.265, abs=0.001),
    }
    small = arriving_batches.groups(dict(zip(*person_links().to_pydict().values(), strict=True)))
    assert link(full=True, by=OPERATOR).why_full
    now = arriving_batches.groups(dict(zip(*person_links().to_pydict().values(), strict=True)))
    assert sum(small[n] != now[n] for n in now) <= 0.03 * len(now)


@pytest.mark.usefixtures("agreed")
def test_one_wrong_pair_stops_it_and_each_waits_for_a_person() -> None:
    link(by=OPERATOR)
    asked = link(by=OPERATOR).for_review
    settle(PairVerdict.SAME)
    link(by=OPERATOR)
    many = joined()
    row = SampledNamePair.objects.select_related("pair").first()
    assert row
    assert row.pair
    ReviewPair.objects.filter(pk=row.pair.pk).update(verdict=PairVerdict.DIFFERENT)
    stopped = link(by=OPERATOR)
    assert (stopped.names_alone[0]["state"], stopped.names_alone[0]["wrong"]) == ("stopped", 1)
    assert joined() < many - 20
    assert stopped.for_review > asked + 20


@pytest.mark.usefixtures("agreed")
def test_what_was_measured_outlives_the_records() -> None:
    link(by=OPERATOR)
    settle(PairVerdict.SAME)
    link(by=OPERATOR)
    row = SampledNamePair.objects.select_related("pair").first()
    assert row
    assert row.pair
    _forget_pairs([row.pair.one])
    assert ReviewPair.objects.filter(pk=row.pair.pk).count() == 0
    assert names_known().of(TWO).same == FIRST_SAMPLE


@pytest.mark.usefixtures("agreed")
def test_a_stored_student_whom_linkage_does_not_see_closes_the_rule() -> None:
    """The club stores one more child, who is outside of the agreement's population: no name stands once for certain."""
    link(by=OPERATOR)
    settle(PairVerdict.SAME)
    link(by=OPERATOR)
    many = joined()
    hidden = student(9_002, "club", "Opal", "Quinwick", year="2020")
    arriving_batches.arrive(tables([hidden]), "load-1")
    seen = link(by=OPERATOR)
    assert 9_002 not in person_links()["record"].to_pylist()
    assert seen.names_alone[0]["state"] == "open"  # the sample stands; there is no pair for it
    assert joined() < many - 20


@pytest.mark.usefixtures("agreed")
def test_the_pages_tell_the_error() -> None:
    link(by=OPERATOR)
    settle(PairVerdict.SAME)
    link(by=OPERATOR)
    for address in (reverse("identity:persons"), reverse("identity:quality")):
        page = client_of("steward@hub.example").get(address).content.decode()
        assert "Of 12 pairs of one name that people decided, drawn by lot, 0 were two persons" in page


def test_the_interval_is_exact() -> None:
    assert (exact(0, 12).low, round(exact(0, 12).high, 4)) == (0.0, 0.2646)
    assert (round(exact(1, 20).low, 4), round(exact(1, 20).high, 4)) == (0.0013, 0.2487)
    assert exact(3, 3).high == 1.0


def test_a_rule_that_was_never_tried(community: Community) -> None:
    assert name_rules() == []
