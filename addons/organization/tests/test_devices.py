"""A device tells what it is; until the first word of a new till the settings of its register are locked."""

from __future__ import annotations

from typing import Any

from addons.organization.domain.cards import Role
from addons.organization.tests.shops import Shop, ask, audited, open_shop, opened_app
from kernel.app import App
from kernel.gql.ids import from_global, to_global
from kernel.security.principal import Principal, PrincipalKind

ISSUE = """mutation ($r: ID!, $waits: Boolean!) {
    issueDeviceBinding(registerId: $r, title: "Планшет", awaitsReport: $waits) {
    ... on DeviceBinding { bindingToken } } }"""
BIND = """mutation ($t: String!) { bindDevice(bindingToken: $t) { ... on BoundDevice { deviceId } } }"""
REPORT = """mutation ($version: String!, $settings: [DeviceSettingInput!]) {
    reportDevice(model: "Sunmi V2s", version: $version, settings: $settings) {
    ... on DeviceReported { deviceId registerId } ... on Refused { code field } } }"""
RENAME = """mutation ($r: ID!) { updateRegister(input: {id: $r, title: "Касса у входа"}) {
    ... on Register { title } ... on Refused { code message } } }"""
DEVICES = """{ devices(first: 5) { nodes {
    model version awaitsReport reportedAt settings { name value } } } }"""


async def _bound(app: App, shop: Shop, *, waits: bool) -> Principal:
    """A new device of the shop's register."""
    register = to_global("Register", shop.register_id)
    issued = (await ask(app, ISSUE, shop.owner, r=register, waits=waits))["issueDeviceBinding"]
    bound = (await ask(app, BIND, shop.owner, t=issued["bindingToken"]))["bindDevice"]
    device_id = from_global(bound["deviceId"], "Device", field="deviceId")
    return Principal(
        PrincipalKind.DEVICE,
        device_id,
        shop.company_id,
        app.registry.roles[Role.DEVICE],
        register_ids=frozenset({shop.register_id}),
        device_id=device_id,
    )


async def _rename(app: App, shop: Shop) -> dict[str, Any]:
    answer = await ask(app, RENAME, shop.owner, r=to_global("Register", shop.register_id))
    return dict(answer["updateRegister"])


async def test_settings_are_locked_until_a_new_till_has_said_what_it_is() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        device = await _bound(app, shop, waits=True)
        locked = await _rename(app, shop)
        [before] = (await ask(app, DEVICES, shop.owner))["devices"]["nodes"]

        settings = [{"name": "language", "value": "kk"}, {"name": "screen", "value": "390×844\n2"}]
        said = await ask(app, REPORT, device, version="0.1.0", settings=settings)
        [after] = (await ask(app, DEVICES, shop.owner))["devices"]["nodes"]

        assert locked["code"] == "REGISTER_AWAITS_REPORT"
        assert "Планшет" in locked["message"]
        assert (before["awaitsReport"], before["model"], before["reportedAt"]) == (True, "", None)
        assert said["reportDevice"]["registerId"] == to_global("Register", shop.register_id)
        assert await _rename(app, shop) == {"title": "Касса у входа"}
        assert after == {
            "model": "Sunmi V2s",
            "version": "0.1.0",
            "awaitsReport": False,
            "reportedAt": after["reportedAt"],
            "settings": [{"name": "language", "value": "kk"}, {"name": "screen", "value": "390×844 2"}],
        }


async def test_other_devices_lock_nothing_and_an_unbound_one_no_longer() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await _bound(app, shop, waits=False)
        assert await _rename(app, shop) == {"title": "Касса у входа"}

        lost = await _bound(app, shop, waits=True)
        unbind = "mutation ($id: ID!) { unbindDevice(id: $id) { __typename } }"
        await ask(app, unbind, shop.owner, id=to_global("Device", lost.subject_id))

        assert await _rename(app, shop) == {"title": "Касса у входа"}


async def test_what_is_said_again_is_kept_and_only_changes_are_audited() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        device = await _bound(app, shop, waits=True)
        for version in ("0.1.0", "0.1.0", "0.2.0"):
            await ask(app, REPORT, device, version=version)
        many = [{"name": f"s{place}", "value": "x"} for place in range(31)]
        refused = await ask(app, REPORT, device, version="0.2.0", settings=many)

        assert refused["reportDevice"] == {"code": "DEVICE_SETTINGS_TOO_MANY", "field": "settings"}
        assert (await audited(app, shop.company_id)).count("organization.report_device") == 2
