// Receipts of the register, and every sale key this till ever gave out with its fate.

import { readMoney, showMoney } from "../money.js";
import { html, useEffect, useState } from "../preact.js";
import { drain, onSales, sendAgain, settle } from "../sales.js";
import { askAsCashier } from "../session.js";
import { latestSales } from "../store.js";
import { moment, t } from "../texts.js";
import { Dialog, Problem, useAction } from "../widgets.js";
import { receiptById } from "./receipt.js";

const SHOWN_MAX = 200;

export function History({ registerId, outlook, onReceipt, onClose }) {
  const [tab, setTab] = useState(outlook.count ? "keys" : "receipts");
  const [receipts, setReceipts] = useState(null);
  const [keys, setKeys] = useState([]);
  const [isBusy, error, run] = useAction();

  const readKeys = async () => setKeys(await latestSales(SHOWN_MAX));
  useEffect(() => {
    void readKeys();
    return onSales(readKeys);
  }, []);
  useEffect(() => {
    run(async () => setReceipts((await askAsCashier("LastDocuments", { registerId, after: null })).sales.nodes));
  }, []);

  const show = (id) => run(async () => onReceipt(await receiptById(id)));
  const refused = keys.filter((sale) => sale.state === "REFUSED");

  return html`<${Dialog} title=${t("receipts")} onClose=${onClose} wide>
    <div class="segments" role="group" aria-label=${t("receipts")}>
      <button aria-pressed=${tab === "receipts"} onClick=${() => setTab("receipts")}>${t("of_register")}</button>
      <button aria-pressed=${tab === "keys"} onClick=${() => setTab("keys")}>${t("of_this_till")}${outlook.count + refused.length ? ` · ${outlook.count + refused.length}` : ""}</button>
    </div>
    <${Problem} error=${error} />
    ${tab === "receipts" &&
    html`<ul class="list">
      ${(receipts ?? []).map(
        (sale) => html`<li key=${sale.id}><button disabled=${isBusy} onClick=${() => show(sale.id)}>
          <span><b>${sale.documentNumber ? `№ ${sale.documentNumber}` : "—"}</b> ${t(`kind_${sale.kind.toLowerCase()}`)}<span class="soft">${moment(sale.createdAt)} · ${sale.operatorName}</span></span>
          <span class="digits">${sale.kind.endsWith("RETURN") ? "−" : ""}${showMoney(readMoney(sale.total))} ₸<span class="badge ${badge(sale.state)}">${t(`state_${sale.state.toLowerCase()}`)}</span></span>
        </button></li>`,
      )}
      ${receipts?.length === 0 && html`<li class="soft empty">${t("no_receipts")}</li>`}
    </ul>`}
    ${tab === "keys" &&
    html`${outlook.count > 0 && html`<div class="row"><p>${t("waiting_now", { count: outlook.count, since: moment(outlook.since) })}</p><button onClick=${drain}>${t("send_now")}</button></div>`}
    <p class="soft">${t("keys_lead")}</p>
    <ul class="list">
      ${keys.map(
        (sale) => html`<li key=${sale.saleKey} class="key">
          <span><b>${showMoney(sale.total)} ₸</b> ${moment(sale.at)}<span class="soft">${sale.operator} · ${sale.saleKey}</span>
          ${sale.refusal && html`<span class=${sale.state === "REFUSED" ? "problem" : "soft"}>${sale.refusal.message}</span>`}</span>
          <span><span class="badge ${fateBadge(sale)}">${t(fateText(sale))}</span>
          ${sale.state === "REFUSED" && html`<button onClick=${() => run(() => sendAgain(sale))}>${t("send_again")}</button><button class="quiet" onClick=${() => settle(sale, "settled by hand")}>${t("settled")}</button>`}</span>
        </li>`,
      )}
    </ul>`}
  </${Dialog}>`;
}

function badge(state) {
  return { FISCALIZED: "ok", OFFLINE: "warn", PENDING: "warn", REJECTED: "danger" }[state] ?? "";
}

function fateBadge(sale) {
  return { WAITING: "warn", ACCEPTED: "warn", REFUSED: "danger", DONE: sale.note ? "" : "ok" }[sale.state];
}

function fateText(sale) {
  return sale.note ? "fate_settled" : `fate_${sale.state.toLowerCase()}`;
}
