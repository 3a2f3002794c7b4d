"""The pages that a superintendent, a program's director and a principal bring to a meeting are about their own, and every number that
they say is recounted from the truth and the feeds."""

import re
from collections.abc import Callable, Mapping
from math import floor
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.demo.conftest import Riverbend
from tests.demo.help_found import AT_SITE
from tests.demo.test_homes_recounted import programs, waiting
from tests.demo.test_needs_by_group import NeedsByGroup
from tests.demo.test_needs_recounted import ANSWERS, KINDS, WAITS, FromFiles
from tests.demo.test_published import BEFORE, NAMES, Recount, in_program, tally
from tests.demo.test_reach_recounted import Reached
from tests.demo.truth import DISTRICTS, LOST, REACHED, Truth, day, read
from throughway.insight.needs.statuses import Helped, NeedStatus
from throughway.measures.milestones import MILESTONES
from throughway.vocabulary.school_calendar import school_year_of

READERS = {
    "superintendent": "superintendent@riverbend-schools.example",
    "director": "director@page-by-page.example",
    "principal": "principal@riverbend-schools.example",
}


@pytest.fixture(scope="module")
def pages(riverbend: Riverbend) -> dict[str, dict[str, list[str]]]:
    return {
        who: riverbend.town.module("tests.demo.homes", email, "/month/") for who, email in READERS.items()
    }


AMONG = r"(?:at least )?[\d,]+ of (?:at most )?[\d,–]+"


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_a_principal_reads_of_the_own_school(
    riverbend: Riverbend, pages: dict[str, dict[str, list[str]]]
) -> None:
    [site] = [
        row["site"] for row in read(riverbend.folder / "sites.csv") if row["email"] == READERS["principal"]
    ]
    schools = {s["organization_id"]: s["organization_name"] for s in organizations(riverbend)}
    assert pages["principal"]["h1"][0].startswith(f"{schools[site]}:")
    assert pages["superintendent"]["h1"][0].startswith("Riverbend Schools:")
    assert pages["director"]["h1"][0].startswith("Page by Page Tutoring:")


def organizations(riverbend: Riverbend) -> list[dict[str, str]]:
    """The schools as the register of the districts names them, asked by an evaluator."""
    sql = "SELECT DISTINCT organization_id, organization_name FROM organization"
    answer = riverbend.town.query(sql, purpose="evaluation", by=riverbend.who("evaluator"))
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


