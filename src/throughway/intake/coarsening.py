"""A value stored blurred: in the column's own type, so that reading blurs it again to the same."""

from throughway.agreements.transforms import Transform


def blurred_sql(value: str, kind: str, transform: Transform) -> str:
    """The value as it is stored under a transform; `kind` is the engine's type of the column.

    A year is the first of January of that year, a band its lower bound, a mask the first letter and an ellipsis.
    """
    if transform.name == "year":
        return f"CAST(date_trunc('year', {value}) AS {kind})"
    if transform.name == "band":
        return f"CAST(floor({value} / {transform.width}) * {transform.width} AS {kind})"
    if transform.name == "mask":
        return f"CASE WHEN {value} <> '' THEN left({value}, 1) || '…' END"
    return value
