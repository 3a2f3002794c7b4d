"""What people fill in to write an agreement: one form for each section, none of which asks for YAML."""
