"""Notices of delivery. They carry the outlet's id, or the sale's."""

from __future__ import annotations

QUEUE_TOPIC = "delivery_queue"  # something is to be printed in this outlet
PRINTERS_TOPIC = "delivery_printers"  # printers of this outlet were set up anew
JOB_TOPIC = "delivery_job"  # something became of this print job
