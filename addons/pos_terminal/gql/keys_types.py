"""Keys of terminals in GraphQL: check values and moments, never a key. Annotations are real: Strawberry reads
them.
"""

from typing import Annotated, Self

import strawberry

from addons.pos_terminal.domain.keys import CeremonyState, KeyForm, UpdateState, form_of
from addons.pos_terminal.services.keys_view import CeremonyView, KeysView, KeyView
from kernel.clock import from_ms
from kernel.gql.ids import to_global
from kernel.gql.refusals import Refused
from kernel.gql.scalars import DateTime
from protocols.iso8583.crypto import Algorithm

strawberry.enum(KeyForm, name="MasterKeyForm", description="Algorithm and bits of a master key.")
strawberry.enum(CeremonyState, name="KeyCeremonyState", description="How far a master key is put together.")
strawberry.enum(UpdateState, name="KeyUpdateState", description="How far an exchange of working keys is.")


@strawberry.type(name="LoadedKey", description="A key of a terminal, by its check value.")
class LoadedKeyType:
    check_value: str = strawberry.field(description="Six hexadecimal digits; the same on the host's side.")
    loaded_at: DateTime = strawberry.field(description="Since when it is in force.")

    @classmethod
    def of(cls, key: KeyView | None) -> Self | None:
        """As shown."""
        return None if key is None else cls(check_value=key.check_value, loaded_at=from_ms(key.loaded_ms))


@strawberry.type(name="CardTerminalKeys", description="What keys a terminal has.")
class TerminalKeysType:
    terminal_id: strawberry.ID = strawberry.field(description="The terminal.")
    master_key: LoadedKeyType | None = strawberry.field(description="Protects the others on their way (TMK).")
    pin_key: LoadedKeyType | None = strawberry.field(description="Encrypts PINs in the device (TPK).")
    mac_key: LoadedKeyType | None = strawberry.field(description="Signs messages (TAK).")
    is_fresh: bool = strawberry.field(description="Payments may be made with them now.")
    fresh_until: DateTime | None = strawberry.field(
        description="When they have to be exchanged at the latest."
    )
    update_state: UpdateState | None = strawberry.field(description="The exchange asked for last.")
    update_refusal: str | None = strawberry.field(description="Code of why it failed.")
    ceremony_id: strawberry.ID | None = strawberry.field(description="A master key being put together now.")

    @classmethod
    def of(cls, view: KeysView) -> Self:
        """As shown."""
        until = view.fresh_until_ms
        ceremony = view.ceremony_id
        return cls(
            terminal_id=to_global("CardTerminal", view.terminal_id),
            master_key=LoadedKeyType.of(view.master),
            pin_key=LoadedKeyType.of(view.pin),
            mac_key=LoadedKeyType.of(view.mac),
            is_fresh=view.is_fresh,
            fresh_until=None if until is None else from_ms(until),
            update_state=view.update_state,
            update_refusal=view.update_code or None,
            ceremony_id=None if ceremony is None else to_global("KeyCeremony", ceremony),
        )


@strawberry.type(name="KeyComponent", description="What one person entered.")
class KeyComponentType:
    number: int = strawberry.field(description="From 1.")
    entered_by: strawberry.ID = strawberry.field(description="The user.")
    entered_at: DateTime = strawberry.field(description="When.")
    check_value: str = strawberry.field(description="To be compared with the letter of this component.")


@strawberry.type(name="KeyCeremony", description="A master key put together by several people.")
class KeyCeremonyType:
    id: strawberry.ID = strawberry.field(description="Of the ceremony.")
    terminal_id: strawberry.ID = strawberry.field(description="For which terminal.")
    form: KeyForm = strawberry.field(description="What key it becomes.")
    state: CeremonyState = strawberry.field(description="How far it is.")
    component_count: int = strawberry.field(description="How many people enter one each.")
    components: list[KeyComponentType] = strawberry.field(description="What was entered so far.")
    check_value: str | None = strawberry.field(
        description="Of the whole key, once all components are there: to be compared with the letter."
    )
    expires_at: DateTime = strawberry.field(description="Until then it has to be confirmed.")

    @classmethod
    def of(cls, view: CeremonyView) -> Self:
        """As shown."""
        return cls(
            id=to_global("KeyCeremony", view.id),
            terminal_id=to_global("CardTerminal", view.terminal_id),
            form=form_of(Algorithm(view.algorithm), view.size),
            state=view.state,
            component_count=view.component_count,
            components=[
                KeyComponentType(
                    number=each.number,
                    entered_by=to_global("User", each.entered_by),
                    entered_at=from_ms(each.entered_ms),
                    check_value=each.check_value,
                )
                for each in view.components
            ],
            check_value=view.check_value or None,
            expires_at=from_ms(view.expires_ms),
        )


@strawberry.type(
    name="TerminalPinKey",
    description="The PIN key of a terminal as the host sent it: a TR-31 block that only the device opens.",
)
class PinKeyType:
    key_block: str = strawberry.field(description="Under the terminal's master key.")
    check_value: str = strawberry.field(description="Of the key inside.")
    loaded_at: DateTime = strawberry.field(description="Since when it is in force.")


TerminalKeysResult = Annotated[
    TerminalKeysType | Refused,
    strawberry.union("CardTerminalKeysResult", description="The keys, or why not."),
]
KeyCeremonyResult = Annotated[
    KeyCeremonyType | Refused,
    strawberry.union("KeyCeremonyResult", description="The ceremony, or why not."),
]
