"""Every write of this room: orders of destruction, holds, and what disclosers collect."""
