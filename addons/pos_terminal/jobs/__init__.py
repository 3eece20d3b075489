"""Durable jobs of card acquiring."""
