"""The screens of a negotiation: the text with what is proposed at each place, one proposal, and all texts."""

from throughway.negotiation.views.document_text import one
from throughway.negotiation.views.new_proposal import propose
from throughway.negotiation.views.proposal import comment, one_proposal
from throughway.negotiation.views.text_versions import versions

__all__ = ["comment", "one", "one_proposal", "propose", "versions"]
