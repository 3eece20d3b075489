"""Dealers: companies that look after the registers of others."""
