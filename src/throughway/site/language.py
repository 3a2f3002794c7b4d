"""Public pages are in the visitor's language; all others are in English for now."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import translation

View = Callable[..., HttpResponseBase]


def of(request: HttpRequest) -> str:
    """The language that the visitor chose, otherwise the browser's first supported one."""
    return translation.get_language_from_request(request)


def spoken(view: View) -> View:
    """Answers in the visitor's language, and sets Content-Language."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override(of(request)):
            response = view(request, *args, **kwargs)
            if isinstance(response, TemplateResponse):
                response.render()
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response

    return answer
