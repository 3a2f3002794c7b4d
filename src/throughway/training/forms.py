"""The questions of a course as a form, and the form for a course that was taken elsewhere."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from throughway.agreements.document_forms import day, one_of
from throughway.agreements.labels import course_words
from throughway.training.course import Course, CourseQuestion, Marked, Section


class AnswersForm(forms.Form):
    """One field for each question, named `q` and its index. `version`: of the text that was read, so that answers to another text are not
    taken for answers to this one."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, course: Course, **options: Any) -> None:
        super().__init__(*args, **options)
        self.course = course
        self.fields["version"].initial = course.version
        for n, question in enumerate(course.questions):
            self.fields[f"q{n}"] = _field(question)

    def clean_version(self) -> str:
        if self.cleaned_data["version"] != self.course.version:
            raise forms.ValidationError(
                _("The text of this course has changed meanwhile. Read it again, and answer then.")
            )
        return self.course.version

    @property
    def answers(self) -> dict[int, int]:
        return {n: int(self.cleaned_data[f"q{n}"]) for n in range(len(self.course.questions))}

    @property
    def sections(self) -> list[tuple[Section, list[forms.BoundField]]]:
        """Each section of the course with the fields of its questions."""
        found, n = [], 0
        for section in self.course.sections:
            found.append((section, [self[f"q{n + m}"] for m in range(len(section.questions))]))
            n += len(section.questions)
        return found

    def mark_wrong(self, marked: Marked) -> None:
        """Says how many are right and which are not; which answer would be right is for the reader to find in the text."""
        for n in marked.wrong:
            self.add_error(f"q{n}", _("This is not right. Read the section above once more."))
        said = _(
            "%(right)s of %(of)s answers are right, and %(needed)s are needed. Read the sections again and correct the answers."
        )
        self.add_error(None, said % {"right": marked.right, "of": marked.of, "needed": self.course.needed})


class RecordForm(forms.Form):
    """`people`: e-mail addresses; `courses`: those that agreements ask for."""

    email = one_of("Person", [], menu=True, missing="Choose a person.")
    course = one_of("Course", [], menu=True, missing="Choose a course.")
    on = day("Completed on", missing="Write the day.")

    def __init__(self, *args: Any, people: Iterable[str], courses: Collection[str], **options: Any) -> None:
        super().__init__(*args, **options)
        for name, pairs in {
            "email": [(email, email) for email in people],
            "course": [(course, course_words(course)) for course in sorted(courses)],
        }.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "Choose"), *pairs]


def _field(question: CourseQuestion) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=question.text,
        choices=[(str(m), text) for m, text in enumerate(question.choices)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
