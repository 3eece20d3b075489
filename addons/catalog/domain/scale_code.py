"""Labels of shop scales: a barcode that holds a product code and a weight, a count or a price.

Prefixes 02 and 20 to 29 are free for a company's own use (GS1 General Specifications, section 2.1.12), so
each company writes its own rules. Whether a barcode is an ordinary one is asked before: numbers of the
National Catalogue begin with 020 too.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from addons.catalog.domain.barcode import check_digit
from kernel.errors import Refusal
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.values import value

RULES_MAX = 40  # of one company
PREFIX_LENGTH_MAX = 6
LABEL_LENGTHS = (8, 12, 13, 14, 18)
_CHECK_DIGITS = 1


class ScaleValue(StrEnum):
    """What the value of a label says."""

    WEIGHT = "weight"  # in the product's unit; decimals 3: grams of a kilogram
    PIECES = "pieces"
    PRICE = "price"  # of the whole label; decimals 0: tenge, 2: tiyn


_DECIMALS = {ScaleValue.WEIGHT: range(4), ScaleValue.PIECES: range(1), ScaleValue.PRICE: range(3)}


@value
class ScaleLabelRule:
    """Digits of a label, from the left: prefix, product code, value, check digit."""

    prefix: str
    kind: ScaleValue
    code_digits: int
    value_digits: int
    decimals: int

    @property
    def length(self) -> int:
        """Digits of the whole label."""
        return len(self.prefix) + self.code_digits + self.value_digits + _CHECK_DIGITS


@value
class ScaleLabel:
    """What a label says: the product's code, and either how much of it or the price of it all."""

    code: int
    quantity: Quantity
    price: Money | None


def check_rule(rule: ScaleLabelRule, *, field: str) -> ScaleLabelRule:
    """The rule itself. Raises Refusal("SCALE_PREFIX_MALFORMED" | "SCALE_RULE_MALFORMED").

    A prefix begins with 02 or 20 to 29; code and value have 1 to 10 digits; the whole is as long as barcodes
    are.
    """
    prefix = rule.prefix
    is_free = prefix[:2] == "02" or (len(prefix) >= 2 and prefix[0] == "2")
    if not (is_free and prefix.isascii() and prefix.isdigit() and len(prefix) <= PREFIX_LENGTH_MAX):
        raise Refusal("SCALE_PREFIX_MALFORMED", field=f"{field}.prefix", max=PREFIX_LENGTH_MAX)
    is_sound = (
        1 <= rule.code_digits <= 10
        and 1 <= rule.value_digits <= 10
        and rule.decimals in _DECIMALS[rule.kind]
        and rule.length in LABEL_LENGTHS
    )
    if not is_sound:
        lengths = ", ".join(map(str, LABEL_LENGTHS))
        raise Refusal("SCALE_RULE_MALFORMED", field=field, lengths=lengths)
    return rule


def read_label(text: str, rules: Iterable[ScaleLabelRule]) -> ScaleLabel | None:
    """What a scanned label says by the rule with the longest fitting prefix; None when it is no label.

    A wrong check digit, product code zero or an empty value make it none: a misread label sells nothing.
    """
    if not (text.isascii() and text.isdigit()):
        return None
    fitting = [rule for rule in rules if text.startswith(rule.prefix) and len(text) == rule.length]
    if not fitting or check_digit(text[:-1]) != int(text[-1]):
        return None
    rule = max(fitting, key=lambda each: len(each.prefix))
    start = len(rule.prefix)
    code = int(text[start : start + rule.code_digits])
    amount = int(text[start + rule.code_digits : -_CHECK_DIGITS])
    if not code or not amount:
        return None
    if rule.kind is ScaleValue.PRICE:
        return ScaleLabel(code, Quantity.ONE, Money(amount * 10 ** (2 - rule.decimals)))
    return ScaleLabel(code, Quantity(amount * 10 ** (3 - rule.decimals)), None)
