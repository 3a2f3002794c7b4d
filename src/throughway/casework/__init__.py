"""Students and the people who work with them: caseload list, student page, next steps."""
