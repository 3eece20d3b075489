// Goods come back: the receipt is found by its sign, number or QR, the lines are chosen, an administrator
// approves where the company wants it.

import { can } from "../api.js";
import { giveBackTo, refundable } from "../cards.js";
import { divideHalfUp, moneyText, quantityText, readMoney, readQuantity, parseQuantity, showMoney, showQuantity } from "../money.js";
import { html, useState } from "../preact.js";
import { askAsCashier, askAsDevice, tellAsCashier } from "../session.js";
import { moment, t } from "../texts.js";
import { Dialog, Field, Keypad, Problem, useAction } from "../widgets.js";
import { headline } from "./card.js";

const WAIT_MS = 8_000;
const DAY_MS = 24 * 3600 * 1000;
const DAYS_BACK = 60; // where a sign that is typed alone is looked for
const NEEDS_APPROVAL = "APPROVAL_REQUIRED";

export function Returns({ window_, registerId, mayGiveBack, onDone, onClose }) {
  const [code, setCode] = useState("");
  const [sale, setSale] = useState(null);
  const [chosen, setChosen] = useState({}); // position → text of a quantity
  const [kind, setKind] = useState(null);
  const [asks, setAsks] = useState(false);
  const [returnKey] = useState(() => crypto.randomUUID()); // one return, however often it is sent
  const [cards, setCards] = useState([]); // payments that can go back to their cards
  const [toCard, setToCard] = useState(true);
  const [news, setNews] = useState(null); // of a card that gets its money back
  const [backPayment, setBack] = useState(null); // what went back to cards, once it did
  const [isBusy, error, run] = useAction();

  const find = (text) =>
    run(async () => {
      const found = await findSale(text.trim());
      if (!found) throw new Error(t("receipt_not_found"));
      setCards(mayGiveBack ? await refundable(found.id) : []);
      setSale(found);
      setChosen(Object.fromEntries(found.lines.map((line) => [line.position, showQuantity(left(line))])));
    });
  window_.onCode = (text) => {
    setCode(text);
    void find(text);
  };

  const asked = sale ? sale.lines.map((line) => ({ line, quantity: parseQuantity(chosen[line.position] || "0") })).filter((each) => each.quantity !== 0) : [];
  const isWrong = asked.some(({ line, quantity }) => quantity === null || quantity > left(line));
  const isWhole = sale && asked.length === sale.lines.length && asked.every(({ line, quantity }) => quantity === readQuantity(line.quantity));

  const needsKind = sale !== null && sale.payments.length > 1 && !isWhole; // which part was paid how, nobody knows
  const sum = isWrong ? 0 : asked.reduce((all, { line, quantity }) => all + part(line, quantity), 0);

  // What the card gets: its part of the whole, or all when the part that comes back was paid so.
  const cardKind = cards[0]?.tender;
  const ofCard = !sale || !cardKind ? 0 : isWhole ? readMoney(sale.payments.find((each) => each.kind === cardKind)?.amount ?? "0") : !needsKind || kind === cardKind ? sum : 0;
  const goesToCard = toCard && ofCard > 0;

  /** The payments of the return; cards get their money first, because they may refuse. */
  async function payments() {
    const asChosen = needsKind ? [{ kind, amount: moneyText(sum) }] : [];
    if (!goesToCard) return asChosen;
    const toCards = backPayment ?? (await giveBackTo(cards, ofCard, (operation, isAway) => setNews(headline(operation, isAway))));
    setBack(toCards);
    setNews(null);
    const others = isWhole ? sale.payments.filter((each) => each.kind !== cardKind).map((each) => ({ kind: each.kind, amount: each.amount })) : [];
    return [toCards, ...others];
  }

  const giveBack = (approval = null) =>
    run(async () => {
      const input = {
        saleKey: returnKey, registerId, originalId: sale.id, approval,
        lines: isWhole ? [] : asked.map(({ line, quantity }) => ({ position: line.position, quantity: quantityText(quantity) })),
        payments: await payments(),
      };
      try {
        onDone(await tellAsCashier("Return", { input, wait: WAIT_MS }));
      } catch (problem) {
        if (problem.code !== NEEDS_APPROVAL || !can("Approve")) throw problem;
        setAsks(true);
      }
    });

  if (asks) {
    return html`<${Approve} action="RETURN" registerId=${registerId} onApproved=${(token) => (setAsks(false), giveBack(token))} onClose=${() => setAsks(false)} />`;
  }
  return html`<${Dialog} title=${t("return")} onClose=${onClose} wide>
    ${!sale &&
    html`<p class="soft">${t("return_lead")}</p>
      <${Field} label=${t("receipt_code")} value=${code} onInput=${setCode} autofocus onEnter=${() => find(code)} />
      <${Problem} error=${error} />
      <button class="primary big" disabled=${isBusy || !code.trim()} onClick=${() => find(code)}>${t("find")}</button>`}
    ${sale &&
    html`<p><b>№ ${sale.documentNumber ?? "—"}</b> · ${moment(sale.createdAt)} · ${showMoney(readMoney(sale.total))} ₸</p>
      <table class="lines-back"><thead><tr><th>${t("goods")}</th><th>${t("sold")}</th><th>${t("give_back")}</th></tr></thead>
        <tbody>${sale.lines.map((line) => html`<tr key=${line.position}>
          <td>${line.name}</td><td class="digits">${showQuantity(readQuantity(line.quantity))}${readQuantity(line.returned) ? html`<br /><span class="soft">${t("returned_already", { quantity: showQuantity(readQuantity(line.returned)) })}</span>` : ""}</td>
          <td><input inputmode="decimal" aria-label=${line.name} disabled=${!left(line)} value=${chosen[line.position]} onInput=${(event) => setChosen({ ...chosen, [line.position]: event.target.value })} /></td></tr>`)}</tbody></table>
      ${needsKind && html`<p>${t("how_back")}</p><div class="segments" role="group" aria-label=${t("how_back")}>${sale.payments.map((each) => html`<button key=${each.kind} aria-pressed=${kind === each.kind} onClick=${() => setKind(each.kind)}>${t(each.kind.toLowerCase())}</button>`)}</div>`}
      ${!isWrong && asked.length > 0 && html`<div class="pay-sum"><span>${t("to_give_back")}</span><b class="digits">${showMoney(sum)} ₸</b></div>`}
      ${ofCard > 0 && html`<label class="check"><input type="checkbox" checked=${toCard} disabled=${backPayment !== null} onChange=${(event) => setToCard(event.target.checked)} /> ${t("card_back_to", { sum: showMoney(ofCard), card: cards.map((each) => each.maskedNumber).join(", ") })}</label>`}
      ${news && html`<p class="card-live" role="status">${news}</p>`}
      <${Problem} error=${error} />
      <div class="row"><button disabled=${backPayment !== null} onClick=${() => setSale(null)}>${t("another_receipt")}</button>
      <button class="primary" disabled=${isBusy || !asked.length || isWrong || (needsKind && !kind)} onClick=${() => giveBack()}>${isBusy ? t("selling_now") : t("give_back")}</button></div>`}
  </${Dialog}>`;
}

