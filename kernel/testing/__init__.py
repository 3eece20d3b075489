"""What tests of the kernel and of add-ons stand on: databases, a running application, a moved clock.

Never imported by production code.
"""

from kernel.jobs.drive import run_due, run_schedules
from kernel.testing.app import OPENING_DAY, running_app
from kernel.testing.schema import create_tables, mysql_database, sqlite_url

__all__ = [
    "OPENING_DAY",
    "create_tables",
    "mysql_database",
    "run_due",
    "run_schedules",
    "running_app",
    "sqlite_url",
]
