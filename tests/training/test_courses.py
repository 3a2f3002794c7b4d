"""Courses on the site: their texts, marking, evidence, and the access that a passed course opens."""

from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from tests.gate import making
from tests.site.people import signed_in
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Role
from throughway.partners.actions import add_user
from throughway.partners.selectors import actor
from throughway.store import Community
from throughway.training.actions import answer
from throughway.training.course import Course, as_html, mark, read_course
from throughway.training.library import courses, in_language
from throughway.training.models import Attempt, Completion
from throughway.training.selectors import of, valid

NOWHERE = Path("/nowhere")
WORKER = "worker@harbor.example"
READER = "evaluator@harbor.example"
HEAD = "---\ntitle: A\nabout: B\nminutes: 1\npassing: 100\n---\n"
GOOD = HEAD + "## S\ntext\n### Q\n- [ ] a\n- [x] b\n\nwhy\n"
SHIPPED_COURSES = courses(NOWHERE)


def right(course: Course) -> dict[int, int]:
    return {n: question.right for n, question in enumerate(course.questions)}


@pytest.mark.parametrize("id", sorted(SHIPPED_COURSES))
def test_a_shipped_course_asks_the_same_in_both_languages(id: str) -> None:
    english, spanish = (SHIPPED_COURSES[id][language] for language in ("en", "es"))
    assert (english.minutes, english.passing) == (spanish.minutes, spanish.passing)
    assert (english.minutes, english.passing) == ((7, 100) if id == "deciding-pairs" else (15, 80))
    for one, other in zip(english.sections, spanish.sections, strict=True):
        assert one.title != other.title
        assert [(q.right, len(q.choices)) for q in one.questions] == [
            (q.right, len(q.choices)) for q in other.questions
        ]


@pytest.mark.parametrize("id", sorted(SHIPPED_COURSES))
def test_nobody_passes_by_always_choosing_the_same_place(id: str) -> None:
    course = SHIPPED_COURSES[id]["en"]
    for place in range(3):
        assert not mark(course, dict.fromkeys(range(len(course.questions)), place)).passed


def test_five_courses_ship() -> None:
    assert sorted(SHIPPED_COURSES) == [
        "consent",
        "deciding-pairs",
        "ferpa-basics",
        "safe-casework",
        "small-numbers",
    ]


@pytest.mark.parametrize("wrong", range(4))
def test_who_decides_pairs_answers_everything_right(wrong: int) -> None:
    course = SHIPPED_COURSES["deciding-pairs"]["es"]
    assert mark(course, right(course)).passed
    assert not mark(course, right(course) | {wrong: (course.questions[wrong].right + 1) % 3}).passed


