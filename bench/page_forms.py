"""The forms and links of a page, as a browser that works by itself needs them."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class SentForm:
    """A form of a page: where it is sent, and what stands in its fields."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[SentForm] = []
        self.inside = False
        self.textarea = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name = said.get("name", "")
        if tag == "form":
            self.found.append(SentForm(said.get("action", "")))
            self.inside = True
        elif not self.inside:
            return
        elif tag == "input" and name and said.get("type") != "submit":
            if said.get("type") not in ("radio", "checkbox") or "checked" in said:
                self.found[-1].values[name] = said.get("value", "on")
        elif tag == "textarea" and name:
            self.textarea = name
            self.found[-1].values[name] = ""
        elif tag == "select":
            self.select = name
        elif (
            tag == "option"
            and self.select
            and ("selected" in said or self.select not in self.found[-1].values)
        ):
            self.found[-1].values[self.select] = said.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.found[-1].values[self.textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.textarea = ""
        elif tag == "select":
            self.select = ""


def forms(page: str) -> list[SentForm]:
    read = _Forms()
    read.feed(page)
    return read.found


def form_to(page: str, path: str) -> SentForm:
    """The first form of the page that is sent to a path that ends so."""
    return next(form for form in forms(page) if form.action.endswith(path))


def links(page: str, pattern: str) -> list[str]:
    """The addresses of the page's links that fit, each once."""
    return list(dict.fromkeys(re.findall(rf'href="({pattern})"', page)))
