"""`link`: who is who across partners, and how well that was told."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from throughway.cli.frame import Outcome, Settings, acting, command
from throughway.cli.loading import bar

link = click.Group("link", help="Recognise persons across partners.", invoke_without_command=True)


def _run(settings: Settings, full: bool) -> Outcome:
    from throughway.identity import actions

    with bar("Linking") as report:
        linked = asdict(actions.link(full=full, by=acting(settings), progress=report))
    text = (
        f"{linked['records']:,} records are {linked['persons']:,} persons ({linked['new_persons']:,} new, "
        f"{linked['merged']:,} merged, {linked['split']:,} split); {linked['for_review']:,} pairs wait for a person's "
        f"eye. {linked['seconds']:.1f} s."
    )
    return Outcome(linked, text)


_link_all = command(None, "link")(click.option("--full", is_flag=True, help="Compute everything anew.")(_run))
link.params = list(_link_all.params)


@link.result_callback()
def _nothing(*_: Any, **__: Any) -> None:
    """The subcommand has spoken."""


def _start(**options: Any) -> Any:
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is None:
        return ctx.invoke(_link_all, **options)
    ctx.obj = ctx.obj.over(options["community"], options["acting"], options["as_json"])
    return None


link.callback = _start


@command(link, "evaluate")
@click.option(
    "--truth", required=True, type=click.Path(path_type=Path), help="CSV: partner,record_key,person."
)
def evaluate(settings: Settings, truth: Path) -> Outcome:
    """Hold the links against a list of who is who."""
    from throughway.identity import actions

    found: dict[str, Any] = actions.evaluate(truth=truth, by=acting(settings))
    lines = [
        f"{kind:9s} precision {found[kind]['precision']:.4f}  recall {found[kind]['recall']:.4f}  F1 {found[kind]['f1']:.4f}"
        for kind in ("pairwise", "clusters")
    ]
    return Outcome(found, "\n".join(lines))