@pytest.mark.parametrize(("wrong", "passed"), [(0, True), (1, True), (2, False), (9, False)])
def test_passing_takes_four_of_five_answers(wrong: int, passed: bool) -> None:
    course = SHIPPED_COURSES["ferpa-basics"]["en"]
    answers = right(course) | {n: (course.questions[n].right + 1) % 3 for n in range(wrong)}
    marked = mark(course, answers)
    assert (marked.right, marked.of, marked.passed) == (9 - wrong, 9, passed)
    assert marked.wrong == tuple(range(wrong))
    if wrong:
        del answers[0]
        assert mark(course, answers) == marked  # no answer is a wrong one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it must begin with title"),
        ("---\ntitle: [\n---\n", "are not YAML"),
        (GOOD.replace("minutes: 1\n", ""), "title, about, minutes, passing, and nothing else"),
        (GOOD.replace("minutes: 1", "minutes: one"), "minutes must be a number"),
        (GOOD.replace("passing: 100", "passing: 101"), "from 1 to 100"),
        (HEAD + "text\n## S\n", "line 7: text stands below a section"),
        (HEAD + "### Q\n- [ ] a\n- [x] b\n", "line 7: a question stands below a section"),
        (HEAD + "## S\ntext\n", "it has no question"),
        (GOOD.replace("[x]", "[ ]"), "line 9: a question needs two or more answers"),
        (GOOD.replace("[ ]", "[x]"), "line 9: a question needs two or more answers"),
        (GOOD.replace("- [ ] a\n", ""), "line 9: a question needs two or more answers"),
    ],
)
def test_a_course_that_cannot_be_read_says_where(text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read_course("own", "en", text)
    assert said in refused.value.message
    assert refused.value.message.startswith("The course own.en.md cannot be read: ")


def test_a_course_brings_no_html_into_a_page() -> None:
    found = as_html("<script>alert(1)</script> [here](javascript:alert(1)) **bold**")
    assert "<script" not in found
    assert "href" not in found
    assert "<strong>bold</strong>" in found


def test_a_community_replaces_a_course_and_adds_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "courses"
    folder.mkdir()
    (folder / "ferpa-basics.en.md").write_text(GOOD)
    (folder / "our-rules.es.md").write_text(GOOD)
    found = courses(tmp_path)
    own = {
        id: sorted(versions)
        for id, versions in found.items()
        if versions != SHIPPED_COURSES.get(id, versions)
    }
    assert own == {"ferpa-basics": ["en"]}
    assert sorted(found["our-rules"]) == ["es"]
    assert in_language(found["our-rules"], "en-us").language == "es"
    (folder / "notes.md").write_text("x")
    with pytest.raises(Refused, match=r"notes.md in the folder courses is no name of a course"):
        courses(tmp_path)
    (folder / "notes.md").unlink()
    (folder / "our-rules.en.md").write_bytes(GOOD.replace("text", "\xe9").encode("latin-1"))
    with pytest.raises(Refused, match="not text in UTF-8"):
        courses(tmp_path)


@pytest.mark.django_db
def test_every_attempt_is_evidence_and_a_passed_one_completes_the_course(community: Community) -> None:
    making.register()
    worker, course = actor(WORKER), SHIPPED_COURSES["ferpa-basics"]["es"]
    assert not answer(course=course, answers={}, by=worker).passed
    assert of(WORKER) == []
    answers = right(course) | {1: 0}
    for _ in range(2):
        assert answer(course=course, answers=answers, by=worker).passed
    assert valid(WORKER, date.today()) == {"ferpa-basics"}
    assert list(Completion.objects.values_list("email", "course", "by")) == [(WORKER, "ferpa-basics", WORKER)]
    kept = list(
        Attempt.objects.order_by("id").values_list("language", "version", "right", "of", "wrong", "passed")
    )
    assert kept == [
        ("es", course.version, 0, 9, "1,2,3,4,5,6,7,8,9", False),
        ("es", course.version, 8, 9, "2", True),
        ("es", course.version, 8, 9, "2", True),
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        Attempt.objects.update(passed=True)
    with pytest.raises(Refused, match="person with an account"):
        answer(course=course, answers=answers, by=OPERATOR)


@pytest.mark.django_db
def test_reading_and_passing_on_the_site(community: Community) -> None:
    making.register()
    course = SHIPPED_COURSES["ferpa-basics"]["en"]
    client = signed_in(actor(WORKER))
    page = client.get("/training/ferpa-basics/").content.decode()
    assert "## " not in page
    assert page.count('type="radio"') == 27
    answers = {f"q{n}": str(choice) for n, choice in right(course).items()} | {"version": course.version}
    failed = client.post("/training/ferpa-basics/", answers | {"q0": "0", "q1": "0"})
    assert failed.status_code == 422
    text = failed.content.decode()
    assert "7 of 9 answers are right, and 8 are needed." in text
    assert text.count("This is not right.") == 2
    missing = client.post("/training/ferpa-basics/", {k: v for k, v in answers.items() if k != "q4"})
    assert missing.status_code == 422
    assert Attempt.objects.count() == 1  # an unanswered question is asked again, and is no attempt
    other = client.post("/training/ferpa-basics/", answers | {"version": "0" * 64})
    assert "has changed meanwhile" in other.content.decode()
    assert client.post("/training/ferpa-basics/", answers | {"q0": "0"}).status_code == 302
    held = client.get("/training/ferpa-basics/").content.decode()
    assert "8 of 9 answers are right" in held
    assert "The right passes at 18" in held
    assert 'type="radio"' not in held
    assert 'type="radio"' in client.get("/training/ferpa-basics/?again").content.decode()
    assert client.get("/training/nothing/").status_code == 404


@pytest.mark.django_db
def test_the_page_speaks_the_language_of_the_course(community: Community) -> None:
    making.register()
    client = signed_in(actor(WORKER))
    page = client.get("/training/ferpa-basics/", headers={"accept-language": "es-MX"}).content.decode()
    assert "Comprobar mis respuestas" in page
    assert '<h1 lang="es">FERPA: la ley' in page
    assert (
        "Check my answers"
        in client.get(
            "/training/ferpa-basics/?language=en", headers={"accept-language": "es"}
        ).content.decode()
    )


@pytest.mark.django_db
def test_the_register_shows_what_is_missing_and_the_evidence(community: Community) -> None:
    making.register()
    document = making.sharing()
    document["terms"]["training"] = ["ferpa-basics", "house-rules"]
    making.agreements.add(text=making.json.dumps(document), by=OPERATOR)
    worker = actor(READER)
    answer(
        course=SHIPPED_COURSES["ferpa-basics"]["en"],
        answers=right(SHIPPED_COURSES["ferpa-basics"]["en"]),
        by=worker,
    )
    own = signed_in(worker).get("/training/").content.decode()
    assert "House rules" in own
    assert "held outside this site" in own
    add_user(email="steward@harbor.example", partner="harbor", role=Role.DATA_STEWARD, by=OPERATOR)
    client = signed_in(actor("steward@harbor.example"))
    page = client.get("/training/people/").content.decode()
    assert "9 of 9 right, text" in page
    assert "not taken" in page
    assert (
        client.post(
            "/training/people/", {"email": READER, "course": "house-rules", "on": str(date.today())}
        ).status_code
        == 302
    )
    assert valid(READER, date.today()) == {"ferpa-basics", "house-rules"}
    assert signed_in(worker).get("/training/people/").status_code == 404
