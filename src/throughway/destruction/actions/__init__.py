"""Every write of this room: orders of destruction, holds, and what disclosers collect."""

from throughway.destruction.actions.handing_over import collect, collected
from throughway.destruction.actions.heeding import heed
from throughway.destruction.actions.holding import hold, lift
from throughway.destruction.actions.ordering import destroy, go_on, order, preview

__all__ = ["collect", "collected", "destroy", "go_on", "heed", "hold", "lift", "order", "preview"]
