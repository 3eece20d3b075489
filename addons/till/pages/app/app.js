// Which screen is shown: enrolment, cashiers, selling.

import { settings } from "./api.js";
import { html, useEffect, useState } from "./preact.js";
import { onSales, outlook } from "./sales.js";
import { currentDevice, recall, signOut } from "./session.js";
import { fact, forgetAll, setFact } from "./store.js";
import { LANGUAGES, language, speak, t } from "./texts.js";
import { Cashiers } from "./screens/cashiers.js";
import { Enrol } from "./screens/enrol.js";
import { Selling } from "./screens/selling.js";

const STRICT = { offlineHours: 0, offlineSales: 0 };

export function App({ device: knownDevice, cashier: knownCashier }) {
  const [device, setDevice] = useState(knownDevice);
  const [cashier, setCashier] = useState(knownCashier);
  const [rules, setRules] = useState(STRICT);
  const [view, setView] = useState(outlook());
  const [, setLanguage] = useState(language());
  const [isNew, setNew] = useState(false);

  useEffect(() => onSales(() => setView(outlook())), []);
  useEffect(() => {
    void fact("cashiers").then((known) => known && setRules(known.rules));
  }, [cashier]);
  useEffect(() => {
    const worker = navigator.serviceWorker;
    if (!worker) return;
    const hadOne = Boolean(worker.controller);
    const look = (registration) => registration?.waiting && hadOne && setNew(true);
    void worker.ready.then((registration) => {
      look(registration);
      registration.addEventListener("updatefound", () =>
        registration.installing?.addEventListener("statechange", () => look(registration)),
      );
    });
    const reload = () => hadOne && location.reload();
    worker.addEventListener("controllerchange", reload);
    return () => worker.removeEventListener("controllerchange", reload);
  }, []);

  async function choose(each) {
    speak(each);
    setLanguage(each);
    await setFact("language", each);
  }

  async function leave() {
    await signOut();
    setCashier(null);
  }

  async function forget() {
    await forgetAll();
    location.reload();
  }

  async function update() {
    const registration = await navigator.serviceWorker.ready;
    registration.waiting?.postMessage("take over");
  }

  const bar = html`<nav class="languages" aria-label=${t("language")}>
    ${LANGUAGES.map((each) => html`<button key=${each} lang=${each} aria-pressed=${each === language()} onClick=${() => choose(each)}>${t(`language_${each}`)}</button>`)}
  </nav>`;
  const news = isNew && view.count === 0 && html`<button class="news" onClick=${update}>${t("new_version")}</button>`;

  if (!device) {
    return html`${bar}${news}<${Enrol} onDone=${() => setDevice(currentDevice())} />`;
  }
  if (!cashier) {
    const signedIn = async () => setCashier((await recall()).cashier);
    return html`${bar}${news}<${Cashiers} device=${device} unsent=${view.count} onSignedIn=${signedIn} onForget=${forget} />`;
  }
  return html`<${Selling}
    device=${device} cashier=${cashier} rules=${rules} outlook=${view} version=${settings.version}
    news=${news} languages=${bar} onLeave=${leave} onSignedOut=${() => setCashier(null)}
  />`;
}
