"""Durable jobs of the fiscal engine."""
