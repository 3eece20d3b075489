"""`AddonChecks`: the promises every add-on keeps, as tests to inherit.

    class TestTrade(AddonChecks):
        addon = "trade"

What an add-on does is for its own tests; here stands only what all have in common.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
from functools import lru_cache
from typing import ClassVar

from tortoise import Model

from kernel.addons.discovery import discover
from kernel.addons.graph import select
from kernel.addons.loader import load
from kernel.addons.manifest import LANGUAGES, Manifest
from kernel.addons.registry import Registry
from kernel.addons.source import imported_modules, refusal_codes, text_of, texts_used
from kernel.i18n import REFUSALS_FILE, incomplete, read_texts, texts

PAGE_TEXTS = "pages.toml"

# Types that do not mean the same on every supported database; kernel.data.fields has others.
UNPORTABLE_FIELDS = frozenset(
    {"DatetimeField", "DateField", "TimeField", "TimeDeltaField", "DecimalField", "FloatField", "JSONField"}
)


@lru_cache(maxsize=64)
def _loaded(name: str) -> Registry:
    """The add-on with what it depends on, and nothing else: it must be able to live so."""
    return load(select(discover(), [name]))


class AddonChecks:
    """Inherit and set `addon` to the name in addon.toml."""

    addon: ClassVar[str]

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        return discover()[self.addon]

    @property
    def registry(self) -> Registry:
        """Everything it and its dependencies bring."""
        return _loaded(self.addon)

    def test_loads_with_its_dependencies_only(self) -> None:
        assert self.addon in {manifest.name for manifest in self.registry.addons}

    def test_has_readme_and_owners(self) -> None:
        assert (self.manifest.folder / "README.md").read_text(encoding="utf-8").strip()
        assert self.manifest.owners

    def test_depends_on_what_it_uses(self) -> None:
        """Every other add-on in use is listed in `depends`, and every listed one is in use."""
        used = self._imported_addons() | self._joined_addons()
        after = set(self.manifest.after)
        assert used - after == set(self.manifest.depends_on), "used (left) is not what depends says (right)"
        assert not self._imported_addons() & after, (
            "a soft dependency may be absent, so it cannot be imported"
        )

    def test_enters_other_addons_by_their_door(self) -> None:
        packages = {m.package for m in discover().values() if m.name != self.addon}
        wrong = [
            str(found)
            for found in imported_modules(self.manifest.folder, self.manifest.package)
            for package in packages
            if found.name.startswith(f"{package}.") and found.name.split(".")[package.count(".") + 1] != "api"
        ]
        assert not wrong, "import only <add-on>.api:\n" + "\n".join(wrong)

    def test_refusals_are_translated(self) -> None:
        assert self.registry  # loading reads the texts of the dependencies too
        missing = [str(found) for found in refusal_codes(self.manifest.folder) if found.name not in texts()]
        assert not missing, "no text in locale/refusals.toml:\n" + "\n".join(missing)

    def test_translations_are_complete_and_used(self) -> None:
        path = self.manifest.folder / "locale" / REFUSALS_FILE
        table = read_texts(path) if path.exists() else {}
        source = text_of(self.manifest.folder)

        assert not incomplete(table)
        assert not [code for code in table if code not in source], "texts of codes that nobody uses"

    def test_permissions_are_titled_and_belong_to_a_role(self) -> None:
        granted = {name for permissions in self.registry.roles.values() for name in permissions}
        for permission, titles in self.manifest.permissions.items():
            assert permission in granted
            assert set(titles) == set(LANGUAGES), f"{permission} has no titles"

    def test_root_fields_say_who_may_call_them(self) -> None:
        """The kernel refuses to build a schema with an unguarded root field or clashing names."""
        from kernel.gql.schema import build_schema

        if self.registry.queries:
            assert build_schema(self.registry)

    def test_its_pages_are_whole(self) -> None:
        """Named documents fit the schema of the add-on and what it depends on, texts are there in three
        languages.
        """
        from kernel.gql.schema import build_schema
        from kernel.web.console import Console

        path = self.manifest.folder / "locale" / PAGE_TEXTS
        known = read_texts(path) if path.exists() else {}
        used = texts_used(self.manifest.folder / "pages", self.addon)

        assert not incomplete(known)
        assert not used - known.keys(), "no text in locale/pages.toml"
        if self.registry.console:
            assert Console(self.registry, build_schema(self.registry).documents).pages

    def test_tables_bear_its_prefix_and_portable_columns(self) -> None:
        for model in self._models():
            table = str(model._meta.db_table)
            assert table.startswith(self.manifest.tables_prefix), f"{model.__name__}: table {table}"
            kinds = {type(field).__name__ for field in model._meta.fields_map.values()}
            assert not kinds & UNPORTABLE_FIELDS, f"{model.__name__}: {kinds & UNPORTABLE_FIELDS}"

    def test_nothing_changes_rows_behind_a_statement(self) -> None:
        """Rows name each other by id: foreign keys and triggers would change tables that no statement names,
        and what is remembered of those would be wrong (kernel.data.kept).
        """
        for model in self._models():
            meta = model._meta
            relations = meta.fk_fields | meta.o2o_fields | meta.m2m_fields
            assert not relations, f"{model.__name__}: {relations}"
        texts_of_migrations = text_of(self.manifest.folder / "migrations").upper()
        assert "TRIGGER" not in texts_of_migrations
        assert "REFERENCES" not in texts_of_migrations

    def test_migrations_match_models(self) -> None:
        """`makemigrations` would write nothing; one operation a file, for databases without DDL undo."""
        if not self._models():
            return
        missing, crowded = asyncio.run(self._migration_state())
        assert not missing, f"{missing}: run python -m kernel.data.makemigrations {self.addon}"
        assert not crowded, f"more than one operation in {crowded}"

    def _imported_addons(self) -> set[str]:
        others = {m.package: m.name for m in discover().values() if m.name != self.addon}
        return {
            name
            for found in imported_modules(self.manifest.folder, self.manifest.package)
            for package, name in others.items()
            if found.name == package or found.name.startswith(f"{package}.")
        }

    def _joined_addons(self) -> set[str]:
        """Add-ons used without an import: their types get a field of ours, their hooks or events reach us."""
        registry = self.registry
        types = {
            registry.open_types[each.type_name].owner
            for each in registry.contributions
            if each.owner == self.addon
        }
        hooks = {name.partition(".")[0] for name, owner in registry.all_hooks if owner == self.addon}
        events = {
            each.kind.partition(".")[0] for each in registry.all_subscribers if each.owner == self.addon
        }
        return (types | hooks | events) - {self.addon, "kernel"}

    def _models(self) -> list[type[Model]]:
        found = []
        for module_name in self.registry.model_modules.get(self.addon, ()):
            for _, value in inspect.getmembers(importlib.import_module(module_name), inspect.isclass):
                if issubclass(value, Model) and value is not Model and not value._meta.abstract:
                    found.append(value)
        return [model for model in found if model.__module__.startswith(self.manifest.package)]

    async def _migration_state(self) -> tuple[list[str], list[str]]:
        from kernel.app import table_sets
        from kernel.data.makemigrations import unwritten

        changes = await unwritten(table_sets(self.registry), self.addon)
        missing = [str(operation) for change in changes for operation in change.operations]
        package = importlib.import_module(f"{self.manifest.package}.migrations")
        crowded = []
        for path in sorted(self.manifest.folder.glob("migrations/[0-9]*.py")):
            migration = importlib.import_module(f"{package.__name__}.{path.stem}").Migration
            if len(migration.operations) > 1:
                crowded.append(path.name)
        return missing, crowded
