"""`right`: what families ask of those who keep records, to inspect and to amend; limits that an order sets on an adult, windows of
directory opt-outs, notices and incidents."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import click

from throughway.cli.command import (
    CommandResult,
    Option,
    Settings,
    act_command,
    acting,
    columns,
    command,
    group,
    listed,
)
from throughway.cli.query import day
from throughway.core.prose import counted
from throughway.core.refusals import Refused

right = group("right", "Families' requests to inspect and to amend; limits, windows, notices and incidents.")
inspect = group("inspect", "Requests to inspect a record.")
amend = group("amend", "Requests to amend a record.")
hear = group("hear", "The hearing on a request to amend.")
limits = group("limit", "Limits that a court order or document sets on an adult's rights.")
window = group("window", "Periods in which families may opt out of directory information.")
notice = group("notice", "Notices that families read before they decide, and their languages.")
incident = group("incident", "Incidents: records that reached somebody who should not have them.")
for each in (inspect, amend, limits, window, notice, incident):
    right.add_command(each)
amend.add_command(hear)


def needs(names: str, metavar: str, help: str, **more: Any) -> Option:
    """A required option; `names` are its flag and, where it differs, its parameter: `--takes kind`."""
    return click.option(*names.split(), required=True, metavar=metavar, help=help, **more)


def may(name: str, metavar: str, help: str) -> Option:
    """An option whose text is empty where it is not given."""
    return click.option(name, default="", metavar=metavar, help=help)


def on(help: str, names: str = "--on", *, required: bool = True) -> Option:
    return click.option(*names.split(), callback=day, metavar="DATE", required=required, help=help)


def as_document(made: Any) -> dict[str, Any]:
    """A request as JSON, without the number of the sealed name."""
    return {k: v for k, v in asdict(made).items() if k != "holder"}


def _check_holds_right(made: Any, cure: str) -> None:
    """Refused where an order took away the rights of who asked; the request is recorded all the same."""
    from throughway.consent.selectors.rights import limited
    from throughway.families.actions.requesters import check_not_limited

    found = limited(made.partner, made.record, made.holder, date.today())
    check_not_limited(found, f" It is recorded as {made.code}: {cure}")


def own_partner(settings: Settings) -> str:
    from throughway.families.actions.requesters import check_may

    return check_may(acting(settings))


def acts(group: click.Group, name: str, action: str, help: str, done: str, *options: Option) -> None:
    """Adds a command that calls one action, as `module:function` of `families.actions`; `done` is a format string of what was `made`."""
    act_command(
        group, name, help, *options, action=f"families.actions.{action}", done=done, document=as_document
    )


CODE = click.argument("code")
STUDENT = needs("--student", "KEY", "Your own number of the student.")
REQUESTER = (
    STUDENT,
    needs("--who", "NAME", "The name of the person who asks; it is stored encrypted."),
    needs("--relation", "R", "parent, guardian, acting_parent, surrogate, student."),
    needs("--identified", "TEXT", "How you verified the identity of the person who asks."),
    on("The day on which you received it.", "--received"),
)
SCHOOL_YEAR = needs("--school-year", "Y", "Such as 2026-27.")


@command(
    inspect, "add", *REQUESTER,
    may("--asked", "TEXT", "What they want to see (default: the whole record)."),
    on("A meeting about special education; the answer is due before it.", "--meeting", required=False),
)  # fmt: skip
def ask_to_inspect(settings: Settings, **given: Any) -> CommandResult:
    """Record a request to inspect a student's record."""
    from throughway.families.actions import inspections

    made = inspections.ask_to_inspect(**given, by=acting(settings))
    _check_holds_right(made, f"throughway right inspect answer {made.code} --how no_right")
    return CommandResult(
        as_document(made),
        f"Request {made.code} is recorded; answer it by {made.due}. Destruction waits until then.",
    )


acts(
    inspect, "answer", "inspections:answer", "Record how a request to inspect ended.", "Request {made.code} ended on {made.answered}.",
    CODE,
    needs("--how", "HOW", "inspection, copy, arrangement, withdrawn, or no_right: who asked holds no right."),
    on("The day on which the family saw the record, or it ended otherwise."),
    may("--copy-fee", "DOLLARS", "The fee, for copies only."),
    may("--note", "TEXT", "A note for the file. Name no student."),
)  # fmt: skip


