"""Agreements to start from: whole, plain texts with blanks where only the parties can answer.

values = begin("consent", parties={"school": ["oak-schools"], "program": ["after-school"]}, id="oak-casework", title="…")
text = as_yaml(values)
"""

from throughway.agreements.starter_texts.fill import begin
from throughway.agreements.starter_texts.template import (
    Template,
    TemplateParty,
    TemplateQuestion,
    part_of,
    template,
    templates,
)
from throughway.agreements.starter_texts.yaml_writer import as_yaml, in_order

__all__ = [
    "Template",
    "TemplateParty",
    "TemplateQuestion",
    "as_yaml",
    "begin",
    "in_order",
    "part_of",
    "template",
    "templates",
]
