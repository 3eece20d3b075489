"""Migrations of organization, one operation per file."""
