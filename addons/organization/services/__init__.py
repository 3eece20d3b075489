"""Verbs of the organization, one per file; each takes a Work (or a Reader when it only reads) first."""
