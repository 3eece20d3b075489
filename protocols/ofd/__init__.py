"""The wire format between a cash register and an operator of fiscal data (OFD), CPCR 2.0.2 – 2.0.4.

Frames, messages, codes and their arithmetic-free forms. No sockets' policy, no retries, no database, nothing else of Sauda.
"""
