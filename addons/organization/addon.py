"""Wires organization into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from datetime import timedelta

from addons.organization.adapters.authenticator import CachedAuthenticator
from addons.organization.adapters.commands import access, keys, user
from addons.organization.adapters.ncanode import NcaNode
from addons.organization.adapters.revocation import NetworkRevocation
from addons.organization.adapters.web_sessions import BrowserSessions
from addons.organization.domain.cards import Role
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.gql.access_mutations import AccessMutation
from addons.organization.gql.account_mutations import OwnAccountMutation, SignUpMutation
from addons.organization.gql.account_queries import AccountQuery
from addons.organization.gql.approval_mutations import ApprovalMutation
from addons.organization.gql.company_mutations import CompanyAccountMutation, SignatureMutation
from addons.organization.gql.inspection_mutation import InspectionMutation
from addons.organization.gql.installation import InstallationQuery
from addons.organization.gql.loaders import LOADERS
from addons.organization.gql.mutations import PeopleMutation, PlacesMutation
from addons.organization.gql.queries import OrganizationQuery
from addons.organization.gql.subscriptions import OrganizationSubscription
from addons.organization.gql.types import CompanyType, OperatorType, OutletType, RegisterType
from addons.organization.pages.account import LETTER_PATH, from_letter
from addons.organization.pages.audit_page import PATH as AUDIT_PATH
from addons.organization.pages.audit_page import audit_csv
from addons.organization.pages.console import PAGES
from addons.organization.services.ports import Revocation, SecondVerifier
from addons.organization.services.signing_keys import rotate_old_signing_key
from addons.organization.services.tidy import tidy
from kernel.addons.registry import Registry
from kernel.security.authenticator import Authenticator
from kernel.web.sessions import WebSessions

_VIEW = "organization.view"
_VIEW_STATUS = "organization.view_status"
_VIEW_AUDIT = "organization.view_audit"
_SIGN_IN_OPERATOR = "organization.sign_in_operator"
_MANAGE = "organization.manage"
_MANAGE_ACCESS = "organization.manage_access"
_OWN = "organization.own"
_REPORT_DEVICE = "organization.report_device"
_ASK_APPROVAL = "organization.ask_approval"
_SECURE = "organization.secure_account"
_APPLY = "organization.apply"
_APPROVE = "organization.approve"  # of people only: a program must bring an administrator's word
_ADMINISTRATOR = {
    _ASK_APPROVAL,
    _APPROVE,
    _VIEW,
    _VIEW_STATUS,
    _VIEW_AUDIT,
    _SIGN_IN_OPERATOR,
    _MANAGE,
    _MANAGE_ACCESS,
    _SECURE,
}


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.organization.models")
    registry.settings(OrganizationSettings)
    authenticator = CachedAuthenticator()
    registry.provide(Authenticator, authenticator)
    registry.provide(Revocation, NetworkRevocation())
    registry.provide(SecondVerifier, NcaNode())
    registry.provide(WebSessions, BrowserSessions(authenticator))
    registry.pages(PAGES)
    registry.declare_hook("organization.register_created")
    registry.declare_hook("organization.register_moving")
    registry.declare_hook("organization.register_moved")
    registry.declare_hook("organization.register_decommissioning")
    registry.declare_hook("organization.workplace_move_asked")
    registry.declare_hook("organization.workplace_move_told")
    registry.schedule("organization.tidy", timedelta(hours=1), tidy)
    registry.schedule("organization.rotate_signing_key", timedelta(days=1), rotate_old_signing_key)
    registry.route(AUDIT_PATH, audit_csv)
    registry.route(LETTER_PATH, from_letter, public=True)
    for command in (user, keys, access):
        registry.command(command)
    _register_graphql(registry)
    _register_roles(registry)


def _register_graphql(registry: Registry) -> None:
    registry.query(OrganizationQuery)
    registry.query(AccountQuery)
    registry.query(InstallationQuery)
    registry.mutation(PlacesMutation)
    registry.mutation(PeopleMutation)
    registry.mutation(AccessMutation)
    registry.mutation(ApprovalMutation)
    registry.mutation(InspectionMutation)
    for root in (SignUpMutation, OwnAccountMutation, SignatureMutation, CompanyAccountMutation):
        registry.mutation(root)
    registry.subscription(OrganizationSubscription)
    for open_type in (CompanyType, OutletType, RegisterType, OperatorType):
        registry.open_type(open_type)
    for name, batch in LOADERS.items():
        registry.loader(name, batch)


def _register_roles(registry: Registry) -> None:
    registry.role(Role.NEWCOMER, {_SECURE, _APPLY})
    registry.role(Role.DEVICE, {_VIEW, _SIGN_IN_OPERATOR, _REPORT_DEVICE})
    registry.role(Role.CASHIER, {_VIEW, _ASK_APPROVAL, _SECURE})
    registry.role(Role.SENIOR_CASHIER, {_VIEW, _VIEW_STATUS, _ASK_APPROVAL, _SECURE})
    registry.role(Role.ACCOUNTANT, {_VIEW, _VIEW_STATUS, _SECURE})
    registry.role(Role.ADMINISTRATOR, _ADMINISTRATOR)
    registry.role(Role.OWNER, _ADMINISTRATOR | {_OWN, _APPLY})
    registry.role(Role.SERVICE, {_VIEW, _VIEW_STATUS, _SIGN_IN_OPERATOR, _ASK_APPROVAL, _MANAGE})
    registry.role(Role.INSPECTOR, {_SECURE})
