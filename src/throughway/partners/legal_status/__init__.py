"""How a partner's legal statuses change after it was registered: by whom, why, and who must agree."""
