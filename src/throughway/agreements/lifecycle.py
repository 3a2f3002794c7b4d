"""The life of an agreement: its states and acts (`states.py`), and how it stands on a day (`status.py`)."""

from throughway.agreements.event import Event
from throughway.agreements.states import BEGUN, OPEN, OVER, TRANSITIONS, Act, State, may
from throughway.agreements.status import Life, Standing, life, standing

__all__ = [
    "BEGUN", "OPEN", "OVER", "TRANSITIONS", "Act", "Event", "Life", "Standing", "State", "life", "may", "standing",
]  # fmt: skip
