"""`doctor`: what stands between here and the first published figure."""

from datetime import date

from throughway.cli.command import CommandResult, Settings, command
from throughway.cli.permissions import keeper
from throughway.core.prose import counted


@command(None, "doctor")
def doctor(settings: Settings) -> CommandResult:
    """Say what stands between here and the first published figure, in order, with what cures each."""
    from throughway.site.readiness.selectors import facts
    from throughway.site.readiness.steps import ReadinessStep, missing, steps

    by = keeper(settings, "What the community still lacks")
    known = facts(by, date.today())
    found = steps(known)
    open_ = missing(found)

    def document(step: ReadinessStep) -> dict[str, object]:
        return {"id": step.id, "title": step.title, "state": str(step.state), "why": step.why, "command": step.command,
                "page": step.page}  # fmt: skip

    lines = []
    for step in found:
        mark = {"done": "✓", "missing": "✗", "later": "·", "waits": "…"}[step.state]
        lines.append(f"{mark} {step.title}{'' if step.why else '.'}")
        if step.why:
            lines[-1] += f": {'not yet. ' if step.state == 'waits' else ''}{step.why}"
            lines.append(f"    {step.command}")
            lines.append(f"    or on the site: {step.page}")
    ends = (
        f"{counted(len(open_), 'step')} {'stands' if len(open_) == 1 else 'stand'} between here and a first published figure; begin with: {open_[0].do}."
        if open_
        else f"Nothing stands in the way. {known.release}"
    )
    return CommandResult(
        {"ready": not open_, "next": open_[0].id if open_ else None, "steps": [document(step) for step in found],
         "release": known.release},
        "\n".join([*lines, ends]), wanting=bool(open_),
    )  # fmt: skip
