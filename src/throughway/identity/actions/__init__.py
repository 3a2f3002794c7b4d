"""Every write of this room: recognising persons, undoing what was recognised wrongly, and judging against a truth."""

from throughway.identity.actions.evaluating import evaluate
from throughway.identity.actions.forgetting import forget
from throughway.identity.actions.linking import Linked, link
from throughway.identity.actions.naming import Names, names_of
from throughway.identity.actions.undoing import undo

__all__ = ["Linked", "Names", "evaluate", "forget", "link", "names_of", "undo"]
