// The keys, on one card.

import { html } from "../preact.js";
import { t } from "../texts.js";
import { Dialog } from "../widgets.js";

const KEYS = [
  ["Enter", "key_pay"], ["Enter Enter", "key_exact"], ["F2", "key_search"], ["F4", "key_line"], ["F6", "key_discount"],
  ["F7", "key_return"], ["F8", "key_card"], ["F9", "key_cash"], ["F10", "key_park"], ["Ctrl Z", "key_undo"], ["Esc", "key_close"],
  ["?", "key_help"],
];

export function Help({ onClose }) {
  return html`<${Dialog} title=${t("keys")} onClose=${onClose}>
    <p class="soft">${t("keys_scan")}</p>
    <dl class="facts keys">
      ${KEYS.map(([key, text]) => html`<div key=${key}><dt>${key.split(" ").map((each) => html`<kbd>${each}</kbd> `)}</dt><dd>${t(text)}</dd></div>`)}
    </dl>
  </${Dialog}>`;
}
