"""Rates are coded from the unrounded value, and the ends are never told."""

from fractions import Fraction

import pytest

from throughway.agreements.enums import PublicationRule, strictest
from throughway.publication import RawCell, RawTable
from throughway.publication.policy import RULES
from throughway.publication.protection import protect
from throughway.publication.rate_coding import coded, coded_alike, end_code
from throughway.publication.shown_figures import rate_between
from throughway.publication.tables import place
from throughway.publication.verify_release import fits_rate

NCES, EDFACTS = (RULES[rule].policy for rule in PublicationRule)


@pytest.mark.parametrize(
    ("numerator", "denominator", "code"),
    [
        (5, 9, None),
        (0, 10, "≤20%"), (2, 10, "≤20%"), (3, 10, "30–39%"), (8, 10, "≥80%"), (10, 10, "≥80%"),
        (5, 20, "21–29%"), (6, 20, "30–39%"), (16, 20, "≥80%"),
        (2, 21, "≤10%"), (3, 21, "11–19%"), (19, 21, "≥90%"),
        (2, 41, "≤5%"), (3, 41, "6–9%"), (5, 50, "10–14%"), (47, 50, "90–94%"), (95, 100, "≥95%"),
        (2, 101, "≤2%"), (50, 101, 50), (198, 200, "≥98%"),
        (3, 301, "≤1%"), (1, 1000, "≤1%"), (335, 1000, 34), (989, 1000, 98), (990, 1000, "≥99%"),
    ],
)  # fmt: skip
def test_codes(numerator, denominator, code):
    assert coded(numerator, denominator) == code


@pytest.mark.parametrize("denominator", [10, 20, 21, 40, 41, 100, 101, 300, 301, 5000])
def test_codes_hide_none_and_all(denominator):
    assert coded(0, denominator) == coded(2, denominator)
    assert coded(denominator, denominator) == coded(denominator - 2, denominator)


@pytest.mark.parametrize("denominator", [9, 10, 17, 21, 33, 41, 77, 101, 250, 301, 640])
def test_a_coded_rate_reveals_only_the_numerators_with_that_code(denominator):
    codes = [coded(n, denominator) for n in range(denominator + 1)]
    for numerator, code in enumerate(codes):
        alike = [n for n, other in enumerate(codes) if other == code]
        assert coded_alike(numerator, denominator) == (min(alike), max(alike))


@pytest.mark.parametrize("rule", RULES)
def test_bands_stand_largest_first(rule):
    smallest = [band.smallest for band in RULES[rule].policy.bands]
    assert smallest == sorted(smallest, reverse=True)


@pytest.mark.parametrize(
    ("numerator", "denominator", "code"),
    [
        (3, 5, None),
        (0, 6, "<50%"), (2, 6, "<50%"), (3, 6, "≥50%"), (7, 15, "<50%"), (8, 15, "≥50%"), (15, 15, "≥50%"),
        (3, 16, "≤20%"), (4, 16, "21–39%"), (8, 20, "40–59%"), (12, 20, "60–79%"), (13, 16, "≥80%"),
        (3, 31, "≤10%"), (4, 31, "11–19%"), (8, 40, "20–29%"), (35, 40, "80–89%"), (36, 40, "≥90%"),
        (3, 61, "≤5%"), (6, 61, "6–9%"), (30, 300, "10–14%"), (284, 300, "90–94%"), (285, 300, "≥95%"),
        (3, 301, "≤1%"), (335, 1000, 34), (990, 1000, "≥99%"),
    ],
)  # fmt: skip
def test_codes_of_edfacts(numerator, denominator, code):
    assert coded(numerator, denominator, EDFACTS) == code


SIZES = [*range(1, 130), 200, 300, 301, 302, 450]


def alike(numerator, denominator, policy):
    first, last = coded_alike(numerator, denominator, policy)
    return last - first + 1


def test_the_rules_are_listed_from_the_least_to_the_most_strict():
    """At every rate at which both publish one, the stricter rule leaves as many numerators open or more; so under several agreements
    its code alone is strict enough for all."""
    for size in range(10, 451):
        for numerator in range(size + 1):
            assert alike(numerator, size, EDFACTS) >= alike(numerator, size, NCES), (numerator, size)


