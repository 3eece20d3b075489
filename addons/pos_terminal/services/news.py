"""Whom a change of a company's card terminals or operations is told to: pages that show them."""

from __future__ import annotations

CARDS_TOPIC = "pos_terminal.cards"  # notices: something of this company's terminals or operations changed
