// A cart: pure functions from carts to carts. Sums are only what the cashier sees; the server counts again and
// refuses a sale whose total differs from the one shown.

import { moneyText, quantityText, share, times } from "./money.js";

export const ONE = 1000; // thousandths
const UNDO_MAX = 30; // steps

export const EMPTY = Object.freeze({ lines: [], discount: null, past: [] });

let lastLine = 0;

function changed(cart, lines, discount = cart.discount) {
  const past = [...cart.past, { lines: cart.lines, discount: cart.discount }].slice(-UNDO_MAX);
  return { lines, discount, past };
}

/** Add goods; the same unmarked goods at the same price become one line. */
export function add(cart, product, { price, quantity = ONE, mark = null }) {
  const same = cart.lines.findIndex(
    (line) => !line.isFree && !line.barcode && line.productId === product.id && line.price === price && line.reduction === null,
  );
  if (same >= 0) {
    const line = cart.lines[same];
    if (mark !== null && line.marks.includes(mark)) return cart;
    if (line.isMarked === (mark !== null)) {
      const marks = mark === null ? line.marks : [...line.marks, mark];
      return replace(cart, line.key, { quantity: line.quantity + quantity, marks });
    }
  }
  const line = {
    key: ++lastLine,
    productId: product.id,
    isFree: false,
    name: product.name,
    unit: product.unit,
    price,
    isPriceFree: product.isPriceEditable || price === null,
    quantity,
    isMarked: product.isMarked,
    marks: mark === null ? [] : [mark],
    discountBp: product.discountBp,
    markupBp: product.markupBp,
    reduction: null,
  };
  return changed(cart, [...cart.lines, line]);
}

/** Add goods by the label of a scale: its price is for all of it, and the server reads it from the same code. */
export function addLabel(cart, row, barcode, price) {
  const line = {
    key: ++lastLine, productId: row.id, barcode, isFree: false, name: row.name, unit: "", price, isPriceFree: false,
    quantity: ONE, isMarked: false, marks: [], discountBp: row.discountBp, markupBp: row.markupBp, reduction: null,
  };
  return changed(cart, [...cart.lines, line]);
}

/** Add something that is in no catalogue. */
export function addFree(cart, name, price, quantity = ONE) {
  const line = {
    key: ++lastLine, productId: null, isFree: true, name, unit: "", price, isPriceFree: true, quantity,
    isMarked: false, marks: [], discountBp: 0, markupBp: 0, reduction: null,
  };
  return changed(cart, [...cart.lines, line]);
}

export function replace(cart, key, patch) {
  return changed(cart, cart.lines.map((line) => (line.key === key ? { ...line, ...patch } : line)));
}

export function remove(cart, key) {
  return changed(cart, cart.lines.filter((line) => line.key !== key));
}

/** Discount of the whole receipt: {basisPoints} or {amount} in tiyn, or null. */
export function discountAll(cart, discount) {
  return changed(cart, cart.lines, discount);
}

export function undo(cart) {
  const before = cart.past.at(-1);
  return before ? { ...before, past: cart.past.slice(0, -1) } : cart;
}

/** The same goods at the prices of now: the catalogue has changed under an open cart. priceOf: by product id. */
export function reprice(cart, priceOf) {
  return changed(
    cart,
    cart.lines.map((line) => {
      const price = line.productId === null || line.isPriceFree || line.barcode ? null : priceOf(line.productId);
      return price === null ? line : { ...line, price };
    }),
  );
}

function reduced(base, reduction) {
  if (reduction === null) return 0;
  return reduction.basisPoints !== undefined ? share(base, reduction.basisPoints) : reduction.amount;
}

/** Sum, discount, markup and total of one line. */
export function lineSums(line) {
  const sum = times(line.price ?? 0, line.quantity);
  const discount = line.reduction === null ? share(sum, line.discountBp) : reduced(sum, line.reduction);
  const markup = share(sum, line.markupBp);
  return { sum, discount, markup, total: sum - discount + markup };
}

/** What stands below the cart. */
export function totals(cart) {
  const subtotal = cart.lines.reduce((all, line) => all + lineSums(line).total, 0);
  const discount = reduced(subtotal, cart.discount);
  return { subtotal, discount, total: subtotal - discount };
}

/** Why the cart cannot be paid yet: a text key, or null. */
export function obstacle(cart) {
  if (!cart.lines.length) return "empty";
  if (cart.lines.some((line) => line.price === null)) return "needs_price";
  if (cart.lines.some((line) => line.isMarked && line.marks.length * ONE !== line.quantity)) return "needs_marks";
  if (cart.lines.some((line) => lineSums(line).total <= 0)) return "line_zero";
  if (totals(cart).total <= 0) return "discount_too_large";
  return null;
}

function named(line) {
  if (line.barcode) return { barcode: line.barcode };
  return { ...(line.isFree ? { name: line.name } : { productId: line.productId }), price: moneyText(line.price) };
}

function reductionInput(reduction) {
  if (reduction === null) return null;
  return reduction.basisPoints !== undefined
    ? { basisPoints: reduction.basisPoints }
    : { amount: moneyText(reduction.amount) };
}

/** Input of registerSale. payments: [{kind, amount in tiyn, isElsewhere}]. */
export function saleInput(cart, payments, { saleKey, registerId }) {
  return {
    saleKey,
    registerId,
    expectedTotal: moneyText(totals(cart).total),
    discount: reductionInput(cart.discount),
    lines: cart.lines.map((line) => ({
      ...named(line),
      quantity: quantityText(line.quantity),
      discount: reductionInput(line.reduction),
      marks: line.marks,
    })),
    payments: payments.map(({ kind, amount, isElsewhere = false, operationIds = null }) => ({
      kind, amount: moneyText(amount), isElsewhere, ...(operationIds && { operationIds }),
    })),
  };
}
