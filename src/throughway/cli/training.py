"""`training`: who completed which course, and until when it counts."""

from datetime import date

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, group
from throughway.cli.query import day

training = group("training", "Courses that readers completed.")


@command(training, "record")
@click.argument("email")
@click.argument("course")
@click.option("--on", callback=day, required=True, metavar="DATE", help="The day on which it was completed.")
def record(settings: Settings, email: str, course: str, on: date) -> CommandResult:
    """Record that a user completed a course."""
    from throughway.training import actions

    done = actions.record(email=email, course=course, on=on, by=acting(settings))
    held = done.completed
    said = f"{held.email} completed {held.course} on {held.on}; it counts until {held.until}."
    if not done.asked:
        said += " No agreement asks for a course of that name; compare it with terms.training."
    return CommandResult(
        {
            "email": held.email,
            "course": held.course,
            "on": held.on,
            "until": held.until,
            "new": done.new,
            "asked": done.asked,
        },
        said,
    )


@command(training, "list")
def list_training(settings: Settings) -> CommandResult:
    """List completed courses and until when they count: one's own, and those of partners whose registers one keeps."""
    from throughway.partners.permissions import may_keep_people
    from throughway.partners.selectors import members, own_kind
    from throughway.training.selectors import all_of

    today, by = date.today(), acting(settings)
    own = own_kind(by)
    seen = {m.email for m in members() if m.email == by.email or may_keep_people(by, own, m.partner)}
    found = [
        {"email": c.email, "course": c.course, "on": c.on, "until": c.until, "valid": c.valid(today)}
        for c in all_of()
        if by.is_operator or c.email in seen
    ]
    rows = [
        [str(c["email"]), str(c["course"]), str(c["on"]), str(c["until"]), "yes" if c["valid"] else "no"]
        for c in found
    ]
    return CommandResult(
        {"training": found},
        columns(rows, ["e-mail", "course", "completed", "until", "counts today"])
        if rows
        else "No course is recorded yet: throughway training record EMAIL COURSE --on DATE",
    )
