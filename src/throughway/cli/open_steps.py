"""`steps` and `remind`: the open steps, and an e-mail to each person with an open step."""

from datetime import date

from throughway.cli.command import CommandResult, Settings, acting, command, facts, listed
from throughway.core.prose import counted
from throughway.core.refusals import Refused


@command(None, "steps")
def steps(settings: Settings) -> CommandResult:
    """List the open steps that you may see: the step, its agreement, who must act, since when and until when."""
    from throughway.site.open_steps.selectors import open_to

    found = [
        facts(w.step, "kind", "agreement", "title", "waits_for", "since", "due")
        | {"roles": sorted(w.step.roles), "overdue": w.is_overdue}
        for w in open_to(acting(settings), date.today())
    ]
    shown = {
        "step": "title",
        "agreement": "agreement",
        "waits for": "waits_for",
        "since": "since",
        "due": "due",
    }
    return listed("steps", found, shown, "Nothing is open.")


@command(None, "remind")
def remind(settings: Settings) -> CommandResult:
    """Send each person one mail about new open steps. The mail does not say what they are about."""
    from throughway.site.open_steps.actions import remind as send

    done = send(on=date.today(), by=acting(settings))
    if done.failed:
        raise Refused(
            f"The mail server took {done.sent} of {done.due} reminders and then no more ({done.failed}); what was not "
            "sent goes out with the next run.",
            code="mail_failed",
        )
    message = f"{counted(done.sent, 'reminder')} sent." if done.due else "Nobody is due a reminder."
    return CommandResult({"due": done.due, "sent": done.sent}, message)