@command(
    amend, "add", *REQUESTER,
    needs("--element", "TABLE.COLUMN", "The contested element; table.* for a whole table."),
    needs("--which", "TEXT", "Which record in that table."),
    needs("--why", "TEXT", "Why it is contested."),
)  # fmt: skip
def ask_to_amend(settings: Settings, **given: Any) -> CommandResult:
    """Record a request to amend a student's record."""
    from throughway.families.actions import amendments

    made = amendments.ask_to_amend(**given, by=acting(settings))
    _check_holds_right(made, f"throughway right amend no-right {made.code}")
    return CommandResult(as_document(made), f"Request {made.code} is recorded; decide it by {made.due}.")


acts(
    amend, "no-right", "amendments:no_right", "End a request to amend because who asked holds no right.", "Request {made.code} is refused: no right.",
    CODE, on("The day on which you refused it."),
)  # fmt: skip
acts(
    hear, "ask", "amendments:ask_hearing", "Record that the family asked for a hearing.", "Set the hearing of {made.code} by {made.due}.",
    CODE, on("The day on which the family asked."),
)  # fmt: skip
acts(
    hear, "set", "amendments:set_hearing", "Set the hearing, and record when the family was notified of it.",
    "The hearing of {made.code}: {made.hearing}.",
    CODE,
    on("The day of the hearing.", "--date date_"),
    click.option("--time", required=True, metavar="HH:MM", help="The time of the hearing."),
    click.option("--place", required=True, metavar="TEXT", help="The place of the hearing."),
    needs("--officer", "OFFICE", "The office that conducts it; it must have no direct interest."),
    on("The day on which the family was notified.", "--notice"),
)  # fmt: skip
acts(
    hear, "held", "amendments:hold_hearing", "Record that the hearing was held.", "Write the decision on {made.code} by {made.due}.",
    CODE, on("The day on which it was held."),
)  # fmt: skip
acts(
    amend, "state", "amendments:state", "Record the family's statement, which is then shown with the contested part.",
    "From now on the statement is shown wherever {made.element} is shown.",
    CODE, on("The day on which the family gave it."), needs("--statement", "TEXT", "In the family's own words."),
)  # fmt: skip


@command(
    limits, "add", STUDENT,
    needs("--who", "NAME", "The adult's name; it is stored encrypted."),
    needs("--takes kind", "rights|contact", "What the order removes: the rights, or contact."),
    needs("--reference", "TEXT", "The court's number of the order or document."),
    on("The day from which it applies.", "--since"),
)  # fmt: skip
def add_limit(settings: Settings, **given: Any) -> CommandResult:
    """Record a limit that an order sets on an adult."""
    from throughway.consent.selectors.rights import nearly_named
    from throughway.families.actions import limits

    made = limits.limit(**given, by=acting(settings))
    message = f"Limit {made.code} holds since {made.since}."
    if near := nearly_named(made):
        message += (
            f" Warning: {counted(near, 'adult')} who answered for this student before {'has' if near == 1 else 'have'} nearly this name, and "
            "the limit does not reach another spelling. Compare it with the order; if it is the same adult, record the limit so spelled too."
        )
    return CommandResult(as_document(made) | ({"near": near} if near else {}), message)


acts(
    limits, "lift", "limits:lift", "Lift a limit.", "Limit {made.code} is lifted from {made.lifted} on.",
    CODE, needs("--why", "TEXT", "The reason, such as a later order."), on("The day from which it no longer applies."),
)  # fmt: skip
acts(
    notice, "add", "limits:record_notice", "Record the languages in which families can read a version of your notice.",
    "Notice {made.version} for {made.agreement} is recorded.",
    needs("--agreement", "ID", "The agreement under which families decide."),
    needs("--version", "VERSION", "The version, as consents name it."),
    needs("--language languages", "LANGUAGE", "A language, such as es; may be repeated.", multiple=True),
)  # fmt: skip
acts(
    incident, "told", "incidents:told_of", "Record that the parties to an agreement were notified.",
    "The parties to {agreement} were notified.",
    CODE, click.option("--agreement", required=True, metavar="ID", help="The agreement whose parties were notified."),
)  # fmt: skip
acts(
    incident, "close", "incidents:close_incident", "Close an incident after everybody was notified.", "Incident {made.code} is closed.",
    CODE, needs("--outcome", "TEXT", "What was done."),
)  # fmt: skip


