"""How a partner's file comes in: read, checked against agreements, mapped, cleaned, landed."""
