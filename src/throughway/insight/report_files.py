"""A report as files that stand alone: one HTML page, or the picture; no script, no asset, no address that would be fetched."""

import os
import tempfile
from functools import cache
from pathlib import Path

from django.template import Context, Engine

from throughway.core.refusals import Refused
from throughway.insight.page import PipelinePage
from throughway.insight.pipeline_text import lines

HERE = Path(__file__).parent


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(HERE / "templates")], autoescape=True)


@cache
def _style(*names: str) -> str:
    return "\n".join((HERE / "static" / "insight" / name).read_text(encoding="utf-8") for name in names)


def html(page: PipelinePage, notice: str = "") -> str:
    """The page as HTML; every word is escaped. `notice` stands above a report that is not public."""
    context = {"page": page, "notice": notice, "style": _style("standalone.css", "pipeline.css")}
    return _engine().get_template("insight/standalone_report.html").render(Context(context, use_l10n=False))


def picture(page: PipelinePage) -> str:
    """The river as one SVG file, 16 to 9, with its finding above and its source below: to be put on a slide."""
    title = lines(page.headline, 62)
    top = 40 + 50 * len(title)
    context = {
        "page": page, "drawing": page.rivers[0], "style": _style("picture.css"), "top": top, "height": 664 - top,
        "title": [(66 + 46 * line, words) for line, words in enumerate(title)],
    }  # fmt: skip
    return _engine().get_template("insight/picture.svg").render(Context(context, use_l10n=False))


def written(path: Path, page: PipelinePage, notice: str = "") -> None:
    """Writes the file whole or not at all; Refused where it cannot be written."""
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
