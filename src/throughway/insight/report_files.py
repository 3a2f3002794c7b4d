"""A report as self-contained files: one HTML page, or the picture; no script, no external file or URL."""

import os
import tempfile
from functools import cache
from pathlib import Path
from textwrap import wrap

from django.template.loader import render_to_string

from throughway.core.refusals import Refused
from throughway.insight.pipeline_page import PipelinePage
from throughway.insight.pipeline_text import alternative

STATIC = Path(__file__).parent / "static" / "insight"
TITLE_LETTERS = 62  # characters in a line of the picture's title


@cache
def _style(*names: str) -> str:
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def html(page: PipelinePage, notice: str = "") -> str:
    """The page as HTML; every text is escaped. `notice` is printed above a report that is not public."""
    context = {"page": page, "notice": notice, "style": _style("standalone.css", "pipeline.css")}
    return render_to_string("insight/standalone_report.html", context)


def picture(page: PipelinePage) -> str:
    """The chart as one SVG file, 16 to 9, with the finding above and the source below: for a slide."""
    title = wrap(page.headline, TITLE_LETTERS)
    top = 40 + 50 * len(title)
    pitch = min((664 - top) / max(len(page.chart), 1), 88)
    context = {
        "page": page, "style": _style("picture.css"), "alternative": alternative(page.figures.steps),
        "title": [(66 + 46 * line, words) for line, words in enumerate(title)],
        "rows": [(round(top + place * pitch), row) for place, row in enumerate(page.chart)],
    }  # fmt: skip
    return render_to_string("insight/picture.svg", context)


def written(path: Path, page: PipelinePage, notice: str = "") -> None:
    """Writes the file atomically; Refused where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".html.part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(html(page, notice))
        os.replace(name, path)
    except OSError as error:
        raise Refused(
            f"The report cannot be written to {path} ({error.strerror}); choose another place with --out.",
            code="not_writable",
        ) from error
