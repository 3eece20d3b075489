"""Tables of the catalogue. Rules about their values live in domain and services."""

from __future__ import annotations

from tortoise import fields

from addons.catalog.domain.barcode import BARCODE_LENGTH_MAX, KEY_LENGTH
from addons.catalog.domain.product import ARTICLE_LENGTH_MAX, NAME_LENGTH_MAX
from addons.catalog.domain.search import SEARCH_KEY_LENGTH
from addons.catalog.domain.source import DIGEST_LENGTH_MAX, EXTERNAL_ID_LENGTH_MAX
from addons.catalog.domain.vat import VatKind
from kernel.data.fields import MoneyField, UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

GROUP_CODE_LENGTH = 64
assert BARCODE_LENGTH_MAX >= KEY_LENGTH


class ProductGroup(CompanyRow):
    """A node of the tree of groups; code is the number people see ("3.2"), path of numbers from the root."""

    code = fields.CharField(GROUP_CODE_LENGTH)
    name = fields.CharField(NAME_LENGTH_MAX)
    name_kk = fields.CharField(NAME_LENGTH_MAX, default="")
    parent_id = fields.CharField(ID_LENGTH, null=True)
    is_archived = fields.BooleanField(default=False)
    source = fields.CharField(ID_LENGTH, null=True)
    external_id = fields.CharField(EXTERNAL_ID_LENGTH_MAX, null=True)
    updated_at = UtcField(source_field="updated_ms")

    class Meta:
        table = "cat_group"
        unique_together = (("company_id", "code"), ("company_id", "source", "external_id"))


class Product(CompanyRow):
    """A good or service for sale.

    price NULL = no price; vat_bp only with vat_kind "fixed"; source, external_id and the digests are set on
    goods that an outside source keeps; base_id is set on a variant; is_archived_by_source lets the source
    bring back only what it archived itself.
    """

    code = fields.IntField()
    name = fields.CharField(NAME_LENGTH_MAX)
    name_kk = fields.CharField(NAME_LENGTH_MAX, default="")
    search_key = fields.CharField(SEARCH_KEY_LENGTH)
    article = fields.CharField(ARTICLE_LENGTH_MAX, default="")
    barcode = fields.CharField(BARCODE_LENGTH_MAX, default="")
    group_id = fields.CharField(ID_LENGTH, null=True)
    section = fields.IntField(default=0)
    price = MoneyField(null=True, source_field="price_tiyn")
    vat_kind = fields.CharEnumField(VatKind, max_length=12, default=VatKind.NONE)
    vat_bp = fields.IntField(null=True)
    unit_code = fields.CharField(8)
    unit_name = fields.CharField(32)
    ntin = fields.CharField(32, default="")
    gtin = fields.CharField(14, default="")
    is_marked = fields.BooleanField(default=False)
    is_price_editable = fields.BooleanField(default=False)
    discount_bp = fields.IntField(default=0)
    markup_bp = fields.IntField(default=0)
    is_archived = fields.BooleanField(default=False)
    is_archived_by_source = fields.BooleanField(default=False)
    source = fields.CharField(ID_LENGTH, null=True)
    external_id = fields.CharField(EXTERNAL_ID_LENGTH_MAX, null=True)
    base_id = fields.CharField(ID_LENGTH, null=True)
    card_digest = fields.CharField(DIGEST_LENGTH_MAX, default="")
    offer_digest = fields.CharField(DIGEST_LENGTH_MAX, default="")
    created_at = UtcField(source_field="created_ms")
    updated_at = UtcField(source_field="updated_ms")

    class Meta:
        table = "cat_product"
        unique_together = (("company_id", "code"), ("company_id", "source", "external_id"))
        indexes = (("company_id", "search_key"), ("company_id", "group_id"), ("base_id",))


class Barcode(CompanyRow):
    """One thing a scanner may read on a product: a barcode or its national catalogue number. key is the
    folded form."""

    product_id = fields.CharField(ID_LENGTH)
    key_text = fields.CharField(BARCODE_LENGTH_MAX)
    barcode = fields.CharField(BARCODE_LENGTH_MAX)
    place = fields.IntField(default=0)

    class Meta:
        table = "cat_barcode"
        indexes = (("company_id", "key_text"), ("product_id",))


class CodeCounter(CompanyRow):
    """Next free product code of a company; its row is the lock under which codes are given out."""

    next_code = fields.IntField(default=1)

    class Meta:
        table = "cat_code_counter"
        unique_together = (("company_id",),)
