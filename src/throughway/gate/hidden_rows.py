"""What an agreement hides because a cell is empty, told without anything of the row."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class HiddenRows:
    """Rows of `table` that `discloser` sent about one learner of this school year and that `agreement` does not show, since `element`
    is empty. `rule`: the agreement's condition on the table of that element."""

    discloser: str
    agreement: str
    table: str
    element: str
    rule: str
