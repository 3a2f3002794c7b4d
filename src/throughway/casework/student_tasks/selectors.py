"""Tasks that a reader may see, and whose day has come."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from throughway.agreements.enums import Reach
from throughway.agreements.selectors import agreement_statuses
from throughway.casework.models import Task
from throughway.casework.referrals.referral import TABLE as REFERRAL
from throughway.casework.referrals.selectors import that_wait_for
from throughway.casework.student_facts import Tables
from throughway.casework.student_tasks.task import TABLE, TaskLine, TaskState, tasks_of
from throughway.gate.actions import GovernedAccess, enter
from throughway.gate.actions.access_basis import FamilyConsents, families
from throughway.partners.actor import Actor
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import WORKERS, workers_of, working_with

KIND = "task"
STEPS = (TABLE, REFERRAL)  # typed tables that say what is to be done next


def _open() -> QuerySet[Task]:
    later = Task.objects.filter(entry_id=OuterRef("entry_id"), version__gt=OuterRef("version"))
    return Task.objects.filter(~Exists(later), state=TaskState.OPEN)


def records_with_steps(
    partner: str, today: date, *, later_besides: Collection[str] | None = None
) -> set[int]:
    """The record numbers about which a task of the partner's people is due, or a referral waits for the partner. They say only about whom
    the gate is to be asked. `later_besides`: those with a task of a later day too, save where it waits for one of these people; None: no
    later ones."""
    tasks = _open().filter(author_partner=partner)
    if later_besides is None:
        tasks = tasks.filter(due__lte=today)
    else:
        tasks = tasks.exclude(due__gt=today, owner__in=sorted(later_besides))
    return {
        record
        for (record,) in tasks.values_list("record").union(that_wait_for(partner).values_list("record"))
    }


def tasks_due(on: date) -> list[OpenStep]:
    """One step for each person and day due that has come: how many tasks, and nothing about the students."""
    in_effect = [status.document.id for status in agreement_statuses(on) if status.in_effect]
    rows = _open().filter(due__lte=on, agreement__in=in_effect)
    found = Counter(rows.values_list("author_partner", "owner", "due"))
    return [
        OpenStep(
            KIND,
            "A task of yours is due" if number == 1 else f"{number} tasks of yours are due",
            partner,
            WORKERS,
            due,
            due,
            "home",
            people=frozenset({owner}),
            whom="one case worker",
        )
        for (partner, owner, due), number in sorted(found.items())
    ]


def team_about(person: int, purpose: str, by: Actor) -> list[str]:
    """The addresses of the people of the actor's team who work with the student."""
    access = enter(actor=by, purpose=purpose)
    family = families(access, [person])[person]
    return team_for(access, {person, *family.records})


def team_for(access: GovernedAccess, ids: Collection[int]) -> list[str]:
    """The same under a purpose, of a student named by any of these numbers."""
    if _beyond_caseloads(access):
        return sorted(_people(access.actor))
    return sorted({email for email, _ in working_with(ids, access.actor.partner or "", date.today())})


def _beyond_caseloads(access: GovernedAccess) -> bool:
    """Whether the purpose lets the actor's team type tasks or referrals about others than the students of their caseloads."""
    return any(
        grant.reach is not Reach.CASELOAD
        for grant in access.grants
        if grant.table in STEPS and access.actor.partner in grant.authors
    )


def _people(actor: Actor) -> frozenset[str]:
    """The people of the actor's partner who work with students."""
    return frozenset(workers_of(actor.partner or "").values_list("email", flat=True))


Families = Mapping[int, FamilyConsents]


def families_with_steps(access: GovernedAccess, caseload: Families, today: date, *, later: bool) -> Families:
    """The families about whose students the gate is to be asked what is to be done, by the ids under which a student may be listed: those
    of the caseload with a task that is due or a referral whose next step is the team's, and others with one where the team may type about
    more than caseloads. `later`: the reader's tasks of later days are wanted too."""
    if not any(grant.table in STEPS for grant in access.grants):
        return {}
    colleagues = _people(access.actor) - {access.actor.email} if later and _beyond_caseloads(access) else ()
    partner = access.actor.partner or ""
    wanted = records_with_steps(partner, today, later_besides=colleagues if later else None)
    found = [family for family in caseload.values() if not wanted.isdisjoint(family.records)]
    if _beyond_caseloads(access):
        known = {record for family in caseload.values() for record in family.records}
        found += families(access, sorted(wanted - known)).values()
    return {id: family for family in found for id in (family.person, *family.records)}


def task_lines(
    access: GovernedAccess, asked: Families, by_person: Mapping[int, Tables], names: Mapping[str, str]
) -> dict[str, TaskLine]:
    """By task, those of the reader among the rows that the gate showed, and those of the team whose owner no longer works with the
    student; the students are still without their names. `by_person`: see `student_list.tables_of`."""
    reader = access.actor
    found = [
        (person, task)
        for person, tables in by_person.items()
        for task in tasks_of(tables.get(TABLE, ()), names=names, reader=reader.partner)
        if task.own
    ]
    others = {person for person, task in found if task.owner != reader.email}
    works = _who_works(
        access, {person: {person, *asked[person].records} for person in others if person in asked}
    )
    lines = {}
    for person, task in found:
        nobody = task.owner != reader.email and task.owner not in works.get(person, ())
        if nobody or task.owner == reader.email:
            lines[task.id] = TaskLine(person, "", task, nobody)
    return lines


def _who_works(access: GovernedAccess, ids: Mapping[int, Collection[int]]) -> dict[int, Collection[str]]:
    """By student, the people of the team who work with the student."""
    if not ids:
        return {}
    if _beyond_caseloads(access):
        people = _people(access.actor)
        return dict.fromkeys(ids, people)
    records = {record for each in ids.values() for record in each}
    assigned = working_with(records, access.actor.partner or "", date.today())
    return {person: {email for email, record in assigned if record in each} for person, each in ids.items()}
