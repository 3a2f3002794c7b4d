"""The screens of agreements: all of them, one of them, its SQL, an act on it, and the review of a draft."""

from throughway.agreements.views.acts import act_on
from throughway.agreements.views.drafts import review_draft
from throughway.agreements.views.many import all_agreements
from throughway.agreements.views.one import as_sql, later_text, one_agreement
from throughway.agreements.views.papers import sign_on_paper, signed_paper

__all__ = [
    "act_on", "all_agreements", "as_sql", "later_text", "one_agreement", "review_draft", "sign_on_paper", "signed_paper",
]  # fmt: skip
