"""Agreements to start from: whole, plain texts with blanks where only the parties can answer.

values = begin("consent", parties={"school": ["oak-schools"], "program": ["after-school"]}, id="oak-casework", title="…")
text = as_yaml(values)
"""

from throughway.agreements.starter_texts.fill import begin
from throughway.agreements.starter_texts.template import (
    Part,
    Question,
    Template,
    part_of,
    template,
    templates,
)
from throughway.agreements.starter_texts.yaml_writer import as_yaml, in_order

__all__ = [
    "Part",
    "Question",
    "Template",
    "as_yaml",
    "begin",
    "in_order",
    "part_of",
    "template",
    "templates",
]
