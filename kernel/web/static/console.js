// What the console does in a browser: signs out who is not there, asks before it is too late, keeps live parts fresh.
// Pages work without it; nothing here decides anything.
(function () {
  "use strict";

  const body = document.body;
  const PING_MS = 60000; // somebody is there: the server is told at most so often

  // --- every request of htmx carries the mark of our forms
  body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = body.dataset.csrf;
  });
  // A form that was sent back with what is wrong in it is shown like any other page.
  body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // --- live parts: data-live="seconds" on an element with an id
  setInterval(() => {
    if (document.hidden || !window.htmx) return;
    for (const part of document.querySelectorAll("[data-live]")) {
      const due = Number(part.dataset.due || 0);
      const isBusy = part.contains(document.activeElement) && document.activeElement !== document.body;
      if (Date.now() < due || isBusy) continue;
      if (due) {
        const select = "#" + part.id;
        htmx.ajax("GET", location.pathname + location.search, {
          target: select, select: select, swap: "outerHTML", headers: { "X-Sauda-Live": "1" },
        });
      }
      part.dataset.due = Date.now() + Number(part.dataset.live) * 1000;
    }
  }, 500);

  // --- questions before something that cannot be taken back
  const question = document.getElementById("confirm");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const text = form.dataset.confirm;
    if (!text || form.dataset.sure || !question) return;
    event.preventDefault();
    document.getElementById("confirm-text").textContent = text;
    question.onclose = () => {
      if (question.returnValue !== "yes") return;
      form.dataset.sure = "1";
      form.requestSubmit(event.submitter);
    };
    question.returnValue = "";
    question.showModal();
  }, true);
  // One press is one order.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method === "dialog") return;
    setTimeout(() => event.target.querySelectorAll("button").forEach((each) => { each.disabled = true; }), 0);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("button[disabled]:not([data-off])").forEach((each) => { each.disabled = false; });
  });

  // --- on a narrow screen the tab one is at is in view
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const bar = tab.parentElement;
    bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
  }

  // --- many ticks are looked through by a word: data-search="what to call it" around them
  const TICKS_SEEN = 12;
  for (const box of document.querySelectorAll("[data-search]")) {
    const ticks = [...box.querySelectorAll("label.check")];
    if (ticks.length <= TICKS_SEEN) continue;
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = box.dataset.search;
    field.setAttribute("aria-label", box.dataset.search);
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/);
      for (const each of ticks) {
        const text = each.textContent.toLowerCase();
        each.hidden = !each.querySelector("input").checked && !words.every((word) => text.includes(word));
      }
    });
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    ticks[0].before(field);
  }

  // --- files that take long: how far they are, and a way to stop
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-export]");
    if (!link || !window.ReadableStream || link.dataset.busy) return;
    event.preventDefault();
    link.dataset.busy = "1";
    const stop = new AbortController();
    const shown = document.createElement("div");
    shown.className = "notice row spread";
    shown.setAttribute("role", "status");
    const text = document.createElement("p");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button second small";
    button.textContent = link.dataset.cancel;
    button.addEventListener("click", () => stop.abort());
    shown.append(text, button);
    document.querySelector("main").prepend(shown);
    const begun = Date.now();
    let size = 0, lines = 0;
    const tell = () => {
      const facts = { lines: lines, size: Math.round(size / 1024), seconds: Math.round((Date.now() - begun) / 1000) };
      text.textContent = link.dataset.export.replace(/\{(\w+)\}/g, (_, name) => facts[name].toLocaleString());
    };
    const ticking = setInterval(tell, 500);
    tell();
    try {
      const answer = await fetch(link.href, { signal: stop.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const isText = (answer.headers.get("content-type") || "").startsWith("text/");
      const reader = answer.body.getReader();
      const parts = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        size += value.length;
        if (isText) lines += value.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
      }
      const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "");
      const file = document.createElement("a");
      file.href = URL.createObjectURL(new Blob(parts, { type: answer.headers.get("content-type") || "" }));
      file.download = name ? name[1] : "";
      file.click();
      setTimeout(() => URL.revokeObjectURL(file.href), 60000);
      shown.remove();
    } catch (error) {
      if (error.name === "AbortError") shown.remove();
      else {
        shown.classList.add("danger");
        text.textContent = link.dataset.failed;
        button.remove();
      }
    } finally {
      clearInterval(ticking);
      delete link.dataset.busy;
    }
  });

  // --- where this device is, for the coordinates of an outlet
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-locate]");
    if (!button || !navigator.geolocation) return;
    button.disabled = true;
    navigator.geolocation.getCurrentPosition((found) => {
      document.getElementById("latitude").value = found.coords.latitude.toFixed(4);
      document.getElementById("longitude").value = found.coords.longitude.toFixed(4);
      button.disabled = false;
    }, () => { button.disabled = false; });
  });

  // --- nobody is there
  const idleS = Number(body.dataset.idle);
  const dialog = document.getElementById("idle");
  if (!idleS || !dialog) return;
  const warnS = Math.min(60, Math.floor(idleS / 2));
  const left = document.getElementById("idle-left");
  let endsAt = Date.now() + idleS * 1000;
  let toldAt = Date.now();
  let isThere = false;
  let isChecking = false;

  async function tell() {
    isThere = false;
    toldAt = Date.now();
    try {
      const answer = await fetch("/console/session", {
        method: "POST", headers: { "X-CSRF-Token": body.dataset.csrf, "HX-Request": "true" },
      });
      if (answer.ok) endsAt = Date.now() + (await answer.json()).left_s * 1000;
    } catch { /* the next one may come through */ }
  }
  // Somebody may be there in another window.
  async function check() {
    isChecking = true;
    try {
      const answer = await fetch("/console/session", { headers: { "X-Sauda-Live": "1", "HX-Request": "true" } });
      const leftS = answer.ok ? (await answer.json()).left_s : 0;
      if (leftS <= 0 && answer.status !== 502) return leave();
      endsAt = Date.now() + leftS * 1000;
    } catch { endsAt = Date.now() + 5000; } // the server is away: nobody is sent anywhere
    isChecking = false;
  }
  function leave() {
    const here = location.pathname + location.search;
    location.assign("/console/login?idle=1&next=" + encodeURIComponent(here));
  }
  for (const sign of ["pointerdown", "keydown", "wheel", "touchmove"]) {
    document.addEventListener(sign, () => { isThere = true; }, { passive: true });
  }
  // What the page itself asks for in somebody's name counts as being there, too.
  body.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.requestConfig.headers["X-Sauda-Live"]) endsAt = Date.now() + idleS * 1000;
  });
  dialog.addEventListener("close", tell);
  setInterval(() => {
    const restS = Math.ceil((endsAt - Date.now()) / 1000);
    if (isChecking) return;
    if (restS <= 0) { check(); return; }
    if (restS <= warnS) {
      if (!dialog.open) { dialog.showModal(); check(); }
      left.textContent = Math.floor(restS / 60) + ":" + String(restS % 60).padStart(2, "0");
    } else if (dialog.open) {
      dialog.close();
    } else if (isThere && Date.now() - toldAt > Math.min(PING_MS, idleS * 250)) {
      tell();
    }
  }, 250);
})();
