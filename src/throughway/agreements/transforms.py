"""How a value is shown: transforms from fine to coarse. Their SQL is in `transform_sql`, so that documents can be read without an
engine."""

import re
from dataclasses import dataclass

ORDER = ("none", "band", "year", "mask", "pseudonym", "suppress")
BAND = re.compile(r"band:([1-9][0-9]{0,8})")

# The vocabulary's types that each transform applies to.
FITS = {
    "none": frozenset({"string", "code", "id", "time", "date", "datetime", "integer", "decimal", "boolean"}),
    "band": frozenset({"integer", "decimal"}),
    "year": frozenset({"date", "datetime"}),
    "mask": frozenset({"string", "code", "id"}),
    "pseudonym": frozenset({"string", "code", "id"}),
    "suppress": frozenset({"string", "code", "id", "time", "date", "datetime", "integer", "decimal", "boolean"}),
}  # fmt: skip


@dataclass(frozen=True)
class Transform:
    """`name` is one of ORDER; `width` is the N of `band:N`, else 0."""

    name: str = "none"
    width: int = 0

    @classmethod
    def parse(cls, text: str) -> "Transform":
        """Reads `none`, `band:5`, `year`, …; ValueError in words otherwise."""
        band = BAND.fullmatch(text)
        if band:
            return cls("band", int(band[1]))
        if text in ORDER and text != "band":
            return cls(text)
        raise ValueError(
            "is not a transform: write none, year, band:N with a whole number N such as band:5, mask, "
            "pseudonym or suppress"
        )

    def __str__(self) -> str:
        return f"band:{self.width}" if self.name == "band" else self.name

    @property
    def coarseness(self) -> tuple[int, int]:
        """Sorts from fine to coarse."""
        return (ORDER.index(self.name), self.width)

    def fits(self, element_type: str) -> bool:
        """Whether the transform applies to values of this type of the vocabulary."""
        return element_type in FITS[self.name]
