"""`services`: what partners promised to provide."""

from datetime import date
from typing import Any

from throughway.cli.command import Cell, CommandResult, Settings, acting, command, facts, listed


@command(None, "services")
def services(settings: Settings) -> CommandResult:
    """List the service commitments in agreements that are in effect or winding down and that you may see."""
    from throughway.agreements.agreement_list import may_see
    from throughway.agreements.selectors import agreement_statuses
    from throughway.agreements.service_commitments import promised
    from throughway.partners.selectors import partners

    by, register, every = acting(settings), partners(), agreement_statuses(date.today())
    seen = {s.document.id for s in every if by.is_operator or may_see(by, s.document, register)}
    found = [promise for promise in promised(every) if promise.agreement in seen]
    names = ("agreement", "partner", "program", "schools", "seats", "hours_per_week", "winding_down")
    entries = [facts(promise, *names, **{"from": "first", "to": "last"}) for promise in found]

    def hours(entry: dict[str, Any]) -> str:
        return "" if entry["hours_per_week"] is None else f"{entry['hours_per_week']:g}"

    shown: dict[str, Cell] = {
        "partner": "partner", "program": "program", "seats": "seats", "hours a week": hours, "schools": "schools",
        "agreement": "agreement", "until": "to",
    }  # fmt: skip
    return listed("promises", entries, shown, "No agreement in effect promises a service.")
