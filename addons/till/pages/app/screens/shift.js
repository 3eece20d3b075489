// Cash into the drawer and out of it, X report, close of the shift.

import { can } from "../api.js";
import { moneyText, parseMoney, readMoney, showMoney } from "../money.js";
import { html, useState } from "../preact.js";
import { tellAsCashier } from "../session.js";
import { moment, t } from "../texts.js";
import { Dialog, Field, Problem, useAction } from "../widgets.js";
import { Approve } from "./returns.js";

const WAIT_MS = 8_000;
const NEEDS_APPROVAL = "APPROVAL_REQUIRED";

export function Shift({ kkm, registerId, rights, unsent, onChanged, onClose }) {
  const [cash, setCash] = useState("");
  const [keys, setKeys] = useState(() => fresh());
  const [paper, setPaper] = useState("");
  const [asks, setAsks] = useState(null); // {action, again}
  const [said, setSaid] = useState("");
  const [isBusy, error, run] = useAction();
  const amount = parseMoney(cash);

  function fresh() {
    return { cash: crypto.randomUUID(), report: crypto.randomUUID(), close: crypto.randomUUID() };
  }

  /** Do it; with an administrator's word when one is asked for. The key stays the same until it is done. */
  const doing = (action, what) => {
    const once = (approval) =>
      run(async () => {
        try {
          await what(approval);
          setKeys(fresh());
          onChanged();
        } catch (problem) {
          if (problem.code !== NEEDS_APPROVAL || !can("Approve")) throw problem;
          setAsks({ action, again: once });
        }
      });
    return once(null);
  };

  const move = (name) =>
    doing("CASH_WITHDRAWAL", async (approval) => {
      await tellAsCashier(name, { input: { registerId, cashKey: keys.cash, amount: moneyText(amount), approval }, wait: WAIT_MS });
      setSaid(t(name === "Deposit" ? "deposited" : "withdrawn", { sum: showMoney(amount) }));
      setCash("");
    });
  const report = () =>
    doing("", async () => {
      const answer = await tellAsCashier("XReport", { input: { registerId, key: keys.report }, wait: WAIT_MS });
      setPaper(answer.paper?.text ?? t("report_waits"));
    });
  const closeShift = () =>
    doing("SHIFT_CLOSE", async (approval) => {
      const answer = await tellAsCashier("CloseShift", { input: { registerId, key: keys.close }, wait: WAIT_MS, approval });
      setPaper(answer.paper?.text ?? t("report_waits"));
    });

  if (asks) {
    return html`<${Approve} action=${asks.action} registerId=${registerId} onApproved=${(token) => (setAsks(null), asks.again(token))} onClose=${() => setAsks(null)} />`;
  }
  return html`<${Dialog} title=${t("shift_and_cash")} onClose=${onClose} wide>
    ${kkm &&
    html`<dl class="facts">
      <div><dt>${t("shift")}</dt><dd>${kkm.shift.isOpen ? `№ ${kkm.shift.number}` : t("shift_closed")}</dd></div>
      ${kkm.shift.openedAt && kkm.shift.isOpen && html`<div><dt>${t("opened")}</dt><dd>${moment(kkm.shift.openedAt)}</dd></div>`}
      <div><dt>${t("documents")}</dt><dd>${kkm.shift.documents}</dd></div>
      <div><dt>${t("drawer")}</dt><dd class="digits">${showMoney(readMoney(kkm.drawer))} ₸</dd></div>
      <div><dt>${t("revenue")}</dt><dd class="digits">${showMoney(readMoney(kkm.revenue))} ₸</dd></div>
      ${kkm.undelivered > 0 && html`<div><dt>${t("undelivered")}</dt><dd>${kkm.undelivered}</dd></div>`}
    </dl>`}
    <div class="row cash-move">
      <${Field} label=${t("sum")} value=${cash} onInput=${setCash} inputmode="decimal" />
      <button disabled=${!(amount > 0) || isBusy} onClick=${() => move("Deposit")}>${t("deposit")}</button>
      <button disabled=${!(amount > 0) || isBusy} onClick=${() => move("Withdraw")}>${t("withdraw")}</button>
    </div>
    ${said && html`<p class="ok" role="status">${said}</p>`}
    <${Problem} error=${error} />
    <div class="row">
      ${rights.includes("fiscal_kz.report") && can("XReport") && html`<button disabled=${isBusy} onClick=${report}>${t("x_report")}</button>`}
      ${can("CloseShift") && html`<button class="danger" disabled=${isBusy || unsent > 0 || !kkm?.shift.isOpen} title=${unsent ? t("unsent_first", { count: unsent }) : ""} onClick=${closeShift}>${t("close_shift")}</button>`}
    </div>
    ${paper && html`<pre class="paper" tabindex="0">${paper}</pre><div class="row"><button onClick=${() => window.print()}>${t("print")}</button></div>`}
  </${Dialog}>`;
}
