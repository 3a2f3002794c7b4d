"""What an agreement hides because a cell is empty, told without anything of the row."""

from collections.abc import Collection
from dataclasses import dataclass

from throughway.agreements.agreement_text import condition_words
from throughway.core.prose import capital, counted, listed
from throughway.vocabulary.labels import element_words, table_words


@dataclass(frozen=True, order=True)
class HiddenRows:
    """Rows of `table` that `discloser` sent about one learner of this school year and that `agreement` does not show, since `element`
    is empty. `rule`: the agreement's condition on the table of that element."""

    discloser: str
    agreement: str
    table: str
    element: str
    rule: str

    @property
    def cell(self) -> str:
        """The empty cell, in words."""
        return cell_words(self.element)


@dataclass(frozen=True)
class HiddenStudents:
    """How many of the discloser's learners have records of this school year, in `tables`, that a rule of the agreement hides because
    `element` is empty; before what families decided."""

    discloser: str
    agreement: str
    title: str
    rule: str
    element: str
    tables: tuple[str, ...]
    students: int

    def to_json(self) -> dict[str, object]:
        return {
            "agreement": self.agreement, "rule": self.rule, "element": self.element, "tables": list(self.tables),
            "students": self.students,
        }  # fmt: skip

    @property
    def heading(self) -> str:
        verb = "has" if self.students == 1 else "have"
        return f"{counted(self.students, 'student')} {verb} records of this school year that “{self.title}” does not show"

    @property
    def why(self) -> str:
        """What is hidden, by which rule, since what is empty, and what to do."""
        whose = "this student" if self.students == 1 else "these students"
        return (
            f"{tables_words(self.tables)}: {rule_words(self.rule)}, and {cell_words(self.element)} of {whose} is empty. "
            "Fill it in and send the file again."
        )


def tables_words(tables: Collection[str]) -> str:
    return capital(listed(table_words(table).lower() for table in tables))


def rule_words(rule: str) -> str:
    return f"the agreement shows students for whom {condition_words(rule)}"


def cell_words(element: str) -> str:
    return f"“{element_words(element.rpartition('.')[2])}”"
