"""What other rooms ask about consents."""
