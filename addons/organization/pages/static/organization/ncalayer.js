// Signs a text in NCALayer, the program that holds the keys of Kazakhstan's electronic signature on this computer.
// <form data-ncalayer="base64 of the text">: its [data-ncalayer-sign] starts it, the CMS (text attached) goes into
// the field `signature`, and the form is sent. [data-ncalayer-said] tells what hinders, in its data-absent,
// data-cancelled and data-failed. What is for those without NCALayer stands in [data-ncalayer-else].
(function () {
  "use strict";
  const ADDRESSES = ["wss://127.0.0.1:13579/", "ws://127.0.0.1:13579/"]; // the second one: its stand-in
  const STORAGE = "PKCS12"; // NCALayer asks the person where the key is
  const GREETING_MS = 10000;

  /** Resolves to the signature; rejects with "absent", "cancelled" or "failed". */
  async function signed(content) {
    try {
      return await signedAt(ADDRESSES[0], content);
    } catch (reason) {
      if (reason !== "absent") throw reason;
      return signedAt(ADDRESSES[1], content);
    }
  }

  function signedAt(address, content) {
    return new Promise((done, fail) => {
      const socket = new WebSocket(address);
      const late = setTimeout(() => end("absent"), GREETING_MS);
      let asked = false;
      function end(reason) {
        clearTimeout(late);
        fail(reason);
        socket.close();
      }
      socket.onerror = () => end(asked ? "failed" : "absent");
      socket.onclose = () => end(asked ? "failed" : "absent");
      socket.onmessage = ({ data }) => {
        let said;
        try {
          said = JSON.parse(data);
        } catch {
          return; // its heartbeat
        }
        if (!asked) {
          asked = true;
          clearTimeout(late); // a person takes as long as he takes
          const args = [STORAGE, "SIGNATURE", content, true];
          socket.send(JSON.stringify({ module: "kz.gov.pki.knca.commonUtils", method: "createCAdESFromBase64", args }));
        } else if (said.code === "200" && said.responseObject) {
          done(said.responseObject);
          socket.close();
        } else {
          end(said.message === "action.canceled" ? "cancelled" : "failed");
        }
      };
    });
  }

  for (const form of document.querySelectorAll("form[data-ncalayer]")) {
    const start = form.querySelector("[data-ncalayer-sign]");
    const said = form.querySelector("[data-ncalayer-said]");
    const other = form.querySelector("[data-ncalayer-else]");
    start.hidden = false;
    if (other) other.open = false;
    start.addEventListener("click", async () => {
      start.disabled = true;
      said.hidden = true;
      try {
        form.elements.signature.value = await signed(form.dataset.ncalayer);
        form.requestSubmit();
      } catch (reason) {
        said.textContent = said.dataset[reason] ?? said.dataset.failed;
        said.hidden = false;
        start.disabled = false;
      }
    });
  }
})();
