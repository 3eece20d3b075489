"""A time server that tells whatever time it is asked to: for tests of clocks."""
