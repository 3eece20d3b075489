"""The door of delivery: what other add-ons may import. Everything behind it may change without notice.

To print a paper of your own: `registry.paper(kind, async (reader, subject_id, is_copy) -> Paper)` when
registering, then `await print_paper(work, PrintPaper(kind, subject_id, register_id))`.
"""

from __future__ import annotations

from addons.delivery.domain.jobs import PrintJobId, PrintPaper
from addons.delivery.domain.printers import PaperState, PrinterCard, Problem
from addons.delivery.services.put import print_paper
from addons.delivery.services.rows import printers_of_outlet

__all__ = [
    "PaperState",
    "PrintJobId",
    "PrintPaper",
    "PrinterCard",
    "Problem",
    "print_paper",
    "printers_of_outlet",
]
