// Who sells: a name and a PIN.

import { can } from "../api.js";
import { html, useEffect, useState } from "../preact.js";
import { askAsDevice, askAsCashier, signIn } from "../session.js";
import { fact, setFact } from "../store.js";
import { t } from "../texts.js";
import { Keypad, Problem, useAction, useKeys } from "../widgets.js";

const PIN_MIN = 4;
const STAGES = { pin: "enter_pin", new: "new_pin", again: "new_pin_again" };

/** Operators of the register and the company's rules: from the server, else as they were last. */
async function readCashiers(registerId) {
  const operators = [];
  let after = null;
  let answer;
  do {
    answer = await askAsDevice("Cashiers", { registerId, after });
    operators.push(...answer.operators.nodes);
    after = answer.operators.pageInfo.hasNextPage ? answer.operators.pageInfo.endCursor : null;
  } while (after);
  const found = { operators, rules: answer.tillRules, company: answer.me?.company ?? null };
  await setFact("cashiers", found);
  return found;
}

export function Cashiers({ device, onSignedIn, onForget, unsent }) {
  const [known, setKnown] = useState(null);
  const [chosen, setChosen] = useState(null);
  const [pin, setPin] = useState("");
  const [stage, setStage] = useState("pin"); // then perhaps "new" and "again": a PIN of one's own
  const [present, setPresent] = useState("");
  const [fresh, setFresh] = useState("");
  const [test, setTest] = useState(null);
  const [isBusy, error, run, setError] = useAction();

  useEffect(() => {
    run(async () => {
      setKnown((await fact("cashiers")) ?? null);
      setKnown(await readCashiers(device.registerId));
    });
  }, []);

  function choose(person) {
    setChosen(person);
    startAt("pin");
    setError(null);
  }

  function startAt(next, typed = "") {
    setStage(next);
    setPresent(typed);
    setFresh("");
    setPin("");
  }

  function enter() {
    if (stage === "pin") return signInWith(pin, null);
    if (stage === "new") return setFresh(pin), setPin(""), setStage("again"), setError(null);
    if (pin === fresh) return signInWith(present, fresh);
    startAt("new", present);
    setError({ message: t("pins_differ") });
  }

  const signInWith = (typed, newPin) =>
    run(async () => {
      try {
        await signIn(chosen.id, typed, newPin);
      } catch (problem) {
        const isOfNew = problem.field === "newPin"; // he must choose one, or it was not good
        startAt(isOfNew ? "new" : "pin", isOfNew ? typed : "");
        throw problem;
      }
      setPin("");
      if (!can("SelfTest")) return onSignedIn();
      const { selfTest } = await askAsCashier("SelfTest", { registerId: device.registerId });
      if (selfTest.isGood) onSignedIn();
      else setTest(selfTest);
    });

  useKeys((event) => {
    if (!chosen || test) return;
    if (/^\d$/.test(event.key)) setPin((before) => before + event.key);
    else if (event.key === "Backspace") setPin((before) => before.slice(0, -1));
    else if (event.key === "Enter" && pin.length >= PIN_MIN) enter();
    else if (event.key === "Escape") choose(null);
    else return;
    event.preventDefault();
  });

  if (test) return html`<${SelfTest} test=${test} onContinue=${onSignedIn} />`;
  return html`<main class="narrow">
    <h1>${device.company || "Sauda"}</h1>
    <p class="soft">№ ${device.number} ${device.title}${device.outlet && ` · ${device.outlet}`}</p>
    <${Problem} error=${error} />
    ${!chosen &&
    html`<ul class="choices people">
        ${(known?.operators ?? []).map(
          (person) => html`<li key=${person.id}>
            <button disabled=${!person.hasPin} onClick=${() => choose(person)}>
              <b>${person.name}</b><span class="soft">${person.hasPin ? t(`role_${person.role.toLowerCase()}`) : t("no_pin")}</span>
            </button>
          </li>`,
        )}
      </ul>
      ${known && !known.operators.length && html`<p>${t("no_cashiers")}</p>`}
      <p class="below">
        <button class="quiet" disabled=${unsent > 0} onClick=${onForget} title=${unsent ? t("unsent_first", { count: unsent }) : ""}>${t("unbind")}</button>
      </p>`}
    ${chosen &&
    html`<section class="pin">
      <h2>${chosen.name}</h2>
      <p class="dots" aria-label=${t("pin_digits", { count: pin.length })}>${"●".repeat(pin.length) || html`<span class="soft">${t(STAGES[stage])}</span>`}</p>
      <${Keypad} value=${pin} onChange=${setPin} onEnter=${pin.length >= PIN_MIN && !isBusy ? enter : null} enterText=${t(stage === "new" ? "next" : "sign_in")} isSecret />
      ${stage === "pin" && html`<button class="quiet" disabled=${pin.length < PIN_MIN} onClick=${() => startAt("new", pin)}>${t("change_pin")}</button>`}
      <button class="quiet" onClick=${() => choose(null)}>${t("another_cashier")}</button>
    </section>`}
  </main>`;
}

/** Ticks and crosses before the first sale. */
export function SelfTest({ test, onContinue }) {
  return html`<main class="narrow">
    <h1>${t("self_test")}</h1>
    <ul class="ticks">
      ${test.lines.map(
        (line) => html`<li key=${line.check} class=${line.isGood ? "good" : line.severity.toLowerCase()}>
          <b aria-hidden="true">${line.isGood ? "✓" : "✕"}</b>
          <div>${line.title}<span class="soft">${line.message}</span>${!line.isGood && line.nextAction && html`<span>${line.nextAction}</span>`}</div>
        </li>`,
      )}
    </ul>
    <button class="primary big" disabled=${!test.canWork} autofocus onClick=${onContinue}>${test.canWork ? t("to_selling") : t("cannot_sell")}</button>
  </main>`;
}
