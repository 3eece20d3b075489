"""The process that works lanes, dispatches events and runs schedules. Knows add-ons only through the
registry.
"""
