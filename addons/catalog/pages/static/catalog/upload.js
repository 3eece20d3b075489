// Sends a table as it lies on disk and shows how far it has come; what happens with it is decided on the next page.
(function () {
  "use strict";
  const form = document.getElementById("upload");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const file = document.getElementById("file").files[0];
    const progress = document.getElementById("upload-progress");
    const problem = document.getElementById("upload-problem");
    const button = form.querySelector("button");
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.target + "?name=" + encodeURIComponent(file.name));
    request.setRequestHeader("X-CSRF-Token", document.body.dataset.csrf);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (sent) => { progress.value = (sent.loaded / sent.total) * 100; });
    request.addEventListener("loadend", () => {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* said below */ }
      if (request.status === 201) {
        location.assign(form.dataset.next + encodeURIComponent(told.importId));
        return;
      }
      button.disabled = false;
      progress.hidden = true;
      problem.textContent = told.errors ? told.errors[0].message : form.dataset.failed;
    });
    problem.textContent = "";
    progress.hidden = false;
    button.disabled = true;
    request.send(file);
  }, true);
})();
