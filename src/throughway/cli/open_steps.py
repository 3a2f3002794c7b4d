"""`remind` and `steps`: what is open, and telling people by e-mail that something waits for them."""

from datetime import date

from throughway.cli.command import CommandResult, Settings, acting, columns, command
from throughway.core.prose import counted
from throughway.core.refusals import Refused


@command(None, "steps")
def steps(settings: Settings) -> CommandResult:
    """List the open steps that one may see: what, about which agreement, whom it waits for, since when and until when."""
    from throughway.site.open_steps.selectors import open_to

    found = open_to(acting(settings), date.today())
    lines = [
        {
            "kind": w.step.kind,
            "agreement": w.step.agreement,
            "title": w.step.title,
            "waits_for": w.step.waits_for,
            "roles": sorted(w.step.roles),
            "since": w.step.since,
            "due": w.step.due,
            "overdue": w.is_overdue,
        }
        for w in found
    ]
    rows = [
        [w.step.title, w.step.agreement or "", w.step.waits_for, str(w.step.since), str(w.step.due or "")]
        for w in found
    ]
    text = columns(rows, ["step", "agreement", "waits for", "since", "due"]) if rows else "Nothing is open."
    return CommandResult({"steps": lines}, text)


@command(None, "remind")
def remind(settings: Settings) -> CommandResult:
    """Send each person one mail about what newly waits, without saying what it is about."""
    from throughway.site.open_steps.actions import remind as send

    done = send(on=date.today(), by=acting(settings))
    if done.failed:
        raise Refused(
            f"The mail server took {done.sent} of {done.due} reminders and then no more ({done.failed}); what was not "
            "sent goes out with the next run.",
            code="mail_failed",
        )
    said = f"{counted(done.sent, 'reminder')} sent." if done.due else "Nobody is due a reminder."
    return CommandResult({"due": done.due, "sent": done.sent}, said)
