"""A finding in Spanish: every sentence that its page makes or that is stored with it is said in it; what people typed stays as it is."""

import ast
import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from django.utils.formats import date_format

from tests.evidence.test_studies import council, document, math_before, town
from tests.gate import making
from tests.site.people import signed_in
from throughway.agreements.labels import BASIS_WORDS
from throughway.core.prose import data_through, day
from throughway.evidence import comparison, cutoff, effect, estimate, lottery, multiplicity, over_time
from throughway.evidence.actions.follow_up import decide_on, follow_up, reply
from throughway.evidence.actions.studies import register_study, report_what_works
from throughway.evidence.finding_page import data_go_to, finding_page
from throughway.evidence.losses import BEYOND
from throughway.evidence.noisy_baseline import noise_decides
from throughway.evidence.program_participants import ASKED, DECLINED, SHORT_STAY
from throughway.evidence.published_effect import rule_sentence
from throughway.evidence.published_finding import (
    ALL_STUDENTS,
    FEW,
    NEARLY_ALL,
    NONE_SET,
    OTHERS,
    REASONS,
    TITLE,
)
from throughway.evidence.read_before import OutcomeReading
from throughway.evidence.read_before import sentences as read_before
from throughway.evidence.registered_study import ComparedWith, Season
from throughway.evidence.report_lines import DESIGNS, StudyContext, lines
from throughway.evidence.said import Said
from throughway.evidence.sensitivity import FLOOR
from throughway.evidence.stored_sentences import FORMS, PLACES
from throughway.evidence.student_rows import NOT_RECORDED
from throughway.evidence.study import Design, Estimand
from throughway.evidence.study_measures import COVARIATES, OUTCOMES
from throughway.evidence.study_tables import (
    ASKED_TITLE,
    COMPARED,
    COMPARISON,
    LEFT_OUT,
    NO,
    PARTICIPANTS,
    YES,
)
from throughway.evidence.templatetags.study_sentences import sentence, words
from throughway.evidence.verdict import Verdict, as_of_today
from throughway.evidence.verdict_words import FOLLOWS, HEADLINES
from throughway.gate.linkage_coverage import LinkageCoverage, Unlinked
from throughway.insight.unlinked_records import coarse
from throughway.measures.groups import FLAGS, LEARNER, RACE, SEX, UNKNOWN
from throughway.publication.models import Release
from throughway.publication.selectors import joint_notes
from throughway.publication.states import DatedReleaseAct, ReleaseAct, notice, standing
from throughway.publication.triggers import RELEASES

EVIDENCE = Path(estimate.__file__).parent
LETTERS = re.compile(r"[A-Za-z]{2}")
SAMPLES = {  # what stands in a sentence of the estimators
    "what": "students with an outcome", "side": "in the comparison group", "few": "fewer than 20 do not carry an estimate; wait for another year, or join sites.",
    "needs": "an error that allows for them needs at least 10.",
}  # fmt: skip


