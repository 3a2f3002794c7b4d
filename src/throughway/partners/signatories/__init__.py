"""Who signs for a partner: the people that it registered for that, each with an office and its authority."""
