// The buyer pays by card: one card or several, each an operation of its own, followed to its end. The screen
// never guesses: while nobody knows, it says so, and nothing is charged again.

import { can } from "../api.js";
import { begin, cancel, cardPayments, follow, forget, hasEnded, undoing, updateKeys } from "../cards.js";
import { parseMoney, readMoney, showMoney } from "../money.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { t } from "../texts.js";
import { Dialog, Field, Problem, told, useAction } from "../widgets.js";

const TENGE = 100;
const NEEDS_KEYS = new Set(["TERMINAL_KEYS_NEEDED", "TERMINAL_KEYS_OLD"]);
const STOPPABLE = new Set(["AWAITING_CARD", "QUEUED", "SENT"]);
const UNDECIDED = new Set(["UNKNOWN", "REVERSING", "REVIEW"]);

const sumOf = (taken) => taken.reduce((all, { operation }) => all + readMoney(operation.approvedAmount), 0);

/** What the cashier reads while a payment goes on, and at its end. */
export const headline = (operation, isAway) => t(isAway ? "card_no_link" : `card_${(operation?.stage ?? "WAITING").toLowerCase()}`);

/** bill: {cart, due: what cards have to pay in tiyn, others: payments of other kinds, ready, isPlain: no receipt
 *  is made of it}; taken: card
 *  payments that were approved already; going: one to be followed on. onDone(payments, taken) when the cards
 *  have paid all of it. */
export function CardPay({ bill, taken: before, going, terminals, registerId, mayGiveBack, onDone, onRound, onClose }) {
  const { cart, due, others } = bill;
  const [taken, setTaken] = useState(before);
  const [terminal, setTerminal] = useState(terminals.find((each) => each.isMine) ?? terminals[0]);
  const [sum, setSum] = useState("");
  const [now, setNow] = useState(null); // {payment, operation, isAway, isUndo}
  const [failed, setFailed] = useState(null); // why the last one did not go through
  const [isBusy, error, run, setError] = useAction();
  const stop = useRef(() => null);
  useEffect(() => {
    if (going) watch(going, ended(going));
    return () => stop.current();
  }, []);

  const left = due - sumOf(taken);
  const amount = sum === "" ? left : parseMoney(sum);
  const can_ = terminal?.contract.driver ?? {};
  const odd = can_.isWholeTenge && !bill.isPlain ? left % TENGE : 0;
  const isReady = terminal && amount > 0 && amount <= left && !(can_.isWholeTenge && amount % TENGE);
  const isGoing = now !== null && !hasEnded(now.operation);
  const mayLeave = !isGoing || now.operation?.state === "REVIEW";

  const start = (method = "CARD", part = amount) =>
    run(async () => {
      setFailed(null);
      const payment = await begin({ registerId, terminal, amount: part, method, bill });
      watch(payment, ended(payment));
    });

  const ended = (payment) => (operation) => {
    if (operation.state !== "APPROVED") return setFailed(operation);
    const all = [...taken, { payment, operation }];
    setTaken(all);
    setSum("");
    if (sumOf(all) >= due) done(all);
  };

  function watch(payment, onEnd, isUndo = false) {
    setNow({ payment, operation: null, isAway: false, isUndo });
    stop.current = follow(
      payment,
      (operation, isAway) => {
        setNow((known) => ({ ...known, operation: operation ?? known.operation, isAway }));
        if (!hasEnded(operation)) return;
        setNow(null);
        onEnd(operation);
      },
      (problem) => {
        setNow(null);
        setError({ ...told(problem), code: problem.code });
      },
    );
  }

  const done = (all) => run(() => onDone([...others, ...cardPayments(all)], all));

  const giveBack = (each) =>
    run(async () =>
      watch(
        undoing(each.operation),
        async (operation) => {
          if (operation.state !== "APPROVED") return setFailed(operation);
          await forget([each]);
          setTaken((all) => all.filter(({ payment }) => payment.paymentKey !== each.payment.paymentKey));
        },
        true,
      ),
    );

  const freshKeys = () =>
    run(async () => {
      await updateKeys(terminal.id);
      await start();
    });

  return html`<${Dialog} title=${t("card_payment")} onClose=${() => mayLeave && onClose(taken)} wide>
    <div class="pay-sum"><span>${t("card_to_pay")}</span><b class="digits">${showMoney(left)} ₸</b></div>
    ${taken.length > 0 &&
    html`<ul class="choices">${taken.map((each) => html`<li key=${each.payment.paymentKey} class="row"><span><b class="digits">${showMoney(readMoney(each.operation.approvedAmount))} ₸</b> <span class="soft">${each.operation.maskedNumber || each.operation.scheme}</span></span>
      ${!isGoing && mayGiveBack && html`<button class="quiet" disabled=${isBusy} onClick=${() => giveBack(each)}>${t("card_give_back")}</button>`}</li>`)}</ul>`}
    ${isGoing
      ? html`<div class="card-live" role="status" aria-live="assertive" data-state=${now.operation?.state ?? "NEW"}>
          <p class="card-head">${now.isUndo && !UNDECIDED.has(now.operation?.state) ? t("card_undoing") : headline(now.operation, now.isAway)}</p>
          ${now.payment.amount !== null && html`<p class="digits">${showMoney(now.payment.amount)} ₸</p>`}
          ${UNDECIDED.has(now.operation?.state) && html`<p>${t(`card_${now.operation.stage.toLowerCase()}_next`)}</p>`}
        </div>
        <${Problem} error=${error} />
        ${STOPPABLE.has(now.operation?.state) && !now.isUndo && html`<button class="big" disabled=${isBusy} onClick=${() => run(() => cancel(now.operation))}>${t("card_cancel")}</button>`}
        ${now.operation?.state === "REVIEW" && html`<button class="big" onClick=${() => onClose(taken)}>${t("card_later")}</button>`}`
      : html`${failed && html`<div class="problem" role="alert"><p><b>${headline(failed, false)}</b></p><p>${failed.refusal?.message ?? ""} ${failed.refusal?.nextAction ?? t("card_try_else")}</p></div>`}
        ${terminals.length > 1 && html`<div class="segments" role="group" aria-label=${t("card_terminal")}>${terminals.map((each) => html`<button key=${each.id} aria-pressed=${each.id === terminal.id} onClick=${() => setTerminal(each)}>${each.title}</button>`)}</div>`}
        ${odd > 0 &&
        html`<div class="problem" role="alert"><p>${t("card_whole_tenge", { odd: showMoney(odd) })}</p>
          <div class="row"><button onClick=${() => onRound("cash", odd)}>${t("card_odd_cash", { odd: showMoney(odd) })}</button>${!cart.discount && !taken.length && html`<button onClick=${() => onRound("discount", odd)}>${t("card_odd_discount", { odd: showMoney(odd) })}</button>`}</div></div>`}
        ${left > 0 && html`<details><summary>${t("card_several")}</summary><${Field} label=${t("card_sum")} value=${sum} placeholder=${showMoney(left)} inputmode="decimal" onInput=${setSum} /></details>`}
        <${Problem} error=${error} />
        ${NEEDS_KEYS.has(error?.code) && can("UpdateKeys") && html`<button class="big" disabled=${isBusy} onClick=${freshKeys}>${t("card_update_keys")}</button>`}
        ${left > 0
          ? html`<div class="card-ways"><button class="primary big" autofocus disabled=${!isReady || isBusy} onClick=${() => start()}>${failed || error ? t("card_again") : t("card_start")} · ${showMoney(amount ?? 0)} ₸<kbd>Enter</kbd></button>
              ${can_.hasQr && html`<button class="big" disabled=${!isReady || isBusy} onClick=${() => start("QR")}>QR</button>`}</div>`
          : html`<button class="primary big" autofocus disabled=${isBusy} onClick=${() => done(taken)}>${t(bill.isPlain ? "done" : "card_finish")}</button>`}`}
  </${Dialog}>`;
}

