// The camera as a scanner: it stays open while goods are passed before it.

import { watch } from "../camera.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { t } from "../texts.js";
import { Dialog, Problem } from "../widgets.js";

export function Camera({ onCode, onClose }) {
  const video = useRef(null);
  const latest = useRef(onCode);
  latest.current = onCode;
  const [codes, setCodes] = useState([]);
  const [error, setError] = useState(null);

  useEffect(() => {
    let stop = null;
    let isOver = false;
    watch(video.current, (code) => {
      navigator.vibrate?.(60);
      setCodes((before) => [code, ...before].slice(0, 3));
      latest.current(code);
    })
      .then((end) => (isOver ? end() : (stop = end)))
      .catch((problem) => setError({ message: t("no_camera"), nextAction: problem.message }));
    return () => {
      isOver = true;
      stop?.();
    };
  }, []);

  return html`<${Dialog} title=${t("camera")} onClose=${onClose}>
    <div class="camera"><video ref=${video} muted playsinline aria-label=${t("camera")}></video></div>
    <${Problem} error=${error} />
    <ul class="soft small" aria-live="polite">${codes.map((code) => html`<li key=${code}>${code}</li>`)}</ul>
    <button class="primary big" onClick=${onClose}>${t("done")}</button>
  </${Dialog}>`;
}
