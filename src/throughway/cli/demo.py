"""`simulate` and `demo`: Riverbend, a fictional community."""

import time
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from throughway.cli.command import CommandResult, Settings, columns, command, creating, prepare_new, say
from throughway.cli.serve import HOST, PORT, listen, say_and_go_on, start
from throughway.core.refusals import Refused
from throughway.store.community import Community

STUDENTS, SEED = 5000, 7
SEEDS = click.IntRange(min=0)


@command(None, "simulate", opens=False)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--students", type=int, default=STUDENTS, show_default=True, help="How many students.")
@click.option("--seed", type=SEEDS, default=SEED, show_default=True, help="The seed of the simulation.")
def simulate(settings: Settings, directory: Path, students: int, seed: int) -> CommandResult:
    """Write Riverbend's feeds, agreements, crosswalks and truth to DIR."""
    from throughway.demo.simulate import simulate as write

    year = write(directory, students=students, seed=seed, today=date.today())
    document = {
        "folder": str(directory.resolve()),
        "students": students,
        "seed": seed,
        "school_year": f"{year - 1}-{year % 100:02d}",
    }
    return CommandResult(document, f"Riverbend with {students:,} students is in {directory}.")


def _free_folder() -> Path:
    """`riverbend` in the current folder, or the first of its names that is not taken."""
    names = ("riverbend" if n == 1 else f"riverbend-{n}" for n in range(1, 1000))
    return next(Path(name) for name in names if not Path(name).exists())


@command(None, "demo", opens=False)
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--students", type=int, default=STUDENTS, show_default=True, help="How many students.")
@click.option("--seed", type=SEEDS, default=SEED, show_default=True, help="The seed of the simulation.")
@click.option("--port", type=int, default=PORT, show_default=True, help="The port of the site.")
@click.option("--no-serve", is_flag=True, help="Do not serve the site.")
def demo(
    settings: Settings, directory: Path | None, students: int, seed: int, port: int, no_serve: bool
) -> CommandResult:
    """Simulate Riverbend, run the whole main job on it, and serve the site until Ctrl-C."""
    from throughway.demo.simulate import DECIDED
    from throughway.demo.simulate import simulate as write

    began = time.monotonic()
    waiting = None if no_serve else listen(HOST, port)  # before the work: a port in use is told at once
    community = Community((directory or _free_folder()).resolve())
    with creating(community) as left:
        community.make(name="Riverbend", more=DECIDED)
        prepare_new(community, left)
    from throughway.demo.run import run  # needs Django, which is ready now

    say(f"Riverbend, {students:,} fictional students, in {community.root}")
    write(community.root, students=students, seed=seed, today=date.today())
    sign_ins, report = run(community.root, say)
    sign_in_table = columns(
        [[s.role, s.email, s.password] for s in sign_ins], ["role", "e-mail", "passphrase"]
    )
    try:
        running = start(community, waiting) if waiting else None
    except Refused:
        say(f"{sign_in_table}\nThe community is made, with these sign-ins; it is only not served.")
        raise
    document = {
        "folder": str(community.root),
        "address": running.address if running else None,
        "report": report,
        "sign_ins": [asdict(s) for s in sign_ins],
    }
    lines = [
        f"Done in {time.monotonic() - began:.0f} s.",
        *([f"Open the report:  {report}"] if report else []),
        f"Ask yourself:     throughway --community {community.root} query 'SELECT count(*) FROM attendance_day' \\",
        "                    --as evaluator@riverbend-backbone.example --purpose evaluation",
        f"See what waits:   throughway --community {community.root} steps",
    ]
    if running is not None:
        from throughway.demo.tasks import publish_trends, run_studies

        run_studies.enqueue()
        publish_trends.enqueue()
        lines.append(
            "Findings and trends follow:    from the site's background process, some minutes from now; of a small town none can be shown"
        )
        again = f"{running.address} answers. Ctrl-C ends it; serve it again: throughway serve --community {community.root}"
        say_and_go_on(settings, running, document, "\n".join([*lines, "", sign_in_table, "", again]))
    return CommandResult(document, "\n".join([*lines, "", sign_in_table]))
