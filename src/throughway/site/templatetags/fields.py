"""`{{ field|usa }}`: a form's field with the classes of the look; placeholders are left out, labels say it."""

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
def usa(field: BoundField) -> SafeString:
    widget = field.field.widget
    name = next(name for kind, name in CLASSES if isinstance(widget, kind))
    error = f" {name}--error" if field.errors else ""
    return field.as_widget(attrs={"class": f"{name}{error}", "placeholder": False})


@register.filter
def is_choice(field: BoundField) -> bool:
    """Whether the field is a set of choices, which a legend names and not a label."""
    return isinstance(field.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))