class Recounted:
    """What a line of the page must say by the truth and the feeds. `read` is False of a line that says nothing of students."""

    def __init__(self, folder: Path, classes: Mapping[str, int], help_counted: Mapping[str, Any]) -> None:
        self.recount, self.help = Recount(Truth(folder), classes), help_counted
        self.on = day(help_counted["on"])
        self.reached = Reached(folder, self.on)
        self.needs = FromFiles(self.recount.truth, self.on)
        self.ids = {measure.lost: measure.id for measure in MILESTONES}
        self.programs = {label.rpartition(", ")[0]: id for label, id in self.reached.labels.items()}
        self.programs["Reading Circle"] = "bright-futures/reading-circle"

    def read(self, line: str) -> bool:
        for words, check in self.kinds.items():
            if found := re.fullmatch(words, line):
                check(*found.groups())
                return True
        assert "without an answer" in line or not re.search(r"\d", line), f"nobody recounts: {line}"
        return False

    @property
    def kinds(self) -> dict[str, Callable[..., None]]:
        return {
            r"(.+?): (.+?) students with a need in the records were not served for at least one need, (.+?)(?:; of all students (.+))?\.": self.not_served,
            rf"(.+?): ({AMONG}) .+? we can see (were lost|did not reach) “?(.+?)”?, (\d{{4}}.\d\d)((?:; (?:in|of) .+?)*)\.(?: That is ([\d,]+) more than at everybody’s share\.)?": self.of_class,
            r"(.+): ([\d,]+) students wait(?:, .+)?\.": self.waits,
            r"Riverbend loses the most students (.+): ([\d,]+) of (?:the ([\d,]+)|those) we can see in one class\.": self.lost,
            r"Riverbend loses ([\d,]+) students (.+), of (?:the ([\d,]+)|those) we can see in one class\.": lambda n, words, seen: self.lost(words, n, seen),
            r"At least ([\d,]+) students? (?:of (.+) )?who are eligible for (.+?)(?: \(.+\))? did not take part in (\d{4}.\d\d)(?:; it has [\d,]+ seats? and .+ (?:wait|took part so far this year), so (?:nobody else|at most [\d,]+ more) could come now|; it has [\d,]+ seats?|; (?:at least )?[\d,]+ students wait, so nobody else could come now)?\.": self.away,
            r"(.+): [\d,]+ seats? promised, ([\d,]+) took part in (\d{4}.\d\d)(?:; .+)?\.": self.took_part,
            r"(.+): ([\d,]+) students were never referred, as far as the records tell, in (.+)\. .+": self.never,
        }  # fmt: skip

    def of_class(self, whose: str, own: str, lost: str, what: str, when: str, beside: str, more: str) -> None:
        """How many a school or district lost of its class, beside its district and everybody."""
        id = self.ids[what] if lost == "were lost" else NAMES[what]
        assert self.recount.classes[id] + (id == "completion") == ending(
            when
        )  # those who entered college then
        outcomes, homes = self.recount.outcomes(id), self.homes(id)
        whole = tally(outcomes.values())

        def of(name: str) -> Mapping[Any, int]:
            return tally(o for p, o in outcomes.items() if p in homes and name in homes[p])

        mine = of(whose)
        fits(own, mine[LOST], mine[REACHED] + mine[LOST])
        for place, said in re.findall(rf"; (in .+?|of all students) ({AMONG})", beside):
            told = whole if place == "of all students" else of(place.removeprefix("in "))
            fits(said, told[LOST], told[REACHED] + told[LOST])
        if more:
            expected = whole[LOST] / (whole[REACHED] + whole[LOST])
            assert number(more) == mine[LOST] - floor((mine[REACHED] + mine[LOST]) * expected + 0.5)

    def homes(self, id: str) -> dict[str, tuple[str, str]]:
        """The district and the school of each student at a milestone: after school the last of all."""
        year = self.recount.classes[id]
        if id in ("completion", "employment"):
            stays = sorted(self.recount.truth.stays, key=lambda stay: stay["first_day"])
            return {s["person"]: (DISTRICTS[s["district"]], s["school"]) for s in stays}
        found = self.recount.homes("graduation" if id == "enrollment" else id, year)
        return {person: (DISTRICTS[district], school) for person, (district, school) in found.items()}

    def not_served(self, whose: str, own: str, when: str, every: str | None) -> None:
        of = NeedsByGroup(self.recount.truth, self.help)
        assert of.year == ending(when)
        helped = of.over_all(of.by_rule)
        stays = sorted(self.recount.truth.stays, key=lambda stay: stay["first_day"])
        homes = {
            s["person"]: (DISTRICTS[s["district"]], s["school"])
            for s in stays
            if int(s["school_year"]) == of.year
        }
        mine = [each for person, each in helped.items() if whose in homes[person]]
        fits(own, mine.count(Helped.NOT_SERVED), len(mine))
        if every:
            fits(every, [*helped.values()].count(Helped.NOT_SERVED), len(helped))

    def waits(self, program: str, many: str) -> None:
        """As the program's own file says it, which is what it states in the directory."""
        assert number(many) == waiting(self.recount.truth.folder, self.programs[program].partition("/")[0])

    def lost(self, words: str, lost: str, seen: str | None) -> None:
        id = self.ids[words]
        step = self.recount.followed(*BEFORE[id])[0] if id in BEFORE else None
        found = [tally(each.values()) for each in (step, self.recount.outcomes(id)) if each is not None]
        assert number(lost) in [each[LOST] for each in found]
        assert seen is None or (number(lost), number(seen)) in [
            (e[LOST], e[REACHED] + e[LOST]) for e in found
        ]

    def away(self, least: str, school: str | None, program: str, when: str) -> None:
        """No more than those who are in grades of the program and took no part in it."""
        id, year = self.programs[program], ending(when)
        could = self.reached.could_come(id, year)
        if school is not None:
            stays = sorted(self.recount.truth.stays, key=lambda stay: stay["first_day"])
            last = {stay["person"]: stay["school"] for stay in stays if int(stay["school_year"]) == year}
            could = {p for p in could if last.get(p) == school}
        assert 0 < number(least) <= len(could - self.reached.taking(id, year)[0])

    def took_part(self, program: str, took: str, when: str) -> None:
        stays, _ = in_program(self.recount.truth, self.programs[program], ending(when), self.on)
        assert number(took) == len(stays)

    def never(self, need: str, never: str, when: str) -> None:
        year = ending(when)
        asked = {
            row["person"]
            for row in self.recount.truth.places
            if row["program"] in ANSWERS[need]
            and int(row["school_year"]) == year
            and row["standing"] in WAITS
        }
        left = self.needs.has(need, year) - self.needs.helped(ANSWERS[need], year) - asked
        # A need that a person noted on the site without asking anybody is no referral; one that was sent is.
        site = {
            self.recount.truth.records[partner, key]
            for partner, key, kind, on, state in self.help["site"]
            if kind in KINDS[need]
            and school_year_of(day(on)) == year
            and AT_SITE[state] != NeedStatus.UNKNOWN
        }
        assert number(never) == len(left - site)

    def share(self, figure: str, whose: str) -> bool:
        """A share that stands first: of those seen, in all or of a district."""
        found = re.fullmatch(
            r"(\d+)% (?:of all students: )?(.+?), (\d{4}.\d\d)(?:; of all students, (\d+)%)?", figure
        )
        if not found:
            return False
        own, name, _, every = found.groups()
        id = NAMES[name]
        outcomes = self.recount.outcomes(id)
        whole = tally(outcomes.values())
        shares = {"": 100 * whole[REACHED] / (whole[REACHED] + whole[LOST])}
        homes = self.homes(id)
        for place in {place for home in homes.values() for place in home}:
            of = tally(o for p, o in outcomes.items() if p in homes and place in homes[p])
            shares[place] = 100 * of[REACHED] / max(of[REACHED] + of[LOST], 1)
        assert abs(int(own) - shares[whose if every else ""]) <= 0.5, figure
        assert every is None or abs(int(every) - shares[""]) <= 0.5, figure
        return True

    def lost_of_a_class(self, figure: str, whose: str) -> bool:
        """How many a district or school lost of its class, beside everybody."""
        found = re.fullmatch(
            rf"({AMONG}) .+? we can see (were lost|did not reach) “?(.+?)”?, (\d{{4}}.\d\d)(?:; of all students, (.+))?",
            figure,
        )
        if not found:
            return False
        id = self.ids[found[3]] if found[2] == "were lost" else NAMES[found[3]]
        assert self.recount.classes[id] == ending(found[4])
        outcomes = self.recount.outcomes(id)
        homes = self.homes(id)
        mine = tally(o for p, o in outcomes.items() if p in homes and whose in homes[p])
        fits(found[1], mine[LOST], mine[REACHED] + mine[LOST])
        whole = tally(outcomes.values())
        if found[5] is not None:
            fits(found[5], whole[LOST], whole[REACHED] + whole[LOST])
        return True

    def program_figure(self, figure: str) -> bool:
        if found := re.fullmatch(
            r"([\d,]+) of ([\d,]+) promised seats of (.+) taken(?: so far)? in (\d{4}.\d\d)(?:; ([\d,]+) seats? exists?.*)?",
            figure,
        ):
            self.took_part(found[3], found[1], found[4])
            if found[5]:
                stated = [
                    row["Places"]
                    for row in programs(self.recount.truth.folder)
                    if row["Program Name"] == found[3]
                ]
                assert found[5] in stated, figure
            papers = (self.recount.truth.folder / "agreements").glob("*.y*ml")
            promised = [
                each
                for path in papers
                for each in yaml.safe_load(path.read_text(encoding="utf-8")).get("services", [])
            ]
            assert number(found[2]) in [each["seats"] for each in promised if each["program"] == found[3]]
            return True
        if found := re.fullmatch(r"([\d,]+) wait for (.+), as we say in the directory", figure):
            self.waits(found[2], found[1])
            return True
        found = re.fullmatch(
            r"([\d,]+) took part in (.+?)(?: so far)? in (\d{4}.\d\d)(?:; ([\d,]+) (seats?|are eligible))?",
            figure,
        )
        if (
            found and self.programs[found[2]] != "bright-futures/reading-circle"
        ):  # a roster of its own, beside the places
            self.took_part(found[2], found[1], found[3])
            if found[5] == "are eligible":
                could = self.reached.could_come(self.programs[found[2]], ending(found[3]))
                assert number(found[4]) == len(could), figure
        return bool(found)