@command(inspect, "gather", CODE)
def gather(settings: Settings, code: str) -> CommandResult:
    """Count the records held about the student. The ledger records that you looked."""
    from throughway.families.actions import inspections

    made = inspections.gather(code=code, by=acting(settings))
    document = {"tables": made.counts, "left_out": made.left_out, "disclosure": made.disclosure}
    cells = [[name, str(count)] for name, count in made.counts.items()]
    return CommandResult(
        document, columns(cells, ["table", "rows"]) if cells else "Nothing is held of this student."
    )


@command(inspect, "list")
def list_inspections(settings: Settings) -> CommandResult:
    """List the requests to inspect your partner's records, with their deadlines."""
    from throughway.consent.selectors.rights import inspections_of

    today = date.today()
    found = inspections_of(own_partner(settings))
    late = {i.code for i in found if i.late(today)}
    return listed(
        "requests",
        [{**as_document(i), "state": i.state} for i in found],
        {"request": "code", "received": "received", "due": "due", "state": "state",
         "": lambda i: "late" if i["code"] in late else ""},
        "Nobody has asked yet.",
    )  # fmt: skip


@command(
    amend, "decide", CODE,
    click.option("--amend/--refuse", "grants", required=True, default=None, help="Amend the record, or refuse."),
    on("The day of the decision."),
    may("--reason", "TEXT", "Why the request is refused; the family reads it."),
    may("--summary", "TEXT", "After a hearing: the evidence."),
    may("--reasons", "TEXT", "After a hearing: the reasons."),
)  # fmt: skip
def decide(
    settings: Settings, code: str, grants: bool, on: date, reason: str, summary: str, reasons: str
) -> CommandResult:
    """Decide a request to amend, before a hearing or after it."""
    from throughway.families.actions import amendments
    from throughway.families.actions.amendments import one

    by = acting(settings)
    if grants:
        made = amendments.grant(code=code, on=on, summary=summary, reasons=reasons, by=by)
    elif one(code, by).state == "heard":
        made = amendments.lose(code=code, on=on, summary=summary, reasons=reasons, by=by)
    else:
        made = amendments.refuse(code=code, on=on, reason=reason, by=by)
    return CommandResult(as_document(made), f"Request {made.code}: {made.state.replace('_', ' ')}.")


@command(amend, "correct", CODE, on("The day on which the record was corrected."))
def correct(settings: Settings, code: str, on: date) -> CommandResult:
    """Record that the record was corrected. Partners that received it are asked to correct it too."""
    from throughway.families.actions import amendments

    made = amendments.correct(code=code, on=on, by=acting(settings))
    who = ", ".join(r.partner for r in made.recipients) or "nobody else"
    return CommandResult(as_document(made), f"Corrected. According to the ledger it was received by: {who}.")


@command(amend, "confirm", CODE, on("The day on which your partner corrected what it holds."))
def confirm(settings: Settings, code: str, on: date) -> CommandResult:
    """Confirm that your partner corrected what it received."""
    from throughway.families.actions import amendments

    by = acting(settings)
    made = amendments.confirm(code=code, on=on, by=by)
    mine = next(r for r in made.recipients if r.partner == by.partner)
    return CommandResult(
        {"code": made.code, "confirmed": mine.confirmed}, f"{made.code}: corrected on {mine.confirmed}."
    )


@command(amend, "list")
def list_amendments(settings: Settings) -> CommandResult:
    """List the requests to amend your partner's records, and the corrections that others ask your partner to make."""
    from throughway.consent.selectors.rights import amendments_of
    from throughway.families import selectors

    own = own_partner(settings)
    found = amendments_of(own)
    asked = [(a, r) for a in selectors.corrections(own) for r in a.recipients if r.partner == own]
    cells = [[a.code, str(a.received), a.element, a.state, str(a.due or "")] for a in found]
    cells += [
        [a.code, str(a.corrected), a.element, "corrected" if mine.confirmed else "correct it", str(mine.due)]
        for a, mine in asked
    ]
    document = {
        "requests": [as_document(a) for a in found],
        "corrections": [
            {
                "code": a.code,
                "partner": a.partner,
                "element": a.element,
                "due": r.due,
                "confirmed": r.confirmed,
            }
            for a, r in asked
        ],
    }
    return CommandResult(
        document,
        columns(cells, ["request", "since", "element", "state", "due"]) if cells else "Nobody has asked yet.",
    )


