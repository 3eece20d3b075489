// How a cart is paid: cash with change, card, mobile, several at once, or without cash through somebody
// else's terminal («Безнал»).

import { moneyText, parseMoney, showMoney } from "../money.js";
import { html, useState } from "../preact.js";
import { t } from "../texts.js";
import { Dialog, Field, Keypad, Problem, useAction, useKeys } from "../widgets.js";

const NOTES = [500, 1000, 2000, 5000, 10_000, 20_000].map((tenge) => tenge * 100); // banknotes in circulation
const KINDS = ["CASH", "CARD", "MOBILE", "MIXED"];

/** Round sums above the total that a buyer may hand over. */
export function likelyNotes(total) {
  const sums = new Set();
  for (const note of NOTES) {
    const enough = Math.ceil(total / note) * note;
    if (enough > total) sums.add(enough);
  }
  return [...sums].sort((a, b) => a - b).slice(0, 4);
}

/** hasTerminal: a card is asked for at a terminal of ours, `onCard(due, others)`, unless the cashier says that
 *  another one takes it. */
export function Pay({ total, kind: first, hasTerminal, onPay, onCard, onClose }) {
  const [kind, setKind] = useState(first);
  const [taken, setTaken] = useState("");
  const [parts, setParts] = useState({ CASH: "", CARD: "", MOBILE: "" });
  const [isElsewhere, setElsewhere] = useState(false);
  const [isOutside, setOutside] = useState(!hasTerminal); // the card goes into a terminal that the till does not know
  const [isBusy, error, run] = useAction();

  const cash = taken === "" ? total : parseMoney(taken);
  const mixed = Object.entries(parts).map(([each, text]) => ({ kind: each, amount: text === "" ? 0 : parseMoney(text) }));
  const given = mixed.reduce((sum, each) => sum + (each.amount ?? 0), 0);
  const noncash = mixed.reduce((sum, each) => sum + (each.kind === "CASH" ? 0 : (each.amount ?? 0)), 0);
  const isMixedReady = mixed.every((each) => each.amount !== null) && given >= total && noncash <= total;
  const isReady = kind === "CASH" ? cash !== null && cash >= total : kind === "MIXED" ? isMixedReady : true;
  const change = kind === "CASH" ? (cash ?? 0) - total : kind === "MIXED" ? given - total : 0;

  function payments() {
    if (kind === "CASH") return [{ kind, amount: cash }];
    if (kind === "MIXED") return mixed.filter((each) => each.amount > 0);
    return [{ kind, amount: total, isElsewhere: kind === "CARD" && isElsewhere }];
  }

  const card = isOutside || isElsewhere ? null : payments().find((each) => each.kind === "CARD");
  const pay = () =>
    isReady && run(async () => (card ? onCard(card.amount, payments().filter((each) => each.kind !== "CARD")) : onPay(payments())));

  useKeys((event) => {
    const isField = document.activeElement instanceof HTMLInputElement;
    if (event.key === "Enter" && document.activeElement?.tagName !== "BUTTON") pay();
    else if (event.key === "F8") setKind("CARD");
    else if (event.key === "F9") setKind("CASH");
    else if (kind === "CASH" && !isField && /^[\d,.]$/.test(event.key)) setTaken((before) => before + event.key);
    else if (kind === "CASH" && !isField && event.key === "Backspace") setTaken((before) => before.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return html`<${Dialog} title=${t("payment")} onClose=${onClose} wide>
    <div class="pay-sum"><span>${t("to_pay")}</span><b class="digits">${showMoney(total)} ₸</b></div>
    <div class="segments" role="group" aria-label=${t("payment")}>
      ${KINDS.map((each) => html`<button key=${each} aria-pressed=${kind === each} onClick=${() => setKind(each)}>${t(each.toLowerCase())}</button>`)}
    </div>
    ${kind === "CASH" &&
    html`<div class="cash">
      <div>
        <div class="taken" aria-live="polite"><span>${t("taken")}</span><b class="digits">${taken === "" ? showMoney(total) : taken} ₸</b></div>
        <div class="notes">
          <button onClick=${() => setTaken("")}>${t("exactly")}</button>
          ${likelyNotes(total).map((sum) => html`<button key=${sum} onClick=${() => setTaken(moneyText(sum).replace(".00", ""))}>${showMoney(sum)}</button>`)}
        </div>
        <div class="change" data-short=${change < 0}><span>${change < 0 ? t("short") : t("change")}</span><b class="digits">${showMoney(Math.abs(change))} ₸</b></div>
      </div>
      <${Keypad} value=${taken} onChange=${setTaken} comma />
    </div>`}
    ${hasTerminal && (kind === "CARD" || kind === "MIXED") &&
    html`<label class="check"><input type="checkbox" checked=${isOutside} onChange=${(event) => setOutside(event.target.checked)} /> ${t("card_outside")}</label>`}
    ${kind === "CARD" && (!hasTerminal || isOutside) &&
    html`<label class="check"><input type="checkbox" checked=${isElsewhere} onChange=${(event) => setElsewhere(event.target.checked)} /> ${t("elsewhere")}</label>
      <p class="soft">${t("card_hint")}</p>`}
    ${kind === "MOBILE" && html`<p class="soft">${t("mobile_hint")}</p>`}
    ${kind === "MIXED" &&
    html`<div class="parts">
      ${Object.keys(parts).map(
        (each) => html`<div class="part" key=${each}>
          <${Field} label=${t(each.toLowerCase())} inputmode="decimal" value=${parts[each]} onInput=${(text) => setParts({ ...parts, [each]: text })} onEnter=${pay} />
          <button class="quiet" onClick=${() => setParts({ ...parts, [each]: showMoney(Math.max(0, total - given + (parseMoney(parts[each]) ?? 0))) })}>${t("rest")}</button>
        </div>`,
      )}
      <div class="change" data-short=${given < total}><span>${given < total ? t("short") : t("change")}</span><b class="digits">${showMoney(Math.abs(given - total))} ₸</b></div>
    </div>`}
    <${Problem} error=${error} />
    <button class="primary big" disabled=${!isReady || isBusy} onClick=${pay}>${isBusy ? t("selling_now") : card ? t("card_to_terminal", { sum: showMoney(card.amount ?? 0) }) : t("pay_now", { sum: showMoney(total) })}<kbd>Enter</kbd></button>
  </${Dialog}>`;
}
