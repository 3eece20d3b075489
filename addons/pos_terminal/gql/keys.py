"""Root fields about keys of terminals. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.pos_terminal.domain.keys import KeyForm
from addons.pos_terminal.gql.keys_types import (
    KeyCeremonyResult,
    KeyCeremonyType,
    PinKeyType,
    TerminalKeysResult,
    TerminalKeysType,
)
from addons.pos_terminal.services.keys_ceremony import (
    EnterComponent,
    StartCeremony,
    cancel_ceremony,
    confirm_ceremony,
    enter_component,
    start_ceremony,
)
from addons.pos_terminal.services.keys_update import ask_update
from addons.pos_terminal.services.keys_view import ceremony_view, keys_view, pin_key_block
from kernel.clock import from_ms
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.permissions import Requires

VIEW = [Requires("pos_terminal.view")]
PAY = [Requires("pos_terminal.pay")]
LOAD_KEYS = [Requires("pos_terminal.load_keys")]
PRESENT = [Requires("pos_terminal.present_card")]
TerminalId = Annotated[strawberry.ID, strawberry.argument(description="Which terminal.")]
CeremonyId = Annotated[strawberry.ID, strawberry.argument(description="Which ceremony.")]


@strawberry.input(description="A master key to be put together.")
class StartKeyCeremonyInput:
    terminal_id: strawberry.ID = strawberry.field(description="For which terminal.")
    form: KeyForm = strawberry.field(description="Algorithm and bits, as in the acquirer's letters.")
    component_count: int = strawberry.field(default=2, description="How many people enter one each: 2 or 3.")


@strawberry.type
class KeysQuery:
    """What is known of keys; none is ever shown."""

    @strawberry.field(description="What keys a terminal has, by their check values.", permission_classes=VIEW)
    async def card_terminal_keys(self, info: Info, terminal_id: TerminalId) -> TerminalKeysType:
        async with info.context.reading() as reader:
            key = from_global(terminal_id, "CardTerminal", field="terminalId")
            return TerminalKeysType.of(await keys_view(reader, key))

    @strawberry.field(description="A master key being put together.", permission_classes=LOAD_KEYS)
    async def key_ceremony(self, info: Info, id: CeremonyId) -> KeyCeremonyType:
        async with info.context.reading() as reader:
            return KeyCeremonyType.of(await ceremony_view(reader, from_global(id, "KeyCeremony", field="id")))

    @strawberry.field(
        description="For the device itself: its PIN key, wrapped; null before the first exchange.",
        permission_classes=PRESENT,
    )
    async def terminal_pin_key(self, info: Info, terminal_id: TerminalId) -> PinKeyType | None:
        async with info.context.reading() as reader:
            key = from_global(terminal_id, "CardTerminal", field="terminalId")
            found = await pin_key_block(reader, key)
        if found is None:
            return None
        block, view = found
        return PinKeyType(key_block=block, check_value=view.check_value, loaded_at=from_ms(view.loaded_ms))


@strawberry.type
class KeysMutation:
    """Root fields that bring keys in."""

    @strawberry.mutation(
        description="Exchange the working keys of a terminal with its host. It takes a few seconds: the "
        "outcome comes in updateState.",
        permission_classes=PAY,
    )
    async def update_terminal_keys(self, info: Info, terminal_id: TerminalId) -> TerminalKeysResult:
        key = await info.context.transact(
            ask_update, from_global(terminal_id, "CardTerminal", field="terminalId")
        )
        async with info.context.reading() as reader:
            return TerminalKeysType.of(await keys_view(reader, key))

    @strawberry.mutation(
        description="Begin to put a master key together out of components that different people know.",
        permission_classes=LOAD_KEYS,
    )
    async def start_key_ceremony(
        self,
        info: Info,
        input: Annotated[StartKeyCeremonyInput, strawberry.argument(description="What key.")],
    ) -> KeyCeremonyResult:
        terminal_id = from_global(input.terminal_id, "CardTerminal", field="input.terminalId")
        command = StartCeremony(terminal_id, input.form, input.component_count)
        return await _ceremony(info, await info.context.transact(start_ceremony, command))

    @strawberry.mutation(
        description="Enter the component of the caller; nobody enters two.", permission_classes=LOAD_KEYS
    )
    async def enter_key_component(
        self,
        info: Info,
        ceremony_id: CeremonyId,
        component: Annotated[str, strawberry.argument(description="Hexadecimal digits of the letter.")],
        check_value: Annotated[
            str,
            strawberry.argument(description="Of this component, as in the letter; empty: compare by eye."),
        ] = "",
    ) -> KeyCeremonyResult:
        key = from_global(ceremony_id, "KeyCeremony", field="ceremonyId")
        command = EnterComponent(key, component, check_value)
        return await _ceremony(info, await info.context.transact(enter_component, command))

    @strawberry.mutation(
        description="The check value of the whole key is the one of the letter: take the key in.",
        permission_classes=LOAD_KEYS,
    )
    async def confirm_key_ceremony(
        self,
        info: Info,
        ceremony_id: CeremonyId,
        check_value: Annotated[str, strawberry.argument(description="As in the letter.")],
    ) -> KeyCeremonyResult:
        context = info.context
        key = from_global(ceremony_id, "KeyCeremony", field="ceremonyId")
        done = await confirm_ceremony(context.database, context.principal, key, check_value)
        context.forget()
        return await _ceremony(info, done)

    @strawberry.mutation(description="Stop and wipe what was entered.", permission_classes=LOAD_KEYS)
    async def cancel_key_ceremony(self, info: Info, ceremony_id: CeremonyId) -> KeyCeremonyResult:
        key = from_global(ceremony_id, "KeyCeremony", field="ceremonyId")
        return await _ceremony(info, await info.context.transact(cancel_ceremony, key))


async def _ceremony(info: Info, ceremony_id: str) -> KeyCeremonyType:
    async with info.context.reading() as reader:
        return KeyCeremonyType.of(await ceremony_view(reader, ceremony_id))
