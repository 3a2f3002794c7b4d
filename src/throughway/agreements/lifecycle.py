"""The life of an agreement: its states and acts (`states.py`), and how it stands on a day (`status.py`)."""

from throughway.agreements.event import LifecycleEvent
from throughway.agreements.states import BEGUN, OPEN, OVER, TRANSITIONS, AgreementAct, AgreementState, may
from throughway.agreements.status import AgreementLifecycle, AgreementStatus, lifecycle_on, status_on

__all__ = [
    "BEGUN",
    "OPEN",
    "OVER",
    "TRANSITIONS",
    "AgreementAct",
    "AgreementLifecycle",
    "AgreementState",
    "AgreementStatus",
    "LifecycleEvent",
    "lifecycle_on",
    "may",
    "status_on",
]  # fmt: skip
