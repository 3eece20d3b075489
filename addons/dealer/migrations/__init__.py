"""Migrations of dealer."""
