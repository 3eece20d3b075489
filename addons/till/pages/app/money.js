// Money in tiyn, quantities in thousandths, percents in basis points: whole numbers everywhere.
// Rounding is the server's: half up, once per line (addons/trade/domain/cart.py).

const SEPARATOR = /[\s\u00a0\u202f]/g;

export function divideHalfUp(amount, by) {
  const doubled = 2n * BigInt(amount) + BigInt(by);
  const whole = doubled / (2n * BigInt(by));
  return Number(whole);
}

/** "1 234,5" → 123450; null when it is not a sum. */
export function parseMoney(text) {
  return parseScaled(text, 2);
}

/** "0,25" → 250; null when it is not a quantity. */
export function parseQuantity(text) {
  return parseScaled(text, 3);
}

/** "12,5" → 1250; null when it is not a percent. */
export function parsePercent(text) {
  return parseScaled(text, 2);
}

function parseScaled(text, digits) {
  const found = /^(\d{1,12})(?:[.,](\d+))?$/.exec(String(text).replace(SEPARATOR, ""));
  if (!found || (found[2] ?? "").length > digits) return null;
  return Number(found[1]) * 10 ** digits + Number((found[2] ?? "").padEnd(digits, "0"));
}

/** 123450 → "1 234,50"; whole tenge without the tail. */
export function showMoney(tiyn) {
  const sign = tiyn < 0 ? "−" : "";
  const size = Math.abs(tiyn);
  const whole = String(Math.floor(size / 100)).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  const rest = size % 100;
  return `${sign}${whole}${rest ? `,${String(rest).padStart(2, "0")}` : ""}`;
}

/** 123450 → "1234.50", as the server reads it. */
export function moneyText(tiyn) {
  const size = Math.abs(tiyn);
  return `${tiyn < 0 ? "-" : ""}${Math.floor(size / 100)}.${String(size % 100).padStart(2, "0")}`;
}

/** "1234.50" of the server → 123450. */
export function readMoney(text) {
  if (text == null) return null;
  const isNegative = text.startsWith("-");
  const [whole, rest = ""] = text.replace("-", "").split(".");
  const size = Number(whole) * 100 + Number(rest.padEnd(2, "0"));
  return isNegative ? -size : size;
}

/** "0.250" of the server → 250. */
export function readQuantity(text) {
  const [whole, rest = ""] = text.split(".");
  return Number(whole) * 1000 + Number(rest.padEnd(3, "0"));
}

/** 1500 → "1.5", as the server reads it. */
export function quantityText(thousandths) {
  return String(thousandths / 1000);
}

/** 1500 → "1,5". */
export function showQuantity(thousandths) {
  return quantityText(thousandths).replace(".", ",");
}

/** Sum of a line: price × quantity. */
export function times(price, thousandths) {
  return divideHalfUp(BigInt(price) * BigInt(thousandths), 1000);
}

/** That many basis points of a sum. */
export function share(amount, basisPoints) {
  return divideHalfUp(BigInt(amount) * BigInt(basisPoints), 10_000);
}
