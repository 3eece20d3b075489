// The screen where selling happens: what is looked for on the left, the cart on the right.

import { add, addFree, addLabel, discountAll, EMPTY, lineSums, obstacle, ONE, remove, replace, reprice, saleInput, totals, undo } from "../cart.js";
import { Away, can, SignedOut } from "../api.js";
import * as cards from "../cards.js";
import { hasCamera } from "../camera.js";
import * as goods from "../goods.js";
import { follow } from "../head.js";
import { readMoney, readQuantity, showMoney, showQuantity } from "../money.js";
import * as orders from "../orders.js";
import { html, useEffect, useMemo, useRef, useState } from "../preact.js";
import { drain, limitReached, sell, settle } from "../sales.js";
import { listen, readMark } from "../scanner.js";
import { askAsCashier, askAsDevice, tellAsCashier } from "../session.js";
import { fact, setFact } from "../store.js";
import { t } from "../texts.js";
import { Dialog, useKeys } from "../widgets.js";
import { Camera } from "./camera.js";
import { CardPay, FiscalTrouble, Unclaimed } from "./card.js";
import { Exchange } from "./exchange.js";
import { Help } from "./help.js";
import { History } from "./history.js";
import { Pay } from "./pay.js";
import { Receipt } from "./receipt.js";
import { Returns } from "./returns.js";
import { Shift } from "./shift.js";
import { Amount, CameraSign, Discount, FreePosition, Line, Link, Mark } from "./windows.js";

const LOOK_EVERY_MS = 30_000; // at the register's state
const GOODS_EVERY_MS = 60_000; // beside the news over the socket
const NOTE_MS = 4_000;
const PRICES_CHANGED = ["SALE_PRICE_FIXED", "SALE_TOTAL_DIFFERS"];
const IS_CODE = /^\d{6,}$|^01\d{14}21/; // a bar code or a mark, even one that is not known here

/** Payments with so much more in cash. */
function withCash(others, more) {
  const before = others.find((each) => each.kind === "CASH")?.amount ?? 0;
  return [{ kind: "CASH", amount: before + more }, ...others.filter((each) => each.kind !== "CASH")];
}

