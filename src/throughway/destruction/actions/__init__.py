"""Every write of this room: orders of destruction, holds, and what disclosers collect."""

from throughway.destruction.actions.certificates import apply_certificate
from throughway.destruction.actions.hand_over import collect, collected
from throughway.destruction.actions.holds import hold, lift
from throughway.destruction.actions.orders import destroy, order, preview, resume_order

__all__ = [
    "apply_certificate",
    "collect",
    "collected",
    "destroy",
    "hold",
    "lift",
    "order",
    "preview",
    "resume_order",
]