@pytest.mark.parametrize("policy", [NCES, EDFACTS])
def test_every_code_is_read_back_as_what_it_covers(policy):
    for size in SIZES:
        for numerator in range(size + 1):
            code = coded(numerator, size, policy)
            if code is None:
                continue
            low, with_low, high, with_high = rate_between(code)
            rate = Fraction(100 * numerator, size)
            assert low < rate or (with_low and rate == low)
            assert rate < high or (with_high and rate == high)
            assert fits_rate(code, numerator, size)


@pytest.mark.parametrize("policy", [NCES, EDFACTS])
def test_no_code_stands_for_all_or_for_none(policy):
    for size in SIZES:
        if coded(0, size, policy):
            assert coded_alike(0, size, policy)[1] >= 2
            assert coded_alike(size, size, policy)[0] <= size - 2


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([], None), ([None], None), ([None, "nces-2011"], "nces-2011"), (["nces-2011", "edfacts", None], "edfacts"),
        (["edfacts", "nces-2011"], "edfacts"),
    ],
)  # fmt: skip
def test_of_several_agreements_the_strictest_rule_named_holds(rules, found):
    assert strictest(PublicationRule(rule) if rule else None for rule in rules) == found


def schools(*parts):
    """Those who were lost and those who were not, school by school, and the share lost."""
    cells = []
    for name, (lost, rest) in zip("ABCDEFGH", parts, strict=False):
        of, other = ({"school": name, "outcome": outcome} for outcome in ("lost", "reached"))
        cells += [RawCell(of, count=lost), RawCell(other, count=rest)]
        cells.append(
            RawCell(
                {"school": name, "share": "lost"}, "rate", numerator=lost, denominator=lost + rest,
                of=(place(of),), among=(place(of), place(other)),
            )
        )  # fmt: skip
    return RawTable("Lost", ("school", "outcome", "share"), tuple(cells))


@pytest.mark.parametrize(
    ("rule", "shares"),
    [
        (None, [33, 50, 18, "≥99%", None]),
        (PublicationRule.NCES_2011, ["30–39%", "50–59%", 18, "≥99%", None]),
        (PublicationRule.EDFACTS, ["21–39%", "40–59%", "15–19%", "≥99%", None]),
    ],
)
def test_a_rule_that_an_agreement_names_codes_every_share(rule, shares):
    """Also where both counts are shown; a share over a withheld count stays withheld."""
    parts = [(10, 20), (10, 10), (20, 91), (2000, 12), (3, 90)]
    (table,) = protect([schools(*parts)], minimum_cell=10, policy=RULES[rule].policy)
    assert [cell.shown for cell in table.cells if cell.statistic == "rate"] == shares
    assert table.shown({"school": "A", "outcome": "lost"}) == 10


@pytest.mark.parametrize(
    ("least", "most", "few", "many", "code"),
    [
        (2471, 2471, 0, 22, "≥99%"), (2471, 2471, 0, 30, "≥98%"), (0, 2, 100, 100, "≤5%"), (0, 2, 101, 101, "≤2%"),
        (8, 9, 0, 0, None), (0, 22, 30, 30, None), (95, 95, 0, 5, "≥95%"), (95, 95, 0, 6, "≥90%"), (190, 190, 0, 22, "≥80%"), (70, 70, 0, 22, None),
    ],
)  # fmt: skip
def test_an_end_code_is_what_every_rate_within_the_ranges_has(least, most, few, many, code):
    assert end_code(least, most, few, many) == code
    if code:
        edge = int(code[1:-1])
        rates = [100 * n / (n + rest) for n in range(least, most + 1) for rest in range(few, many + 1)]
        assert all(rate >= edge if code[0] == "≥" else rate <= edge for rate in rates)


@pytest.mark.parametrize(
    ("least", "most", "few", "many", "code"),
    [
        (4, 4, 4, 8, None), (4, 4, 5, 8, "<50%"), (5, 8, 4, 5, "≥50%"), (4, 5, 5, 5, None), (0, 4, 3, 8, None), (1, 2, 12, 20, "<50%"), (1, 2, 15, 20, "≤20%"),
        (2000, 2000, 0, 20, "≥99%"), (200, 200, 0, 12, "≥90%"), (200, 200, 0, 10, "≥95%"),
    ],
)  # fmt: skip
def test_end_codes_of_edfacts(least, most, few, many, code):
    assert end_code(least, most, few, many, EDFACTS) == code
