"""A course: a Markdown file that is read on the site, with questions between its sections, and what passes it.

    ---
    title: FERPA and our agreements
    about: What every reader of students' records must know.
    minutes: 15
    passing: 80
    ---
    ## A section
    Its text.

    ### A question about it?
    - [ ] A wrong answer
    - [x] The right answer
    - [ ] Another wrong answer

    Why that is right: shown to who has passed.

`passing`: the percentage of questions that must be right. A question has one right answer.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import yaml
from markdown_it import MarkdownIt

from throughway.core.refusals import Refused

CHOICE = re.compile(r"- \[([ xX])\] +(\S.*)")
FIELDS = {"title": str, "about": str, "minutes": int, "passing": int}
# Without HTML: a community's own course must not be able to put a script into a page.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class CourseQuestion:
    """`right`: the index of the right one of the choices. `why`: Markdown."""

    text: str
    choices: tuple[str, ...]
    right: int
    why: str

    @property
    def answer(self) -> str:
        return self.choices[self.right]

    @property
    def why_html(self) -> str:
        return as_html(self.why)


@dataclass(frozen=True)
class Section:
    """`text`: Markdown without its heading."""

    title: str
    text: str
    questions: tuple[CourseQuestion, ...]

    @property
    def html(self) -> str:
        return as_html(self.text)


@dataclass(frozen=True)
class Course:
    """A course in one language. `version`: the SHA-256 of its text, which a record of a completion names."""

    id: str
    language: str
    title: str
    about: str
    minutes: int
    passing: int
    sections: tuple[Section, ...]
    version: str

    @property
    def questions(self) -> tuple[CourseQuestion, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def needed(self) -> int:
        """How many questions must be right."""
        return ceil(Fraction(self.passing, 100) * len(self.questions))


@dataclass(frozen=True)
class Marked:
    """The answers to a course's questions, marked. `wrong`: the indexes of the questions that were answered wrongly."""

    wrong: tuple[int, ...]
    of: int
    passed: bool

    @property
    def right(self) -> int:
        return self.of - len(self.wrong)


def mark(course: Course, answers: Mapping[int, int]) -> Marked:
    """`answers`: by the index of the question, the index of the choice; a question without one counts as wrong."""
    wrong = tuple(n for n, question in enumerate(course.questions) if answers.get(n) != question.right)
    total = len(course.questions)
    return Marked(wrong, total, total - len(wrong) >= course.needed)


def as_html(text: str) -> str:
    """Markdown as HTML; HTML within it is shown as text."""
    return str(_MARKDOWN.render(text))


def read_course(id: str, language: str, text: str) -> Course:
    """Refused (bad_course) with the line that is wrong."""
    file = f"{id}.{language}.md"
    head, body, first = _parts(file, text)
    sections = _sections(file, body, first)
    course = Course(
        id, language, head["title"], head["about"], head["minutes"], head["passing"], sections,
        hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    if not course.questions:
        raise _bad(
            file,
            "it has no question; write one as a heading of level 3, with answers as - [ ] and one - [x] below it",
        )
    return course


def _parts(file: str, text: str) -> tuple[dict[str, Any], list[str], int]:
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if not lines or lines[0].rstrip() != "---" or end is None:
        raise _bad(file, "it must begin with title, about, minutes and passing between two lines of ---")
    try:
        head = yaml.safe_load("\n".join(lines[1:end]))
    except yaml.YAMLError:
        raise _bad(
            file, "the lines between the first two --- are not YAML, as in title: FERPA and our agreements"
        ) from None
    if not isinstance(head, dict) or set(head) != set(FIELDS):
        raise _bad(
            file, f"between the first two lines of --- there must be {', '.join(FIELDS)}, and nothing else"
        )
    for name, kind in FIELDS.items():
        if type(head[name]) is not kind or not head[name]:
            raise _bad(file, f"{name} must be {'a number' if kind is int else 'text'}")
    if not 1 <= head["passing"] <= 100:
        raise _bad(file, "passing must be a percentage of the questions, from 1 to 100")
    return head, lines[end + 1 :], end + 2


def _sections(file: str, lines: list[str], first: int) -> tuple[Section, ...]:
    """`first`: the number of the first of these lines in the file."""
    found: list[tuple[str, list[str], list[CourseQuestion]]] = []
    n = 0
    while n < len(lines):
        line = lines[n]
        if line.startswith("### "):
            if not found:
                raise _bad(
                    file,
                    f"line {first + n}: a question stands below a section; write its heading, as in ## What FERPA is",
                )
            question, n = _question(file, lines, n, first)
            found[-1][2].append(question)
            continue
        if line.startswith("## "):
            found.append((line[3:].strip(), [], []))
        elif found:
            found[-1][1].append(line)
        elif line.strip():
            raise _bad(
                file,
                f"line {first + n}: text stands below a section; write its heading, as in ## What FERPA is",
            )
        n += 1
    return tuple(
        Section(title, "\n".join(text).strip(), tuple(questions)) for title, text, questions in found
    )


def _question(file: str, lines: list[str], start: int, first: int) -> tuple[CourseQuestion, int]:
    """The question whose heading is the line `start`, and the number of the line after it."""
    choices: list[tuple[str, bool]] = []
    why: list[str] = []
    n = start + 1
    while n < len(lines) and not lines[n].startswith(("## ", "### ")):
        if choice := CHOICE.fullmatch(lines[n].rstrip()):
            choices.append((choice[2], choice[1] != " "))
        else:
            why.append(lines[n])
        n += 1
    right = [m for m, (_, is_right) in enumerate(choices) if is_right]
    if len(choices) < 2 or len(right) != 1:
        raise _bad(
            file,
            f"line {first + start}: a question needs two or more answers, written - [ ], and one right one, written - [x]",
        )
    return CourseQuestion(
        lines[start][4:].strip(), tuple(text for text, _ in choices), right[0], "\n".join(why).strip()
    ), n


def _bad(file: str, what: str) -> Refused:
    return Refused(f"The course {file} cannot be read: {what}.", code="bad_course")
