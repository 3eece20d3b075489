// Sales from the moment they are made: written here before they count as paid, sent in their order, never
// twice (the server knows the sale key), kept until their fate is known.
//
//   WAITING   written; nobody knows whether the server has it
//   ACCEPTED  the server has it, its fiscal sign is still to come
//   DONE      fiscal, online or autonomously
//   REFUSED   the server would not take it: a person must look at it

import { Away, Declined, SignedOut } from "./api.js";
import { askAsCashier, tellAsCashier } from "./session.js";
import { dropSales, putSale, saleOf, salesIn } from "./store.js";

const WAIT_MS = 8_000; // for the fiscal sign, at the server
const WAITED_MS = 60_000; // from then on the server is told when it was sold
const FIRST_PAUSE_MS = 2_000;
const PAUSE_MAX_MS = 60_000;
const KEPT_MS = 40 * 24 * 3600 * 1000; // sales whose fate is known
const FINAL = new Set(["FISCALIZED", "OFFLINE"]);

const listeners = new Set();
let waiting = [];
let draining = null;
let pauseMs = FIRST_PAUSE_MS;
let timer = null;
let isAway = false;

/** Call when something became of a sale or of the link. */
export function onSales(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed() {
  for (const listener of listeners) listener();
}

/** How many sales wait, since when, and whether the server is out of reach. */
export function outlook() {
  return { count: waiting.length, since: waiting[0]?.at ?? null, isAway };
}

export function setAway(away) {
  if (isAway !== away) {
    isAway = away;
    changed();
  }
}

/** Read what waits from before the page was opened, and send it. */
export async function resume() {
  waiting = [...(await salesIn("WAITING")), ...(await salesIn("ACCEPTED"))].sort((a, b) => a.at - b.at);
  changed();
  void drain();
  await dropSales("DONE", Date.now() - KEPT_MS);
}

/** Why no further sale may wait here: a text key, or null. */
export function limitReached(rules) {
  if (waiting.length >= rules.offlineSales) return "offline_too_many";
  const since = waiting[0]?.at;
  if (since && Date.now() - since >= rules.offlineHours * 3600 * 1000) return "offline_too_long";
  return null;
}

/** Write a sale down, then try to have it taken. The sale as it is afterwards; WAITING when nobody answered. */
export async function sell(sale) {
  const written = { ...sale, state: "WAITING", at: Date.now(), result: null, refusal: null };
  await putSale(written);
  waiting.push(written);
  changed();
  await drain();
  return saleOf(sale.saleKey);
}

async function became(sale, patch) {
  const now = { ...sale, ...patch };
  await putSale(now);
  if (now.state === "DONE" || now.state === "REFUSED") {
    waiting = waiting.filter((each) => each.saleKey !== sale.saleKey);
  } else {
    waiting = waiting.map((each) => (each.saleKey === sale.saleKey ? now : each));
  }
  changed();
}

function fate(answer) {
  if (answer.state === "REJECTED") return { state: "REFUSED", result: answer, refusal: answer.rejection };
  return { state: FINAL.has(answer.state) ? "DONE" : "ACCEPTED", result: answer };
}

async function send(sale) {
  if (sale.state === "WAITING") {
    const hasWaited = Date.now() - sale.at > WAITED_MS;
    const input = hasWaited ? { ...sale.input, soldAt: new Date(sale.at).toISOString() } : sale.input;
    return fate(await tellAsCashier("Sell", { input, wait: WAIT_MS }));
  }
  const { saleByKey } = await askAsCashier("SaleByKey", { saleKey: sale.saleKey });
  return saleByKey ? fate(saleByKey) : { state: "WAITING" };
}

/** Send what waits, the oldest first, until the server is away. Safe to call at any time. */
export function drain() {
  draining ??= sendAll().finally(() => {
    draining = null;
    clearTimeout(timer);
    if (waiting.length) {
      timer = setTimeout(drain, pauseMs);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    }
  });
  return draining;
}

async function sendAll() {
  let place = 0; // those accepted stay where they are until their sign comes
  while (place < waiting.length) {
    const sale = waiting[place];
    try {
      const patch = await send(sale);
      pauseMs = FIRST_PAUSE_MS;
      setAway(false);
      await became(sale, patch);
      if (patch.state === "ACCEPTED" || patch.state === "WAITING") place += 1;
    } catch (error) {
      if (error instanceof Declined) {
        setAway(false);
        const { code, message, nextAction } = error;
        await became(sale, { state: "REFUSED", refusal: { code, message, nextAction } });
      } else if (error instanceof Away) {
        setAway(true);
        return;
      } else if (error instanceof SignedOut) {
        return; // whoever signs in next sends it
      } else {
        throw error;
      }
    }
  }
}

/** Send a refused sale once more, by somebody who may more. */
export async function sendAgain(sale) {
  await became(sale, { state: "WAITING", refusal: null });
  if (!waiting.some((each) => each.saleKey === sale.saleKey)) {
    waiting = [...waiting, { ...sale, state: "WAITING", refusal: null }].sort((a, b) => a.at - b.at);
  }
  await drain();
}

/** Say that a person has settled a refused sale in another way; it stays in the list. */
export async function settle(sale, note) {
  await putSale({ ...sale, state: "DONE", note });
  changed();
}
