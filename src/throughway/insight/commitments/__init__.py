"""What partners promised to provide, beside what was delivered, in protected figures alone."""
