"""Tables of the catalogue. Rules about their values live in domain and services."""

from __future__ import annotations

from tortoise import fields

from addons.catalog.domain.barcode import BARCODE_LENGTH_MAX, KEY_LENGTH
from addons.catalog.domain.mark import MARK_KEY_LENGTH
from addons.catalog.domain.picture import DIGEST_HEX_LENGTH, MEDIA_TYPE_LENGTH_MAX
from addons.catalog.domain.pricing import PERCENT_AS_IS_BP, STEP_TENGE
from addons.catalog.domain.product import ARTICLE_LENGTH_MAX, CHARACTERISTIC_LENGTH_MAX, NAME_LENGTH_MAX
from addons.catalog.domain.scale_code import PREFIX_LENGTH_MAX, ScaleValue
from addons.catalog.domain.search import SEARCH_KEY_LENGTH
from addons.catalog.domain.source import DIGEST_LENGTH_MAX, EXTERNAL_ID_LENGTH_MAX
from addons.catalog.domain.vat import VatKind
from kernel.data.fields import MoneyField, QuantityField, UtcField
from kernel.data.model import CompanyRow
from kernel.data.questions import About
from kernel.ids import ID_LENGTH

GROUP_CODE_LENGTH = 64
ACTOR_LENGTH = 64
assert BARCODE_LENGTH_MAX >= KEY_LENGTH

# What a register's view is made of: services/view.py.
VIEW = About(
    *("cat_product", "cat_barcode", "cat_group", "cat_price", "cat_group_path", "cat_extra_group"),
    *("cat_register_view", "cat_register_group"),
)


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
        indexes = (("company_id", "parent_id"),)