/** By the bar code of the receipt, by its QR (the OFD's link says sign and time), or by the sign as typed. */
async function findSale(text) {
  const { saleByCode } = await askAsCashier("FindSale", { code: text });
  if (saleByCode) return saleByCode;
  const sign = /[?&]i=(\d+)/.exec(text)?.[1] ?? text;
  if (!/^\d{1,20}$/.test(sign)) return null;
  const day = /[?&]t=(\d{4})(\d{2})(\d{2})T/.exec(text);
  const about = day ? Date.UTC(day[1], day[2] - 1, day[3]) : Date.now() - (DAYS_BACK - 1) * DAY_MS;
  const until = day ? about + 2 * DAY_MS : Date.now() + DAY_MS;
  const period = { since: new Date(about - DAY_MS).toISOString(), until: new Date(until).toISOString() };
  const { sales } = await askAsCashier("FindSaleBySign", { sign, ...period });
  return sales.nodes.find((each) => !each.kind.endsWith("RETURN")) ?? null;
}

/** Money of a part of a line, as the server counts it: the difference of what is back after it and before. */
function part(line, quantity) {
  const [total, sold, before] = [readMoney(line.total), readQuantity(line.quantity), readQuantity(line.returned)];
  const back = (thousandths) => divideHalfUp(BigInt(total) * BigInt(thousandths), sold);
  return back(before + quantity) - back(before);
}

function left(line) {
  return readQuantity(line.quantity) - readQuantity(line.returned);
}

/** An administrator's PIN for one document. */
export function Approve({ action, registerId, onApproved, onClose }) {
  const [people, setPeople] = useState(null);
  const [chosen, setChosen] = useState(null);
  const [pin, setPin] = useState("");
  const [isBusy, error, run] = useAction();
  if (people === null && !isBusy && !error) {
    void run(async () => {
      const { operators } = await askAsDevice("Cashiers", { registerId, after: null });
      const found = operators.nodes.filter((each) => each.role === "ADMINISTRATOR" && each.hasPin);
      setPeople(found);
      if (found.length === 1) setChosen(found[0]);
    });
  }
  const approve = () =>
    run(async () => {
      try {
        const { token } = await tellAsCashier("Approve", { action, operatorId: chosen.id, pin, registerId });
        onApproved(token);
      } finally {
        setPin("");
      }
    });
  return html`<${Dialog} title=${t("needs_administrator")} onClose=${onClose}>
    ${!chosen && html`<ul class="choices">${(people ?? []).map((each) => html`<li key=${each.id}><button onClick=${() => setChosen(each)}><b>${each.name}</b></button></li>`)}</ul>`}
    ${people?.length === 0 && html`<p>${t("no_administrators")}</p>`}
    ${chosen && html`<p><b>${chosen.name}</b></p><p class="dots">${"●".repeat(pin.length) || html`<span class="soft">${t("enter_pin")}</span>`}</p>
      <${Keypad} value=${pin} onChange=${setPin} onEnter=${pin.length >= 4 && !isBusy ? approve : null} enterText=${t("approve")} isSecret />`}
    <${Problem} error=${error} />
  </${Dialog}>`;
}
