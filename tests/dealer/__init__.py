"""Dealers beside fiscal registers."""
