// Card payments at a terminal. The key of each is written here, with the cart it pays for, before anything is
// sent; the same key always brings the same operation, so nothing is ever charged twice. What became of it is
// the server's to say: silence is neither yes nor no.

import { Away, can, Declined } from "./api.js";
import { moneyText, readMoney } from "./money.js";
import { askAsCashier, listenAsCashier, tellAsCashier } from "./session.js";
import { dropPayment, keptPayments, putPayment } from "./store.js";
import { t } from "./texts.js";

const POLL_MS = 1_000; // while nothing is heard of a payment by itself
const LIVE_MS = 15_000; // while it is: a connection may be dead and nobody notice
const AWAY_MS = 2_000;
const KEY_TURNS = 60;
const RECEIPT_TURNS = 15; // a payment goes back only once its receipt is known, a moment after the sale
const LATE_MS = 60_000; // a key the server still does not know then has never arrived

const ENDED = new Set(["APPROVED", "DECLINED", "CANCELLED", "REVERSED", "VOIDED", "REFUNDED"]);
const MONEYLESS = new Set(["DECLINED", "CANCELLED", "REVERSED", "VOIDED", "REFUNDED"]);
const CLAIMED = new Set(["PENDING", "DONE", "NOT_NEEDED"]); // of its receipt

/** Whether nothing more will become of it by itself. */
export const hasEnded = (operation) => ENDED.has(operation?.state);

/** Terminals this cashier may take cards with; none when the server knows no terminals or is away. */
export async function terminalsHere(registerId) {
  if (!can("CardTerminals")) return [];
  const { cardTerminals } = await askAsCashier("CardTerminals", { registerId });
  return cardTerminals.nodes.filter(({ state }) => state === "ACTIVE" || state === "KEYS_LOADED" || state === "PROVISIONED");
}

/** Write down a payment that is about to begin, with what it pays for; nothing has left yet. */
export async function begin({ registerId, terminal, amount, method, bill }) {
  const payment = { paymentKey: crypto.randomUUID(), registerId, terminalId: terminal.id, amount, method, ...bill, at: Date.now() };
  await putPayment(payment);
  return payment;
}

/** Follow a payment, or a refund of one, to its end: `onNews(operation, isAway)`, `onDeclined(error)` when it
 *  did not even begin. The server tells what becomes of it; while it cannot be heard, it is asked. Returns what
 *  stops the looking; the payment goes on without it. */
export function follow(payment, onNews, onDeclined) {
  let isOver = false;
  let isKnown = false;
  let isLive = false;
  let news = 0;
  let receiptTurns = 0;
  let timer = null;
  let unlisten = null;

  function stop() {
    isOver = true;
    clearTimeout(timer);
    unlisten?.();
  }

  function look(afterMs) {
    clearTimeout(timer);
    timer = setTimeout(turn, afterMs);
  }

  async function tell(operation) {
    if (isOver) return;
    onNews(operation, false);
    if (!hasEnded(operation)) return operation && hear(operation.id);
    stop();
    if (MONEYLESS.has(operation.state)) await dropPayment(payment.paymentKey);
  }

  function hear(id) {
    if (unlisten || !can("CardChanged")) return;
    const heard = ({ cardOperationChanged }) => {
      isLive = true;
      news += 1;
      look(LIVE_MS);
      void tell(cardOperationChanged);
    };
    const cut = () => {
      if (isLive) look(0);
      isLive = false;
    };
    unlisten = listenAsCashier("CardChanged", { id }, heard, cut);
  }

  async function turn() {
    let pause = POLL_MS;
    const heardBefore = news;
    try {
      const operation = isKnown ? await byKey(payment.paymentKey) : await send(payment);
      isKnown = true;
      if (news === heardBefore) await tell(operation); // else what was heard meanwhile is younger
      if (isOver) return;
      if (isLive) pause = LIVE_MS;
    } catch (error) {
      if (isOver) return;
      if (error.code === "CARD_RECEIPT_PENDING" && receiptTurns < RECEIPT_TURNS) {
        receiptTurns += 1;
      } else if (!(error instanceof Away)) {
        stop();
        if (error instanceof Declined && !isKnown) await dropPayment(payment.paymentKey);
        return onDeclined(error);
      } else {
        if (!isLive) onNews(null, true);
        pause = AWAY_MS;
      }
    }
    look(pause);
  }

  void turn();
  return stop;
}

