"""`python -m simulators.leashed …`: a `sauda …` that ends with whoever started it, however he ends.

Its standard input is a pipe nobody writes to; it closes when the other side is gone, also by SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from kernel.cli import main


def _follow(leash: int) -> None:
    while os.read(leash, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_follow, args=(sys.stdin.fileno(),), daemon=True).start()
    main()