def said_forms() -> Iterator[tuple[str, ...]]:
    """The forms that the page itself makes."""
    for node in ast.walk(ast.parse((EVIDENCE / "finding_page.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Said":
            form = node.args[0]
            for each in (form.body, form.orelse) if isinstance(form, ast.IfExp) else (form,):
                assert isinstance(each, ast.Constant), ast.unparse(node)
                yield (str(each.value),)


def test_each_form_has_its_spanish_with_the_same_places() -> None:
    forms = [*FORMS, *said_forms()]
    assert len(forms) > 70
    with translation.override("es"):
        for form in forms:
            if not LETTERS.search(PLACES.sub("", form[0])):
                continue
            for many in (1, 2):
                told = (
                    translation.ngettext(form[0], form[1], many)
                    if len(form) > 1
                    else translation.gettext(form[0])
                )
                assert told not in form, form
                assert sorted(PLACES.findall(told)) == sorted(PLACES.findall(form[-1])), form


@pytest.mark.parametrize("form", [form for form in FORMS if len(form) > 1])
def test_one_and_several_are_told_apart(form: tuple[str, str]) -> None:
    def told(many: int) -> str:
        values = {
            place: "AB12" if place in ("release", "typed") else "10" for place in PLACES.findall(form[0])
        }
        with translation.override("es"):
            return sentence(str(Said(form[0], values | {"many": many}, form[1])))

    assert "lang=" not in told(1) + told(1_200)
    assert "1,200" in told(1_200)
    assert re.sub(r"\b1\b", "", told(1)) != re.sub(r"1,200", "", told(1_200))


def rendered(node: ast.expr) -> str:
    """A text of the source, with a figure or a sample in each of its places; empty where it is no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    found = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            name = part.value.id if isinstance(part.value, ast.Name) else ""
            percent = part.format_spec is not None and "%" in ast.unparse(part.format_spec)
            found += SAMPLES.get(name, "20%" if percent else "20")
        else:
            found += rendered(part)
    return found


def why_nothing() -> Iterator[str]:
    """Why the data cannot answer, without a count; and why a design carries no verdict."""
    for module in (comparison, cutoff, effect, estimate, lottery, over_time):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "NoEstimate":
                yield rendered(node.args[-1])
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "doubts.append":
                yield from doubt(node.args[0])
            elif isinstance(node, ast.Return) and node.value is not None:
                parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                for part in parts:
                    yield from doubt(part)
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "doubt":
                yield from doubt(node.value)


def doubt(node: ast.expr) -> Iterator[str]:
    text = rendered(node)
    if " " in text and text[0].islower():
        yield f"It carries no verdict, because {text}."


class Allows:
    """A line of an agreement, as far as it is asked of one."""

    def __init__(self, table: str, discloser: str, basis: Any, choices: tuple[str, ...] = ()) -> None:
        self.table, self.discloser, self.basis, self.choices = table, discloser, basis, choices


def every_line() -> Iterator[str]:
    bases = list(BASIS_WORDS)
    for design, season, share, ratio in product(Design, Season, (None, 7, 10), (None, 0.4)):
        for asked, estimand, choices in (
            (ComparedWith.APPLICANTS, Estimand.LATE, ()), (ComparedWith.ENROLLED, Estimand.ITT, ("consent",)),
        ):  # fmt: skip
            study = document().model_copy(
                update={"design": design, "season": season, "compared_with": asked, "estimand": estimand, "outcome": "college"}
            )  # fmt: skip
            grants: list[Any] = [Allows("program_participation", "harbor", bases[0], choices)]
            grants += [Allows("school_enrollment", "north", basis, choices) for basis in bases]
            context = StudyContext(
                study, [(2025, date(2024, 10, 7), date(2024, 11, 6)), (2026, date(2025, 10, 6), date(2025, 11, 5))], grants, {}, share, ratio, None,
                False,
            )  # fmt: skip
            yield from (text for line in lines(context, {"placebos": list(placebos())}) for text in line)
    nobody = StudyContext(document(), [(2026, date(2025, 10, 6), date(2025, 11, 5))], [], {}, None, None, None, False)  # fmt: skip
    yield from (text for line in lines(nobody, {}) for text in line)


def placebos() -> Iterator[dict[str, Any]]:
    shown = {"estimate": 0.1, "low": -0.2, "high": 0.4, "step": 0.1, "why": ""}
    withheld = {"estimate": None, "low": None, "high": None, "step": 0.0}
    measured = [(each.name, each.unit) for each in OUTCOMES.values()]
    measured += [(each.name, each.unit) for each in COVARIATES.values() if each.domain]
    for (name, unit), moved in product(measured, (False, True)):
        yield {"name": name, "unit": unit, "moved": moved} | shown
    few = "There are too few students with an outcome in the program: fewer than 20 do not carry an estimate; wait for another year, or join sites."
    for why in (
        FEW,
        "withheld, because together with another finding it would tell of fewer than 10 students",
        few,
    ):
        yield {
            "name": "On track in grade 9",
            "unit": "share of students",
            "moved": False,
            "why": why,
        } | withheld


def notices() -> Iterator[str]:
    act = partial(DatedReleaseAct, partner="north", on=date(2026, 6, 30))
    of = partial(standing, registered=date(2026, 6, 1), disclosers=("north",), on=date(2026, 7, 1))
    yield notice(of(review_days=90, events=()))
    yield notice(of(review_days=90, events=(act(ReleaseAct.OBJECT, reason="No."),)))
    yield notice(of(review_days=0, events=(), two_people=True))
    yield notice(of(review_days=0, events=(act(ReleaseAct.WITHDRAW, reason="1 + 1 = 3"),)))


def release_notes() -> Iterator[str]:
    kept = {
        "withheld_beside": 3,
        "beside": ["AAAA1111"],
        "withheld_within": 1,
        "ranges_that_follow": 2,
        "required": 10,
        "no_ranges": True,
    }
    repeated = {"release": "AAAA1111", "registered": "2026-06-30", "of": [COMPARED, ASKED_TITLE]}
    yield from joint_notes(kept | {"repeats": [repeated, repeated | {"of": []}], "left_out": [ASKED_TITLE]})
    outside = {"outside": {"T1": "State file", "T2": "Press note"}, "required": 10}
    both = [repeated | {"outside": ["T1"]}, repeated | {"outside": ["T1", "T2"]}]
    more = {
        "withheld_beside": 1,
        "beside": ["AAAA1111", "BBBB2222"],
        "withheld_within": 7,
        "ranges_that_follow": 1,
    }
    yield from joint_notes(
        outside
        | more
        | {
            "repeats": both,
            "withheld_outside": [(1, ["T1"]), (2, ["T1", "T2"])],
            "left_out": [COMPARED, TITLE],
        }
    )
    counts = (Unlinked("harbor", 120, 2), Unlinked("north", 400, 280))
    yield from coarse(
        LinkageCoverage(counts, (), "studies", 10, True), {"harbor": "Harbor", "north": "North"}
    )


def stored() -> Iterator[str]:
    """Every word and sentence that the program stores with a finding, or adds to its page."""
    yield from every_line()
    yield from why_nothing()
    yield from (
        f"It carries no verdict, because {each}." for each in (BEYOND, noise_decides((1, 2), (-1, 2)))
    )
    yield from (f"It carries no verdict, because the placebo “{each.name}” moved, which the program cannot have done." for each in COVARIATES.values() if each.domain)  # fmt: skip
    yield from (*REASONS.values(), NONE_SET, "Where an effect is withheld, so is its word.")
    yield "A difference was found, but of 1,200 findings on this program in this domain one can differ by chance, and allowing for their number (Benjamini and Hochberg, 5%) it does not stand."
    old = {"effect": None, "design": "matched", "better": "higher", "reason": ""}
    for verdict in (Verdict.HELPS, Verdict.HARMS, Verdict.NO_EFFECT_FOUND):
        yield as_of_today(old | {"verdict": verdict.value})["reason"]
    beside = "withheld, because together with release AAAA1111 it would tell of fewer than 10 students"
    yield from (f"The effect is {why}." for why in (FEW, beside))
    for why in (FEW, beside, NEARLY_ALL):
        yield f"The study looked, and at least one of these groups is {why}, so none is shown."
    yield "The study looked, and fewer than two groups are on record."
    yield "The study looked, and at least one of these groups carries no estimate, so none is shown."
    yield "The study looked, and at least one of these groups is too small, so none is shown."
    yield from (*HEADLINES.values(), *FOLLOWS.values(), *DESIGNS.values(), *(each.value for each in Verdict))
    yield from (*(each.name for each in COVARIATES.values()), *(each.name for each in OUTCOMES.values()))
    yield from (text for each in OUTCOMES.values() for text in (each.unit, f"It is the only finding on this program and {each.domain} here."))  # fmt: skip
    yield from (multiplicity.sentence(each.domain, 4, holds) for each in OUTCOMES.values() for holds in (None, True, False))  # fmt: skip
    yield from (FLOOR, ALL_STUDENTS, OTHERS, NOT_RECORDED, UNKNOWN, "grades KG to 03", "grade 03", "Hispanic or Latino", "Two or more races")  # fmt: skip
    yield from (*SEX.values(), *RACE.values(), *LEARNER.values(), *(name for names in FLAGS.values() for name in names[:2]))  # fmt: skip
    yield from (
        PARTICIPANTS,
        COMPARISON,
        LEFT_OUT,
        YES,
        NO,
        ASKED,
        DECLINED,
        "began, with no last day in the records",
    )
    yield from (f"stayed {SHORT_STAY} days or more", f"began, and stayed less than {SHORT_STAY} days")
    yield from ("the study’s own text", "the program’s own record", rule_sentence(10))
    rows = OutcomeReading(date(2026, 6, 30), ("score",), True)
    for found in ([], [rows], [rows, replace(rows, on=date(2026, 7, 2), elements=("score", "took part"))], [replace(rows, rows=False)] * 2):  # fmt: skip
        yield from read_before(found, "took part", "Boys and Girls Club")
    yield from (*notices(), *release_notes())


MOVERS = ("Students who changed schools", "Did not change schools")  # a kind that no study tells apart


def test_whatever_is_stored_with_a_finding_is_said_in_spanish() -> None:
    with translation.override("es"):
        every = set(stored()).difference(MOVERS)
        assert [text for text in sorted(every) if 'lang="en"' in sentence(text)] == []
    assert len(every) > 200


def test_days_lists_and_capitals_are_those_of_the_language() -> None:
    with translation.override("es"):
        assert words("Not public before 30 June 2026.") == "No es público antes del 30 de junio de 2026."
        told = words(
            "Comparison students are seen under a study for or on behalf of the school and another law."
        )
        assert told.endswith("un estudio para la escuela o en su nombre y otra ley.")
        by = Said("By %(by)s", {"by": Said("Sex").within})
        assert words(by) == "Por sexo"
        # A name may hold an `and`, and nobody's name is translated.
        assert "Boys and Girls Club" in words("How many records of Boys and Girls Club are linked to no other partner’s record is withheld.")  # fmt: skip
        assert words("Boys and Girls Club") == "Boys and Girls Club"
    assert str(by) == "By sex"


def test_what_no_catalog_has_is_marked_and_the_rest_beside_it_is_said() -> None:
    text = "Nobody knows this sentence. Nor this <b>one</b>. What other help there was is not known."
    with translation.override("es"):
        assert sentence(text) == (
            '<span lang="en">Nobody knows this sentence. Nor this &lt;b&gt;one&lt;/b&gt;.</span> No se sabe qué otra ayuda hubo.'
        )
    with translation.override("en"):
        assert (
            sentence("What other help there was is not known.") == "What other help there was is not known."
        )


def test_in_english_the_days_of_the_data_are_written_as_in_every_other_file() -> None:
    days = {"Harbor": "2025-10-14", "North": "2025-08-25", "Club": "2025-08-25"}
    assert str(data_go_to(days)) == data_through(days)
    assert data_go_to({}) is None


FOUND: dict[str, Any] = {
    "verdict": "helps", "causal": True, "reason": REASONS[Verdict.HELPS], "design": "lottery", "design_words": DESIGNS[Design.LOTTERY],
    "effect": {"name": ALL_STUDENTS, "estimate": 0.3, "low": 0.1, "high": 0.5, "step": 0.1, "why": ""}, "smallest": 0.2, "detectable": 0.3,
    "balance": [{"covariate": name, "before": 0.2, "after": 0.0} for name in ("sex: Male", "reading_before", "reading_before: not recorded", "other_help: yes", "english_learner: Not recorded")],
    "balance_step": 0.1, "robustness_percent": 12, "hidden_cause": {"as": FLOOR, "estimate": 0.1, "low": -0.1, "high": 0.3}, "tier": 1,
    "low_attrition": True, "cost_per_student": 1200.0, "cost_source": "the program’s own record", "scale": 1, "unit": "standard deviations",
    "outcome": OUTCOMES["reading"].name, "school_years": ["2024-25", "2025-26"], "program": "harbor/tutoring", "program_partner": "Harbor", "better": "higher",
}  # fmt: skip


def kind(by: str, names: tuple[str, ...], apart: tuple[bool, ...], **more: Any) -> dict[str, Any]:
    shown = {"estimate": 0.3, "low": 0.1, "high": 0.5, "step": 0.1, "why": ""}
    effects = [shown | {"name": name, "apart": each} for name, each in zip(names, apart, strict=True)]
    return {"by": by, "effects": effects, "why": "", "difference": None} | more


DIFFERENCE = {"estimate": 0.2, "low": 0.1, "high": 0.3, "step": 0.1, "apart": True}
KINDS = [
    kind("Sex", ("Female", "Male"), (True, True), difference=DIFFERENCE),
    kind("English learner", (LEARNER["No"], LEARNER["Yes"]), (True, True), difference=DIFFERENCE | {"apart": False}),
    kind("Grade", ("grades KG to 03", "grade 04"), (True, False)),
    kind("Disability on record", FLAGS["disability"], (True, True)),
    kind("Race and ethnicity", (), (), why="The study looked, and fewer than two groups are on record."),
]  # fmt: skip
OTHER_FOUND = [
    FOUND, FOUND | {"low_attrition": False, "smallest": None, "unit": "percentage points", "scale": 100, "cost_source": "the study’s own text"},
    FOUND | {"verdict": "harms", "tier": None, "hidden_cause": {"as": "sex", "estimate": 0.1, "low": -0.1, "high": 0.3}},
    FOUND | {"verdict": "not enough evidence", "causal": False, "effect": FOUND["effect"] | {"estimate": None, "low": None, "high": None, "why": FEW}},
]  # fmt: skip


@pytest.mark.parametrize("found", OTHER_FOUND)
def test_what_the_page_makes_is_made_of_words_that_have_their_spanish(found: dict[str, Any]) -> None:
    """Where a word has none, the sentence holds the English one."""
    page = finding_page(found | {"subgroups": KINDS, "lines": []}, ())
    made = [
        *page.must_change,
        *page.overturn,
        *(dot.name for dot in page.balance),
        *(by for by, _ in page.subgroups),
    ]
    made += [page.withheld] if page.withheld else []
    english = {word for each in made for word in re.findall(r"[a-z]{2,}", str(each).lower())}
    with translation.override("es"):
        spanish = {
            word for each in made for word in re.findall(r"[a-záéíóúñü]{2,}", str(sentence(each)).lower())
        }
    # Spelled alike in both, or a code.
    assert english & spanish - {"la", "no", "wwc", "kg", "error", "social", "original"} == set()


# The page.


@pytest.fixture
def evaluator(community: object) -> Any:
    town(community)
    return making.reader("evaluator@hub.example")


def main(page: str) -> str:
    return page.split("<main")[1].split("</main>")[0]


def texts(page: str) -> set[str]:
    """What is read on the page: its texts, and what is read aloud of its pictures."""
    shown = re.sub(r"<style.*?</style>|<script.*?</script>", "", main(page), flags=re.S)
    found = [
        *re.findall(r">([^<>]+)<", shown),
        *re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', shown),
    ]
    told = (" ".join(html.unescape(each).split()) for each in found)
    return {each for each in told if LETTERS.search(each) and "@" not in each}


def in_both(site: Any, address: str) -> tuple[str, str]:
    english, spanish = (site.get(f"{address}?language={each}").content.decode() for each in ("en", "es"))
    return english, spanish


def rewritten(release: str, **changes: Any) -> None:
    """The finding as another study would have stored it."""
    row = Release.objects.get(pk=release)
    RELEASES.drop(connection)
    Release.objects.filter(pk=release).update(about=row.about | {"finding": row.about["finding"] | changes})
    RELEASES.put(connection)


@pytest.mark.django_db(transaction=True)
def test_no_text_of_the_page_is_the_same_in_both_languages(evaluator: Any) -> None:
    """Of a study that was run; then as other studies would have it, with a reply and decisions."""
    math_before(0)
    made = report_what_works(actor=evaluator, purpose="studies", document=document(placebo=["math_before"]))
    release, address = made["release"], f"/studies/finding/{made['release']}/"
    site = signed_in(evaluator)
    typed = {"Does tutoring raise reading?", release, "Harbor · 2024-25, 2025-26"}
    english, spanish = in_both(site, address)
    assert len(texts(english)) > 50
    assert texts(english) & texts(spanish) == typed
    assert re.findall(r'<(\w+)[^>]* lang="en"', main(spanish)) == ["a", "a"], (
        "the question, and the other language"
    )
    assert "Descargar en PDF" in spanish
    assert "No es público antes del " in spanish
    with translation.override("es"):
        today = date_format(date.today(), r"j \d\e F \d\e Y")
    assert f"El {today}, antes de que se calculara;" in spanish
    english_month = re.compile(
        r"\b(January|February|March|April|May|June|July|August|September|October|November|December)\b"
    )
    assert english_month.search(main(english))
    assert not english_month.search(main(spanish))

    def check(site: Any) -> str:
        english, spanish = in_both(site, address)
        assert texts(english) & texts(spanish) == typed
        assert re.findall(r'<(\w+)[^>]* lang="en"', main(spanish)) == ["a", "a"]
        return spanish

    program = making.reader("officer@harbor.example")
    its_site = signed_in(program)
    assert "Publicar la respuesta con el resultado" in check(its_site)
    empty = its_site.post(f"{address}?language=es", {"act": "reply", "reply": ""}).content.decode()
    assert "Escriba la respuesta." in empty
    reply(release=release, text="We changed the hours.", by=program)
    soon, later = (date.today() + timedelta(days=days) for days in (30, 300))
    told = decide_on(
        release=release, text="Keep the hours.", owner="worker@harbor.example", due=soon, measure_again_on=later, meeting=None, met_on=date.today(),
        by=program,
    )  # fmt: skip
    typed |= {"We changed the hours.", "Keep the hours."}
    assert "No se puso en práctica" in check(its_site)
    follow_up(decision=told, done=True, words="Hours kept.", by=making.reader("worker@harbor.example"))
    assert "Enlazar el resultado que midió otra vez" in check(its_site)
    for found in OTHER_FOUND:
        rewritten(release, **found, subgroups=KINDS)
        spanish = check(site)
    assert "Masculino" in spanish


@pytest.mark.django_db(transaction=True)
def test_a_second_registration_names_the_first(evaluator: Any) -> None:
    """Of the same program, outcome and students: its own page, and its finding's, in both languages; and the first names the second."""
    first = report_what_works(actor=evaluator, purpose="studies", document=document(subgroups=None))
    opened = council()
    again = document(title="Does tutoring help?", subgroups=None)
    second = report_what_works(actor=evaluator, purpose="studies", document=again, decision=opened)
    one, other = (made["studies"][0]["study"] for made in (first, second))
    site = signed_in(evaluator)
    page = main(site.get(f"/studies/{other}/").content.decode())
    stands = f'<a class="usa-link" href="/studies/{one}/">Study {one}</a>, registered on {day(date.today())}, the first: '
    assert f"{stands}{HEADLINES[Verdict.DID_BETTER]}" in page
    assert f"The council opened this one by decision {opened}." in page

    english, spanish = in_both(site, f"/studies/finding/{second['release']}/")
    assert (
        f'href="/studies/{one}/">Study {one}</a>, registered on {day(date.today())}, the first</dd>'
        in english
    )
    assert "There are 2 findings on this program and reading here" in english
    with translation.override("es"):
        on = date_format(date.today(), r"j \d\e F \d\e Y")
    assert f'href="/studies/{one}/">Estudio {one}</a>, registrado el {on}, la primera</dd>' in spanish
    assert "Aquí hay 2 resultados sobre este programa en este campo (lectura)" in spanish
    assert "None of the same question" not in english

    english, spanish = in_both(site, f"/studies/finding/{first['release']}/")
    assert f'href="/studies/{other}/">Study {other}</a>, registered on {day(date.today())}</dd>' in english
    assert f">Estudio {other}</a>, registrado el {on}</dd>" in spanish


@pytest.mark.django_db(transaction=True)
def test_a_second_registration_says_that_the_first_has_no_finding(evaluator: Any) -> None:
    first = register_study(document=document(), by=evaluator)
    other = register_study(document=document(covariates=["sex", "grade"]), by=evaluator, decision=council())
    site = signed_in(evaluator)
    page = main(site.get(f"/studies/{other.id}/").content.decode())
    assert (
        f"Study {first.id}</a>, registered on {day(date.today())}, the first: no finding that you may see"
        in page
    )
    page = main(site.get(f"/studies/{first.id}/").content.decode())
    assert f"Study {other.id}</a>, registered on {day(date.today())}: no finding that you may see" in page
