"""The public register of agreements: open to everybody, without signing in."""
