"""What is next for one student, and by when. The students' list, the student's page, the home and the search show these steps and no others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.casework.attendance import AttendanceStatus
from throughway.casework.consent_banner import Consents
from throughway.casework.referrals.referral import ReferralLine
from throughway.casework.student_facts import LoadedReferral
from throughway.casework.student_tasks.task import ShownTask
from throughway.core.prose import counted, day

LAPSES = timedelta(days=45)  # days before a consent ends from which the family is to be asked again
UNANSWERED = timedelta(days=14)
KINDS = ("task", "answer", "consent", "referral", "attendance", "ask")  # subjects of steps, the first first


@dataclass(frozen=True)
class NextStep:
    """`kind`: its subject; `href`: a place on the student's page, empty where the step is done elsewhere (`task`, `referral`: the id of the
    referral); `due`: the day by which it is to be done, where there is one; `owner`: who does it, where one person does."""

    kind: str
    title: str
    why: str
    button: str
    href: str = ""
    due: date | None = None
    owner: str = ""
    task: ShownTask | None = None
    referral: str = ""


def lapses(consents: Consents, today: date) -> bool:
    """Whether a consent ends soon."""
    return consents.until is not None and today <= consents.until <= today + LAPSES


def steps(
    attendance: AttendanceStatus,
    referrals: Sequence[LoadedReferral],
    consents: Consents,
    today: date,
    name: str,
    *,
    tasks: Sequence[ShownTask] = (),
    referred: Sequence[ReferralLine] = (),
) -> list[NextStep]:
    """Everything that is to be done, the first first: what somebody of the team planned and is due, what another partner waits for, then
    what the record suggests. `name`: the student's first name; `referrals`: those that feeds brought; `referred`: those made on the site."""
    return [
        *_tasks(tasks, today),
        *_answers(referred),
        *_consent(consents, today),
        *_unanswered(referrals, today),
        *_absence(attendance, name),
        *_family(consents),
    ]


def _tasks(tasks: Sequence[ShownTask], today: date) -> Iterator[NextStep]:
    due = [task for task in tasks if task.is_open and task.own and task.due <= today]
    for task in sorted(due, key=lambda task: (task.due, task.id)):
        why = f"It was due on {day(task.due)}." if task.due < today else "It is due today."
        yield NextStep("task", task.title, why, task.button, due=task.due, owner=task.owner, task=task)


def _answers(referred: Sequence[ReferralLine]) -> Iterator[NextStep]:
    """Referrals of the reader's team whose next step is the team's."""
    ours = [line for line in referred if line.ours and line.shown.is_open]
    for line in sorted(ours, key=lambda line: (line.shown.due or date.max, line.shown.id)):
        by = f", by {day(line.shown.due)}" if line.shown.due else ""
        yield NextStep(
            "answer", f"Go on with the referral to {line.support}", f"{line.shown.words}. You act next{by}.", "Open the referral",
            due=line.shown.due, referral=line.shown.id,
        )  # fmt: skip


def _consent(consents: Consents, today: date) -> Iterator[NextStep]:
    if consents.until is not None and lapses(consents, today):
        until = day(consents.until)
        yield NextStep(
            "consent", f"Ask the family again before {until}",
            f"The family’s consent ends on {until}. If the family does not renew it, this page closes that day.",
            "Ask for a new form", "#answers", due=consents.until,
        )  # fmt: skip


def _unanswered(referrals: Sequence[LoadedReferral], today: date) -> Iterator[NextStep]:
    waiting = [r for r in referrals if r.waits and today - r.sent >= UNANSWERED]
    if waiting:
        oldest = min(waiting, key=lambda r: r.sent)
        yield NextStep(
            "referral", f"Ask {oldest.to} for an answer",
            f"The referral was sent on {day(oldest.sent)} and has not been answered.", "See the referral", "#story",
        )  # fmt: skip


def _absence(attendance: AttendanceStatus, name: str) -> Iterator[NextStep]:
    if attendance.talk and attendance.through is not None:
        yield NextStep(
            "attendance", f"Talk with {name}",
            f"Missed {counted(attendance.lately, 'day')} in the four weeks to {day(attendance.through)}. "
            "This is a reason to talk, not a judgment.",
            "See the days", "#attendance",
        )  # fmt: skip


def _family(consents: Consents) -> Iterator[NextStep]:
    if consents.to_ask:
        answer = "its consent has ended" if consents.ended else "nobody has recorded an answer"
        yield NextStep(
            "ask", "Ask the family about the school’s records",
            f"You can see some records only if the family agrees, and {answer}.", "Ask the family", "#answers",
        )  # fmt: skip
