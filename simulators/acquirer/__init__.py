"""A stand-in for an acquirer's host: ISO 8583 over TCP, a ledger, a statement; and a device to pay with.

Its rules are written from the reference of the exchange, apart from Sauda's own client: the two check one
another. Its keys and cards are known to everybody.
"""
