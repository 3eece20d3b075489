// Hears that there are news of the catalogue; what they are is asked for elsewhere.

import { can } from "./api.js";
import { listen } from "./live.js";

/** Call `onHead({seq, orderedAt})` as long as the connection stands, again and again; returns what ends it. */
export function follow(token, onHead) {
  if (!can("Head")) return () => null;
  return listen("Head", {}, () => token, ({ catalogHead }) => onHead(catalogHead));
}
