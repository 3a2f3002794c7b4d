"""The screens of a negotiation: the text with what is proposed at each place, one proposal, and all texts."""

from throughway.negotiation.views.answering import comment, one_proposal
from throughway.negotiation.views.comparing import versions
from throughway.negotiation.views.proposing import propose
from throughway.negotiation.views.reading_text import one

__all__ = ["comment", "one", "one_proposal", "propose", "versions"]
