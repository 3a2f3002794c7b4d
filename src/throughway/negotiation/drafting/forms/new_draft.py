"""What is asked to begin: who takes which part, what it is called, and what only the parties can answer."""

from collections.abc import Mapping
from typing import Any

from django import forms

from throughway.agreements.enums import Tier
from throughway.agreements.starter_texts import Template, TemplateParty
from throughway.negotiation.drafting.forms.shared_fields import day, one_of, some, words
from throughway.partners import PartnerFacts


class BeginForm(forms.Form):
    """`own`: the writer's partner, which is offered where it fits. `wider`: (id, title) of what it may stand under."""

    def __init__(
        self, data: Any = None, *, template: Template, partners: Mapping[str, PartnerFacts], own: str, wider: list[tuple[str, str]]
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.template = template
        self.fields["title"] = words(
            "What is it about, in a line?",
            help="Such as: Attendance and supports for students in grades 6 to 8",
            required=True,
        )
        self.fields["id"] = forms.RegexField(
            r"^[a-z0-9][a-z0-9_-]{0,99}$",
            label="Short name",
            help_text="For files and commands: small letters, digits and hyphens, as oak-casework-2026.",
            error_messages={
                "invalid": "Use small letters, digits and hyphens, at most 100.",
                "required": "Give it a short name.",
            },
        )
        for part in template.parts:
            self.fields[f"part_{part.id}"] = _part(part, partners, own)
        if template.tier is not Tier.MOU and wider:
            self.fields["under"] = one_of("What it stands under", wider, required=template.tier is Tier.DUL, radio=False,
                                          help="It gives nothing that the wider agreement does not give.")  # fmt: skip
        self.fields["effective"] = day("First day", help="Days, and all that follows, may wait.")
        self.fields["expires"] = day("Last day")
        for question in template.questions:
            self.fields[f"answer_{question.id}"] = words(question.ask, help=f"Such as: {question.such_as}")

    def parties(self) -> dict[str, list[str]]:
        found = {part.id: self.cleaned_data[f"part_{part.id}"] for part in self.template.parts}
        return {
            id: [taken] if isinstance(taken, str) else list(taken) for id, taken in found.items() if taken
        }

    def answers(self) -> dict[str, object]:
        return {q.id: self.cleaned_data[f"answer_{q.id}"] for q in self.template.questions}


def _part(part: TemplateParty, partners: Mapping[str, PartnerFacts], own: str) -> forms.Field:
    """Those of a kind that usually takes the part; everyone, where there is none of it."""
    fitting = [p for p in partners.values() if p.kind in part.kinds] or list(partners.values())
    choices = [(p.id, p.name) for p in sorted(fitting, key=lambda p: p.name)]
    help = "May stay empty." if part.optional else ""
    mine = own if own in {id for id, _ in choices} else ""
    if part.several:
        field: forms.Field = some(part.words, choices, help=help)
        field.initial = [mine] if mine and not part.optional else []
    else:
        field = one_of(part.words, choices, help=help, required=False, radio=False)
        field.initial = mine if not part.optional else ""
    return field
