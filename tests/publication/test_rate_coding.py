"""Rates are coded from the unrounded value, and the ends are never told."""

import pytest

from throughway.publication.policy import POLICY
from throughway.publication.rate_coding import coded, coded_alike, end_code


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


def test_bands_stand_largest_first():
    smallest = [band.smallest for band in POLICY.bands]
    assert smallest == sorted(smallest, reverse=True)


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
