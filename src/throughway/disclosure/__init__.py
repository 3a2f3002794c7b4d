"""What may be published: suppression, and the registry of releases."""
