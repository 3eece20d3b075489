"""Fiscal engine of Kazakhstan: KKM, shift, ticket, counters and the exchange with the operator of fiscal
data (OFD).
"""
