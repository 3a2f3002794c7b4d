"""Whoever asks for one preview after another, and knows all students but one, learns nothing about that one."""

import html
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.gate import making
from tests.insight.community import CommunityAccess
from tests.site.people import client_of
from throughway.cli import main
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.insight.questions import actions
from throughway.insight.questions.actions import question_draft
from throughway.insight.questions.question import question
from throughway.publication.actions import forget_members
from throughway.publication.models import PreviewedFigures
from throughway.store import Community

# ---- through the gate: one student was marked absent on a day, thirty were not

READER = "evaluator@hub.example"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
DAY = date(2026, 8, 3)
STUDENTS, CHILD = range(100, 130), 100


@pytest.fixture
def town(community: Community) -> Community:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    making.land("attendance_day", "north", [
        {"person_record": r, "attendance_event_date": DAY + timedelta(r % 3),
         "attendance_status": "UnexcusedAbsence" if r == CHILD else "Present"}
        for r in STUDENTS
    ])  # fmt: skip
    return community


def absent(word: str, day: date = DAY) -> str:
    """The absences of one day; the words for two kinds of absence are equally long in the SQL."""
    return (
        "-- Absences\nSELECT count(DISTINCT person_id) AS n FROM attendance_day "
        f"WHERE attendance_event_date = DATE '{day}' AND attendance_status = '{word:16}'".replace(f"'{word:16}'", f"'{word}'".ljust(18))
    )  # fmt: skip


ONE, NOBODY = absent("UnexcusedAbsence"), absent("ExcusedAbsence")


def without_the_text(told: Any, sql: str) -> str:
    """What was told, without the question's own words and the number of the ledger's entry."""
    found = json.dumps(told) if not isinstance(told, str) else told
    return found.replace(json.dumps(sql.strip())[1:-1], "SQL")


@pytest.mark.django_db(transaction=True)
class TestOfOneStudentAndOfNobody:
    def ask(self, town: Community, sql: str, *more: str) -> tuple[int, dict[str, Any]]:
        file = town.root.parent / "question.sql"
        file.write_text(sql)
        words = [
            "--community",
            str(town.root),
            "report",
            str(file),
            "--as",
            READER,
            "--purpose",
            "counting",
            *more,
        ]
        done = CliRunner().invoke(main, [*words, "--json"])
        return done.exit_code, json.loads(done.stdout)

    @pytest.mark.parametrize("more", [("--preview",), ()])
    def test_the_command_says_the_same(self, town: Community, more: tuple[str, ...]) -> None:
        said = []
        for sql in (ONE, NOBODY):
            code, told = self.ask(town, sql, *more)
            told.pop("disclosures", None)
            told.get("question", {}).pop("sha256", None)
            said.append((code, without_the_text(told, sql)))
        assert said[0] == said[1]
        assert said[0][0] == (0 if more else 1)

    def test_the_page_says_the_same(self, town: Community) -> None:
        said = []
        for sql in (ONE, NOBODY):
            answer = client_of(READER).post("/figures/", {"purpose": "counting", "sql": sql})
            text = html.unescape(answer.content.decode()).replace(sql.strip(), "SQL")
            said.append((answer.status_code, TOKEN.sub("", text)))
        assert said[0] == said[1]
        assert "Fewer than 5 figures, or none, would be shown." in said[0][1]

    def test_the_ledger_tells_the_reader_the_same(self, town: Community) -> None:
        entries = []
        for sql in (ONE, NOBODY):
            _, told = self.ask(town, sql, "--preview")
            done = CliRunner().invoke(
                main, ["--community", str(town.root), "ledger", "list", "--as", READER, "--json"]
            )
            listed = json.loads(done.stdout)["entries"] if done.exit_code == 0 else []
            mine = [e for e in listed if e["id"] in told["disclosures"]]
            page = client_of("officer@hub.example").get(f"/ledger/{told['disclosures'][0]}/").content.decode()
            assert "no row was shown" in page
            entries.append(
                [{k: v for k, v in e.items() if k in ("rows", "students", "outcome")} for e in mine]
            )
        assert entries[0] == entries[1]

    @pytest.mark.parametrize("fails", [
        "sqrt(CASE WHEN attendance_status = '{}' THEN -1 ELSE 1 END) = 1",
        "ln(CASE WHEN attendance_status = '{}' THEN 0 ELSE 1 END) = 0",
        "attendance_event_date + CASE WHEN attendance_status = '{}' THEN 2147483647 ELSE 0 END > DATE '2020-01-01'",
    ])  # fmt: skip
    def test_a_value_on_which_the_sql_fails_tells_of_nobody(self, town: Community, fails: str) -> None:
        """Where it fails it is answered as nobody answers it: one sentence, with its entry in the ledger."""
        asked = f"SELECT count(DISTINCT person_id) AS n FROM attendance_day WHERE {fails}"
        one, nobody = (
            self.ask(town, asked.format(w), "--preview") for w in ("UnexcusedAbsence", "ExcusedAbsence")
        )
        assert [code for code, _ in (one, nobody)] == [0, 0]
        assert one[1]["told"] == nobody[1]["told"] == "Fewer than 5 figures, or none, would be shown."
        assert one[1].keys() == nobody[1].keys()
        assert len(one[1]["disclosures"]) == len(nobody[1]["disclosures"]) == 1
        assert self.ask(town, asked.format("UnexcusedAbsence")) == self.ask(town, NOBODY)

    def test_sql_that_fails_whatever_the_records_say_is_told_so(self, town: Community) -> None:
        code, told = self.ask(
            town,
            "SELECT count(DISTINCT person_id) AS n FROM attendance_day WHERE attendance_event_date > attendance_status",
            "--preview",
        )
        assert (code, told["error"]["code"]) == (1, "engine")

    def test_a_value_that_cannot_be_converted_tells_of_nobody(self, town: Community) -> None:
        """A question that fails on the record of one student would tell that it has the value."""
        fails = (
            "SELECT count(DISTINCT person_id) AS n FROM attendance_day "
            "WHERE CAST(CASE WHEN attendance_status = '{}' THEN 'x' ELSE '1' END AS INTEGER) = 1"
        )
        told = [self.ask(town, fails.format(w), "--preview") for w in ("UnexcusedAbsence", "ExcusedAbsence")]
        assert [code for code, _ in told] == [0, 0]
        assert told[0][1]["told"] == told[1][1]["told"]


