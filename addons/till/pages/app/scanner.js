// A scanner that types like a keyboard, whatever has the focus and whichever layout is on: keys come faster than
// hands can press them, and are read by their place on the keyboard, so a Cyrillic layout cannot spoil a code.

const FAST_MS = 45; // between two keys of a scanner
const LENGTH_MIN = 4;
const SIGNS = {
  Minus: ["-", "_"], Equal: ["=", "+"], BracketLeft: ["[", "{"], BracketRight: ["]", "}"], Semicolon: [";", ":"],
  Quote: ["'", '"'], Comma: [",", "<"], Period: [".", ">"], Slash: ["/", "?"], Backslash: ["\\", "|"],
  Backquote: ["`", "~"], Space: [" ", " "],
};
const SHIFTED_DIGITS = ")!@#$%^&*(";
const GROUP_SEPARATOR = "\u001d";

function signOf({ code, shiftKey, ctrlKey, key }) {
  if (ctrlKey) return code === "BracketRight" ? GROUP_SEPARATOR : null;
  if (code.startsWith("Key")) return shiftKey ? code.slice(3) : code.slice(3).toLowerCase();
  if (code.startsWith("Digit")) return shiftKey ? SHIFTED_DIGITS[Number(code.slice(5))] : code.slice(5);
  if (code.startsWith("Numpad") && key.length === 1) return key;
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? null;
}

/** Call `onCode` for every scanned code while `isWanted()`; returns what ends it. */
export function listen(onCode, isWanted) {
  let gathered = "";
  let last = 0;
  let field = null;
  let before = "";

  function keyDown(event) {
    if (!isWanted()) {
      gathered = "";
      return;
    }
    const now = event.timeStamp;
    const isFast = now - last <= FAST_MS;
    if (event.key === "Enter") {
      const code = gathered;
      gathered = "";
      if (isFast && code.length >= LENGTH_MIN) {
        event.preventDefault();
        event.stopImmediatePropagation();
        if (field && "value" in field) {
          field.value = before; // what the scanner typed there was not meant for it
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }
        onCode(code);
      }
      return;
    }
    if (event.key === "Shift" || event.key === "Control") return;
    const sign = event.altKey || event.metaKey ? null : signOf(event);
    if (sign === null) {
      gathered = "";
      return;
    }
    if (!isFast || !gathered) {
      gathered = "";
      field = document.activeElement instanceof HTMLInputElement ? document.activeElement : null;
      before = field?.value ?? "";
    }
    gathered += sign;
    last = now;
  }

  window.addEventListener("keydown", keyDown, { capture: true });
  return () => window.removeEventListener("keydown", keyDown, { capture: true });
}

/** A DataMatrix mark: its GTIN, and the code as it is sent. Null when the code is something else. */
export function readMark(code) {
  const text = code.replace(/^\]d2/i, "").replace(/^\u001d/, "");
  const found = /^01(\d{14})21/.exec(text);
  if (found) return { gtin: found[1], mark: text };
  const tobacco = /^(\d{14})[\x21-\x7e]{7,}$/.exec(text); // a packet: GTIN, serial number, price, check
  return tobacco && text.length >= 21 ? { gtin: tobacco[1], mark: text } : null;
}
