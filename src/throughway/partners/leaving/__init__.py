"""How somebody stops holding an office of a partner, and when that takes two people."""
