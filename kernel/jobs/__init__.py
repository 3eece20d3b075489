"""Durable work in order: lanes (lanes.py), what handlers are (policy.py), the runner, leases, schedules.

Who looks for due lanes and owns the tasks is worker/.
"""
