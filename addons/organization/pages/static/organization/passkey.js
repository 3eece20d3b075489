// Passkeys. <form data-passkey="options" data-use="get"> (or "create"): its [data-passkey-start] asks the browser, the
// answer goes as JSON into the field `passkey`, and the form is sent. [data-passkey-said] tells when it did not come to it.
(function () {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  function prepared(given) {
    const options = { ...given, challenge: bytes(given.challenge) };
    if (given.user) options.user = { ...given.user, id: bytes(given.user.id) };
    for (const name of ["allowCredentials", "excludeCredentials"]) {
      if (given[name]) options[name] = given[name].map((each) => ({ ...each, id: bytes(each.id) }));
    }
    return options;
  }

  function told(made) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const start = form.querySelector("[data-passkey-start]");
    const said = form.querySelector("[data-passkey-said]");
    if (!window.PublicKeyCredential) continue; // its button stays hidden
    start.hidden = false;
    start.addEventListener("click", async () => {
      start.disabled = true;
      said.hidden = true;
      try {
        const publicKey = prepared(JSON.parse(form.dataset.passkey));
        form.elements.passkey.value = told(await navigator.credentials[form.dataset.use]({ publicKey }));
        form.submit();
      } catch {
        said.hidden = false;
        start.disabled = false;
      }
    });
  }
})();
