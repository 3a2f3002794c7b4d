"""Sentences that are stored with a finding, in the reader's language where the catalog has them."""

from django import template
from django.utils import translation
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def sentence(stored: str) -> str:
    """The sentence in the reader's language; else as it was stored, marked as English for whoever has the page read aloud."""
    shown = translation.gettext(stored) if stored else ""
    if shown == stored and (translation.get_language() or "en") != "en":
        return format_html('<span lang="en">{}</span>', stored)
    return shown