/** Money was taken by card and no receipt was made of it: go on with its cart, or give it back. */
export function Unclaimed({ found, mayGiveBack, onResume, onGiveBack, onClose }) {
  return html`<${Dialog} title=${t("card_unclaimed")} onClose=${onClose} wide>
    <p>${t("card_unclaimed_lead")}</p>
    <ul class="choices">${found.map(({ payment, operation }) => html`<li key=${payment.paymentKey}>
      <p><b class="digits">${showMoney(payment.amount)} ₸</b> <span class="soft">${operation.maskedNumber} ${operation.state === "APPROVED" ? "" : headline(operation, false)}</span></p>
      <p class="soft small">${payment.cart.lines.map((line) => line.name).join(", ")}</p>
      <div class="row">${operation.state === "APPROVED" && mayGiveBack && html`<button onClick=${() => onGiveBack({ payment, operation })}>${t("card_give_back")}</button>`}
      <button class="primary" onClick=${() => onResume({ payment, operation })}>${t("card_go_on")}</button></div></li>`)}</ul>
  </${Dialog}>`;
}

/** The receipt of an approved payment was refused: the money is not touched by itself. */
export function FiscalTrouble({ refusal, taken, mayGiveBack, onAgain, onShift, onGiveBack, onClose }) {
  return html`<${Dialog} title=${t("not_sold")} onClose=${onClose}>
    <div class="problem" role="alert"><p>${refusal.message}</p>${refusal.nextAction && html`<p class="soft">${refusal.nextAction}</p>`}</div>
    <p>${t("card_money_is_taken", { sum: showMoney(sumOf(taken)) })}</p>
    <button class="primary big" autofocus onClick=${onAgain}>${t("card_sell_again")}</button>
    <div class="row"><button onClick=${onShift}>${t("shift_and_cash")}</button>${mayGiveBack && html`<button class="danger" onClick=${onGiveBack}>${t("card_give_back")}</button>`}</div>
  </${Dialog}>`;
}
