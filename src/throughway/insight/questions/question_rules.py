"""What a question may not use: parts of SQL by which a figure would be about one student, one file, about other figures, or what was told to
one partner alone."""

from collections.abc import Sequence

from sqlglot import exp

from throughway.core.refusals import Refused
from throughway.vocabulary import COMMON, TABLES

PERSON = "person_id"
ABOUT_FILES = frozenset({"batch_id", "recorded_at"})
TOLD_TO_ONE = frozenset({"event_kind"})  # its codes say what a protected service answered (42 CFR 2.13(c))
IDENTIFYING = frozenset(
    name
    for table in TABLES.values()
    for name, element in (*table.elements.items(), *COMMON.items())
    if "identifier" in element.law_tags and name != PERSON
)


def refused(message: str) -> Refused:
    """The refusal of a question, in one sentence."""
    return Refused(message, code="question")


class AnswerRefused(Refused):
    """The refusal of a question for what its answer holds. One student's record can decide it, so no user is told it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="question")


# The parts of the outer query that would change which figures there are, each with its cure.
OUTER: dict[str, str] = {
    "distinct": "A question counts students in groups, so it cannot use SELECT DISTINCT; name the groups in GROUP BY.",
    "having": "HAVING would leave out groups by their figures, which tells about the figures; leave it out, and every group is listed.",
    "qualify": "QUALIFY would leave out groups by their figures, which tells about the figures; leave it out, and every group is listed.",
    "windows": "A window compares figures with each other before they are protected; leave it out.",
}


def check_outer(asked: exp.Select) -> None:
    """Refused where the outer query would choose or rank groups by their figures, or shows rows."""
    for part, sentence in OUTER.items():
        if asked.args.get(part):
            raise refused(sentence)
    if asked.args.get("from_") is None:
        raise refused("The question reads no table; write FROM and a table with person_id.")
    if any(select.is_star for select in asked.expressions):
        raise refused("A question shows figures, never rows; name its groups and figures in place of *.")
    order = asked.args.get("order")
    if order is not None:
        measured = {select.alias.lower() for select in asked.expressions if select.find(exp.AggFunc)}
        places = {str(n) for n, select in enumerate(asked.expressions, 1) if select.find(exp.AggFunc)}
        for each in order.expressions:
            if each.find(exp.AggFunc) or each.this.name.lower() in measured or each.this.name in places:
                raise refused(
                    "An order by a figure would rank figures that are withheld; order by a group, or leave ORDER BY out."
                )


def check_everywhere(asked: exp.Select) -> None:
    """Refused where any part picks single students or files."""
    if asked.find(exp.Limit, exp.Offset):
        raise refused(
            "LIMIT picks some rows, perhaps of one student; describe the students in WHERE instead."
        )
    for column in asked.find_all(exp.Column):
        name = column.name.lower()
        if name in IDENTIFYING:
            raise refused(
                f"The column {name} names or identifies a student, so no figure can be made with it."
            )
        if name in ABOUT_FILES:
            raise refused(
                f"The column {name} is about a file, not about students; figures of one file would tell who came late."
            )
        if name in TOLD_TO_ONE:
            raise refused(
                f"The column {name} says what a service whose clients the law protects answered, with their authorization, to the sender alone; count by referral_state."
            )
        if name == "birthdate" and isinstance(_above(column), exp.EQ | exp.In | exp.NullSafeEQ):
            raise refused("A filter on one day of birth can leave one student; use an age or a year.")
        if name == PERSON and not _counts_or_joins(column):
            raise refused(
                "The column person_id only joins tables and counts students; a filter or a group by it would be about one student."
            )
    _check_person_keeps_its_name(asked)
    for window in asked.find_all(exp.Window):
        if window.find_ancestor(exp.Select) is asked:
            raise refused(OUTER["windows"])
        if not _by_person(window.args.get("partition_by") or ()):
            raise refused(
                "A window must be PARTITION BY person_id, so that it looks at one student's own rows."
            )
    for having in asked.find_all(exp.Having):
        group = having.parent.args.get("group") if having.parent else None
        if group is None or not _by_person(group.expressions):
            raise refused("HAVING is possible only in a WITH part that is GROUP BY person_id.")


def _check_person_keeps_its_name(asked: exp.Select) -> None:
    """Nothing else is called person_id, and person_id has no other name: a figure counts students and nothing else."""
    for alias in asked.find_all(exp.Alias):
        of = alias.this
        persons = (of.this, *of.expressions) if isinstance(of, exp.Coalesce) else (of,)
        if all(map(is_person, persons)) != (alias.alias.lower() == PERSON):
            raise refused(
                "Only the column person_id may be called person_id, and it keeps that name in every part."
            )
    renamed = any(part.args.get("columns") for part in asked.find_all(exp.TableAlias))
    if renamed or any(
        star.args.get("rename") or star.args.get("replace") for star in asked.find_all(exp.Star)
    ):
        raise refused("Name columns with AS, not in a list after the table or in the star.")


def _by_person(expressions: Sequence[exp.Expression]) -> bool:
    return any(isinstance(e, exp.Column) and e.name.lower() == PERSON for e in expressions)


def _above(node: exp.Expression) -> exp.Expression | None:
    """The nearest part above that is more than brackets."""
    above = node.parent
    while isinstance(above, exp.Paren | exp.Cast | exp.TryCast):
        above = above.parent
    return above


def _counts_or_joins(column: exp.Column) -> bool:
    """Whether person_id is used only to join, to count or to keep rows of one student together."""
    above = column.parent
    if isinstance(above, exp.Select | exp.Group | exp.Distinct | exp.Count | exp.Is):
        return True
    if isinstance(above, exp.Window):
        return column.arg_key == "partition_by"
    if isinstance(above, exp.Alias):
        return isinstance(above.parent, exp.Select)
    if isinstance(above, exp.If):  # count(DISTINCT CASE WHEN … THEN person_id END)
        return column.arg_key == "true" and isinstance(above.parent, exp.Case)
    if isinstance(above, exp.EQ):
        other = above.expression if above.this is column else above.this
        return is_person(other)
    if isinstance(above, exp.In):
        return column.arg_key == "this" and above.args.get("query") is not None
    if isinstance(above, exp.Coalesce):
        return all(is_person(each) for each in (above.this, *above.expressions)) and isinstance(
            above.parent, exp.Alias | exp.Select
        )
    return False


def is_person(node: object) -> bool:
    """Whether it is the column person_id."""
    return isinstance(node, exp.Column) and node.name.lower() == PERSON
