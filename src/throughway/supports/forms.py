"""The form of an entry: a name, and what else its partner knows."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from django import forms

from throughway.core.refusals import Refused
from throughway.measures.eligibility import FACTS, EligibilityRule, FactKind, condition
from throughway.measures.needs import CATEGORIES
from throughway.supports.entry import (
    GRADES,
    MAX_LINE,
    MAX_TEXT,
    SUBJECTS,
    WAY_HOME,
    WEEK,
    SupportStatement,
    WayHome,
    WeeklySession,
    language_words,
)
from throughway.vocabulary import CODE_SETS

COMMON_LANGUAGES = ("eng", "spa", "por", "hat", "chi", "vie", "ara", "fre", "rus", "kor", "tgl", "hmn", "som")
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
HELP_RULES = "One a line, such as: grade is 03 or 04. All of them must be met. The facts are listed below."


def _line(label: str, help: str = "", **more: Any) -> forms.CharField:
    return forms.CharField(label=label, help_text=help, max_length=MAX_LINE, required=False, **more)


def _text(label: str, help: str = "", rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help, max_length=MAX_TEXT, required=False, widget=widget)


def _number(label: str, help: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help, min_value=0, required=False)


class SupportForm(forms.Form):
    """`partners`: id and name of each partner for which one may enter a support; shown where there are several."""

    partner = forms.ChoiceField(label="Whose support it is", required=False)
    name = forms.CharField(
        label="Name", max_length=MAX_LINE, help_text="As families know it, such as Homework Club."
    )
    category = forms.ChoiceField(label="Kind of support", choices=list(CODE_SETS[CATEGORIES].items()))
    description = _text("What it is", "Two sentences for a family.")
    seats_open = _number("Seats free today")
    seats_all = _number("Seats in all")
    waiting = _number("Students who wait", "Shown to others as “a few” below ten.")
    starts = forms.DateField(label="First day of the season", required=False, widget=DATE)
    ends = forms.DateField(label="Last day of the season", required=False, widget=DATE)
    lowest_grade = forms.ChoiceField(
        label="From grade", required=False, choices=[("", "any"), *GRADES.items()]
    )
    highest_grade = forms.ChoiceField(
        label="To grade", required=False, choices=[("", "any"), *GRADES.items()]
    )
    minimum_age = _number("From age")
    maximum_age = _number("To age")
    who = _text("Who may come, in words", "What the rules below do not say.", rows=2)
    rules = _text("Who may come, as rules", HELP_RULES)
    first = _text("Who comes first when seats are few", "The same kind of rules.", rows=2)
    citation = _text(
        "Counsel’s citation",
        "Needed where disability, race, national origin, religion or sex decides who may come or comes first: the law that allows it.",
        rows=2,
    )
    subjects = forms.MultipleChoiceField(
        label="School subjects with which it helps", choices=list(SUBJECTS.items()), required=False,
        widget=forms.CheckboxSelectMultiple, help_text="A student who is behind in one is offered it only where it helps with that one.",
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label="Languages that its people speak", required=False, widget=forms.CheckboxSelectMultiple
    )
    place = _line("Place", "The name of the building.")
    street = _line("Street and number")
    city = _line("City")
    state = _line("State")
    postal_code = _line("ZIP code")
    latitude = forms.FloatField(
        label="Latitude",
        required=False,
        help_text="Distances are shown only from coordinates that are stored.",
    )
    longitude = forms.FloatField(label="Longitude", required=False)
    way_home = forms.ChoiceField(
        label="The way home", required=False, choices=[(way.value, words) for way, words in WAY_HOME.items()]
    )
    transport = _line("More about the way there and home", "Such as: bus at 17:45 from the front door.")
    cost = forms.DecimalField(
        label="Cost for a family, in dollars",
        required=False,
        min_value=0,
        decimal_places=2,
        help_text="0 where it is free.",
    )
    cost_words = _line("More about the cost", "Such as: for the whole season; help is available.")
    office = _line("Whom to ask", "An office, not a person.")
    phone = _line("Telephone")
    email = forms.EmailField(label="E-mail of the office", max_length=MAX_LINE, required=False)
    website = _line("Website")
    program = _line(
        "Identifier in your own records", "Fills itself when seats are taken from loaded records."
    )
    public = forms.BooleanField(
        label="Show it to everybody, on the public directory", required=False,
        help_text="Without sign-in. The number of those who wait is never shown there.",
    )  # fmt: skip

    PARTS: Mapping[str, tuple[str, ...]] = {
        "What it is": ("partner", "name", "category", "subjects", "description", "public"),
        "Seats": ("seats_open", "seats_all", "waiting"),
        "When": ("starts", "ends"),
        "Who may come": ("lowest_grade", "highest_grade", "minimum_age", "maximum_age", "who", "rules", "first", "citation"),
        "Languages": ("languages",),
        "Where, and the way home": (
            "place", "street", "city", "state", "postal_code", "latitude", "longitude", "way_home", "transport",
        ),
        "Cost": ("cost", "cost_words"),
        "Whom to ask": ("office", "phone", "email", "website", "program"),
    }  # fmt: skip

    def __init__(
        self, *args: Any, partners: Mapping[str, str], said: SupportStatement | None = None, **kwargs: Any
    ) -> None:
        kwargs["initial"] = _initial(said) if said else {"category": "after_school"}
        super().__init__(*args, **kwargs)
        self.said = said
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(partners.items())
        if said is not None or len(partners) < 2:
            del self.fields["partner"]
        languages = self.fields["languages"]
        assert isinstance(languages, forms.MultipleChoiceField)
        others = [code for code in (said.languages if said else ()) if code not in COMMON_LANGUAGES]
        languages.choices = [(code, language_words(code)) for code in (*COMMON_LANGUAGES, *others)]
        for code, words in WEEK.items():
            self.fields[f"on_{code}"] = forms.BooleanField(label=f"{words}s", required=False)
            self.fields[f"opens_{code}"] = forms.TimeField(
                label=f"{words}s from", required=False, widget=CLOCK
            )
            self.fields[f"closes_{code}"] = forms.TimeField(
                label=f"{words}s to", required=False, widget=CLOCK
            )

    @property
    def parts(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings; those of the week stand apart."""
        for title, names in self.PARTS.items():
            yield title, [self[name] for name in names if name in self.fields]

    @property
    def week(self) -> list[tuple[str, forms.BoundField, forms.BoundField, forms.BoundField]]:
        return [
            (words, self[f"on_{code}"], self[f"opens_{code}"], self[f"closes_{code}"])
            for code, words in WEEK.items()
        ]

    @property
    def facts(self) -> list[tuple[str, str, bool, bool]]:
        """The facts that a rule can name: name, words, whether it needs a citation, and whether the family is always asked."""
        return [(f.id, f.words, f.protected is not None, f.kind is FactKind.ASKED) for f in FACTS.values()]

    def clean_rules(self) -> tuple[EligibilityRule, ...]:
        return self._rules("rules")

    def clean_first(self) -> tuple[EligibilityRule, ...]:
        return self._rules("first")

    def _rules(self, name: str) -> tuple[EligibilityRule, ...]:
        lines = [line for line in self.cleaned_data[name].splitlines() if line.strip()]
        try:
            return tuple(condition(line, where=f"Rule {place}") for place, line in enumerate(lines, 1))
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None

    def statement(self) -> SupportStatement:
        """The statement from a valid form; `actions` checks it."""
        values = {
            name: value
            for name, value in self.cleaned_data.items()
            if name in SupportStatement.__dataclass_fields__
        }
        old = self.said or SupportStatement(values["name"])
        new = replace(
            old, **values, sessions=self._sessions(old),
        )  # fmt: skip
        return replace(
            new,
            languages=tuple(values["languages"]),
            subjects=tuple(values["subjects"]),
            way_home=WayHome(values["way_home"]),
        )

    def _sessions(self, old: SupportStatement) -> tuple[WeeklySession, ...]:
        """A day keeps its further sessions, which a feed may have given, where its first one is unchanged."""
        found: list[WeeklySession] = []
        for code in WEEK:
            before = [session for session in old.sessions if session.day == code]
            opens: time | None = self.cleaned_data[f"opens_{code}"]
            closes: time | None = self.cleaned_data[f"closes_{code}"]
            if not (self.cleaned_data[f"on_{code}"] or opens or closes):
                continue
            now = WeeklySession(code, opens, closes)
            found += before if before and before[0] == now else [now]
        return tuple(found)


def _initial(said: SupportStatement) -> dict[str, Any]:
    found = {name: getattr(said, name) for name in SupportStatement.__dataclass_fields__}
    found |= {name: "\n".join(map(str, found[name])) for name in ("rules", "first")}
    found |= {
        "languages": list(said.languages),
        "subjects": list(said.subjects),
        "way_home": said.way_home.value,
    }
    for session in reversed(said.sessions):
        found |= {
            f"on_{session.day}": True,
            f"opens_{session.day}": session.opens,
            f"closes_{session.day}": session.closes,
        }
    return found
