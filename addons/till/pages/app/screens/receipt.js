// What the buyer gets: the receipt, or, until somebody answers, a paper that says it is none yet.

import { can } from "../api.js";
import { readMoney, showMoney, showQuantity } from "../money.js";
import { html, useEffect, useState } from "../preact.js";
import { onSales } from "../sales.js";
import { askAsCashier, tellAsCashier } from "../session.js";
import { saleOf } from "../store.js";
import { language, moment, t } from "../texts.js";
import { Dialog, Field, Problem, Qr, useAction, useKeys } from "../widgets.js";

/** sale: as sales.js keeps it, its `result` as the server answered. */
export function Receipt({ sale: given, onClose }) {
  const [sale, setSale] = useState(given);
  const [email, setEmail] = useState("");
  const [done, setDone] = useState("");
  const [isBusy, error, run] = useAction();
  const result = sale.result;

  useEffect(
    () =>
      onSales(async () => {
        const now = await saleOf(sale.saleKey);
        if (now) setSale(now);
      }),
    [sale.saleKey],
  );
  useKeys(
    (event) => {
      if (event.key !== "Enter" || document.activeElement?.tagName === "INPUT") return;
      event.preventDefault();
      event.stopPropagation();
      onClose();
    },
    { capture: true },
  );

  const print = () =>
    run(async () => {
      if (can("PrintReceipt")) {
        try {
          await tellAsCashier("PrintReceipt", { saleId: result.id, copies: 1 });
          setDone(t("sent_to_printer"));
          return;
        } catch (problem) {
          if (!["PRINTER_NONE", "PRINTER_NOT_CHOSEN"].includes(problem.code)) throw problem;
        }
      }
      window.print(); // no printer of the outlet: the browser's own
    });
  const mail = () =>
    run(async () => {
      await tellAsCashier("SendReceipt", { saleId: result.id, email: email.trim(), language: { ru: "RU", kk: "KK" }[language()] ?? "BOTH" });
      setDone(t("sent_to", { email: email.trim() }));
    });
  const change = result ? readMoney(result.change) : 0;

  return html`<${Dialog} title=${result ? t(`state_${result.state.toLowerCase()}`) : t("not_fiscal_yet")} onClose=${onClose} wide>
    ${change > 0 && html`<div class="change big-change"><span>${t("change")}</span><b class="digits">${showMoney(change)} ₸</b></div>`}
    <div class="receipt">
      <div class="paper-column">${result?.receiptText ? html`<pre class="paper" tabindex="0">${result.receiptText}</pre>` : html`<${Waiting} sale=${sale} />`}</div>
      <div class="beside">
        ${result?.qrText && html`<${Qr} text=${result.qrText} label=${t("qr_label")} />`}
        ${result?.rejection && html`<${Problem} error=${result.rejection} />`}
        ${!result && html`<p class="soft">${t("waits_hint")}</p>`}
        ${result && html`<div class="row"><button onClick=${print} disabled=${isBusy}>${t("print")}</button><a class="button" href=${result.receiptUrl} target="_blank" rel="noreferrer">${t("page_of_receipt")}</a></div>`}
        ${result && can("SendReceipt") && html`<div class="mail"><${Field} label=${t("buyer_email")} type="email" value=${email} onInput=${setEmail} onEnter=${mail} /><button disabled=${isBusy || !email.includes("@")} onClick=${mail}>${t("send")}</button></div>`}
        ${done && html`<p class="ok" role="status">${done}</p>`}
        <${Problem} error=${error} />
        <button class="primary big" autofocus onClick=${onClose}>${t("next_sale")}<kbd>Enter</kbd></button>
      </div>
    </div>
  </${Dialog}>`;
}

function Waiting({ sale }) {
  return html`<div class="paper waiting">
    <p class="stamp">${t("not_fiscal_stamp")}</p>
    <p>${moment(sale.at)} · ${sale.operator}</p>
    <ul>${sale.lines.map((line) => html`<li key=${line.name}><span>${line.name}</span><span>${showQuantity(line.quantity)} × ${showMoney(line.price)} = ${showMoney(line.total)}</span></li>`)}</ul>
    <p class="total">${t("total")} ${showMoney(sale.total)} ₸</p>
    <p class="soft small">${sale.saleKey}</p>
  </div>`;
}

/** A receipt out of the list: the same view, found by its id. */
export async function receiptById(id) {
  const { sale } = await askAsCashier("SaleById", { id });
  return sale && { state: "DONE", saleKey: sale.saleKey, result: { ...sale, receiptText: sale.receipt?.text ?? sale.receiptText, change: "0.00" }, lines: [], total: readMoney(sale.total) };
}
