"""Every write of this room: recognising persons, undoing what was recognised wrongly, and judging against a truth."""

from throughway.identity.actions.erasure import forget
from throughway.identity.actions.evaluation import evaluate
from throughway.identity.actions.linking import LinkageRunReport, link
from throughway.identity.actions.lookup import LookedUp, look_up
from throughway.identity.actions.person_names import Names, names_of
from throughway.identity.actions.undo_events import undo

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
