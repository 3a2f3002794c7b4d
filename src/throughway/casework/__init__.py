"""Students and the people who work with them: who is on my list, what happened, what comes next."""