function send({ paymentKey, registerId, terminalId, amount, method, isPlain = false, undoes }) {
  if (!undoes) {
    const input = { paymentKey, registerId, terminalId, amount: moneyText(amount), method, withReceipt: !isPlain };
    return tellAsCashier("StartCard", { input });
  }
  const asked = { operationKey: paymentKey, operationId: undoes };
  return amount === null ? tellAsCashier("VoidCard", asked) : tellAsCashier("RefundCard", { ...asked, amount: moneyText(amount) });
}

/** What is to be followed when a payment is taken back; amount null: whole, today. */
export const undoing = (operation, amount = null) => ({ paymentKey: crypto.randomUUID(), undoes: operation.id, amount });

async function byKey(key) {
  const { cardOperationByKey } = await askAsCashier("CardOperation", { key });
  return cardOperationByKey;
}

/** The cashier gives up. Raises Declined when only the terminal itself can be cancelled. */
export const cancel = (operation) => tellAsCashier("CancelCard", { operationId: operation.id });

/** Fresh working keys for a terminal that needs them; done when this returns. */
export async function updateKeys(terminalId) {
  let { isFresh, updateState } = await tellAsCashier("UpdateKeys", { terminalId });
  for (let turn = 0; updateState === "QUEUED" && turn < KEY_TURNS; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    ({ isFresh, updateState } = (await askAsCashier("CardKeys", { terminalId })).cardTerminalKeys);
  }
  if (!isFresh || updateState === "FAILED") throw new Error(t("card_keys_failed"));
}

/** Payments of this till that may have taken money and stand on no receipt yet: [{payment, operation}]. */
export async function unclaimed(registerId) {
  if (!can("CardOperation")) return [];
  const found = [];
  for (const payment of await keptPayments()) {
    if (payment.registerId !== registerId) continue;
    const operation = await byKey(payment.paymentKey);
    if (operation ? MONEYLESS.has(operation.state) || CLAIMED.has(operation.fiscalState) : Date.now() - payment.at > LATE_MS) {
      await dropPayment(payment.paymentKey);
    } else if (operation) {
      found.push({ payment, operation });
    }
  }
  return found;
}

/** They stand on a receipt, or were given up: forget them. */
export const forget = (taken) => Promise.all(taken.map(({ payment }) => dropPayment(payment.paymentKey)));

/** The payments of a receipt out of what was taken by card: one line of a kind, with all its operations. */
export function cardPayments(taken) {
  const kinds = new Map();
  for (const { operation } of taken) {
    const line = kinds.get(operation.tender) ?? { kind: operation.tender, amount: 0, operationIds: [] };
    line.amount += readMoney(operation.approvedAmount);
    line.operationIds.push(operation.id);
    kinds.set(operation.tender, line);
  }
  return [...kinds.values()];
}

/** Card payments of a sale that may be given back to their cards now; [] when there are none or it is late. */
export async function refundable(saleId) {
  if (!can("CardsOfSale") || !can("RefundCard")) return [];
  const { sale } = await askAsCashier("CardsOfSale", { id: saleId });
  return (sale?.card?.operations ?? []).filter((each) => each.undoUntil && Date.parse(each.undoUntil) > Date.now() || unticketed(each).length);
}

/** What went back to a card already and stands on no return receipt: a till was closed in the middle. */
const unticketed = ({ undoings }) => undoings.filter(({ state, fiscalState }) => state === "APPROVED" && fiscalState === "AWAITED");

/** Give a sum back to the cards that paid it, never more to one than it paid; the payment of the return
 *  receipt. `onNews(operation, isAway)` tells how it goes. Raises Error when a card does not take it. */
export async function giveBackTo(paid, amount, onNews) {
  const operationIds = [];
  let left = amount;
  for (const each of paid.flatMap(unticketed)) {
    operationIds.push(each.id);
    left -= readMoney(each.approvedAmount);
  }
  for (const each of paid) {
    const room = readMoney(each.approvedAmount) - readMoney(each.refundedAmount);
    const part = Math.min(room, left);
    if (part <= 0) continue;
    const isWhole = part === room && readMoney(each.refundedAmount) === 0 && each.terminal?.contract.driver?.hasVoid;
    const ended = await new Promise((done, fail) => {
      follow(undoing(each, isWhole ? null : part), (operation, isAway) => (onNews(operation, isAway), hasEnded(operation) && done(operation)), fail);
    });
    if (ended.state !== "APPROVED") throw new Error(ended.refusal?.message ?? t("card_declined"));
    operationIds.push(ended.id);
    left -= part;
  }
  if (left) throw new Error(t("card_back_differs"));
  return { kind: paid[0].tender, amount: moneyText(amount), operationIds };
}
