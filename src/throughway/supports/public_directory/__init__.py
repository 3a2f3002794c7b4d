"""The public directory of supports: open to everybody, without signing in."""
