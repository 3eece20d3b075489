"""Terminals of Halyk and Jusan in their cash-register mode: a JSON task by POST to the root."""
