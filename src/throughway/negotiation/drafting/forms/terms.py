"""Until when, and what then: days, destruction, the rules of daily work."""

from collections.abc import Mapping
from typing import Any

from django import forms

from throughway.agreements.enums import Election
from throughway.negotiation.drafting.forms.shared_fields import (
    LinesField,
    day,
    kept,
    number,
    one_of,
    some,
    words,
)

ELECTIONS = [
    (Election.DESTROY.value, "It is destroyed"),
    (Election.RETURN.value, "It is returned, and no copy is kept"),
    (Election.KEEP_DEIDENTIFIED.value, "What identifies nobody is kept, the rest destroyed"),
]
NEVER = {
    "sale": "sold",
    "advertising": "used for advertising",
    "model_training": "used to train models",
    "immigration_enforcement": "used to enforce immigration law",
    "extracts": "taken out of this system as an extract",
}
NUMBERS = ("renewal_notice_days", "exit_notice_days", "breach_notice_hours", "publication_review_days")


class TermsForm(forms.Form):
    effective = day("First day")
    expires = day("Last day")
    within_days = number(
        "Within how many days after the end is what was shared destroyed or returned?", most=36_525
    )
    method = words("How is it destroyed?", help="Such as NIST SP 800-88 purge.")
    election = one_of("What happens to it at the end", ELECTIONS)
    minimum_cell = number(
        "Below how many persons is a published count withheld?",
        help="Most States ask for 10 or more.",
        least=1,
    )
    training = LinesField(
        label="Which courses must a reader have passed?",
        help_text="One a line, such as ferpa-basics. Empty: none.",
    )
    breach_notice_hours = number("Within how many hours is a breach told?")
    renewal_notice_days = number("How many days before the end is renewal raised?", most=36_525)
    exit_notice_days = number("With how many days’ notice may a party leave?", most=36_525)
    publication_review_days = number(
        "How many days before it appears do partners see a publication?", most=36_525
    )
    storage_country = words("In which country does the data stay?", help="Such as US.")
    never = some("What must never be done with it", NEVER.items())
    also_never = LinesField(label="And what else never", help_text="One a line.")
    subprocessors = LinesField(
        label="Who works for a party under the same terms?",
        help_text="One a line, as: Oak Hosting: runs the servers",
    )
    delivery = LinesField(
        label="Which files come, and how often?",
        help_text="One a line, as: oak-schools, attendance_day, week, edfi-xml",
    )

    def __init__(self, data: Any = None, *, values: Mapping[str, Any]) -> None:
        terms = values.get("terms") or {}
        destruction = terms.get("destruction") or {}
        prohibited = _list(terms.get("prohibited"))
        self.before = terms
        super().__init__(
            data,
            initial={
                **{
                    name: terms.get(name)
                    for name in ("effective", "expires", "minimum_cell", "storage_country", *NUMBERS)
                },
                "within_days": destruction.get("within_days"),
                "method": destruction.get("method"),
                "election": destruction.get("election") or Election.DESTROY.value,
                "training": _list(terms.get("training")),
                "never": [word for word in prohibited if word in NEVER],
                "also_never": [word for word in prohibited if word not in NEVER],
                "subprocessors": [
                    f"{s.get('name', '')}: {s.get('service', '')}" for s in terms.get("subprocessors") or ()
                ],
                "delivery": [
                    ", ".join(str(d.get(k, "")) for k in DELIVERY) for d in terms.get("delivery") or ()
                ],
            },
        )

    def clean_subprocessors(self) -> list[dict[str, str]]:
        pairs = [line.partition(":") for line in self.cleaned_data["subprocessors"]]
        if any(not name.strip() or not service.strip() for name, _, service in pairs):
            raise forms.ValidationError(
                "Write each as a name, a colon, and what it does: Oak Hosting: runs the servers"
            )
        return [{"name": name.strip(), "service": service.strip()} for name, _, service in pairs]

    def clean_delivery(self) -> list[dict[str, str]]:
        rows = [[cell.strip() for cell in line.split(",")] for line in self.cleaned_data["delivery"]]
        if any(len(row) != len(DELIVERY) or not all(row) for row in rows):
            raise forms.ValidationError(
                "Write each as four words with commas: oak-schools, attendance_day, week, edfi-xml"
            )
        return [dict(zip(DELIVERY, row, strict=True)) for row in rows]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        first, last = answers.get("effective"), answers.get("expires")
        if first and last and last < first:
            self.add_error("expires", "The last day comes before the first; mend one of them.")
        return answers

    def fields_of(self) -> dict[str, Any]:
        answers = self.cleaned_data
        election = {} if answers["election"] == Election.DESTROY else {"election": answers["election"]}
        known = {"effective", "expires", "minimum_cell", "training", "destruction", *NUMBERS, "storage_country",
                 "subprocessors", "delivery", "prohibited"}  # fmt: skip
        terms = {
            **{name: value for name, value in self.before.items() if name not in known},
            "effective": _iso(answers["effective"]),
            "expires": _iso(answers["expires"]),
            "minimum_cell": answers["minimum_cell"],
            "training": answers["training"],
            "destruction": {
                "within_days": answers["within_days"],
                "method": answers["method"] or None,
                **election,
            },
            **kept(answers, *NUMBERS, "storage_country", "subprocessors", "delivery"),
        }
        never = [*answers["never"], *answers["also_never"]]
        return {"terms": {**terms, **({"prohibited": never} if never else {})}}


DELIVERY = ("from", "what", "every", "format")


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _iso(value: Any) -> str | None:
    return value.isoformat() if value else None
