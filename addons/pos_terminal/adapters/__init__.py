"""Drivers: one folder for each way to reach a terminal or an acquirer's host."""
