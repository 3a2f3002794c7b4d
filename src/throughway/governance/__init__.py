"""How a community decides: bodies, meetings, votes, the decisions they leave, and requests for data."""
