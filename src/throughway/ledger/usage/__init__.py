"""How a partner's data were used in a time: counted from the ledger, without a student, a reader's address or a value."""
