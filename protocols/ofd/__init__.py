"""The wire format between a cash register and an operator of fiscal data (OFD), CPCR 2.0.2 – 2.0.4.

Frames, messages and codes. No policy of sockets, no retries, no database, nothing else of Sauda.
"""
