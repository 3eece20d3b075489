"""Stories of the whole house, over HTTP and WebSocket, with the simulator's ledger as the oracle."""

import pytest

pytest.register_assert_rewrite("tests.scenarios.stories", "tests.scenarios.stage")
