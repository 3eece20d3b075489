// Texts in three languages, handed over with the page.

import { settings } from "./api.js";

export const LANGUAGES = ["ru", "kk", "en"];

let current = "ru";

export function language() {
  return current;
}

export function speak(chosen) {
  current = LANGUAGES.includes(chosen) ? chosen : "ru";
  document.documentElement.lang = current;
}

/** t(key, {sum: "5"}): the text with its facts. A text that nobody wrote is shown as its key. */
export function t(key, facts = {}) {
  const text = settings.texts[current]?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? facts[name] : whole));
}

/** "21.11 16:52" in the device's own zone. */
export function moment(time) {
  const at = new Date(time);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(at.getDate())}.${two(at.getMonth() + 1)} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
