"""Kaspi Smart POS: a terminal in the shop's network, asked over HTTPS with JSON."""
