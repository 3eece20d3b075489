// What this device says of itself: after the binding, and whenever it has changed.

import { can, settings } from "./api.js";
import { hasCamera } from "./camera.js";
import { currentDevice, tellAsDevice } from "./session.js";
import { fact, setFact } from "./store.js";
import { language } from "./texts.js";

/** What people call the device until they name it: system and browser. */
export function deviceTitle() {
  const agent = navigator.userAgentData;
  return [agent?.platform ?? navigator.platform, agent?.brands?.at(-1)?.brand ?? ""].filter(Boolean).join(" ") || "till";
}

async function said() {
  const agent = navigator.userAgentData;
  const { model = "" } = (await agent?.getHighEntropyValues?.(["model"]).catch(() => null)) ?? {};
  const facts = {
    language: language(),
    screen: `${screen.width}×${screen.height}`,
    touch: String(navigator.maxTouchPoints > 0),
    camera: String(hasCamera),
    installed: String(matchMedia("(display-mode: standalone)").matches),
    kept: String((await navigator.storage?.persisted?.()) ?? false),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  return {
    model: [model, deviceTitle()].filter(Boolean).join(", "),
    version: settings.version,
    settings: Object.entries(facts).map(([name, value]) => ({ name, value })),
  };
}

/** Tell the server, unless it was told the same before. Raises Away, SignedOut or Declined. */
export async function reportDevice() {
  const device = currentDevice();
  if (!device || !can("ReportDevice")) return;
  const report = await said();
  const text = JSON.stringify([device.deviceId, report]);
  if (text === (await fact("reported"))) return;
  await tellAsDevice("ReportDevice", report);
  await setFact("reported", text);
}
