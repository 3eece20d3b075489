"""Our own SQL: a statement about rows of companies says whose, or stands in the list of those that may not.

Models are filtered by the kernel; text is not. Reads the source, so it also sees what no test runs.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

from kernel.addons.loader import load_addons
from kernel.data.model import CompanyRow
from tests.architecture.house import Source, sources

TABLE = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)\b")
NAMED = ("company_id", "id = ?", "id IN (")  # a company, or rows by their own ids
# Files whose statements look across companies or find a row by a secret, and why they may.
MAY = {
    "addons/organization/adapters/authenticator.py": "the token itself says whose session it is",
    "addons/organization/services/company_details.py": "a name to sign in with is unique among all companies",
    "addons/organization/services/company_numbers.py": "so is a company's number",
    "addons/catalog/services/feed_tidy.py": "the system tidies up for everybody",
    "addons/delivery/services/put.py": "a key of an event, which belongs to one company",
    "addons/delivery/services/watch.py": "the system watches printers for everybody",
    "addons/fiscal_kz/services/doctor.py": "the doctor looks at every KKM of the installation",
    "addons/pos_terminal/services/keys_doctor.py": "and at the keys of all its terminals",
    "addons/pos_terminal/services/shop_exchanges.py": "the system tidies up for everybody",
    "addons/trade/gql/queries.py": "a part of a condition that says whose",
    "addons/trade/services/analytics.py": "by registers that were found to be the company's",
    "addons/trade/services/turnover.py": "by registers that were found to be the company's",
    "addons/trade/services/sold.py": "by a shift that was found to be the company's",
}


def test_a_statement_about_rows_of_companies_says_whose() -> None:
    tables, loose = _company_tables(), []
    assert "org_register" in tables

    for source in sources("addons"):
        if source.is_test or source.is_generated or source.name in MAY:
            continue
        for text, line in _texts(source):
            touched = set(TABLE.findall(text)) & tables
            is_whole = "WHERE" in text  # others are beginnings, whose condition stands elsewhere
            if touched and is_whole and not any(each in text for each in NAMED):
                loose.append(f"{source.name}:{line}: {', '.join(sorted(touched))}")

    assert not loose, "\n".join(loose)


def _company_tables() -> set[str]:
    """Tables of the add-ons whose rows belong to a company."""
    modules = [each for group in load_addons().model_modules.values() for each in group]
    return {
        str(thing._meta.db_table)
        for module in modules
        for thing in vars(importlib.import_module(module)).values()
        if isinstance(thing, type) and issubclass(thing, CompanyRow) and thing is not CompanyRow
    }


def _texts(source: Source) -> Iterator[tuple[str, int]]:
    """Every text of a file, the constant parts of formatted ones joined."""
    formatted = [node for node in ast.walk(source.tree) if isinstance(node, ast.JoinedStr)]
    inner = {id(each) for node in formatted for each in node.values}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values),
                node.lineno,
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            yield node.value, node.lineno
