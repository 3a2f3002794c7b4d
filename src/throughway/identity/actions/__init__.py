"""Every write of this room: linking records, reviewing pairs, undoing a merge or a split, and evaluating against a truth."""

from throughway.identity.actions.evaluation import evaluate
from throughway.identity.actions.linking import LinkageRunReport, link
from throughway.identity.actions.lookup import LookedUp, look_up
from throughway.identity.actions.person_history import forget, undo
from throughway.identity.actions.person_names import Names, names_of

__all__ = [
    "LinkageRunReport",
    "LookedUp",
    "Names",
    "evaluate",
    "forget",
    "link",
    "look_up",
    "names_of",
    "undo",
]
