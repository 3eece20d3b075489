"""Regenerates ofd_pb2.py and ofd_pb2.pyi from ofd.proto; a developer's tool, never imported at run time.

The generated files are committed, so running Sauda needs no compiler; a test compares them with the schema.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = "protocols/ofd/ofd.proto"


def compile_schema(out: Path) -> None:
    """Write protocols/ofd/ofd_pb2.py and .pyi below `out`.

    Raises RuntimeError when the compiler refuses the schema.
    """
    from grpc_tools import protoc  # type: ignore[import-untyped]  # a development dependency

    out.mkdir(parents=True, exist_ok=True)
    arguments = ["protoc", f"-I{ROOT}", f"--python_out={out}", f"--pyi_out={out}", SCHEMA]
    if protoc.main(arguments) != 0:
        raise RuntimeError("the compiler refused ofd.proto")


if __name__ == "__main__":
    compile_schema(ROOT)
    sys.exit(0)
