"""`agreement show` in other forms, and `agreement import`: an agreement as a paper, ODCS, ODRL and Schedule B, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from throughway.cli.agreement_acts import agreement, text_of
from throughway.cli.command import CommandResult, Settings, SuggestingChoice, command, say
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor

if TYPE_CHECKING:
    from throughway.agreements.status import AgreementLifecycle, AgreementStatus

# Options of `agreement show` that name a form (agreements.exchange.export_formats), and those that write one to a file.
PRINTED = {"odcs": "odcs", "odrl": "odrl", "schedule_b": "schedule-b"}
TO_FILE = {"pdf": "pdf", "canonical": "canonical"}


FORMS = (
    click.option("--odcs", is_flag=True, help="Data contracts of ODCS 3.1, one for each discloser (YAML)."),
    click.option("--odrl", is_flag=True, help="A policy of ODRL 2.2, in JSON-LD."),
    click.option("--schedule-b", is_flag=True, help="What is shared, in the words of the NDPA's Schedule B (CSV)."),
    click.option("--pdf", metavar="FILE", help="Write the PDF to sign, with its signature page."),
    click.option("--canonical", metavar="FILE", help="Write the exact text that is hashed, to check its fingerprint."),
)  # fmt: skip


def seen_by(by: Actor, id: str) -> "AgreementLifecycle":
    """The agreement with the texts that one may see; Refused as one that is not there where one may see none."""
    from django.http import Http404

    from throughway.agreements.selectors import lifecycle_of, today, unknown_agreement
    from throughway.agreements.views.context import agreement_for_reader

    if by.is_operator:
        return lifecycle_of(id, today())
    try:
        return agreement_for_reader(by, id).life
    except Http404:
        raise unknown_agreement(id) from None


def in_form(life: "AgreementLifecycle", asked: dict[str, Any]) -> CommandResult | None:
    """The agreement in the format of an option; None when there is no such option."""
    chosen = [name for name, value in asked.items() if value]
    if not chosen:
        return None
    if len(chosen) > 1:
        both = " and ".join(f"--{name.replace('_', '-')}" for name in chosen)
        raise click.UsageError(f"{both} are different forms; ask for one at a time.")
    (name,) = chosen
    if name in TO_FILE:
        return _to_file(life.prepared, name, Path(asked[name]))
    return _printed(life.current, name)


def _printed(standing: "AgreementStatus", name: str) -> CommandResult:
    id = standing.document.id
    text = _written(id, PRINTED[name], standing).decode()
    return CommandResult({"id": id, "version": standing.version, name: text}, text.rstrip("\n"))


def _to_file(standing: "AgreementStatus", name: str, file: Path) -> CommandResult:
    """Of the text that is being prepared for signature, where there is one."""
    id = standing.document.id
    try:
        file.write_bytes(_written(id, TO_FILE[name], standing))
    except OSError:
        raise Refused(
            f"{file} cannot be written; name a file in a folder that exists and is yours.", code="no_file"
        ) from None
    return CommandResult(
        {"id": id, "version": standing.version, "file": str(file)},
        f"{file} is of the text {standing.version} of {id}.",
    )


def _written(id: str, form: str, standing: Any) -> bytes:
    from throughway.agreements.exchange.export_formats import file_of
    from throughway.agreements.selectors import past_acts
    from throughway.agreements.signatures import given_of
    from throughway.partners.selectors import partner_names

    names = partner_names()
    return file_of(form, standing, names, given_of(past_acts(id), standing.version))


@command(agreement, "import", opens=False)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", required=True, type=SuggestingChoice(["odcs", "odrl", "ndpa"]),
    help="The format: data contracts (ODCS 3), a policy (ODRL 2.2), or a Schedule B in its own words.",
)  # fmt: skip
def import_draft(settings: Settings, file: Path, form: str) -> CommandResult:
    """Make a draft from a file in another format, and list what is missing."""
    from throughway.agreements.exchange import read

    draft = read(form, text_of(file))
    findings = draft.findings
    if not settings.as_json:
        for sentence in draft.left:
            say(f"Left behind: {sentence}")
        for finding in findings:
            say(f"Missing or wrong: {finding.message}")
    document = {
        "draft": draft.text,
        "complete": not findings,
        "findings": [finding.to_json() for finding in findings],
        "left": list(draft.left),
    }
    return CommandResult(document, draft.text.rstrip("\n"))
