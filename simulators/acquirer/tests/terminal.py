"""A terminal for the host's own tests: writes its messages by the table of protocols/iso8583/README.md."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernel.clock import Clock
from protocols.iso8583.key_block import Usage, unwrap
from protocols.iso8583.message import FieldValue, Message
from protocols.iso8583.numbers import OriginalData, OriginalSlip
from protocols.iso8583.signing import is_genuine, pack_signed
from simulators.acquirer.keys import MASTER_SIZE
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.settings import TerminalData, test_master_key

CODE, MERCHANT = "88000001", "SAUDA0000000001"
MAC_USAGES = frozenset({Usage.MAC_CMAC, Usage.MAC_RETAIL, Usage.MAC_X9_9})


@dataclass
class TestTerminal:
    """Talks to the host without a socket."""

    __test__ = False

    host: AcquirerSimulator
    clock: Clock
    code: str = CODE
    stan: int = 0
    batch: int = 1
    mac_key: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if self.code not in self.host.exchange.terminals:
            self.host.add_terminal(TerminalData(self.code, MERCHANT))

    def exchange_keys(self) -> None:
        """Both working keys."""
        master = test_master_key(self.code, MASTER_SIZE)
        unwrap(master, self.network("101").text(62)[6:], usages=frozenset({Usage.PIN}))
        self.mac_key = unwrap(master, self.network("160").text(62)[6:], usages=MAC_USAGES).key

    def network(self, code: str) -> Message:
        """0800."""
        return self.send(Message("0800", self.head() | {70: code}), is_signed=False)

    def head(self) -> dict[int, FieldValue]:
        """What every request has, with a new number."""
        self.stan += 1
        return {
            7: self.clock.now().strftime("%m%d%H%M%S"),
            11: f"{self.stan:06}",
            41: self.code,
            42: MERCHANT,
        }

    def request(self, amount: int, mti: str = "0200", code: str = "000000", **more: FieldValue) -> Message:
        """A financial request. more: de37="…"."""
        fields: dict[int, FieldValue] = {
            **self.head(),
            3: code,
            4: str(amount),
            12: "120000",
            13: "1120",
            22: "071",
            25: "00",
            49: "398",
            60: f"{self.batch:06}",
        }
        fields |= {int(name.removeprefix("de")): given for name, given in more.items()}
        return Message(mti, fields)

    def of_original(self, original: Message, answer: Message) -> dict[str, FieldValue]:
        """DE37, DE38, DE61 for a void or a refund."""
        slip = OriginalSlip(original.number(60), original.number(11), original.text(13))
        return {"de37": answer.text(37), "de38": answer.text(38), "de61": slip.text()}

    def void(self, original: Message, answer: Message, amount: int | None = None) -> Message:
        """0200 020000."""
        more = self.of_original(original, answer)
        return self.request(amount or original.number(4), code="020000", **more)

    def refund(self, original: Message, answer: Message, amount: int) -> Message:
        """0220 200000."""
        return self.request(amount, "0220", "200000", **self.of_original(original, answer))

    def reversal(self, original: Message, mti: str = "0400") -> Message:
        """Of any financial request."""
        kept = {number: original.fields[number] for number in (3, 4, 7, 11, 12, 13, 41, 42, 49, 60)}
        data = OriginalData(original.mti, original.number(11), original.text(7))
        return Message(mti, kept | {56: "4021", 90: data.text()})

    def totals(self, refunds: tuple[int, int], purchases: tuple[int, int], voids: tuple[int, int]) -> Message:
        """0500: (count, sum) of each."""
        net = purchases[1] - voids[1] - refunds[1]
        counts = {74: refunds[0], 75: 0, 76: purchases[0], 77: voids[0]}
        sums = {86: refunds[1], 87: 0, 88: purchases[1], 89: voids[1]}
        numbers: dict[int, FieldValue] = {number: str(given) for number, given in (counts | sums).items()}
        fields = self.head() | numbers | {3: "920000", 49: "398", 60: f"{self.batch:06}"}
        fields[97] = f"{'D' if net >= 0 else 'C'}{abs(net):016}"
        return Message("0500", fields)

    def send(self, message: Message, *, is_signed: bool = True) -> Message:
        """The host's answer; a signed one is proved."""
        dialect = self.host.dialect
        data = pack_signed(dialect, message, self.mac_key) if is_signed else dialect.pack(message)
        packed = self.host.exchange.pack(self.host.answer(data))
        answer = dialect.unpack(packed)
        if is_signed and answer.text(39) not in ("97", "916", "58", "03"):
            assert is_genuine(dialect, packed, answer, self.mac_key)
        return answer

    def code_of(self, message: Message) -> str:
        """DE39 of the answer."""
        return self.send(message).text(39)
