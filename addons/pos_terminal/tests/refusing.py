"""What a service said no with."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from kernel.errors import Refusal


async def refused(call: Awaitable[object]) -> str:
    """The code of the refusal that the call must end with."""
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code
