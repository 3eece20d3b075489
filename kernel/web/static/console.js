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
  body.addEventListener("htmx:afterSwap", (event) => makeSearchable(event.detail.elt));
  // A form that was sent back with what is wrong in it is shown like any other page.
  body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // --- live parts: data-live="seconds" on an element with an id. Where data-watch names what to watch, the
  // server tells of changes, and the seconds count only while its stream is cut; data-pace: seconds between two
  // readings at least. A tab nobody sees watches nothing.
  const CALM_MS = 60000; // with a stream: a notice may be lost on its way
  const RETRY_MS = [1000, 60000]; // a cut stream is tried again after the first, after the last at most
  const SESSION_OVER = 4403;
  const states = new Map(); // of parts, by id
  let stream = null, watched = "", told = new Set(), retryMs = RETRY_MS[0], retryAt = 0, isCut = false, isReading = false;

  const watchesOf = (part) => (part.dataset.watch || "").split(" ").filter(Boolean);
  const restOf = (part) => {
    const names = watchesOf(part);
    return names.length && names.every((each) => told.has(each)) ? CALM_MS : Number(part.dataset.live) * 1000;
  };
  const paceOf = (part) => Number(part.dataset.pace || 1) * 1000;
  const liveParts = () => [...document.querySelectorAll("[data-live][id]")];
  function stateOf(part) {
    if (!states.has(part.id)) {
      // The first reading is soon in any case: something may have changed before the stream was open.
      states.set(part.id, { due: Date.now() + Number(part.dataset.live) * 1000, readAt: 0, html: part.outerHTML });
    }
    return states.get(part.id);
  }
  function hurry(parts, moment) {
    for (const part of parts) stateOf(part).due = Math.min(stateOf(part).due, moment(part));
  }
  function isInUse(part) {
    const focus = document.activeElement;
    if (part.contains(focus) && focus.matches("input, select, textarea, button, summary")) return true;
    return [...part.querySelectorAll("input, textarea")].some(
      (each) => each.value !== each.defaultValue || each.checked !== each.defaultChecked);
  }
  function swap(part, fresh) {
    const state = stateOf(part);
    if (fresh.outerHTML === state.html) return;
    state.html = fresh.outerHTML;
    const unfolded = [...part.querySelectorAll("details")].map((each) => each.open);
    const folds = fresh.querySelectorAll("details");
    if (folds.length === unfolded.length) folds.forEach((each, at) => { each.open = unfolded[at]; });
    const link = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    part.replaceWith(fresh);
    if (window.htmx) htmx.process(fresh);
    makeSearchable(fresh);
    if (link) [...fresh.querySelectorAll("a[href]")].find((each) => each.getAttribute("href") === link)?.focus();
  }
  async function read(parts) {
    isReading = true;
    const here = location.href;
    try {
      const headers = { "X-Sauda-Live": "1", "HX-Request": "true", "HX-Current-URL": here };
      const answer = await fetch(here, { headers: headers });
      const elsewhere = answer.headers.get("HX-Redirect") || (answer.redirected ? answer.url : "");
      if (elsewhere) location.assign(elsewhere);
      else if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of location.href === here ? parts : []) {
          const fresh = page.getElementById(part.id);
          if (fresh && part.isConnected && !isInUse(part)) swap(part, fresh);
        }
      }
    } catch { /* the server is away: the next reading may come through */ }
    for (const part of parts) {
      const state = stateOf(part);
      const isNews = state.due < Infinity; // told while it was read
      state.readAt = Date.now();
      state.due = state.readAt + (isNews ? paceOf(part) : restOf(part));
    }
    isReading = false;
  }
  function refresh() {
    if (document.hidden || isReading) return;
    const due = liveParts().filter((part) => Date.now() >= stateOf(part).due && !isInUse(part));
    for (const part of due) stateOf(part).due = Infinity;
    if (due.length) read(due);
  }
  function follow() {
    const names = document.hidden ? [] : [...new Set(liveParts().flatMap(watchesOf))].sort();
    const wanted = names.join(" ");
    if (wanted === watched || Date.now() < retryAt) return;
    watched = wanted;
    const former = stream;
    stream = null;
    told = new Set();
    if (former) former.close();
    if (!wanted) return;
    const query = names.map((each) => "watch=" + encodeURIComponent(each)).join("&");
    const mine = stream = new WebSocket(location.origin.replace(/^http/, "ws") + "/console/live?" + query);
    mine.onopen = () => {
      if (stream !== mine) return;
      told = new Set(names);
      retryMs = RETRY_MS[0];
      if (isCut) hurry(liveParts(), () => 0);
      isCut = false;
    };
    mine.onmessage = (event) => {
      if (stream !== mine) return;
      const news = JSON.parse(event.data);
      if (news.over) told.delete(news.over);
      const parts = liveParts().filter((part) => watchesOf(part).includes(news.changed || news.over));
      hurry(parts, (part) => stateOf(part).readAt + paceOf(part));
      refresh();
    };
    mine.onclose = (event) => {
      if (stream !== mine) return;
      stream = null;
      watched = "";
      told = new Set();
      isCut = true;
      retryAt = Date.now() + retryMs * (1 + Math.random());
      retryMs = Math.min(RETRY_MS[1], retryMs * 2);
      // Who is signed out learns it by reading.
      hurry(liveParts(), (part) => (event.code === SESSION_OVER ? 0 : Date.now() + restOf(part)));
    };
  }
  setInterval(() => { follow(); refresh(); }, 500);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) isCut = true; // and is caught up with when somebody looks again
    follow();
  });

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
    const [outer, inner] = [bar.getBoundingClientRect(), tab.getBoundingClientRect()];
    bar.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2; // in either direction of writing
  }

  // --- many ticks (data-search="what to call it" around them) and long lists are looked through by a word
  const TICKS_SEEN = 12, OPTIONS_SEEN = 50;
  function searchField(name, look) {
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = name;
    field.setAttribute("aria-label", name);
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/);
      look((text) => words.every((word) => text.toLowerCase().includes(word)));
    });
    field.addEventListener("change", (event) => event.stopPropagation()); // it is none of the form's
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    return field;
  }
  function makeSearchable(root) {
    for (const box of root.querySelectorAll("[data-search]")) {
      const ticks = [...box.querySelectorAll("label.check")];
      if (ticks.length <= TICKS_SEEN) continue;
      ticks[0].before(searchField(box.dataset.search, (fits) => {
        for (const each of ticks) each.hidden = !each.querySelector("input").checked && !fits(each.textContent);
      }));
    }
    for (const list of root.querySelectorAll("select:not([multiple])")) {
      const options = [...list.options];
      if (options.length <= OPTIONS_SEEN) continue;
      const name = `${body.dataset.find}: ${list.labels[0]?.textContent || list.getAttribute("aria-label") || ""}`;
      list.before(searchField(name, (fits) => {
        list.replaceChildren(...options.filter((each) => each.selected || !each.value || fits(each.textContent)));
      }));
    }
  }
  makeSearchable(document);

  // --- files that take long: how far they are, and a way to stop. Who tells sends frames: a line "done total size",
  // then so many bytes of the file; of others the lines are counted.
  const FRAMES = "application/x-sauda-progress";
  const joined = (one, other) => {
    const both = new Uint8Array(one.length + other.length);
    both.set(one);
    both.set(other, one.length);
    return both;
  };
  async function readFile(answer, tell) {
    const isTold = (answer.headers.get("content-type") || "").startsWith(FRAMES);
    const reader = answer.body.getReader(), parts = [];
    let rest = new Uint8Array(), lines = 0;
    for (;;) {
      const end = isTold ? rest.indexOf(10) : -1;
      if (end >= 0) {
        const [done, total, size] = new TextDecoder().decode(rest.subarray(0, end)).split(" ").map(Number);
        if (rest.length > end + size) {
          parts.push(rest.slice(end + 1, end + 1 + size));
          rest = rest.subarray(end + 1 + size);
          tell(done, total, size);
          continue;
        }
      }
      const { done, value } = await reader.read();
      if (done) return parts;
      if (isTold) rest = joined(rest, value);
      else {
        parts.push(value);
        lines += value.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
        tell(lines, null, value.length);
      }
    }
  }
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
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", link.textContent.trim());
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button second small";
    button.textContent = link.dataset.cancel;
    button.addEventListener("click", () => stop.abort());
    shown.append(text, button, bar);
    document.querySelector("main").prepend(shown);
    const begun = Date.now();
    const facts = { done: 0, total: "…", size: 0, seconds: 0 };
    let size = 0;
    const tell = () => {
      facts.size = Math.round(size / 1024);
      facts.seconds = Math.round((Date.now() - begun) / 1000);
      text.textContent = link.dataset.export.replace(/\{(\w+)\}/g, (_, name) => facts[name].toLocaleString());
    };
    const ticking = setInterval(tell, 500);
    tell();
    try {
      const answer = await fetch(link.href, { signal: stop.signal, headers: { "X-Sauda-Progress": "1" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const parts = await readFile(answer, (done, total, more) => {
        size += more;
        facts.done = done;
        if (total !== null) {
          facts.total = total;
          bar.max = Math.max(total, 1);
          bar.value = done;
        }
        tell();
      });
      const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "");
      const file = document.createElement("a");
      file.href = URL.createObjectURL(new Blob(parts));
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
        bar.remove();
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