def fits(said: str, lost: int, every: int) -> None:
    """`12 of 84`, `12 of 80–84`, or `at least 10 of at most 25`."""
    n, of = said.removeprefix("at least ").replace("at most ", "").split(" of ")
    low, _, high = of.partition("–")
    assert every <= number(high or low), said
    assert "at most" in said or every >= number(low), said
    assert lost >= number(n) if said.startswith("at least") else lost == number(n), said


def ending(when: str) -> int:
    """2026 of `2025-26`."""
    return int(when[:4]) + 1


def recounted(
    pages: Mapping[str, Mapping[str, list[str]]], folder: Path, classes: Mapping[str, int], help_counted: Mapping[str, Any]
) -> tuple[int, int]:  # fmt: skip
    """How many lines and figures of these pages were recounted."""
    against = Recounted(folder, classes, help_counted)
    lines = sum(
        against.read(line)
        for page in pages.values()
        for line in page.get("Three things to talk about") or page.get("To talk about") or []
    )
    figures = 0
    for page in pages.values():
        whose = page["h1"][0].partition(":")[0]
        figures += sum(
            against.share(each, whose) or against.lost_of_a_class(each, whose) or against.program_figure(each)
            for each in page["numbers"]
        )
    return lines, figures


def test_each_line_to_talk_about_equals_the_truth(
    riverbend: Riverbend, pages: dict[str, dict[str, list[str]]], help_counted: dict[str, Any]
) -> None:
    """Every number of every line, and every figure that stands first."""
    counted = riverbend.town.module("tests.demo.counting", riverbend.who("data_steward"))
    lines, figures = recounted(pages, riverbend.folder, counted["classes"], help_counted)
    assert lines
    assert figures == sum(len(page["numbers"]) for page in pages.values()), [
        p["numbers"] for p in pages.values()
    ]
