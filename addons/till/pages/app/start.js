// The beginning: what the device remembers, the service worker, then the screen.

import { html, render } from "./preact.js";
import { App } from "./app.js";
import { reportDevice } from "./device.js";
import { load } from "./goods.js";
import { resume } from "./sales.js";
import { recall } from "./session.js";
import { fact } from "./store.js";
import { speak } from "./texts.js";

const LOOK_FOR_NEWS_MS = 10 * 60 * 1000;

async function start() {
  speak((await fact("language")) ?? document.documentElement.lang);
  const known = await recall();
  await load();
  const root = document.getElementById("till");
  root.replaceChildren();
  render(html`<${App} device=${known.device} cashier=${known.cashier} />`, root);
  void reportDevice().catch(() => null); // without an answer: at the next start
  await resume();
  if ("serviceWorker" in navigator) {
    const registration = await navigator.serviceWorker.register("/pos/worker.js", { scope: "/pos" });
    setInterval(() => registration.update().catch(() => null), LOOK_FOR_NEWS_MS);
  }
}

void start();
