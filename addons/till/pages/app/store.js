// What outlives the page: the device and its session, goods, every sale from before it is shown as paid, and
// every card payment from before it begins.

import { openDB } from "./idb.js";

const NAME = "sauda-till";
const VERSION = 2;

let opening = null;

function database() {
  opening ??= openDB(NAME, VERSION, {
    upgrade(db, before) {
      if (before < 1) {
        db.createObjectStore("facts");
        db.createObjectStore("goods", { keyPath: "id" });
        const sales = db.createObjectStore("sales", { keyPath: "saleKey" });
        sales.createIndex("fate", ["state", "at"]);
        sales.createIndex("at", "at");
      }
      db.createObjectStore("payments", { keyPath: "paymentKey" });
    },
    terminated() {
      opening = null; // the browser closed it: the next question opens it again
    },
  });
  return opening;
}

/** Ask the browser not to throw the database away when space is short; whether it agreed. */
export async function keepForGood() {
  return (await navigator.storage?.persist?.()) ?? false;
}

export async function fact(name) {
  return (await database()).get("facts", name);
}

export async function setFact(name, value) {
  await (await database()).put("facts", value, name);
}

export async function dropFact(name) {
  await (await database()).delete("facts", name);
}

export async function allGoods() {
  return (await database()).getAll("goods");
}

/** Change goods in one go: rows to keep, ids to drop, and where to go on from. */
export async function changeGoods(rows, gone, cursor) {
  const transaction = (await database()).transaction(["goods", "facts"], "readwrite");
  const goods = transaction.objectStore("goods");
  for (const row of rows) goods.put(row);
  for (const id of gone) goods.delete(id);
  transaction.objectStore("facts").put(cursor, "goods cursor");
  await transaction.done;
}

/** Put all goods in place of those that are kept: whole or not at all. */
export async function replaceGoods(rows, cursor) {
  const transaction = (await database()).transaction(["goods", "facts"], "readwrite");
  const goods = transaction.objectStore("goods");
  goods.clear();
  for (const row of rows) goods.put(row);
  transaction.objectStore("facts").put(cursor, "goods cursor");
  await transaction.done;
}

/** Durable when this returns: nothing is "paid" before. */
export async function putSale(sale) {
  const transaction = (await database()).transaction("sales", "readwrite", { durability: "strict" });
  transaction.store.put(sale);
  await transaction.done;
}

/** One sale as it is kept now; undefined when this device did not make it. */
export async function saleOf(saleKey) {
  return saleKey ? (await database()).get("sales", saleKey) : undefined;
}

/** All sales of a state, the oldest first. */
export async function salesIn(state) {
  return (await database()).getAllFromIndex("sales", "fate", IDBKeyRange.bound([state], [state, []]));
}

/** The last sales, whatever became of them, the newest first. */
export async function latestSales(count) {
  const found = [];
  let cursor = await (await database()).transaction("sales").store.index("at").openCursor(null, "prev");
  while (cursor && found.length < count) {
    found.push(cursor.value);
    cursor = await cursor.continue();
  }
  return found;
}

/** Forget sales of a state that were made before a moment. */
export async function dropSales(state, before) {
  const transaction = (await database()).transaction("sales", "readwrite");
  let cursor = await transaction.store.index("fate").openCursor(IDBKeyRange.bound([state], [state, before]));
  while (cursor) {
    await cursor.delete();
    cursor = await cursor.continue();
  }
  await transaction.done;
}

/** A card payment that is about to begin; durable when this returns. */
export async function putPayment(payment) {
  const transaction = (await database()).transaction("payments", "readwrite", { durability: "strict" });
  transaction.store.put(payment);
  await transaction.done;
}

/** Card payments that stand on no receipt yet, the oldest first. */
export async function keptPayments() {
  return (await (await database()).getAll("payments")).sort((a, b) => a.at - b.at);
}

export async function dropPayment(paymentKey) {
  await (await database()).delete("payments", paymentKey);
}

/** Forget everything: the device is given up. */
export async function forgetAll() {
  const db = await database();
  const transaction = db.transaction(["facts", "goods", "sales", "payments"], "readwrite");
  for (const name of ["facts", "goods", "sales", "payments"]) transaction.objectStore(name).clear();
  await transaction.done;
}
