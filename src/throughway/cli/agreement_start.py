"""`agreement templates` and `agreement start`: an agreement begun from a template, printed as YAML."""

from datetime import date, datetime

import click

from throughway.cli.agreement_acts import agreement
from throughway.cli.agreement_formats import seen_by
from throughway.cli.command import Cell, CommandResult, Settings, acting, command, facts, listed
from throughway.core.refusals import Refused

DAY = click.DateTime(["%Y-%m-%d"])


_START = (
    click.argument("template"),
    click.option("--party", "parties", multiple=True, metavar="ID:PART",
                 help="A partner and its part or roles in the agreement; may be repeated."),
    click.option("--id", "id", required=True, help="The agreement's id in files and commands."),
    click.option("--title", required=True, help="The agreement's title, in one line."),
    click.option("--effective", type=DAY, default=None, metavar="DAY", help="The first day, such as 2026-07-01."),
    click.option("--expires", type=DAY, default=None, metavar="DAY", help="The last day."),
    click.option("--answer", "answers", multiple=True, metavar="QUESTION=WORDS",
                 help="The answer to one of the template's questions; may be repeated."),
    click.option("--authority", "authorities", multiple=True, metavar="ID=WORDS",
                 help="By what authority a partner's office signs, such as a board policy; may be repeated."),
    click.option("--under", default=None, metavar="ID", help="The id of the agreement that it is under."),
)  # fmt: skip


def templates(settings: Settings) -> CommandResult:
    """List the templates, with the parties' parts and the questions that only the parties can answer."""
    from throughway.agreements.starter_texts import templates as all_templates

    found = [
        facts(each, "id", "title", "wish", "about")
        | {
            "tier": str(each.tier),
            "parts": [
                facts(part, "id", "words", "several", "optional")
                | {"roles": [str(role) for role in part.roles]}
                for part in each.parts
            ],
            "questions": [facts(question, "id", "ask", "such_as") for question in each.questions],
        }
        for each in all_templates()
    ]
    shown: dict[str, Cell] = {
        "id": "id", "tier": "tier", "parts": lambda each: [part["id"] for part in each["parts"]], "to": "wish",
    }  # fmt: skip
    return listed("templates", found, shown, "")


def start(
    settings: Settings, template: str, parties: tuple[str, ...], id: str, title: str, effective: datetime | None,
    expires: datetime | None, answers: tuple[str, ...], under: str | None, authorities: tuple[str, ...] = (),
) -> CommandResult:  # fmt: skip
    """Print an agreement started from a template, with blanks that the parties must still fill in."""
    from throughway.agreements.document_yaml import as_yaml
    from throughway.agreements.starter_texts import begin, part_of
    from throughway.agreements.starter_texts import template as template_of

    chosen = template_of(template)
    seats: dict[str, list[str]] = {}
    for partner, part in (_pair(each, ":", "--party ID:PART") for each in parties):
        seats.setdefault(part_of(chosen, part), []).append(partner)
    given = dict(_pair(each, "=", "--answer QUESTION=WORDS") for each in answers)
    unknown = sorted(given.keys() - {question.id for question in chosen.questions})
    if unknown:
        asked = ", ".join(question.id for question in chosen.questions) or "nothing"
        raise Refused(f"{template} does not ask {unknown[0]}; it asks {asked}.", code="unknown_question")
    by_whom = dict(_pair(each, "=", "--authority ID=WORDS") for each in authorities)
    offices = {partner: chosen.part(part).signs for part, partners in seats.items() for partner in partners}
    if strangers := sorted(by_whom.keys() - offices.keys()):
        raise Refused(f"{strangers[0]} takes no part here; name it with --party first.", code="unknown_part")
    values = begin(
        chosen, parties=seats, id=id, title=title, effective=_day(effective), expires=_day(expires), answers=given,
        signatories={partner: (offices[partner], words) for partner, words in by_whom.items()},
        under=seen_by(acting(settings), under).current.signed_text if under else None,
    )  # fmt: skip
    text = as_yaml(values)
    return CommandResult({"id": id, "template": template, "text": text}, text.rstrip("\n"))


def _pair(text: str, mark: str, form: str) -> tuple[str, str]:
    before, found, after = text.partition(mark)
    if not (before and found and after):
        raise Refused(f"Write {form}; one that was given has another form.", code="bad_option")
    return before, after


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


command(agreement, "templates")(templates)
command(agreement, "start", *_START)(start)
