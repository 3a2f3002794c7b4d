"""Which students and which days: by grade and school, or by a condition for those who know the vocabulary."""

from collections.abc import Mapping
from typing import Any

from django import forms

from throughway.agreements.enums import PartyRole, PopulationDay
from throughway.agreements.labels import table_words
from throughway.negotiation.drafting.forms.purposes import with_role
from throughway.negotiation.drafting.forms.shared_fields import LinesField, day, one_of, some, words
from throughway.negotiation.drafting.questions import condition, grade_choices, problem
from throughway.vocabulary import TABLES

WHENS = [
    (
        PopulationDay.FACT.value,
        "On the day of the fact: a day of absence counts when the student was in the grade on that day",
    ),
    (
        PopulationDay.READING.value,
        "On the day of reading: whoever is in the grade today, with all earlier facts",
    ),
    (PopulationDay.EVER.value, "At any time"),
]
ON = [(name, table_words(name)) for name, table in TABLES.items() if table.of_person]


class StudentsForm(forms.Form):
    """One more group of students in scope."""

    def __init__(self, data: Any = None, *, values: Mapping[str, Any], names: Mapping[str, str]) -> None:
        super().__init__(data, initial={"when": PopulationDay.FACT.value, "on": "school_enrollment"})
        givers = [(id, names.get(id, id)) for id in with_role(values, PartyRole.DISCLOSER)]
        self.fields["grades"] = some("Students in these grades", grade_choices())
        self.fields["schools"] = LinesField(
            label="Only of these schools",
            help_text="The schools’ ids in the district’s system, one a line; none: all of its schools.",
        )
        self.fields["from_"] = some(
            "Of whose students", givers, help="None chosen: of everyone who gives records."
        )
        self.fields["when"] = one_of("On which day must that be so", WHENS)
        self.fields["where"] = words(
            "Or write the condition yourself",
            help="Such as: program_identifier = 'after-school'. It stands in place of grades and schools.",
            rows=2,
        )
        self.fields["on"] = one_of("On which records", ON, required=False, radio=False)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        where, on = answers.get("where"), answers.get("on") or "school_enrollment"
        if where:
            wrong = problem(where, on)
            if wrong:
                self.add_error("where", wrong)
        elif not answers.get("grades") and not answers.get("schools"):
            self.add_error("grades", "Choose grades, name schools, or write a condition.")
        return answers

    def entry(self) -> dict[str, Any]:
        answers = self.cleaned_data
        where = answers["where"] or condition(answers["grades"], answers["schools"])
        return {
            **({"from": answers["from_"]} if answers["from_"] else {}),
            "where": where,
            "on": answers["on"] if answers["where"] and answers["on"] else "school_enrollment",
            **({"when": answers["when"]} if answers["when"] != PopulationDay.FACT else {}),
        }


class RecordsForm(forms.Form):
    """The days of facts in scope."""

    since = day("Only facts of this day or later", help="Empty: no limit.")
    until = day("Only facts until this day", help="Empty: no limit.")

    def __init__(self, data: Any = None, *, values: Mapping[str, Any]) -> None:
        records = values.get("records") or {}
        super().__init__(data, initial={"since": records.get("from"), "until": records.get("to")})

    def records(self) -> dict[str, Any]:
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return {
            **({"from": since.isoformat()} if since else {}),
            **({"to": until.isoformat()} if until else {}),
        }