# ---- filters of any kind in a small town

SEXES, RACES, GRADES = ("Female", "Male"), ("Asian", "White"), tuple(f"{n:02}" for n in range(5, 13))
PEOPLE = range(1, 121)
FILTERS = [
    "sex = 'Female'", "sex = 'Male'", "race = 'Asian'", "learner = 'Yes'", "learner = 'No'", "grade IN ('05', '06')",
    "grade = '07'", "n < 40", "n < 12", "n BETWEEN 30 AND 41", "n % 7 = 1", "n % 11 = 3",
]  # fmt: skip
FACTS = """WITH facts AS (
  SELECT p.person_id, p.sex, r.race, s.english_learner_status AS learner, e.entry_grade_level AS grade,
    CAST(e.organization_id AS INTEGER) AS n
  FROM person p JOIN person_race r ON r.person_id = p.person_id JOIN person_status s ON s.person_id = p.person_id
  JOIN school_enrollment e ON e.person_id = p.person_id)
"""


class Town(CommunityAccess):
    """A town in memory. `with_child`: the same with one student's language learner status set."""

    def __init__(self) -> None:
        super().__init__()
        for n in PEOPLE:
            self.put("person", {"person_id": n, "sex": SEXES[n % 2]})
            self.put("person_race", {"person_id": n, "race": RACES[n % 3 == 0]})
            self.put(
                "person_status", {"person_id": n, "english_learner_status": "Yes" if n % 4 == 0 else "No"}
            )
            self.put(
                "school_enrollment",
                {"person_id": n, "entry_grade_level": GRADES[n * 7 % 8], "organization_id": str(n)},
            )
        self._fill()

    def with_child(self, child: int, learner: str) -> "Town":
        self.base.execute(
            "UPDATE person_status SET english_learner_status = CASE WHEN person_id % 4 = 0 THEN 'Yes' ELSE 'No' END"
        )
        self.base.execute(
            "UPDATE person_status SET english_learner_status = ? WHERE person_id = ?", [learner, child]
        )
        return self


@pytest.fixture(scope="module")
def small() -> Town:
    return Town()


def told(access: Town, sql: str) -> str:
    """All that a preview says, or the refusal."""
    try:
        found = question_draft(access, question(sql)).preview()
    except Refused as refused:
        return f"{refused.code}: {refused.message}"
    del found["disclosures"]
    return json.dumps(found)


def in_both_worlds(access: Town, child: int, asked: list[str]) -> list[list[str]]:
    """What all previews say where the child is a language learner and where the child is not."""
    said = []
    for learner in ("Yes", "No"):
        PreviewedFigures.objects.all().delete()
        world = access.with_child(child, learner)
        said.append([told(world, sql) for sql in asked])
    return said


