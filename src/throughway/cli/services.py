"""`services`: what partners promised to provide."""

from datetime import date

from throughway.cli.command import CommandResult, Settings, acting, columns, command


@command(None, "services")
def services(settings: Settings) -> CommandResult:
    """List the commitments of service of agreements in effect or winding down, of those agreements that one may see."""
    from throughway.agreements.agreement_list import may_see
    from throughway.agreements.selectors import agreement_statuses
    from throughway.agreements.service_commitments import promised
    from throughway.partners.selectors import partners

    by, register, every = acting(settings), partners(), agreement_statuses(date.today())
    seen = {s.document.id for s in every if by.is_operator or may_see(by, s.document, register)}
    found = [promise for promise in promised(every) if promise.agreement in seen]
    document = [
        {
            "agreement": p.agreement, "partner": p.partner, "program": p.program, "schools": list(p.schools), "seats": p.seats,
            "hours_per_week": p.hours_per_week, "from": p.first, "to": p.last, "winding_down": p.winding_down,
        }
        for p in found
    ]  # fmt: skip
    rows = [
        [
            p.partner, p.program, "" if p.seats is None else str(p.seats),
            "" if p.hours_per_week is None else f"{p.hours_per_week:g}", ", ".join(p.schools), p.agreement, p.last.isoformat(),
        ]
        for p in found
    ]  # fmt: skip
    heading = ["partner", "program", "seats", "hours a week", "schools", "agreement", "until"]
    return CommandResult(
        {"promises": document},
        columns(rows, heading) if rows else "No agreement in effect promises a service.",
    )
