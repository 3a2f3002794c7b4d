"""Writing an agreement, from a template and the partners' data systems to a text that can be reviewed."""
