"""Pure rules of a Kazakh cash register: state, decisions, counters, reports.

No database, network or protobuf here.
"""
