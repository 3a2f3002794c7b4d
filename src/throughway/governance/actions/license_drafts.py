"""A granted request becomes the draft of a data use license."""

from collections.abc import Collection
from datetime import date

from throughway.agreements import actions as agreements
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.starter_texts import as_yaml
from throughway.core.refusals import Refused
from throughway.governance.data_request import DataRequest
from throughway.governance.license_draft import license_of
from throughway.partners import Actor


def draft_license(request: DataRequest, *, without: Collection[str], by: Actor) -> str:
    """Adds the draft, in which the partners `without` give nothing, and gives its id."""
    giving = tuple(p for p in request.giving if p not in without)
    if not giving:
        raise Refused("Nobody is left whose records may be used; nothing can be drafted.", code="nothing")
    today = date.today()
    known = {found.document.id: found.document for found in agreement_statuses(today)}
    above = [known[id] for id in request.wanted.under if id in known]
    values = license_of(request.number, request.partner, request.wanted, giving, above, today)
    agreements.add(text=as_yaml(values), by=by)
    return str(values["id"])
