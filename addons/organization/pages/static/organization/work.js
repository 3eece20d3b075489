// The work a sign-up asks of a browser instead of a picture to be read: a nonce so that SHA-256 of "challenge:nonce"
// begins with as many zero bits as wanted. <form data-work="challenge" data-bits="18"> gets it into its field `nonce`
// before it is sent. SHA-256 is our own (FIPS 180-4): the browser's is there on encrypted pages only.
(function () {
  "use strict";
  const BATCH = 4000; // tries between two breaths of the page
  const primes = (count) => {
    const found = [];
    for (let each = 2; found.length < count; each++) if (found.every((prime) => each % prime)) found.push(each);
    return found;
  };
  const fraction = (value) => ((value - Math.floor(value)) * 4294967296) | 0;
  const ROUNDS = primes(64).map((each) => fraction(Math.cbrt(each)));
  const START = primes(8).map((each) => fraction(Math.sqrt(each)));
  const turned = (word, by) => (word >>> by) | (word << (32 - by));

  /** The digest's words over one block, from the words before it. */
  function block(before, words) {
    for (let i = 16; i < 64; i++) {
      const a = words[i - 15];
      const b = words[i - 2];
      const low = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
      const high = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
      words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
    }
    let [a, b, c, d, e, f, g, h] = before;
    for (let i = 0; i < 64; i++) {
      const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
      const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    return [a, b, c, d, e, f, g, h].map((word, i) => (word + before[i]) | 0);
  }

  /** The digest of an ASCII text, as eight words. */
  function digest(text) {
    const size = ((text.length + 8) >> 6) + 1;
    const all = new Int32Array(size * 16);
    for (let i = 0; i < text.length; i++) all[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
    all[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
    all[all.length - 1] = text.length * 8;
    let state = START;
    for (let at = 0; at < all.length; at += 16) {
      const words = new Int32Array(64);
      words.set(all.subarray(at, at + 16));
      state = block(state, words);
    }
    return state;
  }

  function zeros(words) {
    let count = 0;
    for (const word of words) {
      count += Math.clz32(word);
      if (word !== 0) break;
    }
    return count;
  }

  async function work(challenge, bits) {
    for (let nonce = 0; ; ) {
      for (const end = nonce + BATCH; nonce < end; nonce++) {
        if (zeros(digest(`${challenge}:${nonce}`)) >= bits) return String(nonce);
      }
      await new Promise((done) => setTimeout(done));
    }
  }

  for (const form of document.querySelectorAll("form[data-work]")) {
    const field = form.elements.nonce;
    const done = work(form.dataset.work, Number(form.dataset.bits)).then((nonce) => (field.value = nonce));
    form.addEventListener("submit", (event) => {
      if (field.value) return;
      event.preventDefault();
      form.querySelector("button").disabled = true;
      const note = form.querySelector("[data-work-said]");
      if (note) note.hidden = false;
      done.then(() => form.submit());
    });
  }
})();
