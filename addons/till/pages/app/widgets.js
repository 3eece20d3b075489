// Small pieces that every screen uses.

import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { renderSVG } from "./qr.js";
import { t } from "./texts.js";

/** A window over the screen, closed by Esc or outside of it; the focus stays inside and goes back. */
export function Dialog({ title, onClose, wide = false, children }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    // at once: the next key is meant for the window
    const dialog = element.current;
    dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.firstElementChild).focus(); // never the cross: Enter is for the matter
    return () => dialog.close();
  }, []);
  return html`<dialog
    ref=${element}
    class=${wide ? "dialog wide" : "dialog"}
    aria-label=${title}
    onCancel=${(event) => {
      event.preventDefault();
      onClose();
    }}
    onClick=${(event) => event.target === element.current && onClose()}
  >
    <div class="dialog-body" tabindex="-1">
      <header class="dialog-head">
        <h2>${title}</h2>
        <button type="button" class="quiet" onClick=${onClose} aria-label=${t("close")}>✕</button>
      </header>
      ${children}
    </div>
  </dialog>`;
}

/** What went wrong, and what to do. */
export function Problem({ error }) {
  if (!error) return null;
  return html`<div class="problem" role="alert">
    <p>${error.message}</p>
    ${error.nextAction && html`<p class="soft">${error.nextAction}</p>`}
  </div>`;
}

/** A field with its label. Answers Enter by onEnter. */
export function Field({ label, value, onInput, onEnter, hint, autofocus = false, ...rest }) {
  const input = useRef(null);
  useEffect(() => {
    if (autofocus) input.current?.select();
  }, []);
  return html`<label class="field">
    <span>${label}</span>
    <input
      ref=${input}
      autofocus=${autofocus}
      value=${value}
      onInput=${(event) => onInput(event.target.value)}
      onKeyDown=${(event) => event.key === "Enter" && onEnter && (event.preventDefault(), onEnter())}
      ...${rest}
    />
    ${hint && html`<small>${hint}</small>`}
  </label>`;
}

/** Digits for fingers. `value` is text; onChange gets the new one. */
export function Keypad({ value, onChange, onEnter, comma = false, isSecret = false, enterText = "OK" }) {
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", comma ? "," : "C", "0", "⌫"];
  function press(key) {
    if (key === "⌫") onChange(value.slice(0, -1));
    else if (key === "C") onChange("");
    else onChange(value + key);
  }
  return html`<div class="keypad" data-secret=${isSecret}>
    ${keys.map((key) => html`<button type="button" key=${key} onClick=${() => press(key)} aria-label=${key === "⌫" ? t("erase") : key}>${key}</button>`)}
    ${onEnter && html`<button type="button" class="primary enter" onClick=${onEnter}>${enterText}</button>`}
  </div>`;
}

/** A QR code of a text, for buyers to scan. */
export function Qr({ text, label }) {
  const svg = renderSVG(text, { border: 2, ecc: "M" });
  return html`<div class="qr" role="img" aria-label=${label} dangerouslySetInnerHTML=${{ __html: svg }}></div>`;
}

/** Runs one thing at a time: `[isBusy, error, run]`. */
export function useAction() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const isMounted = useRef(true);
  useEffect(() => () => (isMounted.current = false), []);
  async function run(action) {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (problem) {
      if (problem.name === "TypeError" || problem.name === "ReferenceError") throw problem;
      if (isMounted.current) setError(told(problem));
    } finally {
      if (isMounted.current) setBusy(false);
    }
  }
  return [isBusy, error, run, setError];
}

/** Hear the keyboard; the handler is always that of the last rendering, however fast the keys come. */
export function useKeys(handler, { capture = false } = {}) {
  const latest = useRef(handler);
  latest.current = handler;
  useLayoutEffect(() => {
    const hear = (event) => latest.current(event);
    window.addEventListener("keydown", hear, { capture });
    return () => window.removeEventListener("keydown", hear, { capture });
  }, []);
}

/** What people are told about an error. */
export function told(problem) {
  if (problem.constructor.name === "Away") return { message: t("no_answer"), nextAction: t("no_answer_next") };
  if (problem.constructor.name === "SignedOut") return { message: t("signed_out"), nextAction: t("signed_out_next") };
  return { message: problem.message, nextAction: problem.nextAction };
}
