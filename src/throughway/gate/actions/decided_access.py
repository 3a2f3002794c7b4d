"""What reading and writing through the gate share: the decision, the state of the store, refusals that are recorded, and the decision
made once more before anything leaves or is kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from throughway.agreements.effective_grants import FORMS
from throughway.agreements.enums import AccessForm, strictest
from throughway.agreements.grant import Grant
from throughway.core.long_work import TransactionOpen, check_no_transaction
from throughway.core.refusals import Refused
from throughway.gate.actions.amendment_statements import AmendmentStatement
from throughway.gate.actions.current_row_scope import current_row_scope
from throughway.gate.actions.decisions import current_decision, open_reasons
from throughway.gate.actions.ledger_entries import record_refusal
from throughway.gate.compiler import NotGranted
from throughway.gate.decision import Decision, Reason, agreements_of, refusal_text
from throughway.gate.row_scope import RowScope
from throughway.gate.sql_grammar import SQL
from throughway.partners.actor import Actor
from throughway.partners.request_cache import request_cache, without_request_cache
from throughway.store.selectors import Snapshot, snapshot

CODED = "34 CFR 99.31(b)(2)"  # student by student, under codes
AGGREGATE = "34 CFR 99.31(b)(1)"  # without anything that identifies, judged over all releases
OTHER_FORM: Mapping[AccessForm, tuple[str, str]] = {
    AccessForm.IDENTIFIED: ("Purpose {} does not show who a student is.", AGGREGATE),
    AccessForm.PSEUDONYMOUS: ("Purpose {} does not show students under codes alone.", CODED),
    AccessForm.AGGREGATE: ("Figures for a report need a purpose of form aggregate.", AGGREGATE),
}


GATE = "a question to the gate"
TRIES = 5


class DecidedAccess:
    """One reader under one purpose, for one day, as it was decided when the reader entered."""

    def __init__(self, actor: Actor, purpose: str, on: date, decision: Decision, under: str = "") -> None:
        self.actor, self.purpose, self.on, self._decision, self._under = actor, purpose, on, decision, under
        self.grants = decision.grants
        self.linked = decision.linked
        self.form = str(max((g.form for g in self.grants), key=FORMS.index))
        self.minimum_cell = max(g.minimum_cell for g in self.grants)
        self.review_days = max(g.review_days for g in self.grants)
        self.publication_rule = strictest(g.publication_rule for g in self.grants)
        self.needs_approval = any(g.needs_approval for g in self.grants)
        self.agreements = [id for id, _ in agreements_of(self.grants)]
        self._held: Snapshot | None = None
        self._said: dict[str, AmendmentStatement] = {}

    @contextmanager
    def one_state(self) -> Iterator[Snapshot]:
        """Uses one snapshot of the store for `record_of`, `why`, `families` and `query` in the block. A purpose that shows random codes
        takes its own for each query, so that it sees the codes that it draws."""
        check_no_transaction(GATE)
        if self._held is not None:
            yield self._held
            return
        with snapshot() as stored:
            self._held = stored
            try:
                yield stored
            finally:
                self._held = None

    def people(self, stored: Snapshot) -> RowScope:
        """Whose rows the reader may see under the current registers."""
        return current_row_scope(stored, self._decision, self.actor, self.on, self._past())

    def _past(self) -> date | None:
        """Today's date where access is for an earlier day; otherwise None."""
        today = date.today()
        return today if self.on < today else None

    def _check_form(self, form: AccessForm, asked: str, *, met: bool = True) -> None:
        """Refused, and recorded, unless the purpose has this form."""
        if self.form != form or not met:
            message, citation = OTHER_FORM[form]
            wrong = Refused(message.format(self.purpose), code="form", citations=[citation])
            raise self._refused(asked, wrong)

    @contextmanager
    def _recorded(self, asked: str) -> Iterator[None]:
        """Records a refused query in the ledger, then raises the refusal."""
        try:
            yield
        except NotGranted as refused:
            raise self._refused(asked, self._naming_what_ended(refused)) from None
        except Refused as refused:
            raise self._refused(asked, refused) from None

    def _naming_what_ended(self, refused: NotGranted) -> Refused:
        """Adds which agreements gave the table and no longer do."""
        ended = [reason for reason, tables in self._decision.ended if refused.table in tables]
        return Refused(
            f"{refused.message} {refusal_text(ended)}".strip(),
            code=refused.code,
            citations=[*refused.citations, *(reason.citation for reason in ended)],
        )

    @contextmanager
    def _while_it_stands(
        self,
        stored: Snapshot,
        scope: RowScope,
        used: Sequence[Grant],
        students: NDArray[np.int64],
        also: Callable[[], object] = lambda: None,
    ) -> Iterator[None]:
        """A transaction in which everything has been decided once more, and `also` has passed; the block writes in it. Where a register has
        changed, what follows from it is computed before the transaction is tried again. Refused as `_check_stands`, and (busy) where the
        registers do not come to rest."""

        def check() -> None:
            self._check_stands(stored, scope, used, students)
            also()

        with without_request_cache():
            for _ in range(TRIES):
                with transaction.atomic(durable=True):
                    try:
                        check()
                    except TransactionOpen:
                        pass  # something must be computed first
                    else:
                        yield
                        return
                check()
        raise Refused(
            "Consents, assignments or records are being changed all the time, so it could not be decided; try again in a minute.",
            code="busy",
        )

    def _check_stands(
        self, stored: Snapshot, scope: RowScope, used: Sequence[Grant], students: NDArray[np.int64]
    ) -> None:
        """Decides once more. Refused where a grant no longer stands, or one of the students is no longer open."""
        with request_cache():  # what every register says at this moment
            again = current_decision(self.actor, self.purpose, self.on, self._under)
            stands = again is self._decision or (
                all(g in again.grants for g in used) and self.linked <= again.linked
            )
            if stands and scope.stands_by(self.people(stored), used, students):
                return
        reasons = open_reasons(self.actor, again.reasons, self.purpose) if again.reasons else ()
        raise Refused(
            f"Access changed while the query was running, so no data was returned. "
            f"{refusal_text(reasons)}".strip(),
            code="not_allowed", citations=[r.citation for r in reasons] or ["34 CFR 99.30(a)"],
        )  # fmt: skip

    def _refused(self, sql: str, refused: Refused) -> Refused:
        """Records the refusal of a query and returns it to be raised, with a citation if it has none."""
        if not refused.citations:
            refused = Refused(refused.message, code=refused.code, citations=[SQL])
        reasons = [Reason(refused.message, "; ".join(refused.citations))]
        record_refusal(self.actor, self.purpose, self.on, reasons, sql=sql, grants=self.grants)
        return refused
