"""Every write of this room: recognising persons, undoing what was recognised wrongly, and judging against a truth."""

from throughway.identity.actions.evaluating import evaluate
from throughway.identity.actions.forgetting import forget
from throughway.identity.actions.linking import Linked, link
from throughway.identity.actions.looking_up import LookedUp, look_up
from throughway.identity.actions.naming import Names, names_of
from throughway.identity.actions.undoing import undo

__all__ = ["Linked", "LookedUp", "Names", "evaluate", "forget", "link", "look_up", "names_of", "undo"]
