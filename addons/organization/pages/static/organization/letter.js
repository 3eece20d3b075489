// The code of a letter stands behind "#" of its link, where no server sees it: it goes into the form, and out of the address.
(function () {
  "use strict";
  const field = document.getElementById("token");
  const handed = location.hash.slice(1);
  if (!field || !handed) return;
  field.value = decodeURIComponent(handed);
  history.replaceState(null, "", location.pathname);
})();
