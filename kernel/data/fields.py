"""Column types of Sauda: all are BIGINT or text, so that every supported database keeps them exactly.

Times are epoch milliseconds (UTC), money is tiyn, quantity is thousandths. Decimals, floats and native
timestamps are not used.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import Model
from tortoise.fields.base import Field

from kernel.clock import from_ms, to_ms
from kernel.money import Money
from kernel.quantity import Quantity


class _BigInt:
    SQL_TYPE = "BIGINT"


class UtcField(_BigInt, Field[datetime]):
    """An aware UTC moment, kept as epoch milliseconds."""

    field_type = datetime
    allows_generated = False

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:
        """Accepts a moment or epoch milliseconds."""
        return to_ms(value) if isinstance(value, datetime) else value

    def to_python_value(self, value: Any) -> datetime | None:
        """Accepts epoch milliseconds or a moment."""
        return from_ms(value) if isinstance(value, int) else value


class MoneyField(_BigInt, Field[Money]):
    """A sum, kept as tiyn."""

    field_type = Money

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:
        """Accepts Money or tiyn."""
        return value.tiyn if isinstance(value, Money) else value

    def to_python_value(self, value: Any) -> Money | None:
        """Accepts tiyn or Money."""
        return Money(value) if isinstance(value, int) else value


class QuantityField(_BigInt, Field[Quantity]):
    """An amount of goods, kept as thousandths."""

    field_type = Quantity

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:
        """Accepts Quantity or thousandths."""
        return value.thousandths if isinstance(value, Quantity) else value

    def to_python_value(self, value: Any) -> Quantity | None:
        """Accepts thousandths or Quantity."""
        return Quantity(value) if isinstance(value, int) else value
