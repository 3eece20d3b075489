"""A stand-in for an operator of fiscal data: speaks the real wire, judges by its own rules, keeps a ledger.

Its rules are written from the protocol text, apart from Sauda's own client: the two check one another.
"""
