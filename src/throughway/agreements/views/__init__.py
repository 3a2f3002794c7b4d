"""The screens of agreements: all of them, one of them, its SQL, an act on it, and the review of a draft."""

from throughway.agreements.views.acts import act_on
from throughway.agreements.views.detail import as_sql, later_text, one_agreement
from throughway.agreements.views.list import all_agreements
from throughway.agreements.views.papers import sign_on_paper, signed_paper
from throughway.agreements.views.review import review_draft

__all__ = [
    "act_on", "all_agreements", "as_sql", "later_text", "one_agreement", "review_draft", "sign_on_paper", "signed_paper",
]  # fmt: skip
