"""The life of an agreement: its states and acts (`states.py`), and how it stands on a day (`standing.py`)."""

from throughway.agreements.events import Event
from throughway.agreements.standing import Life, Standing, life, standing
from throughway.agreements.states import BEGUN, OPEN, OVER, TRANSITIONS, Act, State, may

__all__ = [
    "BEGUN", "OPEN", "OVER", "TRANSITIONS", "Act", "Event", "Life", "Standing", "State", "life", "may", "standing",
]  # fmt: skip
