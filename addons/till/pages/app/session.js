// Who works here: the device for ever, a cashier until the session ends.

import { Away, ask, SignedOut, tell } from "./api.js";
import { listen } from "./live.js";
import { dropFact, fact, setFact } from "./store.js";
import { language } from "./texts.js";

const EARLY_S = 30; // a token is renewed before it ends

let device = null; // {deviceId, deviceToken, registerId}
let cashier = null; // {operator, register, tokens, until}
let renewing = null;

export async function recall() {
  device = (await fact("device")) ?? null;
  cashier = (await fact("cashier")) ?? null;
  return { device, cashier };
}

export function currentDevice() {
  return device;
}

export async function bindTo(bound) {
  device = bound;
  await setFact("device", bound);
}

async function keepCashier(found) {
  cashier = found;
  await (found ? setFact("cashier", found) : dropFact("cashier"));
}

function dated(tokens) {
  return { ...tokens, until: Date.now() + (tokens.expiresInS - EARLY_S) * 1000 };
}

/** Sign a cashier in by PIN, with a new one from now on when there is one. Raises Declined or Away. */
export async function signIn(operatorId, pin, newPin = null) {
  const found = await tell(
    "SignInCashier",
    { operatorId, pin, newPin, registerId: device.registerId },
    { token: device.deviceToken, language: language() },
  );
  await keepCashier({ operator: found.operator, register: found.register, tokens: dated(found.tokens) });
  return cashier;
}

/** The cashier goes; the server forgets the session when it can be told. */
export async function signOut() {
  const token = cashier?.tokens.accessToken;
  await keepCashier(null);
  if (token) await ask("SignOut", {}, { token }).catch(() => null);
}

/** Ask as the device. */
export function askAsDevice(name, variables = {}) {
  return ask(name, variables, { token: device.deviceToken, language: language() });
}

/** Do as the device. Raises Away, SignedOut or Declined. */
export function tellAsDevice(name, variables = {}) {
  return tell(name, variables, { token: device.deviceToken, language: language() });
}

async function renew() {
  try {
    const tokens = await tell("Refresh", { refreshToken: cashier.tokens.refreshToken }, { language: language() });
    await keepCashier({ ...cashier, tokens: dated(tokens) });
  } catch (error) {
    if (error instanceof Away) throw error;
    await keepCashier(null); // refused: the session is over
    throw new SignedOut();
  }
}

async function token() {
  if (!cashier) throw new SignedOut();
  if (Date.now() >= cashier.tokens.until) {
    renewing ??= renew().finally(() => (renewing = null));
    await renewing;
  }
  return cashier.tokens.accessToken;
}

async function asCashier(how, name, variables) {
  try {
    return await how(name, variables, { token: await token(), language: language() });
  } catch (error) {
    if (!(error instanceof SignedOut) || !cashier) throw error;
    cashier.tokens.until = 0; // the server does not take it any more: once more with a new one
    return how(name, variables, { token: await token(), language: language() });
  }
}

/** Ask as the cashier. Raises Away, SignedOut or Declined. */
export const askAsCashier = (name, variables = {}) => asCashier(ask, name, variables);
/** Listen as the cashier; see live.js. Returns what ends it. */
export const listenAsCashier = (name, variables, onNews, onCut) => listen(name, variables, token, onNews, onCut);
/** Do as the cashier. Raises Away, SignedOut or Declined. */
export const tellAsCashier = (name, variables = {}) => asCashier(tell, name, variables);