filters = st.lists(st.sampled_from(FILTERS), max_size=4, unique=True)
figures = st.sampled_from(
    ["count(DISTINCT person_id) AS n_students", "count(DISTINCT person_id) AS k, avg(CASE WHEN learner = 'Yes' THEN 1 ELSE 0 END) AS learners"]
)  # fmt: skip
SLOW = settings(
    deadline=None,
    max_examples=8,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


def asking(figure: str, chosen: list[str], by: str = "") -> str:
    where = f" WHERE {' AND '.join(f'({each})' for each in chosen)}" if chosen else ""
    return f"{FACTS}SELECT {f'{by}, ' if by else ''}{figure} FROM facts{where}{' GROUP BY ALL' if by else ''}"


@pytest.mark.django_db
class TestAnAttackerWhoKnowsAllButOne:
    @pytest.fixture(autouse=True)
    def in_memory(self, community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(actions, "_check_students", lambda answer, disclosure: None)

    @SLOW
    @given(st.sampled_from(PEOPLE), st.lists(st.tuples(figures, filters), min_size=1, max_size=5))
    def test_filter_after_filter_tells_nothing(
        self, small: Town, child: int, asked: list[tuple[str, list[str]]]
    ) -> None:
        """Groups of few and of nobody, and one that reaches the smallest number by that student alone."""
        yes, no = in_both_worlds(small, child, [asking(*each) for each in asked])
        assert yes == no

    @SLOW
    @given(
        st.sampled_from(PEOPLE),
        filters,
        st.lists(st.sampled_from(["learner = 'Yes'", "learner = 'No'", "n > 3"]), min_size=1),
    )
    def test_a_filter_that_leaves_out_one_student_is_the_earlier_preview(
        self, small: Town, child: int, chosen: list[str], narrower: list[str]
    ) -> None:
        """Many groups, and then the same without that student if they are a learner."""
        figure = "count(DISTINCT person_id) AS n_students"
        asked = [asking(figure, chosen, "grade")]
        asked += [asking(figure, [*chosen, f"NOT (n = {child} AND {each})"], "grade") for each in narrower]
        yes, no = in_both_worlds(small, child, asked)
        assume(
            all(each.startswith("{") for each in (*yes, *no))
        )  # a question of few students by grade is refused as such
        assert [json.loads(each)["shown"] for each in yes[1:]] == [
            json.loads(each)["shown"] for each in no[1:]
        ]
        assert {json.loads(each)["shown"] for each in yes} == {json.loads(yes[0])["shown"]}

    @pytest.mark.parametrize("child", [1, 2, 9])
    def test_leaving_one_student_out_of_ten_tells_nothing(self, small: Town, child: int) -> None:
        """Four groups of ten students and their total: with one student less only four figures would be of enough."""
        forty = "n <= 40"
        every = asking("count(DISTINCT person_id) AS n_students", [forty], "n % 20 // 5 AS part")
        less = [
            asking(
                "count(DISTINCT person_id) AS n_students",
                [forty, f"NOT (n = {child} AND learner = '{each}')"],
                "n % 20 // 5 AS part",
            )
            for each in ("Yes", "No")
        ]
        yes, no = in_both_worlds(small, child, [every, *less])
        assert yes == no
        assert json.loads(yes[0])["shown"] == 5

    @pytest.mark.parametrize("sql", [
        "-- pool part: a; b\n{facts}SELECT CASE WHEN {one} THEN 'a' WHEN n < 60 THEN 'b' ELSE 'c' END AS part, "
        "count(DISTINCT person_id) AS k FROM facts GROUP BY ALL",
        "{facts}SELECT CASE WHEN {one} THEN repeated ELSE sex END AS part, count(DISTINCT person_id) AS k "
        "FROM (SELECT *, '" + "a" * 81 + "' AS repeated FROM facts) AS f GROUP BY ALL",
        "{facts}SELECT CASE WHEN {one} THEN 'a' ELSE '2026-08-03' END AS part, count(DISTINCT person_id) AS k FROM facts GROUP BY ALL",
        "{facts}SELECT sum(n) AS hours FROM (SELECT * FROM facts UNION ALL SELECT * FROM facts WHERE {one}) AS f",
    ], ids=["a group that nobody is in", "a long name", "a day", "several rows"])  # fmt: skip
    @pytest.mark.parametrize("child", [5, 8])
    def test_a_question_that_one_record_makes_uncountable_tells_nothing(
        self, small: Town, sql: str, child: int
    ) -> None:
        asked = [sql.format(facts=FACTS, one=f"n = {child} AND learner = '{each}'") for each in ("Yes", "No")]
        yes, no = in_both_worlds(small, child, asked)
        assert yes == no
        assert all(each.startswith("{") for each in yes)

    def test_who_is_forgotten_is_forgotten_here_too(self, small: Town) -> None:
        told(small, asking("count(DISTINCT person_id) AS k", [], "sex"))
        row = PreviewedFigures.objects.get()
        PreviewedFigures.objects.update(disclosers=["north"])
        gone = Gone(None, {"north": frozenset({7})}, frozenset(), frozenset())
        assert forget_members(gone) == {"previews whose counted students were forgotten": 1}
        assert row.packed != PreviewedFigures.objects.get().packed
        forget_members(Gone("riverbend-2026", {}, frozenset(), frozenset()))
        assert not PreviewedFigures.objects.exists()
