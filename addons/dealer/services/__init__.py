"""Verbs of dealer."""
