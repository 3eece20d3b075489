// Goods in memory, searched at every key; kept equal to the register's catalogue by the change feed
// (docs/device.md). A catalogue is put in place whole: a till never sells from half of one.

import { parsePercent, readMoney, readQuantity } from "./money.js";
import { askAsDevice, tellAsDevice } from "./session.js";
import { allGoods, changeGoods, dropFact, fact, replaceGoods } from "./store.js";

const SHOWN_MAX = 60;
const PAGES_MAX = 2_000; // of one fetch, two thousand rows each
const MODULUS = 2_147_483_647n; // of the feed's checksum

// One letter for those that hands and ears confuse.
const FOLD = {
  ә: "а", ғ: "г", қ: "к", ң: "н", ө: "о", ұ: "у", ү: "у", һ: "х", і: "и", ё: "е", й: "и", ь: "", ъ: "",
};
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
const CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю";
const TO_CYRILLIC = Object.fromEntries([...LATIN].map((sign, place) => [sign, CYRILLIC[place]]));

export function fold(text) {
  return [...text.toLowerCase()].map((sign) => FOLD[sign] ?? sign).join("");
}

/** What was meant if the keyboard stood in English. */
function retyped(text) {
  return fold([...text.toLowerCase()].map((sign) => TO_CYRILLIC[sign] ?? sign).join(""));
}

const rows = new Map(); // everything of the catalogue by id, as it is kept
let shown = []; // products and packages, by name
let byBarcode = new Map(); // → {row, quantity in thousandths}
let byCode = new Map();
let shownGroups = []; // [id, name] of those that have goods, by name
const listeners = new Set();