export function Selling({ device, cashier, rules, outlook, version, news, languages, onLeave, onSignedOut }) {
  const [cart, setCart] = useState(EMPTY);
  const [text, setText] = useState("");
  const [group, setGroup] = useState("");
  const [revision, setRevision] = useState(0); // of the goods
  const [window_, open] = useState(null); // {name, …}: the dialog that is open
  const [note, setNote] = useState(null);
  const [kkm, setKkm] = useState(null);
  const [rights, setRights] = useState([]);
  const [parked, setParked] = useState([]);
  const [tab, setTab] = useState("goods"); // on a phone
  const [terminals, setTerminals] = useState([]);
  const field = useRef(null);
  const here = useRef({});
  const sums = totals(cart);
  const hindered = obstacle(cart);
  const found = useMemo(() => goods.search(text, group), [text, group, revision]);
  const registerId = device.registerId;
  const mayGiveBack = can("VoidCard") && rights.includes("pos_terminal.pay"); // the own one, before its receipt
  const mayReturn = can("RefundCard") && rights.includes("pos_terminal.refund");

  function say(message, kind = "info") {
    setNote({ message, kind, at: Date.now() });
  }

  async function guarded(action) {
    try {
      return await action();
    } catch (error) {
      if (error instanceof SignedOut) onSignedOut();
      else if (!(error instanceof Away)) say(error.message, "danger");
      return null;
    }
  }

  // What is known of the register, and the goods

  async function look() {
    if (!can("RegisterState")) return;
    const answer = await guarded(() => askAsCashier("RegisterState", { registerId }));
    if (answer?.kkm) setKkm(answer.kkm);
    await guarded(lookForTerminals);
  }

  async function fetchGoods() {
    await guarded(async () => {
      await orders.answer(registerId);
      await goods.fetchChanges(registerId);
      if (here.current.isFree) await orders.apply(registerId);
    });
  }

  useEffect(() => {
    const stop = goods.onGoods(() => setRevision((before) => before + 1));
    void fact("cart").then((kept) => kept && setCart(kept));
    void fact("parked").then((kept) => kept && setParked(kept));
    void fact("rights").then((kept) => kept && setRights(kept));
    void drain();
    const looking = setInterval(look, LOOK_EVERY_MS);
    const fetching = setInterval(fetchGoods, GOODS_EVERY_MS);
    const unfollow = follow(device.deviceToken, () => void fetchGoods());
    return () => (stop(), unfollow(), clearInterval(looking), clearInterval(fetching));
  }, []);
  const isFree = cart.lines.length === 0 && !window_; // new goods never come into an open cart
  useEffect(() => {
    if (isFree && goods.isReady()) void guarded(() => orders.apply(registerId));
  }, [isFree]);
  useEffect(() => {
    if (outlook.isAway) return; // as soon as the server answers, and once at the start
    void look();
    void guarded(lookForCards);
    void fetchGoods();
    void guarded(() => askAsCashier("Me")).then(async (answer) => {
      if (!answer?.me) return;
      setRights(answer.me.permissions);
      await setFact("rights", answer.me.permissions);
    });
  }, [outlook.isAway]);
  useEffect(() => void setFact("cart", { ...cart, past: [] }), [cart.lines, cart.discount]);
  useEffect(() => {
    const timer = note && setTimeout(() => setNote(null), NOTE_MS);
    return () => clearTimeout(timer);
  }, [note]);

  async function lookForTerminals() {
    const found = await cards.terminalsHere(registerId);
    setTerminals(found.map((each) => ({ ...each, isMine: each.operatorId === cashier.operator.id })));
  }

  /** Money taken by card that stands on no receipt. */
  async function lookForCards() {
    const found = await cards.unclaimed(registerId);
    if (found.length && !here.current.window_) open({ name: "unclaimed", found });
  }

  // Goods into the cart

  function take(row, { mark = null, quantity = ONE } = {}) {
    setText("");
    if (row.kind === "bundle") return takeBundle(row);
    const price = goods.priceOf(row);
    if (row.isMarked && mark === null) open({ name: "mark", product: row, price });
    else if (price === null || (price === 0 && row.isPriceEditable)) open({ name: "price", product: row, mark });
    else {
      setCart((before) => add(before, row, { price, mark, quantity }));
      say(`${row.name} · ${showMoney(price)} ₸`, "ok");
    }
  }

  function takeBundle(bundle) {
    const parts = goods.unfold(bundle);
    if (!parts || parts.some(({ product }) => goods.priceOf(product) === null || product.isMarked)) {
      return say(t("bundle_apart", { name: bundle.name }), "danger");
    }
    setCart((before) => parts.reduce((all, { product, quantity }) => add(all, product, { price: goods.priceOf(product), quantity }), before));
    say(bundle.name, "ok");
  }

  async function takeCode(code) {
    const mark = readMark(code);
    const found_ = mark ? (goods.exact(mark.gtin) ?? goods.exact(code)) : goods.exact(code);
    if (mark && here.current.cart.lines.some((line) => line.marks.includes(mark.mark))) return say(t("mark_twice"), "danger");
    if (found_) {
      const { row, quantity } = found_;
      return take(row, { mark: row.isMarked ? (mark?.mark ?? null) : null, quantity: row.isMarked ? ONE : quantity });
    }
    const answer = can("Scan") && (await guarded(() => askAsDevice("Scan", { registerId, text: code })));
    if (!answer?.scan || !takeScanned(code, answer.scan)) say(t("unknown_code", { code }), "danger");
  }

  /** What the server read in a code that this till does not know; false when it is not for sale here. */
  function takeScanned(code, { item, bundle, mark, price, quantity }) {
    if (bundle) {
      takeBundle({ ...bundle, lines: bundle.lines.map((line) => ({ productId: line.item.product.id, quantity: readQuantity(line.quantity) })) });
      return true;
    }
    if (!item?.product || item.product.isArchived || !item.isInAssortment) return false;
    const row = goods.rowOf(item);
    if (mark?.isSold) say(t("mark_sold"), "danger");
    else if (price !== null) setCart((before) => addLabel(before, row, code, readMoney(price)));
    else take(row, { mark: mark?.text ?? null, quantity: readQuantity(quantity) });
    return true;
  }

  here.current = { cart, takeCode, window_, isFree };
  useEffect(
    () =>
      listen(
        (code) => (here.current.window_ ? here.current.window_.onCode(code) : here.current.takeCode(code)),
        () => !here.current.window_ || Boolean(here.current.window_.onCode),
      ),
    [],
  );

  // Paying

  async function pay(payments, taken = []) {
    const saleKey = crypto.randomUUID();
    const sale = {
      saleKey,
      registerId,
      operator: cashier.operator.name,
      total: sums.total,
      lines: cart.lines.map((line) => ({ name: line.name, quantity: line.quantity, price: line.price, total: lineSums(line).total })),
      payments,
      input: saleInput(cart, payments, { saleKey, registerId }),
    };
    const ended = await sell(sale);
    if (ended.state === "REFUSED") {
      if (!ended.result || taken.length) await settle(ended, "back in the cart"); // nothing came of it
      return open(taken.length ? { name: "fiscal trouble", sale: ended, taken } : { name: "refused", sale: ended });
    }
    await cards.forget(taken);
    setCart(EMPTY);
    setTab("goods");
    open({ name: "receipt", sale: ended });
    void look();
  }

  /** A sale is paid by cards at a terminal; what they have paid already stays paid. */
  function payByCard(bill, { taken = [], going = null } = {}) {
    open({ name: "card", bill, taken, going, at: Date.now() });
  }

  /** Cards have paid all of it: the receipt, unless none was wanted. */
  async function paidByCard(payments, taken) {
    if (!window_.bill.isPlain) return pay(payments, taken);
    await cards.forget(taken);
    close();
    say(t("card_paid_plain", { sum: showMoney(window_.bill.due) }), "ok");
  }

  /** Tiyn that the terminal cannot take: in cash, or off the receipt. */
  function round(how, odd) {
    const { bill, taken } = window_;
    if (how === "cash") return payByCard({ ...bill, due: bill.due - odd, others: withCash(bill.others, odd) }, { taken });
    setCart((before) => discountAll(before, { amount: odd }));
    open(null);
  }

  /** Go on with a payment that stands on no receipt, and with the others of its cart. */
  async function resumeCard({ payment }) {
    const same = JSON.stringify(payment.cart.lines);
    if (!payment.isPlain && cart.lines.length && JSON.stringify(cart.lines) !== same) await park();
    const all = window_.found.filter((each) => (payment.isPlain ? each.payment === payment : JSON.stringify(each.payment.cart.lines) === same));
    if (!payment.isPlain) setCart({ ...payment.cart, past: [] });
    payByCard(
      { cart: payment.cart, due: payment.due, others: payment.others, isPlain: payment.isPlain },
      { taken: all.filter(({ operation }) => operation.state === "APPROVED"), going: all.find(({ operation }) => !cards.hasEnded(operation))?.payment ?? null },
    );
  }

  /** Prices have changed since the goods were put into the cart: take the new ones, and show them. */
  async function takeNewPrices() {
    await guarded(async () => {
      await goods.fetchChanges(registerId);
      await orders.apply(registerId);
      setCart((before) => reprice(before, goods.priceById));
      close();
    });
  }

  function toPay(kind = "CASH") {
    if (hindered) return say(t(hindered), "danger");
    const limit = outlook.isAway || outlook.count ? limitReached(rules) : null;
    if (limit) return say(t(limit), "danger");
    open({ name: "pay", kind });
  }

  async function park() {
    if (!cart.lines.length) return;
    const next = [...parked, { at: Date.now(), cart: { ...cart, past: [] } }];
    setParked(next);
    setCart(EMPTY);
    await setFact("parked", next);
    say(t("parked_note"));
  }

  async function resumeParked(place) {
    if (cart.lines.length) return say(t("cart_not_empty"), "danger");
    const next = parked.filter((_, each) => each !== place);
    setCart(parked[place].cart);
    setParked(next);
    await setFact("parked", next);
    open(null);
  }

  async function giveUp() {
    if (can("CancelSale") && cart.lines.length && !hindered) {
      const { lines } = saleInput(cart, [], { saleKey: "", registerId });
      void guarded(() => tellAsCashier("CancelSale", { input: { saleKey: crypto.randomUUID(), registerId, lines } }));
    }
    setCart(EMPTY);
  }

  function enter(typed) {
    if (goods.exact(typed) || IS_CODE.test(typed)) {
      setText("");
      void takeCode(typed);
    } else if (found.length) take(found[0]);
  }

  // Keys

  useKeys((event) => {
    if (here.current.window_) return;
    const inField = document.activeElement === field.current;
    const keys = {
      F1: () => open({ name: "help" }), F2: () => field.current?.focus(), F4: () => cart.lines.length && open({ name: "line", key: cart.lines.at(-1).key }),
      F6: () => cart.lines.length && open({ name: "discount" }), F7: () => open({ name: "returns" }), F8: () => toPay("CARD"),
      F9: () => toPay("CASH"), F10: park,
    };
    if (event.key in keys) keys[event.key]();
    else if (event.key === "?" && !inField) open({ name: "help" });
    else if (event.key === "z" && (event.ctrlKey || event.metaKey) && !text) setCart(undo);
    else if (event.key === "Enter" && inField && text) enter(text.trim());
    else if (event.key === "Enter" && !text && cart.lines.length && (inField || document.activeElement === document.body)) toPay();
    else if (event.key === "Escape") setText("");
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && document.activeElement === document.body) {
      field.current?.focus();
      return; // the letter goes into the field
    } else return;
    event.preventDefault();
  });

  const close = () => {
    open(null);
    field.current?.focus({ preventScroll: true });
  };

  return html`<div class="selling" data-tab=${tab}>
    <header class="top">
      <button class="quiet" onClick=${() => open({ name: "menu" })} aria-label=${t("menu")}>☰</button>
      <div class="who"><b>${cashier.operator.name}</b><span class="soft">№ ${device.number} ${device.title}</span></div>
      <${Link} kkm=${kkm} outlook=${outlook} onClick=${() => open({ name: "history" })} />
    </header>
    ${news}
    <section class="find" aria-label=${t("goods")}>
      <div class="search">
        <input ref=${field} type="search" value=${text} autofocus enterkeyhint="search" autocomplete="off" spellcheck=${false}
          placeholder=${t("search_hint")} aria-label=${t("search_hint")} onInput=${(event) => setText(event.target.value)} />
        ${hasCamera && html`<button class="icon" onClick=${() => open({ name: "camera" })} aria-label=${t("camera")} title=${t("camera")}><${CameraSign} /></button>`}
        <button onClick=${() => open({ name: "free" })}>${t("free_position")}</button>
      </div>
      ${goods.groups().length > 1 &&
      html`<div class="groups" role="group" aria-label=${t("groups")}>
        <button aria-pressed=${!group} onClick=${() => setGroup("")}>${t("all")}</button>
        ${goods.groups().map(([id, name]) => html`<button key=${id} aria-pressed=${group === id} onClick=${() => setGroup(id)}>${name}</button>`)}
      </div>`}
      <ul class="tiles">
        ${found.map(
          (row) => html`<li key=${row.id}>
            <button onClick=${(event) => (event.currentTarget.blur(), take(row))}>
              <span class="name">${row.name}</span>
              <span class="price">${goods.priceOf(row) === null ? t("no_price") : showMoney(goods.priceOf(row))}${row.isMarked ? html` <abbr title=${t("marked")}>▦</abbr>` : ""}${row.kind === "bundle" ? html` <abbr title=${t("bundle")}>⧉</abbr>` : ""}</span>
            </button>
          </li>`,
        )}
      </ul>
      ${!found.length && html`<p class="soft empty">${text ? t("nothing_found") : goods.count() ? "" : t("no_goods")}</p>`}
    </section>
    <section class="cart" aria-label=${t("cart")}>
      <ol class="lines">
        ${cart.lines.map((line) => {
          const { total, sum } = lineSums(line);
          return html`<li key=${line.key}>
            <button class="line" onClick=${() => open({ name: "line", key: line.key })}>
              <span class="name">${line.name}</span>
              <span class="soft">${showQuantity(line.quantity)} ${line.unit} × ${line.price === null ? "?" : showMoney(line.price)}${line.marks.length ? ` · ▦ ${line.marks.length}` : ""}</span>
              <b class="digits">${showMoney(total)}${sum !== total ? html`<s>${showMoney(sum)}</s>` : ""}</b>
            </button>
            <div class="steps">
              <button aria-label=${t("less", { name: line.name })} disabled=${line.isMarked} onClick=${() => setCart(line.quantity > ONE ? replace(cart, line.key, { quantity: line.quantity - ONE }) : remove(cart, line.key))}>−</button>
              <button aria-label=${t("more", { name: line.name })} disabled=${line.isMarked} onClick=${() => setCart(replace(cart, line.key, { quantity: line.quantity + ONE }))}>+</button>
            </div>
          </li>`;
        })}
      </ol>
      ${!cart.lines.length && html`<p class="soft empty">${t("cart_empty")}</p>`}
      <footer class="sum">
        <div class="tools">
          <button class="quiet" disabled=${!cart.past.length} onClick=${() => setCart(undo)}>${t("undo")}</button>
          <button class="quiet" disabled=${!cart.lines.length} onClick=${() => open({ name: "discount" })}>${t("discount")}</button>
          <button class="quiet" disabled=${!cart.lines.length && !parked.length} onClick=${() => (cart.lines.length ? park() : open({ name: "parked" }))}>${cart.lines.length ? t("park") : t("parked", { count: parked.length })}</button>
          <button class="quiet" disabled=${!cart.lines.length} onClick=${() => open({ name: "give up" })}>${t("give_up")}</button>
        </div>
        ${sums.discount > 0 && html`<div class="reduced"><span>${t("discount")}</span><span class="digits">−${showMoney(sums.discount)}</span></div>`}
        <div class="total"><span>${t("to_pay")}</span><output class="digits" aria-live="polite">${showMoney(sums.total)} ₸</output></div>
        <div class="ways">
          <button class="primary big" disabled=${!cart.lines.length} onClick=${() => toPay("CASH")}>${t("cash")}<kbd>Enter</kbd></button>
          <button class="big" disabled=${!cart.lines.length} onClick=${() => toPay("CARD")}>${t("card")}<kbd>F8</kbd></button>
          <button class="big" disabled=${!cart.lines.length} onClick=${() => toPay("MOBILE")}>${t("mobile")}</button>
        </div>
      </footer>
    </section>
    <nav class="tabs" aria-label=${t("parts")}>
      <button aria-pressed=${tab === "goods"} onClick=${() => setTab("goods")}>${t("goods")}</button>
      <button aria-pressed=${tab === "cart"} onClick=${() => setTab("cart")}>${t("cart")} · ${cart.lines.length} · ${showMoney(sums.total)} ₸</button>
    </nav>
    ${note && html`<div class="note ${note.kind}" role="status" key=${note.at}>${note.message}</div>`}
    ${dialog()}
  </div>`;

  function dialog() {
    switch (window_?.name) {
      case "pay":
        return html`<${Pay} total=${sums.total} kind=${window_.kind} hasTerminal=${terminals.length > 0 && !outlook.isAway} onPay=${pay}
          onCard=${(due, others) => payByCard({ cart: { ...cart, past: [] }, due, others })} onClose=${close} />`;
      case "card":
        return html`<${CardPay} key=${window_.at} bill=${window_.bill} taken=${window_.taken} going=${window_.going} terminals=${terminals} registerId=${registerId} mayGiveBack=${mayGiveBack}
          onDone=${paidByCard} onRound=${round} onClose=${() => (close(), void guarded(lookForCards))} />`;
      case "plain card":
        return html`<${Amount} title=${t("card_plain")} label=${t("card_sum")} onDone=${(due) => payByCard({ cart: EMPTY, due, others: [], isPlain: true })} onClose=${close} />`;
      case "unclaimed":
        return html`<${Unclaimed} found=${window_.found} mayGiveBack=${mayGiveBack} onResume=${resumeCard} onClose=${close}
          onGiveBack=${(each) => payByCard({ cart: each.payment.cart, due: each.payment.due, others: each.payment.others }, { taken: [each] })} />`;
      case "fiscal trouble":
        return html`<${FiscalTrouble} refusal=${window_.sale.refusal ?? {}} taken=${window_.taken} mayGiveBack=${mayGiveBack} onClose=${close} onShift=${() => open({ name: "shift" })}
          onAgain=${() => pay(window_.sale.payments, window_.taken)}
          onGiveBack=${() => payByCard({ cart, due: sums.total, others: [] }, { taken: window_.taken })} />`;
      case "receipt":
        return html`<${Receipt} sale=${window_.sale} onClose=${close} />`;
      case "refused": {
        const { code, message, nextAction } = window_.sale.refusal ?? {};
        const isOld = PRICES_CHANGED.includes(code);
        return html`<${Dialog} title=${t("not_sold")} onClose=${close}>
          <div class="problem" role="alert"><p>${message}</p>${!isOld && nextAction && html`<p class="soft">${nextAction}</p>`}</div>
          <button class="primary big" autofocus onClick=${isOld ? takeNewPrices : close}>${isOld ? t("take_new_prices") : t("back_to_cart")}</button>
        </${Dialog}>`;
      }
      case "free":
        return html`<${FreePosition} onAdd=${(name, price, quantity) => (setCart(addFree(cart, name, price, quantity)), close())} onClose=${close} />`;
      case "price":
        return html`<${Amount} title=${window_.product.name} label=${t("price")} onDone=${(price) => (setCart(add(cart, window_.product, { price, mark: window_.mark })), close())} onClose=${close} />`;
      case "mark":
        return html`<${Mark} window_=${window_} onMark=${(mark) => (setCart(add(cart, window_.product, { price: window_.price, mark })), close())} onClose=${close} />`;
      case "line": {
        const line = cart.lines.find((each) => each.key === window_.key);
        return line ? html`<${Line} line=${line} mayPrice=${line.isPriceFree || rights.includes("trade.free_price")} onChange=${(patch) => (setCart(replace(cart, line.key, patch)), close())} onRemove=${() => (setCart(remove(cart, line.key)), close())} onClose=${close} />` : null;
      }
      case "discount":
        return html`<${Discount} base=${sums.subtotal} now=${cart.discount} onDone=${(discount) => (setCart(discountAll(cart, discount)), close())} onClose=${close} />`;
      case "give up":
        return html`<${Dialog} title=${t("give_up")} onClose=${close}><p>${t("give_up_sure", { sum: showMoney(sums.total) })}</p><button class="danger big" autofocus onClick=${() => (giveUp(), close())}>${t("give_up")}</button></${Dialog}>`;
      case "parked":
        return html`<${Dialog} title=${t("parked", { count: parked.length })} onClose=${close}>
          <ul class="choices">${parked.map((each, place) => html`<li key=${each.at}><button onClick=${() => resumeParked(place)}><b>${showMoney(totals(each.cart).total)} ₸</b><span class="soft">${each.cart.lines.map((line) => line.name).join(", ")}</span></button></li>`)}</ul></${Dialog}>`;
      case "returns":
        return html`<${Returns} window_=${window_} registerId=${registerId} mayGiveBack=${mayReturn} onDone=${(sale) => open({ name: "receipt", sale: { state: "DONE", result: sale, lines: [], total: 0, payments: [] } })} onClose=${close} />`;
      case "shift":
        return html`<${Shift} kkm=${kkm} registerId=${registerId} rights=${rights} unsent=${outlook.count} onChanged=${look} onClose=${close} />`;
      case "history":
        return html`<${History} registerId=${registerId} outlook=${outlook} onReceipt=${(sale) => open({ name: "receipt", sale })} onClose=${close} />`;
      case "exchange":
        return html`<${Exchange} onFetch=${fetchGoods} onClose=${close} />`;
      case "camera":
        return html`<${Camera} onCode=${takeCode} onClose=${close} />`;
      case "help":
        return html`<${Help} onClose=${close} />`;
      case "menu":
        return html`<${Dialog} title=${t("menu")} onClose=${close}>
          <ul class="choices">
            <li><button onClick=${() => open({ name: "returns" })}><b>${t("return")}</b><kbd>F7</kbd></button></li>
            <li><button onClick=${() => open({ name: "shift" })}><b>${t("shift_and_cash")}</b></button></li>
            ${terminals.length > 0 && !outlook.isAway && html`<li><button onClick=${() => open({ name: "plain card" })}><b>${t("card_plain")}</b></button></li>`}
            <li><button onClick=${() => open({ name: "history" })}><b>${t("receipts")}</b></button></li>
            ${parked.length > 0 && html`<li><button onClick=${() => open({ name: "parked" })}><b>${t("parked", { count: parked.length })}</b></button></li>`}
            <li><button onClick=${() => open({ name: "exchange" })}><b>${t("exchange")}</b><span class="soft">${t("goods_count", { count: goods.count() })}</span></button></li>
            <li><button onClick=${() => open({ name: "help" })}><b>${t("keys")}</b><kbd>F1</kbd></button></li>
            <li><button disabled=${outlook.count > 0} onClick=${onLeave}><b>${t("sign_out")}</b><span class="soft">${outlook.count ? t("unsent_first", { count: outlook.count }) : cashier.operator.name}</span></button></li>
          </ul>
          ${languages}
          <p class="soft small">Sauda ${version}</p>
        </${Dialog}>`;
      default:
        return null;
    }
  }
}
