"""Writes a page as one self-contained HTML file: no script, no asset, no address that a browser would fetch."""

import os
import tempfile
from pathlib import Path

from django.template import Context, Engine

from throughway.insight.page import Page
from throughway.refusals import Refused

TEMPLATES = Path(__file__).parent / "templates" / "insight"


def html(page: Page) -> str:
    """The page as HTML; every word is escaped."""
    engine = Engine(dirs=[str(TEMPLATES)], autoescape=True)
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return engine.get_template("pipeline.html").render(
        Context({"page": page, "style": style}, use_l10n=False)
    )


def written(path: Path, page: Page) -> None:
    """Writes the file whole or not at all; Refused where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".html.part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(html(page))
        os.replace(name, path)
    except OSError as error:
        raise Refused(
            f"The report cannot be written to {path} ({error.strerror}); choose another place with --out.",
            code="not_writable",
        ) from error
