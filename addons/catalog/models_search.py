"""Tables of the search index: words of goods, and pieces of words for the mending of typos.

Everything below SearchIndex is keyed by the small number of a company's index, not by the company: the rows
are many. They are written by the index's own jobs alone and can be made anew from the products at any time.
"""

from __future__ import annotations

from tortoise import Model, fields

from addons.catalog.domain.search import GOOD_WORDS_MAX, GRAM_LENGTH, WORD_LENGTH_MAX
from kernel.ids import ID_LENGTH

GOOD_TEXT_LENGTH = 1_000  # words of a good with blanks around each
assert GOOD_TEXT_LENGTH > GOOD_WORDS_MAX * (WORD_LENGTH_MAX + 1)


class SearchIndex(Model):
    """The index of one company. folding: version of the folding its words were made with; filled_code: goods
    up to this code were walked by the filling of that version; is_filled: all were."""

    id = fields.BigIntField(primary_key=True, generated=True)
    company_id = fields.CharField(ID_LENGTH)
    folding = fields.IntField()
    filled_code = fields.IntField(default=0)
    is_filled = fields.BooleanField(default=False)

    class Meta:
        table = "cat_search_index"
        unique_together = (("company_id",),)


class SearchGood(Model):
    """Words a good is found by, each with a blank on both sides: " молоко 1 л "."""

    id = fields.BigIntField(primary_key=True, generated=True)
    index_id = fields.BigIntField()
    code = fields.IntField()
    words = fields.CharField(GOOD_TEXT_LENGTH)

    class Meta:
        table = "cat_search_good"
        unique_together = (("index_id", "code"),)


class SearchTerm(Model):
    """A word of the dictionary of a company's goods. Words no good has any more stay: they find nothing."""

    id = fields.BigIntField(primary_key=True, generated=True)
    index_id = fields.BigIntField()
    word = fields.CharField(WORD_LENGTH_MAX)

    class Meta:
        table = "cat_search_term"
        unique_together = (("index_id", "word"),)


class SearchPosting(Model):
    """The good of this code has this word."""

    id = fields.BigIntField(primary_key=True, generated=True)
    term_id = fields.BigIntField()
    code = fields.IntField()

    class Meta:
        table = "cat_search_posting"
        unique_together = (("term_id", "code"),)


class SearchGram(Model):
    """The word of the dictionary holds these three characters."""

    id = fields.BigIntField(primary_key=True, generated=True)
    index_id = fields.BigIntField()
    gram = fields.CharField(GRAM_LENGTH)
    term_id = fields.BigIntField()

    class Meta:
        table = "cat_search_gram"
        unique_together = (("index_id", "gram", "term_id"),)