@command(limits, "list")
def list_limits(settings: Settings) -> CommandResult:
    """List the limits that concern your partner's students."""
    from throughway.consent.selectors.rights import limits_of

    found = [as_document(x) for x in limits_of(own_partner(settings))]
    shown = {"limit": "code", "takes": "kind", "reference": "reference", "since": "since", "lifted": "lifted"}
    return listed("limits", found, shown, "No limit is recorded.")


@command(
    window, "add", SCHOOL_YEAR,
    needs("--notice", "VERSION", "The directory notice that announces the window."),
    on("Its first day.", "--opens"),
    on("Its last day.", "--closes"),
)  # fmt: skip
def add_window(settings: Settings, school_year: str, **given: Any) -> CommandResult:
    """Set the period in which families may opt out of directory information."""
    from throughway.families.actions import limits

    made = limits.open_window(year=_ending(school_year), **given, by=acting(settings))
    return CommandResult(
        asdict(made), f"Families opt out from {made.opens} to {made.closes}, by notice {made.notice}."
    )


@command(window, "close", SCHOOL_YEAR, on("Its new last day (default: today).", required=False))
def close_window(settings: Settings, school_year: str, on: date | None) -> CommandResult:
    """End a window before its announced last day."""
    from throughway.families.actions import limits

    made = limits.close_window(year=_ending(school_year), on=on or date.today(), by=acting(settings))
    return CommandResult(asdict(made), f"The window closed on {made.closes}.")


def _ending(school_year: str) -> int:
    """The ending year of 2026-27."""
    first, _, last = school_year.partition("-")
    if not (first.isdigit() and len(first) == 4 and last == f"{(int(first) + 1) % 100:02d}"):
        raise Refused("Write the school year as 2026-27.", code="usage")
    return int(first) + 1


@command(window, "list")
def list_windows(settings: Settings) -> CommandResult:
    """List the windows of your partner."""
    from throughway.consent.selectors.rights import windows_of

    found = [asdict(w) for w in windows_of(own_partner(settings))]
    shown = {"year": "year", "notice": "notice", "opens": "opens", "closes": "closes"}
    return listed("windows", found, shown, "No window is recorded.")


@command(notice, "list")
def list_notices(settings: Settings) -> CommandResult:
    """List the notices of your partner."""
    from throughway.consent.selectors.rights import notices_of

    found = [asdict(n) for n in notices_of(own_partner(settings))]
    shown = {"agreement": "agreement", "version": "version", "languages": "languages"}
    return listed("notices", found, shown, "No notice is recorded.")


@command(
    incident, "add",
    needs("--what", "TEXT", "What happened. Name no student."),
    needs("--known", "MOMENT", "When it became known, such as 2026-09-01T14:30 (UTC)."),
    click.option("--reported-by", required=True, metavar="OFFICE", help="The office that reports it."),
    needs("--with recipients", "PARTNER", "The partner at which it happened; may be repeated.", multiple=True),
    on("The first day on which records may have leaked.", "--since"),
)  # fmt: skip
def add_incident(settings: Settings, known: str, **given: Any) -> CommandResult:
    """Record an incident. The ledger shows whom it concerns, and the agreements set the deadlines for notice."""
    from throughway.families.actions import incidents

    try:
        moment = datetime.fromisoformat(known)
    except ValueError:
        raise Refused("Write the moment as 2026-09-01T14:30.", code="usage") from None
    made = incidents.record_incident(
        known=moment if moment.tzinfo else moment.replace(tzinfo=UTC), **given, by=acting(settings)
    )
    clocks = "; ".join(f"{c.agreement} by {c.due:%Y-%m-%d %H:%M}" for c in made.clocks)
    students, entries = (
        counted(sum(made.students.values()), "student"),
        counted(len(made.entries), "disclosure"),
    )
    return CommandResult(
        asdict(made),
        f"Incident {made.code}: {students} in {entries}. To be notified: {clocks or 'no agreement sets an hour'}.",
    )


@command(incident, "list")
def list_incidents(settings: Settings) -> CommandResult:
    """List the incidents of your partner."""
    from throughway.consent.selectors.rights import incidents_of

    found = incidents_of(own_partner(settings))
    still_open = {i.code for i in found if i.open}
    return listed(
        "incidents",
        [asdict(i) for i in found],
        {"incident": "code", "known": lambda i: f"{i['known']:%Y-%m-%d %H:%M}", "with": "recipients",
         "state": lambda i: "open" if i["code"] in still_open else "closed"},
        "No incident is recorded.",
    )  # fmt: skip