/** Call when the goods have changed. */
export function onGoods(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function count() {
  return shown.length;
}

function index() {
  byBarcode = new Map();
  byCode = new Map();
  shown = [...rows.values()].filter((row) => row.kind !== "group");
  for (const row of shown) {
    row.folded ??= fold(`${row.name} ${row.nameKk}`);
    if (row.code !== undefined) byCode.set(String(row.code), row);
    for (const { barcode, quantity } of row.barcodes) byBarcode.set(barcode, { row, quantity });
  }
  const used = new Set(shown.flatMap((row) => row.groups));
  const named = [...rows.values()].filter((row) => row.kind === "group" && used.has(row.id));
  shownGroups = named.map(({ id, name }) => [id, name]).sort((a, b) => a[1].localeCompare(b[1], "ru"));
  shown.sort((a, b) => a.name.localeCompare(b.name, "ru"));
  for (const listener of listeners) listener();
}

function take(all) {
  rows.clear();
  for (const row of all) rows.set(row.id, row);
  index();
}

/** Read what the device keeps. */
export async function load() {
  take(await allGoods());
}

function once(barcode) {
  return { barcode, quantity: 1000 };
}

function rowOfCard(card) {
  const codes = card.barcodes.map((each) => ({ barcode: each.barcode, quantity: readQuantity(each.quantity) }));
  for (const each of [card.gtin, card.ntin]) {
    if (each && !codes.some((known) => known.barcode === each)) codes.push(once(each));
  }
  return {
    kind: "card",
    id: card.id,
    version: card.version,
    code: card.code,
    name: card.characteristic ? `${card.name} (${card.characteristic})` : card.name,
    nameKk: card.nameKk,
    barcodes: codes,
    prices: card.prices.map(({ since, price }) => ({ since: since ? Date.parse(since) : 0, price: readMoney(price) })),
    unit: card.unitName,
    isMarked: card.isMarked,
    isPriceEditable: card.isPriceEditable,
    discountBp: parsePercent(card.discountPercent) ?? 0,
    markupBp: parsePercent(card.markupPercent) ?? 0,
    groups: card.groupIds,
  };
}

function rowOfBundle(bundle) {
  return {
    kind: "bundle",
    id: bundle.id,
    version: bundle.version,
    name: bundle.name,
    nameKk: bundle.nameKk,
    barcodes: bundle.barcode ? [once(bundle.barcode)] : [],
    lines: bundle.lines.map((line) => ({ productId: line.productId, quantity: readQuantity(line.quantity) })),
    groups: [],
  };
}

/** A product that the server found by a scan, for a till that does not have it yet; price as of this register. */
export function rowOf({ product, price }) {
  const card = { ...product, characteristic: "", groupIds: [], version: "0" };
  card.barcodes = product.barcodes.map((barcode) => ({ barcode, quantity: "1" }));
  card.prices = [{ since: null, price }];
  return rows.get(product.id) ?? rowOfCard(card);
}

/** What it costs at this moment, in tiyn; null when the cashier types it. A package: the sum of its goods. */
export function priceOf(row, now = Date.now()) {
  if (row.kind === "bundle") {
    let sum = 0;
    for (const { productId, quantity } of row.lines) {
      const product = rows.get(productId);
      const price = product && priceOf(product, now);
      if (price == null) return null;
      sum += Math.round((price * quantity) / 1000);
    }
    return sum;
  }
  return row.prices.filter(({ since }) => since <= now).at(-1)?.price ?? null;
}

/** The price of a product by its id; null when it is not here. */
export function priceById(id) {
  const row = rows.get(id);
  return row ? priceOf(row) : null;
}

/** Products of a package with their quantities; null when one of them is not for sale here. */
export function unfold(bundle) {
  const found = bundle.lines.map(({ productId, quantity }) => ({ product: rows.get(productId), quantity }));
  return found.every(({ product }) => product) ? found : null;
}

function isWhole(page) {
  if (page.count !== rows.size) return false;
  let sum = 0n;
  for (const { version } of rows.values()) sum = (sum + BigInt(version) * BigInt(version)) % MODULUS;
  return sum === BigInt(page.checksum);
}

// What has come and is not in place yet: {rows: Map, gone: Set, cursor, isLoad, page}; page once it is complete.
let incoming = null;

function fresh(cursor) {
  return { rows: new Map(), gone: new Set(), cursor, isLoad: cursor === null, page: null };
}

/** Whether a complete catalogue waits to be put in place. */
export function isReady() {
  return incoming?.page != null;
}

/** Take what has changed, as the device; all of it anew when `isFull`. Raises Away and the like. */
export async function fetchChanges(registerId, { isFull = false } = {}) {
  if (isFull) incoming = fresh(null);
  incoming ??= fresh((await fact("goods cursor")) ?? null);
  incoming.page = null;
  for (let number = 0; number < PAGES_MAX; number++) {
    const { catalogChanges: page } = await askAsDevice("Changes", { registerId, cursor: incoming.cursor });
    if (page.mustRefetch) {
      incoming = fresh(null);
      continue;
    }
    const came = [
      ...page.cards.map(rowOfCard),
      ...page.bundles.map(rowOfBundle),
      ...page.groups.map((group) => ({ kind: "group", id: group.id, version: group.version, name: group.name })),
    ];
    for (const row of came) {
      incoming.rows.set(row.id, row);
      incoming.gone.delete(row.id);
    }
    for (const id of page.tombstones) {
      incoming.rows.delete(id);
      incoming.gone.add(id);
    }
    incoming.cursor = page.nextCursor ?? incoming.cursor;
    if (page.upToDate) {
      incoming.page = page;
      return;
    }
  }
}

/** Put in place what has come, whole; how many rows it were, null when it is not complete. */
export async function applyChanges(registerId) {
  if (!isReady()) return null;
  const { rows: came, gone, cursor, isLoad, page } = incoming;
  incoming = null;
  if (isLoad) {
    await replaceGoods([...came.values()], cursor);
    take(came.values());
  } else if (came.size || gone.size || cursor !== (await fact("goods cursor"))) {
    await changeGoods([...came.values()], gone, cursor);
    for (const row of came.values()) rows.set(row.id, row);
    for (const id of gone) rows.delete(id);
    if (came.size || gone.size) index();
  }
  const isVerified = page.count === null || isWhole(page);
  if (!isVerified) await dropFact("goods cursor"); // the next fetch loads everything
  await tellAsDevice("Ack", { input: { registerId, cursor, isVerified } });
  return came.size + gone.size;
}

/** Groups that have goods: [id, name], by name. */
export function groups() {
  return shownGroups;
}

/** What a code names exactly: {row, quantity}, or null. */
export function exact(code) {
  const plain = code.trim();
  const row = byCode.get(plain);
  return byBarcode.get(plain) ?? byBarcode.get(plain.replace(/^0+/, "")) ?? (row ? { row, quantity: 1000 } : null);
}

/** Goods whose name has every word, beginnings of words first; those of a group when one is chosen. */
export function search(text, group = "") {
  const plain = text.trim();
  const among = group ? shown.filter((row) => row.groups.includes(group)) : shown;
  if (!plain) return among.slice(0, SHOWN_MAX);
  const found = exact(plain);
  if (found) return [found.row];
  const forms = [fold(plain), retyped(plain)].map((form) => form.split(/\s+/));
  const beginning = [];
  const inside = [];
  for (const row of among) {
    const words = forms.find((form) => form.every((word) => row.folded.includes(word)));
    if (!words) continue;
    (row.folded.startsWith(words[0]) || row.folded.includes(` ${words[0]}`) ? beginning : inside).push(row);
    if (beginning.length >= SHOWN_MAX) break;
  }
  return [...beginning, ...inside].slice(0, SHOWN_MAX);
}
