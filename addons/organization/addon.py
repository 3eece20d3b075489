"""Wires organization into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from datetime import timedelta

from addons.organization.adapters.authenticator import CachedAuthenticator
from addons.organization.adapters.commands import access, keys, user
from addons.organization.domain.cards import Role
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.gql.access_mutations import AccessMutation
from addons.organization.gql.loaders import LOADERS
from addons.organization.gql.mutations import PeopleMutation, PlacesMutation
from addons.organization.gql.queries import OrganizationQuery
from addons.organization.gql.subscriptions import OrganizationSubscription
from addons.organization.gql.types import CompanyType, OperatorType, OutletType, RegisterType
from addons.organization.services.signing_keys import rotate_old_signing_key
from addons.organization.services.tidy import tidy
from kernel.addons.registry import Registry
from kernel.security.authenticator import Authenticator

_VIEW = "organization.view"
_VIEW_STATUS = "organization.view_status"
_VIEW_AUDIT = "organization.view_audit"
_SIGN_IN_OPERATOR = "organization.sign_in_operator"
_MANAGE = "organization.manage"
_MANAGE_ACCESS = "organization.manage_access"
_OWN = "organization.own"
_ADMINISTRATOR = {_VIEW, _VIEW_STATUS, _VIEW_AUDIT, _SIGN_IN_OPERATOR, _MANAGE, _MANAGE_ACCESS}


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.organization.models")
    registry.settings(OrganizationSettings)
    registry.provide(Authenticator, CachedAuthenticator())
    registry.declare_hook("organization.register_created")
    registry.declare_hook("organization.register_moving")
    registry.declare_hook("organization.register_decommissioning")
    registry.schedule("organization.tidy", timedelta(hours=1), tidy)
    registry.schedule("organization.rotate_signing_key", timedelta(days=1), rotate_old_signing_key)
    for command in (user, keys, access):
        registry.command(command)
    _register_graphql(registry)
    _register_roles(registry)


def _register_graphql(registry: Registry) -> None:
    registry.query(OrganizationQuery)
    registry.mutation(PlacesMutation)
    registry.mutation(PeopleMutation)
    registry.mutation(AccessMutation)
    registry.subscription(OrganizationSubscription)
    for open_type in (CompanyType, OutletType, RegisterType, OperatorType):
        registry.open_type(open_type)
    for name, batch in LOADERS.items():
        registry.loader(name, batch)


def _register_roles(registry: Registry) -> None:
    registry.role(Role.DEVICE, {_VIEW, _SIGN_IN_OPERATOR})
    registry.role(Role.CASHIER, {_VIEW})
    registry.role(Role.SENIOR_CASHIER, {_VIEW, _VIEW_STATUS})
    registry.role(Role.ADMINISTRATOR, _ADMINISTRATOR)
    registry.role(Role.OWNER, _ADMINISTRATOR | {_OWN})
    registry.role(Role.SERVICE, {_VIEW, _VIEW_STATUS, _SIGN_IN_OPERATOR, _MANAGE})
