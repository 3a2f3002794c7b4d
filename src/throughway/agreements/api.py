"""The API's endpoints for agreements: those that the token's user may see."""

from collections.abc import Mapping
from typing import Any, Literal

from django.urls import path

from throughway.agreements.agreement_list import is_listed_for, may_see
from throughway.agreements.exchange.export_formats import file_of
from throughway.agreements.grant_sql import show
from throughway.agreements.json_output import agreement_json, review, row_json, status_json
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.plain_text import plain
from throughway.agreements.selectors import agreement_lifecycles, open_steps, reviewed, today, wider
from throughway.agreements.signatures import given_of
from throughway.agreements.validation_errors import unreadable
from throughway.agreements.views.context import AgreementForReader, agreement_for_reader
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.api_endpoints import Nothing, RequestSchema, ResponseSchema, Text, endpoint
from throughway.partners.selectors import partners


class AgreementLine(ResponseSchema):
    """One agreement and its state today. `reason`: why it is not in effect, if it is not."""

    id: str
    title: str
    tier: str
    state: str
    reason: str
    version: str
    effective: str
    expires: str


class AgreementList(ResponseSchema):
    agreements: list[AgreementLine]


class AgreementText(ResponseSchema):
    """One text of an agreement. `version`: its fingerprint, the SHA-256 that people sign."""

    id: str
    version: str
    state: str
    reason: str


class Step(ResponseSchema):
    """What somebody must do next: which partner, in which roles, since when and until when."""

    kind: str
    title: str
    waits_for: str
    roles: list[str]
    since: str
    due: str | None


class Signature(ResponseSchema):
    """One party's signature on the text. `known`: how the signer was known, in words. `on_operators_word`: only the operator
    of the folder vouches for it. `paper`: SHA-256 of the signed paper, if there is one. `stands`: `registered` or `by_role`; null for a
    signature of before there was a register. `board_vote`: the decision by which the board approved the text. `also`: in which other
    capacities the same person acted for the party."""

    partner: str
    on: str
    by: str
    title: str
    authority: str
    signer: str
    known: str
    on_operators_word: bool
    paper: str | None
    joined: bool
    stands: str | None
    board_vote: str | None
    also: list[str]


class Agreement(AgreementText):
    """One agreement. Of `plain`, `sql`, `odcs` and `odrl` only the requested one is filled; with `odcs` and `odrl`, only
    `id` and `version` are too."""

    state: str = ""
    reason: str = ""
    parties: list[str] = []
    signed_by: list[str] = []
    signatures: list[Signature] = []
    suspended_by: list[str] = []
    later: AgreementText | None = None
    waiting: list[Step] = []
    plain: str = ""
    sql: str = ""
    odcs: str = ""
    odrl: str = ""


class AgreementForm(RequestSchema):
    form: Literal["plain", "sql", "odcs", "odrl"] = "plain"


class Draft(RequestSchema):
    text: Text


class Review(ResponseSchema):
    status: Literal["ready", "blocked"]
    findings: list[ReviewFinding]


@endpoint("GET", gives=AgreementList)
def listed(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Lists the agreements that you may see, with the state of each today.

    Same as `throughway agreement list`."""
    register = partners()
    return {
        "agreements": [
            row_json(life.current)
            for life in agreement_lifecycles(today())
            if is_listed_for(actor, life, register)
        ]
    }


@endpoint("GET", takes=AgreementForm, gives=Agreement)
def shown(actor: Actor, asked: AgreementForm, id: str) -> Mapping[str, Any]:
    """Shows one agreement: in words, as SQL, as a data contract (ODCS 3.1, YAML) or a policy (ODRL 2.2, JSON-LD).

    Same as `throughway agreement show`. Its open steps are shown to its parties and to the backbone."""
    found = agreement_for_reader(actor, id)
    if asked.form in ("odcs", "odrl"):
        return _in_form(found, asked.form)
    current, may_read = found.life.current, may_see(actor, found.life.current.document, found.register)
    waiting = [step for step in open_steps(found.today) if step.agreement == id] if may_read else []
    signed = given_of(found.done, current.version) if may_read else ()
    text = (
        show(current, wider(current, found.today))
        if asked.form == "sql"
        else plain(current.document, signed=signed)
    )
    return agreement_json(current, found.life.pending, waiting, signed) | {asked.form: text}


def _in_form(found: AgreementForReader, form: str) -> Mapping[str, Any]:
    current = found.life.current
    written = file_of(form, current, found.names, given_of(found.done, current.version)).decode()
    kept = status_json(current)
    return {"id": kept["id"], "version": kept["version"], form: written}


@endpoint("POST", takes=Draft, gives=Review)
def reviewing(actor: Actor, asked: Draft) -> Mapping[str, Any]:
    """Reviews a document (`text`: YAML or JSON) against the law, the vocabulary and the agreements that you may see.

    Same as `throughway agreement review`. The document is not stored."""
    register = partners()
    try:
        return review(reviewed(asked.text, sees=lambda document: may_see(actor, document, register)))
    except Refused as refused:
        if refused.code != "unreadable":
            raise
        return review([unreadable(refused.message)])  # a review always answers with findings


urlpatterns = [
    path("agreements", listed, name="agreements"),
    path("agreements/review", reviewing, name="review"),
    path("agreements/<str:id>", shown, name="agreement"),
]
