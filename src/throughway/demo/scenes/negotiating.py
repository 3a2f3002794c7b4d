"""`summer-bridge-attendance` is negotiated: what was taken, what was refused, and what still waits for an answer."""

from collections.abc import Callable
from typing import Any

from throughway.demo.cast import BACKBONE, COLLEGE_ACCESS, LEADERS, OFFICER, REGISTRAR, STEWARD

Say = Callable[[str], None]

ID = "summer-bridge-attendance"
NEXT_STEP, FORWARD = LEADERS[COLLEGE_ACCESS], LEADERS[BACKBONE]
NOTES = {
    "element": "service_received.service_notes", "from": ["next-step"], "purposes": ["bridge-to-fall"],
    "necessity": "Counselors would know what was talked about",
}  # fmt: skip
HOURS = {
    "element": "service_received.service_quantity", "from": ["next-step"], "purposes": ["bridge-to-fall"],
    "necessity": "Who came for an hour and who came for the day need different help in fall",
}  # fmt: skip


def play(say: Say) -> None:
    taken = _propose("terms.destruction.within_days", 60, OFFICER,
                     "All our agreements say 60 days; nobody here would keep a list of summer longer.")  # fmt: skip
    for address in (REGISTRAR, FORWARD, NEXT_STEP):
        _accept(taken, address)
    _refused()
    first = _propose("terms.breach_notice_hours", 24, REGISTRAR,
                     "Our board asks for 24 hours since a laptop was lost in spring.")  # fmt: skip
    _accept(first, OFFICER)
    second = _propose("schedule", HOURS, OFFICER,
                      "A counselor who sees days alone takes a short visit for a whole one.")  # fmt: skip
    _talk(second)
    say(f"  {ID}: one proposal taken, one refused, two open")


def _refused() -> None:
    from throughway.negotiation.actions import refuse
    from throughway.partners.selectors import actor

    asked = _propose("schedule", NOTES, REGISTRAR, "Then our counselors need not ask the student again.")
    refuse(
        proposal=asked, by=actor(NEXT_STEP),
        why="Advisers write notes for themselves, and students were told so. Days and hours tell what a school needs.",
    )  # fmt: skip


def _talk(proposal: int) -> None:
    from throughway.negotiation.actions import comment
    from throughway.partners.selectors import actor

    for address, text in (
        (NEXT_STEP, "We note hours only since last summer. For earlier years this would be empty."),
        (OFFICER, "The records in scope are those of the coming summer, so that does no harm."),
        (STEWARD, "Hours come in with the sessions that we already load; nothing new has to be sent."),
    ):
        comment(id=ID, proposal=proposal, text=text, by=actor(address))


def _propose(path: str, value: Any, address: str, why: str) -> int:
    from throughway.agreements.selectors import one
    from throughway.negotiation.actions import propose
    from throughway.partners.selectors import actor

    version = one(ID).version
    return propose(id=ID, version=version, path=path, value=value, why=why, by=actor(address)).number


def _accept(proposal: int, address: str) -> None:
    from throughway.negotiation.actions import accept
    from throughway.partners.selectors import actor

    accept(proposal=proposal, by=actor(address))
