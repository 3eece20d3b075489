// The small windows of the selling screen: a line, a discount, a free item, a price, a mark; and the mark of the link.

import { parseMoney, parsePercent, parseQuantity, quantityText, showMoney, showQuantity } from "../money.js";
import { html, useState } from "../preact.js";
import { readMark } from "../scanner.js";
import { t } from "../texts.js";
import { Dialog, Field } from "../widgets.js";

/** Whether the server and the OFD are reached, and what waits. */
export function Link({ kkm, outlook, onClick }) {
  const [kind, text] = outlook.isAway
    ? ["warn", t("link_away", { count: outlook.count })]
    : outlook.count
      ? ["warn", t("link_sending", { count: outlook.count })]
      : kkm && kkm.block !== "NONE"
        ? ["danger", t("link_blocked")]
        : kkm && kkm.link !== "ONLINE"
          ? ["warn", t("link_autonomous", { count: kkm.undelivered })]
          : ["ok", t("link_online")];
  return html`<button class="badge ${kind}" onClick=${onClick}>
    ${text}${kkm?.shift.isEnding ? html` · ${t("shift_ends", { hours: Math.max(0, Math.floor((kkm.shift.secondsLeft ?? 0) / 3600)) })}` : ""}
  </button>`;
}

export function FreePosition({ onAdd, onClose }) {
  const [name, setName] = useState("");
  const [price, setPrice] = useState("");
  const [quantity, setQuantity] = useState("1");
  const tiyn = parseMoney(price);
  const thousandths = parseQuantity(quantity);
  const isReady = name.trim().length > 0 && tiyn > 0 && thousandths > 0;
  const done = () => isReady && onAdd(name.trim(), tiyn, thousandths);
  return html`<${Dialog} title=${t("free_position")} onClose=${onClose}>
    <${Field} label=${t("name")} value=${name} onInput=${setName} autofocus onEnter=${done} />
    <${Field} label=${t("price")} value=${price} onInput=${setPrice} inputmode="decimal" onEnter=${done} />
    <${Field} label=${t("quantity")} value=${quantity} onInput=${setQuantity} inputmode="decimal" onEnter=${done} />
    <button class="primary big" disabled=${!isReady} onClick=${done}>${t("add")}</button>
  </${Dialog}>`;
}

export function Amount({ title, label, onDone, onClose }) {
  const [text, setText] = useState("");
  const tiyn = parseMoney(text);
  const done = () => tiyn > 0 && onDone(tiyn);
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <${Field} label=${label} value=${text} onInput=${setText} inputmode="decimal" autofocus onEnter=${done} />
    <button class="primary big" disabled=${!(tiyn > 0)} onClick=${done}>${t("add")}</button>
  </${Dialog}>`;
}

export function Mark({ window_, onMark, onClose }) {
  const [text, setText] = useState("");
  const [isWrong, setWrong] = useState(false);
  window_.onCode = (code) => {
    const found = readMark(code);
    if (found) onMark(found.mark);
    else setWrong(true);
  };
  return html`<${Dialog} title=${window_.product.name} onClose=${onClose}>
    <p>${t("scan_mark")}</p>
    <${Field} label=${t("mark")} value=${text} onInput=${setText} autofocus onEnter=${() => window_.onCode(text)} />
    ${isWrong && html`<p class="problem" role="alert">${t("not_a_mark")}</p>`}
  </${Dialog}>`;
}

export function Line({ line, mayPrice, onChange, onRemove, onClose }) {
  const [quantity, setQuantity] = useState(showQuantity(line.quantity));
  const [price, setPrice] = useState(line.price === null ? "" : showMoney(line.price));
  const [discount, setDiscount] = useState(line.reduction?.basisPoints !== undefined ? quantityText(line.reduction.basisPoints * 10) : "");
  const thousandths = parseQuantity(quantity);
  const tiyn = parseMoney(price);
  const basisPoints = discount === "" ? null : parsePercent(discount);
  const isReady = thousandths > 0 && tiyn > 0 && (discount === "" || (basisPoints !== null && basisPoints < 10_000));
  const done = () =>
    isReady && onChange({ quantity: thousandths, price: tiyn, reduction: basisPoints === null ? line.reduction?.amount ? line.reduction : null : { basisPoints } });
  return html`<${Dialog} title=${line.name} onClose=${onClose}>
    <${Field} label=${t("quantity")} value=${quantity} onInput=${setQuantity} inputmode="decimal" disabled=${line.isMarked} autofocus onEnter=${done} />
    <${Field} label=${t("price")} value=${price} onInput=${setPrice} inputmode="decimal" disabled=${!mayPrice} hint=${mayPrice ? "" : t("price_fixed")} onEnter=${done} />
    <${Field} label=${t("discount_percent")} value=${discount} onInput=${setDiscount} inputmode="decimal" onEnter=${done} />
    <div class="row"><button class="danger" onClick=${onRemove}>${t("remove")}</button><button class="primary" disabled=${!isReady} onClick=${done}>${t("done")}</button></div>
  </${Dialog}>`;
}

export function Discount({ base, now, onDone, onClose }) {
  const [isPercent, setPercent] = useState(now?.amount === undefined);
  const [text, setText] = useState(now === null ? "" : now.amount === undefined ? quantityText(now.basisPoints * 10) : showMoney(now.amount));
  const size = isPercent ? parsePercent(text) : parseMoney(text);
  const isReady = size > 0 && (isPercent ? size < 10_000 : size < base);
  const done = () => isReady && onDone(isPercent ? { basisPoints: size } : { amount: size });
  return html`<${Dialog} title=${t("discount_receipt")} onClose=${onClose}>
    <div class="row"><button aria-pressed=${isPercent} onClick=${() => setPercent(true)}>%</button><button aria-pressed=${!isPercent} onClick=${() => setPercent(false)}>₸</button></div>
    <${Field} label=${isPercent ? t("discount_percent") : t("discount_money")} value=${text} onInput=${setText} inputmode="decimal" autofocus onEnter=${done} />
    <div class="row">${now && html`<button class="danger" onClick=${() => onDone(null)}>${t("remove")}</button>`}<button class="primary" disabled=${!isReady} onClick=${done}>${t("done")}</button></div>
  </${Dialog}>`;
}

export function CameraSign() {
  return html`<svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true">
    <path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M8 8v8M12 8v8M16 8v8" />
  </svg>`;
}
