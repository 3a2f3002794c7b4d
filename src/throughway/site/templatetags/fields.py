"""Template filters: a form field with its CSS class, and a browser in words."""

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()
CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.Textarea, "usa-textarea"),
    (forms.CheckboxSelectMultiple, "tw-checks"),
    (forms.RadioSelect, "tw-radios"),
    (forms.Select, "usa-select"),
    (forms.CheckboxInput, "usa-checkbox-plain"),
    (forms.ClearableFileInput, "usa-file"),
    (forms.Widget, "usa-input"),
)


@register.filter
def wrong_fields(form: forms.BaseForm) -> list[BoundField]:
    """The fields that people see and that have an error."""
    return [field for field in form if field.errors and not field.is_hidden]


@register.filter
def first_control(field: BoundField) -> str:
    """The id of the control to which a link to the field leads: of several choices the first."""
    return field.id_for_label or f"{field.auto_id}_0"


# The first mark that is found decides: many browsers name others too.
BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
MACHINES = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "a Mac"),
    ("Linux", "Linux"),
)


@register.filter
def usa(field: BoundField) -> SafeString:
    """The field with its CSS class, without a placeholder."""
    widget = field.field.widget
    name = next(name for kind, name in CLASSES if isinstance(widget, kind))
    error = f" {name}--error" if field.errors else ""
    return field.as_widget(attrs={"class": f"{name}{error}", "placeholder": False})


@register.filter
def is_choice(field: BoundField) -> bool:
    """Whether the field is a set of choices, which a legend names and not a label."""
    return isinstance(field.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether the field is one box to tick, which stands before its label."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def browser(user_agent: str) -> str:
    """A browser and its device in words, enough to recognize one's own."""
    named = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    machine = next((name for mark, name in MACHINES if mark in user_agent), "")
    return f"{named} on {machine}" if machine else named
