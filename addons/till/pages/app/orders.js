// Orders of exchange that an administrator gives to this till: test the link, send what waits, load the goods.
// The states and who sets them: docs/device.md.

import { can } from "./api.js";
import * as goods from "./goods.js";
import { drain, outlook } from "./sales.js";
import { askAsDevice, tellAsDevice } from "./session.js";

let toApply = []; // orders whose goods are here and wait for an empty cart

function report(exchangeId, state, more = {}) {
  return tellAsDevice("ReportOrder", { input: { exchangeId, state, ...more } });
}

/** Answer every open order as far as it goes now. Raises Away and the like. */
export async function answer(registerId) {
  if (!can("Orders")) return;
  const { catalogExchanges } = await askAsDevice("Orders");
  for (const order of catalogExchanges.nodes) {
    if (toApply.includes(order.id)) continue;
    if (order.kind === "TEST_LINK") {
      await report(order.id, "APPLIED");
    } else if (order.kind === "FETCH_SALES") {
      const before = outlook().count;
      await report(order.id, "EXCHANGING");
      await drain();
      if (outlook().count === 0) await report(order.id, "APPLIED", { movedCount: before });
    } else {
      await report(order.id, "EXCHANGING");
      await goods.fetchChanges(registerId, { isFull: order.isFull });
      await report(order.id, "READY");
      toApply.push(order.id);
    }
  }
}

/** Put the goods that came in place, when the cart is empty, and say so to who ordered them. */
export async function apply(registerId) {
  const movedCount = await goods.applyChanges(registerId);
  if (movedCount === null) return;
  const applied = toApply;
  toApply = [];
  for (const id of applied) await report(id, "APPLIED", { movedCount });
}
