"""Every write of this room: orders of destruction, holds, and what disclosers collect."""

from throughway.destruction.actions.apply_certificate import heed
from throughway.destruction.actions.hand_over import collect, collected
from throughway.destruction.actions.holds import hold, lift
from throughway.destruction.actions.orders import destroy, go_on, order, preview

__all__ = ["collect", "collected", "destroy", "go_on", "heed", "hold", "lift", "order", "preview"]
