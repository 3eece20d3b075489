"""Migrations of the fiscal engine, one operation per file."""
