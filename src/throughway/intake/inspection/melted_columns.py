"""Columns of which each becomes a row of its own: scores, scores with a day beside each, answers to questions, and a column a day."""

import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from throughway.intake.inspection.draft_lines import Line, code_question, code_text, lines_of, quoted, scalar
from throughway.intake.inspection.element_fit import SURE
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.heading_words import words_of
from throughway.intake.said_dates import DAY_ALONE, formats_of, is_day, pattern_of

SCORE = "assessment_result.assessment_result_score_value"
TESTED = "assessment_result.assessment_administration_start_date"
METRICS = (
    ("percentile", "03476"), ("grade equivalent", "00493"), ("normal curve", "00497"), ("nce", "00497"), ("stanine", "00508"),
    ("raw", "03478"), ("growth", "03474"), ("scale", "03479"), ("rit", "03479"), ("lexile", "09999"), ("quantile", "09999"),
)  # fmt: skip
STATUS = "attendance_day.attendance_status"
MARKS = frozenset({"x", "\u2713", "\u2714", "\u221a", "\u2611"})  # what people write where somebody came


def metric_of(heading: str) -> str | None:
    plain = " ".join(words_of(heading))
    return next((code for said, code in METRICS if said in plain), None)


def melted_scores(scores: Sequence[ElementGuess], lines: list[Line]) -> tuple[str, str]:
    """Each score column becomes a row of its own, with its metric."""
    metrics = ", ".join(f"{scalar(c.name)}: {scalar(metric_of(c.name) or '09999')}" for c in scores)
    lines.append(Line(f"assessment_score_metric_type: {{from: score_name, map: {{{metrics}}}}}"))
    return (
        f"{{columns: {_any_of(scores)}, name: score_name, value: assessment_result_score_value}}",
        "score_name",
    )


def melted_answers(answers: Sequence[ElementGuess]) -> tuple[str, str]:
    """Each question of a survey becomes a row of its own, under its heading."""
    return (
        f"{{columns: {_any_of(answers)}, name: survey_question_code, value: response_value}}",
        "survey_question_code",
    )


def _any_of(columns: Sequence[ElementGuess]) -> str:
    """A pattern, as a YAML scalar, for these headings."""
    return quoted("^(?:" + "|".join(re.escape(c.name) for c in columns) + ")$")


@dataclass(frozen=True)
class PairedColumns:
    """Scores with a day beside each: the patterns of their headings, whose group pairs them, and a column of days."""

    scores: str
    days: str
    day: ElementGuess


def paired_with_days(scores: Sequence[ElementGuess], own: Sequence[ElementGuess]) -> PairedColumns | None:
    """The pairs where each score has one column of days whose heading differs from its own in the same words; None where any has none."""
    days = [c for c in own if c.element == TESTED]
    if len(scores) < 2 or len(days) != len(scores):
        return None
    of_scores, of_days = (_one_pattern([c.name for c in found]) for found in (scores, days))
    if of_scores is None or of_days is None or of_scores[1] != of_days[1]:
        return None
    return PairedColumns(of_scores[0], of_days[0], days[0])


def sure_pairs(columns: Sequence[ElementGuess]) -> list[ElementGuess]:
    """The columns; scores that each have a day beside them are sure, since their headings speak for each other."""
    scores = [c for c in columns if c.element == SCORE]
    if paired_with_days(scores, columns) is None:
        return [*columns]
    return [
        replace(c, confidence=max(c.confidence, SURE)) if c.element in (SCORE, TESTED) else c for c in columns
    ]


def _one_pattern(names: Sequence[str]) -> tuple[str, frozenset[str]] | None:
    """One pattern for headings that are alike but for a part, as `^(Fall|Spring) Score$`, and these parts; None where nothing is alike."""
    before = _beginning(names)
    after = _beginning([name[len(before) :][::-1] for name in names])[::-1]
    parts = [name[len(before) : len(name) - len(after)] for name in names]
    if not (before or after) or not all(parts):
        return None
    pattern = f"^{re.escape(before)}({'|'.join(map(re.escape, parts))}){re.escape(after)}$"
    return pattern.replace("\\ ", " "), frozenset(parts)


def _beginning(names: Sequence[str]) -> str:
    """The text with which all begin."""
    alike = itertools.takewhile(lambda letters: len({*letters}) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)


def melted_pairs(found: PairedColumns, scores: Sequence[ElementGuess], lines: list[Line]) -> tuple[str, str]:
    """Each score, with the day beside it, becomes a row of its own."""
    metrics = {metric_of(c.name) or "09999" for c in scores}
    if len(metrics) == 1:
        lines.append(Line(f"assessment_score_metric_type: {{value: {scalar(metrics.pop())}}}"))
    for line in lines_of(found.day):
        lines.append(
            Line(line.text.replace(f"from: {scalar(found.day.name)}", "from: score_day"), line.doubt)
        )
    return (
        f"{{columns: {quoted(found.scores)}, name: score_name, value: assessment_result_score_value,"
        f" beside: {{score_day: {quoted(found.days)}}}}}",
        "score_name",
    )


def is_day_column(column: ElementGuess) -> bool:
    """Whether the heading of a column is a day, and its cells are what happened on it."""
    return column.element == STATUS and (is_day(column.name) or bool(re.match(DAY_ALONE, column.name)))


def day_formats(days: Sequence[ElementGuess]) -> list[str]:
    found = formats_of([c.name for c in days])
    return found if found == ["%d"] else list(dict.fromkeys(["%Y-%m-%d", *found]))


def usual_code(source: str) -> str:
    """What a mark mostly means; empty for any other code."""
    return "Present" if source.lower() in MARKS else ""


def melted_days(days: Sequence[ElementGuess], lines: list[Line]) -> tuple[str, str]:
    """Each column of a day becomes a row of its own."""
    codes = {source: guess for c in days for source, guess in c.codes.items()}
    known = ", ".join(f"{scalar(k)}: {code_text(g.code)}" for k, g in codes.items() if g.code is not None)
    lines.append(Line(f"attendance_status: {{from: status, map: {{{known}}}}}"))
    for source, guess in codes.items():
        if guess.code is None:
            near = [(usual, usual)] if (usual := usual_code(source)) else guess.nearest
            lines.append(Line("(add it to the map above)", code_question(source, near)))
    formats = ", ".join(json.dumps(f) for f in day_formats(days))
    pattern = quoted(pattern_of([c.name for c in days]))
    return (
        f"{{columns: {pattern}, name: attendance_event_date, value: status, date: [{formats}]}}",
        "attendance_event_date",
    )
