"""Of random years of needs a reader of the release alone places no withheld figure closer than the minimum cell."""

import random

import numpy as np
import pytest

from tests.insight.release_reader import ReaderOfTables, figures, placed_too_close
from throughway.insight.needs.statuses import STEPS, AskedRows, NeedStatus, outcomes
from throughway.insight.needs.tables import (
    ASKED_FOR,
    BY_RULE,
    NOT_RECORDED,
    AskedPartner,
    CountedNeed,
    by_step,
    raw_tables,
    relations,
)
from throughway.publication.joint_release import CountedTables
from throughway.publication.tables import place
from throughway.store.record_numbers import less

YEAR, STUDENTS = 2026, np.arange(1, 401)
PARTNERS = ("Riverbend Family Services", "Page by Page Tutoring", "Long Walk Mentors")
ASKED = {
    "Food": 0,
    "Tutoring": 1,
    "Mentoring of students": 2,
    "Help with homework": -1,
    "Housing, rent or utilities": 0,
}
BY_RULES = ("Reads below", "Math below", "Missed days")


def a_year(seed):
    """What a report on needs counts of a year in which the one need is asked for by few and the other by many, with any outcome."""
    of, chance = np.random.default_rng(seed), random.Random(seed)

    def some(*sizes, among=STUDENTS):
        return np.sort(of.choice(among, chance.choice(sizes), replace=False))

    rows = []
    for kind, partner in enumerate(ASKED.values()):
        who = some(6, 20, 40, 90)
        weights = np.array([chance.choice((0.01, 0.1, 1, 4)) for _ in STEPS])
        for person, step in zip(who, of.choice(len(STEPS), who.size, p=weights / weights.sum()), strict=True):
            noted = partner < 0 or chance.random() < 0.05  # by a person or in a survey, and nobody asked
            rows.append((person, kind, -1 if noted else step, -1 if noted else partner))
    asked = AskedRows(*np.array(rows).T, PARTNERS)
    needs = []
    for kind, name in enumerate(ASKED):
        sent = chance.random() < 0.6
        found = outcomes(
            need=asked.who(kind), served=some(5, 40, 100), asked=asked.furthest((kind,)), all_records=sent
        )
        possible = tuple(s for s in found.by_status if sent or s is not NeedStatus.NEVER)
        needs.append(CountedNeed(name, YEAR, ASKED_FOR, found, possible))
    for name in BY_RULES:
        told, sent = some(200, 390, 400), chance.random() < 0.6
        who = some(8, 45, 120, among=told)
        found = outcomes(
            need=who, served=some(5, 40, 100), asked=asked.furthest((1, 2)), all_records=sent
        ).folded()
        impossible = NeedStatus.UNKNOWN if sent else NeedStatus.NEVER
        possible = tuple(s for s, persons in found.by_status.items() if s is not impossible or persons.size)
        needs.append(CountedNeed(name, YEAR, BY_RULE, found, possible, less(told, who), less(STUDENTS, told)))
    partners = []
    for number, name in enumerate(PARTNERS):
        at = {[*ASKED][need]: alone for need, alone in asked.asked_at(number).items()}
        partner = AskedPartner(
            name, YEAR, by_step(asked.of_partner(number)), tuple(at), tuple(n for n in at if at[n])
        )
        if not partner.says_nothing_new:
            partners.append(partner)
    return needs, partners


SCHOOLS = {"Harbor": ["Elm", "Oak", "Pine"], "North": ["Ash"], "South": ["Birch", "Cedar"]}


def of_schools(seed):
    """The students of each school, some large and some small, and of each partner; a few are enrolled nowhere."""
    of = np.random.default_rng(seed)
    every = [school for schools in SCHOOLS.values() for school in schools]
    at = of.choice(len(every) + 1, STUDENTS.size, p=of.dirichlet(np.ones(len(every) + 1)))
    schools = {name: STUDENTS[at == n] for n, name in enumerate(every)}
    partners = {
        name: np.sort(np.concatenate([schools[school] for school in own])) for name, own in SCHOOLS.items()
    }
    return {"school": schools, "partner": partners}


@pytest.mark.parametrize(("seed", "by_school"), [(1, False), (4, False), (9, True), (11, True), (17, True), (24, True)])  # fmt: skip
def test_no_withheld_figure_is_placed_closer_than_the_minimum(seed, by_school):
    needs, partners = a_year(seed)
    groups = of_schools(seed) if by_school else {}
    tables = raw_tables(needs, partners, groups, YEAR)
    known = relations(needs, YEAR, partners, groups)
    protected = [t.to_json() for t in CountedTables(tables, 10, known).protected()]
    assert placed_too_close(protected, SCHOOLS) == []
    assert any(not isinstance(cell["shown"], int) for cell in figures(protected))
    assert by_school == any("school" in cell["at"] for cell in figures(protected))
    true = {cell.place: cell.count for table in tables for cell in table.cells}
    reader = ReaderOfTables(protected, SCHOOLS)
    for fewer, more in reader.at_most:  # what the reader takes to be so is so
        assert sum(true[place(at)] for at in fewer) <= sum(true[place(at)] for at in more)
    for whole, parts in reader.equal:
        assert true[place(whole)] == sum(true[place(at)] for at in parts)


def test_students_of_a_partner_without_a_school_are_counted_too():
    needs, partners = a_year(9)
    groups = of_schools(9)
    elm = groups["school"]["Elm"]
    groups["school"] |= {"Elm": elm[25:], NOT_RECORDED: elm[:25]}
    tables = raw_tables(needs, partners, groups, YEAR)
    known = relations(needs, YEAR, partners, groups)
    assert CountedTables(tables, 10, known).protected()
    assert {each.exact for each in known if each.total.get("partner") == "Harbor"} == {False}
    assert {each.exact for each in known if each.total.get("partner") == "South"} == {True}
