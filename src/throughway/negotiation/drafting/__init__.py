"""Writing an agreement: from a template, with what each partner holds at hand, to a text that can be reviewed."""
