"""A second report of one kind about the same students is refused, whatever else of it differs, until releases are audited
together; also when two are made at one moment, on SQLite and on PostgreSQL."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from tests.gate import making
from tests.town import Fresh, Town
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, land_person_links
from throughway.insight.commitments.actions import REPORT
from throughway.insight.reports.actions import make_report, preview_report
from throughway.ledger.entry import Entry
from throughway.ledger.recording import append
from throughway.partners import OPERATOR, Actor
from throughway.publication import ProtectedCell, ProtectedTable, actions
from throughway.publication.selectors import releases
from throughway.publication.states import ReleaseAct

BY = Actor("evaluator@hub.example", "hub", "evaluator")
ON = date(2026, 6, 30)


def tables(shown: int = 30) -> list[ProtectedTable]:
    return [
        ProtectedTable(
            "Students", ("milestone",), (ProtectedCell({"milestone": "Graduate"}, "students", shown),)
        )
    ]


def read(*students: int) -> str:
    return append(
        Entry(
            "released",
            BY,
            "report",
            ON,
            disclosers=("north",),
            rows=1,
            students=np.array(students, dtype=np.int64),
        )
    )


def published(*disclosures: str, **change: object) -> str:
    given = {
        "report": "pipeline", "title": "Where students are lost", "tables": tables(), "purpose": "report", "on": ON,
        "agreements": [("riverbend-2026", "f" * 64)], "minimum_cell": 10, "review_days": 0,
        "disclosures": disclosures, "by": BY,
    }  # fmt: skip
    return actions.publish(**{**given, **change}).id  # type: ignore[arg-type]


@pytest.mark.django_db
class TestOfThePersons:
    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"tables": tables(31)},
            {"purpose": "another"},
            {"on": date(2027, 6, 30)},
            {"agreements": [("other-2027", "a" * 64)]},
            {"minimum_cell": 20},
            {"title": "By school"},
            {"review_days": 30},
            {"by": OPERATOR},
        ],
    )
    def test_one_student_of_both_is_enough_whatever_differs(self, community, change):
        first = published(read(1, 2, 3))
        with pytest.raises(Refused, match=f"release {first} of") as refused:
            published(read(3, 4), **change)
        assert refused.value.code == "covered"
        assert [r["id"] for r in releases(OPERATOR)] == [first]

    def test_other_students_and_other_kinds_of_report_are_published(self, community):
        published(read(1, 2, 3))
        published(read(4, 5))
        published(read(1, 2, 3), report="services")
        assert len(releases(OPERATOR)) == 3

    def test_every_question_of_a_report_counts(self, community):
        first = published(read(1), read(2), read(3))
        with pytest.raises(Refused, match=first):
            published(read(9), read(8), read(3))

    def test_the_earlier_one_of_several_is_named(self, community):
        published(read(1))
        second = published(read(2))
        published(read(3))
        with pytest.raises(Refused, match=second):
            published(read(2, 9))

    def test_one_that_waits_counts(self, community):
        first = published(read(1), review_days=14)
        with pytest.raises(Refused, match=f"{first}.*show that release"):
            published(read(1))

    def test_one_that_was_withdrawn_counts(self, community):
        first = published(read(1))
        actions.act_on(ReleaseAct.WITHDRAW, release=first, reason="A wrong year", by=OPERATOR)
        with pytest.raises(Refused, match=f"{first}.*withdrawn and still counts,.*; report on students"):
            published(read(1))

    def test_what_the_ledger_cannot_tell_is_refused(self, community):
        first = published("no-such-entry")
        with pytest.raises(Refused, match=first):
            published(read(1))
        second = published(read(1), report="services")
        with pytest.raises(Refused, match=second):
            published("no-such-entry", report="services")

    def test_a_student_is_found_by_another_partners_key(self, community):
        """Records 11 and 21 are found to be one person after the first release."""
        first = published(read(11))
        published(read(22))
        land_person_links(links=pa.table({"record": [11, 21], "person": [7, 7]}), by=OPERATOR)
        with pytest.raises(Refused, match=first):
            published(read(21))


@pytest.mark.django_db(transaction=True)
class TestThroughTheGate:
    @pytest.fixture
    def town(self, community):
        from tests.insight.test_services import MONDAY, document

        making.register()
        made = document()
        made["terms"]["publication_review_days"] = 14
        making.in_effect(made)
        making.land(
            "program", "harbor", [{"program_identifier": "harbor/club-1", "program_name": "Homework Club"}]
        )
        stays = [
            {
                "person_record": n,
                "program_identifier": "harbor/club-1",
                "program_participation_start_date": MONDAY,
            }
            for n in range(100, 125)
        ]
        making.land("program_participation", "harbor", stays)
        return MONDAY

    def test_a_late_record_allows_no_second_report(self, town):
        reader, on = making.reader("evaluator@hub.example"), date(2026, 6, 30)
        before = preview_report(REPORT, actor=reader, purpose="counting", on=on)
        assert (before["state"], before["public_on"]) == ("waiting", str(date.today() + timedelta(days=14)))
        assert before["disclosers"] == ["harbor"]
        assert releases(OPERATOR) == []
        assert not {"shown", "value"} & {key for t in before["tables"] for c in t["cells"] for key in c}
        made = make_report(REPORT, actor=reader, purpose="counting", on=on)
        assert (made["state"], made["public_on"]) == ("waiting", before["public_on"])
        late = {
            "person_record": 130,
            "program_identifier": "harbor/club-1",
            "program_participation_start_date": town,
        }
        making.land("program_participation", "harbor", [late])
        for again in (make_report, preview_report):
            for day in (on, date(2026, 9, 1)):
                with pytest.raises(Refused, match=str(made["release"])) as refused:
                    again(REPORT, actor=reader, purpose="counting", on=day)
                assert refused.value.code == "covered"
        assert len(releases(OPERATOR)) == 1

    def test_the_longest_review_of_all_agreements_holds(self, town):
        access = enter(actor=making.reader("evaluator@hub.example"), purpose="counting")
        assert access.review_days == 14


# Publishes about the students that it is told, one line at a time, and answers with the release or the code of the refusal.
WORKER = """
import json, sys
from tests.publication.test_earlier_releases import published, read
from throughway.publication.models import Release
from throughway.core.refusals import Refused

print("ready", flush=True)
for line in sys.stdin:
    try:
        answer = published(read(*json.loads(line)))
    except Refused as refused:
        answer = "refused " + refused.code
    except Exception as error:
        answer = f"failed {type(error).__name__} {error}"
    print(answer, flush=True)
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[list]:
    with fresh_database() as database:
        town = Town(tmp_path_factory.mktemp("beside") / "town", database)
        town.found()
        started = [town.python(WORKER) for _ in range(2)]
        for process in started:
            assert process.stdout.readline() == "ready\n"
        yield started
        for process in started:
            process.communicate()


def test_of_two_reports_at_one_moment_one_is_published(both):
    for students in ([1, 2], [3], [4, 5], [6]):
        for process in both:
            process.stdin.write(json.dumps(students) + "\n")
        for process in both:
            process.stdin.flush()
        answers = sorted(process.stdout.readline().strip() for process in both)
        assert len(answers[0]) == 8, answers
        assert answers[1] == "refused covered", answers