class Product(CompanyRow):
    """A good or service for sale.

    price NULL = no price; vat_bp only with vat_kind "fixed"; source, external_id and the digests are set on
    goods that an outside source keeps; is_archived_by_source lets the source bring back only what it archived
    itself. base_id and characteristic ("красный, 42") are set on a variant. group_id: the first of its
    groups; the others are rows of ExtraGroup. own_register_id: sold at that register only.
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
    characteristic = fields.CharField(CHARACTERISTIC_LENGTH_MAX, default="")
    own_register_id = fields.CharField(ID_LENGTH, null=True)
    purchase_price = MoneyField(null=True, source_field="purchase_price_tiyn")
    created_at = UtcField(source_field="created_ms")
    updated_at = UtcField(source_field="updated_ms")

    class Meta:
        table = "cat_product"
        unique_together = (("company_id", "code"), ("company_id", "source", "external_id"))
        indexes = (
            ("company_id", "search_key"),
            ("company_id", "group_id"),
            ("base_id",),
            ("own_register_id",),
        )


class Barcode(CompanyRow):
    """One thing a scanner may read on a product: a barcode or its national catalogue number.

    barcode: as it was given; key_text: its normal form (a GTIN as 14 digits); coefficient: how much of the
    product one scan is (10 on a box of ten).
    """

    product_id = fields.CharField(ID_LENGTH)
    key_text = fields.CharField(BARCODE_LENGTH_MAX)
    barcode = fields.CharField(BARCODE_LENGTH_MAX)
    place = fields.IntField(default=0)
    coefficient_thousandths = fields.BigIntField(default=1000)

    class Meta:
        table = "cat_barcode"
        indexes = (("company_id", "key_text"), ("product_id",))


class CodeCounter(CompanyRow):
    """Next free product code of a company; its row is the lock under which codes are given out."""

    next_code = fields.IntField(default=1)

    class Meta:
        table = "cat_code_counter"
        unique_together = (("company_id",),)


class GroupPath(CompanyRow):
    """A group and one above it, itself included: who stands below a chosen group is one look-up."""

    group_id = fields.CharField(ID_LENGTH)
    ancestor_id = fields.CharField(ID_LENGTH)

    class Meta:
        table = "cat_group_path"
        unique_together = (("group_id", "ancestor_id"),)
        indexes = (("ancestor_id",),)


class ExtraGroup(CompanyRow):
    """A further group of a product, beside the one in its own row."""

    product_id = fields.CharField(ID_LENGTH)
    group_id = fields.CharField(ID_LENGTH)

    class Meta:
        table = "cat_extra_group"
        unique_together = (("product_id", "group_id"),)
        indexes = (("company_id", "group_id"),)


class ScaleRule(CompanyRow):
    """How labels of shop scales are read: prefix, digits of the product code, digits of the value, check
    digit. decimals: digits of the value after the point (3: grams of a kilogram, 2: tiyn of a price)."""

    prefix = fields.CharField(PREFIX_LENGTH_MAX)
    value_kind = fields.CharEnumField(ScaleValue, max_length=8)
    code_digits = fields.IntField()
    value_digits = fields.IntField()
    decimals = fields.IntField()

    class Meta:
        table = "cat_scale_rule"
        unique_together = (("company_id", "prefix"),)


class PriceType(CompanyRow):
    """A kind of price beside the ordinary one: wholesale, club. source, external_id: who keeps it."""

    name = fields.CharField(NAME_LENGTH_MAX)
    is_archived = fields.BooleanField(default=False)
    source = fields.CharField(ID_LENGTH, null=True)
    external_id = fields.CharField(EXTERNAL_ID_LENGTH_MAX, null=True)
    updated_at = UtcField(source_field="updated_ms")

    class Meta:
        table = "cat_price_type"
        unique_together = (("company_id", "source", "external_id"),)
        indexes = (("company_id", "name"),)


class Price(CompanyRow):
    """A row of the price list: from that moment a product has this price of this type.

    price_type_id "" is the ordinary price; its rows are only those to come: once due, a row moves into the
    product. price NULL (of a type only): from then on no price of this type.
    """

    product_id = fields.CharField(ID_LENGTH)
    price_type_id = fields.CharField(ID_LENGTH)
    from_ms = UtcField()
    price = MoneyField(null=True, source_field="price_tiyn")
    is_told = fields.BooleanField(default=False)  # its moment has come and devices were told

    class Meta:
        table = "cat_price"
        unique_together = (("product_id", "price_type_id", "from_ms"),)
        indexes = (("is_told", "from_ms"),)


class Stock(CompanyRow):
    """What somebody last said an outlet has of a product; no row: unknown, which is not zero. It may be
    negative."""

    product_id = fields.CharField(ID_LENGTH)
    outlet_id = fields.CharField(ID_LENGTH)
    thousandths = fields.BigIntField()
    updated_at = UtcField(source_field="updated_ms")

    class Meta:
        table = "cat_stock"
        unique_together = (("product_id", "outlet_id"),)


class Picture(CompanyRow):
    """A picture of a product; its file is found by the digest of its bytes."""

    product_id = fields.CharField(ID_LENGTH)
    place = fields.IntField()
    digest = fields.CharField(DIGEST_HEX_LENGTH)
    media_type = fields.CharField(MEDIA_TYPE_LENGTH_MAX)
    size_bytes = fields.IntField()
    created_at = UtcField(source_field="created_ms")

    class Meta:
        table = "cat_picture"
        unique_together = (("product_id", "digest"),)
        indexes = (("company_id", "digest"),)


class RegisterView(CompanyRow):
    """What a register sees of the catalogue; no row: all goods at their ordinary price.

    percent_bp: of the price, 10000 = as is. rounding_step_tiyn: a price changed by the percent is rounded to
    a multiple of it. price_type_id: the ordinary price where it is NULL or a product has none of the type.
    """

    register_id = fields.CharField(ID_LENGTH, unique=True)
    is_all_goods = fields.BooleanField(default=True)
    percent_bp = fields.IntField(default=PERCENT_AS_IS_BP)
    rounding_step_tiyn = fields.IntField(default=STEP_TENGE)
    price_type_id = fields.CharField(ID_LENGTH, null=True)
    updated_at = UtcField(source_field="updated_ms")

    class Meta:
        table = "cat_register_view"


class RegisterGroupChoice(CompanyRow):
    """A group a register sells, with all groups below it."""

    register_id = fields.CharField(ID_LENGTH)
    group_id = fields.CharField(ID_LENGTH)

    class Meta:
        table = "cat_register_group"
        unique_together = (("register_id", "group_id"),)
        indexes = (("group_id",),)


class Bundle(CompanyRow):
    """A package: goods sold together under one name and barcode. is_everywhere false: at chosen registers
    only. shrunk: when a good that was archived left it, until somebody changes the package.
    """

    name = fields.CharField(NAME_LENGTH_MAX)
    name_kk = fields.CharField(NAME_LENGTH_MAX, default="")
    barcode = fields.CharField(BARCODE_LENGTH_MAX, default="")
    key_text = fields.CharField(BARCODE_LENGTH_MAX, default="")
    is_everywhere = fields.BooleanField(default=True)
    is_archived = fields.BooleanField(default=False)
    shrunk = UtcField(source_field="shrunk_ms", null=True)
    updated_at = UtcField(source_field="updated_ms")

    class Meta:
        table = "cat_bundle"
        indexes = (("company_id", "key_text"), ("company_id", "name"))


class BundleLine(CompanyRow):
    """A product of a package, and how much of it."""

    bundle_id = fields.CharField(ID_LENGTH)
    product_id = fields.CharField(ID_LENGTH)
    quantity = QuantityField(source_field="quantity_thousandths")
    place = fields.IntField()

    class Meta:
        table = "cat_bundle_line"
        unique_together = (("bundle_id", "product_id"),)
        indexes = (("product_id",),)


class BundleRegister(CompanyRow):
    """A register that sells a package which is not sold everywhere."""

    bundle_id = fields.CharField(ID_LENGTH)
    register_id = fields.CharField(ID_LENGTH)

    class Meta:
        table = "cat_bundle_register"
        unique_together = (("bundle_id", "register_id"),)
        indexes = (("register_id",),)


class Mark(CompanyRow):
    """A marking code that is sold: taken by a sale, deleted when a return gives it back.

    is_practice: the sale was at a simulated OFD; one in earnest takes its place.
    """

    key_text = fields.CharField(MARK_KEY_LENGTH)
    subject = fields.CharField(ID_LENGTH)  # the sale that took it
    product_id = fields.CharField(ID_LENGTH)
    gtin = fields.CharField(14, default="")
    is_practice = fields.BooleanField(default=False)
    taken_ms = UtcField()

    class Meta:
        table = "cat_mark"
        unique_together = (("company_id", "key_text"),)
        indexes = (("subject",),)


class Change(CompanyRow):
    """A line of a product's history: who changed what, from where.

    actor_kind, actor_id: the principal; origin: "source:" and its key for an import, else the network address
    of who asked; changes: JSON of field → [before, after] as short texts.
    """

    product_id = fields.CharField(ID_LENGTH)
    at_ms = UtcField()
    action = fields.CharField(24)
    actor_kind = fields.CharField(16)
    actor_id = fields.CharField(ACTOR_LENGTH)
    origin = fields.CharField(ACTOR_LENGTH)
    changes = fields.TextField()

    class Meta:
        table = "cat_change"
        indexes = (("company_id", "product_id", "id"), ("at_ms",))
