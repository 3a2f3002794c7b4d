"""Commitments of service: what partners promised, and protected figures of who participated."""
