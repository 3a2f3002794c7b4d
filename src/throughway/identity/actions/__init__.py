"""Every write of this room: linking records, reviewing pairs, undoing a merge or a split; and readings that the ledger records."""

from throughway.identity.actions.evaluation import evaluate
from throughway.identity.actions.linking import link
from throughway.identity.actions.lookup import LookedUp, PersonNames, look_up, names_of
from throughway.identity.actions.person_history import forget, undo
from throughway.identity.actions.run_record import LinkageRunReport

__all__ = [
    "LinkageRunReport",
    "LookedUp",
    "PersonNames",
    "evaluate",
    "forget",
    "link",
    "look_up",
    "names_of",
    "undo",
]
