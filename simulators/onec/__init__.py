"""A stand-in for 1C's client of the exchange over HTTP."""
