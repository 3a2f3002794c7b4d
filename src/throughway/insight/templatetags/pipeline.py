"""Figures and labels of the pipeline report in templates: the functions of `pipeline_text` as filters."""

from django.template import Library

from throughway.core.prose import school_year
from throughway.insight import pipeline_text
from throughway.insight.figures import Figures, Milestone

register = Library()
for function in (
    pipeline_text.number,
    pipeline_text.share,
    school_year,
    pipeline_text.why_not_counted,
    pipeline_text.causes,
    pipeline_text.class_due,
    pipeline_text.class_on_step,
):
    register.filter(function.__name__, function)


@register.filter
def expected(milestone: Milestone, group: Figures) -> int | None:
    """Students that the group would lose at everyone's share."""
    return milestone.expected(group)
