// How the goods of this till stand against the server's, and the orders it was given.

import { can } from "../api.js";
import * as goods from "../goods.js";
import { html, useEffect, useState } from "../preact.js";
import { askAsDevice, tellAsDevice } from "../session.js";
import { moment, t } from "../texts.js";
import { Dialog, Problem, useAction } from "../widgets.js";

export function Exchange({ onFetch, onClose }) {
  const [link, setLink] = useState(null);
  const [took, setTook] = useState(null);
  const [isBusy, error, run] = useAction();
  const look = async () => can("CatalogLink") && setLink((await askAsDevice("CatalogLink")).catalogLink);
  useEffect(() => void run(look), []);

  const test = () =>
    run(async () => {
      const begun = performance.now();
      await tellAsDevice("TestLink");
      setTook(Math.round(performance.now() - begun));
      await look();
    });
  const fetchNow = () =>
    run(async () => {
      await onFetch();
      await look();
    });
  const follower = link?.followers[0];

  return html`<${Dialog} title=${t("exchange")} onClose=${onClose}>
    <dl class="facts">
      <div><dt>${t("goods_here")}</dt><dd>${goods.count()}</dd></div>
      ${follower && html`<div><dt>${t("goods_as_of")}</dt><dd>${moment(follower.ackedAt)}</dd></div>
      <div><dt>${t("goods_waiting")}</dt><dd>${follower.waitingCount}</dd></div>`}
      ${took !== null && html`<div><dt>${t("link_test")}</dt><dd>${t("milliseconds", { count: took })}</dd></div>`}
    </dl>
    <${Problem} error=${error} />
    <div class="row">${can("TestLink") && html`<button disabled=${isBusy} onClick=${test}>${t("link_test")}</button>`}<button class="primary" disabled=${isBusy} onClick=${fetchNow}>${t("fetch_goods")}</button></div>
    <ul class="list">
      ${(link?.exchanges ?? []).map(
        (each) => html`<li key=${each.id} class="key"><span>${t(`order_${each.kind.toLowerCase()}`)}<span class="soft">${moment(each.createdAt)}${each.note && ` · ${each.note}`}</span></span>
        <span class="badge ${each.state === "APPLIED" ? "ok" : each.state === "FAILED" ? "danger" : "warn"}">${t(`order_${each.state.toLowerCase()}`)}</span></li>`,
      )}
    </ul>
  </${Dialog}>`;
}
