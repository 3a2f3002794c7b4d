"""The SQL of each transform, and the type of its values."""

from sqlglot import exp

from throughway.agreements.population_condition import DAYS, NUMBERS
from throughway.agreements.transforms import Transform
from throughway.vocabulary import Element


def transform_sql(
    column: exp.Expression,
    element: Element,
    transform: str | Transform,
    *,
    code: exp.Expression | None = None,
) -> exp.Expression:
    """The SQL of a column's value under the transform; NULL stays NULL.

    `code`: the column with the value's random code (from a join); without one a pseudonym is NULL, as is a transform that does not
    apply to the type.
    """
    parsed = Transform.parse(transform) if isinstance(transform, str) else transform
    column = column.copy()
    if parsed.name == "none":
        return column
    shown = typed_null(output_type(element, parsed))
    if parsed.name == "pseudonym":
        return code.copy() if code is not None else shown
    if parsed.name == "mask":
        return _mask(column)
    if parsed.name == "year" and element.type in DAYS:
        return exp.Extract(this=exp.var("YEAR"), expression=column)
    if parsed.name == "band" and element.type in NUMBERS:
        return _band(column, element, parsed.width)
    return shown


def output_type(element: Element, transform: Transform) -> str:
    """The engine's type of the shown value."""
    if transform.name in ("none", "suppress"):
        return element.stored_as
    return "BIGINT" if transform.name in ("year", "band") else "VARCHAR"


def number_of(text: exp.Expression) -> exp.Expression:
    """SQL: the number in a text; NULL where it is a range, a word, or too large for a score.

    The bound excludes infinity and NaN too, which the engine reads as numbers and which would make every mean useless.
    """
    number = exp.TryCast(this=text, to=exp.DataType.build("double"))
    finite = exp.LT(this=exp.Abs(this=number), expression=exp.Literal.number("1e15"))
    return exp.Case(ifs=[exp.If(this=finite, true=number.copy())])


def typed_null(kind: str) -> exp.Expression:
    return exp.cast(exp.null(), kind)


def _mask(column: exp.Expression) -> exp.Expression:
    text = exp.cast(column, "text")
    first = exp.Substring(this=text, start=exp.Literal.number(1), length=exp.Literal.number(1))
    masked = exp.DPipe(this=first, expression=exp.Literal.string("…"))
    return exp.Case(
        ifs=[exp.If(this=exp.NEQ(this=text.copy(), expression=exp.Literal.string("")), true=masked)]
    )


def _band(column: exp.Expression, element: Element, width: int) -> exp.Expression:
    """The lower bound of the band that contains the value, also for negative values."""
    size = exp.Literal.number(width)
    if element.type == "integer":
        # x - ((x % n) + n) % n, since the remainder of a negative number is negative.
        remainder = exp.Mod(this=column, expression=size)
        offset = exp.Mod(this=exp.paren(exp.Add(this=exp.paren(remainder), expression=size.copy())),
                         expression=size.copy())  # fmt: skip
        return exp.Sub(this=column.copy(), expression=exp.paren(offset))
    divided = exp.Div(this=column, expression=size)
    bound = exp.Mul(this=exp.Floor(this=divided), expression=size.copy())
    return exp.TryCast(this=bound, to=exp.DataType.build("bigint"))
