from itertools import pairwise

import pytest

from throughway.agreements.transforms import Transform


@pytest.mark.parametrize("text", ["none", "year", "band:5", "mask", "pseudonym", "suppress"])
def test_a_transform_is_read_and_written(text: str) -> None:
    assert str(Transform.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "band", "band:", "band:0", "band:-5", "band:2.5", "Year", "none ", "hash"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a transform"):
        Transform.parse(text)


def test_from_fine_to_coarse() -> None:
    order = [
        Transform.parse(t) for t in ("none", "band:5", "band:10", "year", "mask", "pseudonym", "suppress")
    ]
    assert all(fine.coarseness < coarse.coarseness for fine, coarse in pairwise(order))


@pytest.mark.parametrize(
    ("text", "type", "fits"),
    [
        ("year", "date", True),
        ("year", "string", False),
        ("band:5", "integer", True),
        ("band:5", "code", False),
        ("mask", "string", True),
        ("mask", "date", False),
        ("suppress", "boolean", True),
    ],
)
def test_a_transform_fits_some_types(text: str, type: str, fits: bool) -> None:
    assert Transform.parse(text).fits(type) is fits
