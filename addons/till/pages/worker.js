// Keeps the program so that it starts without the server. VERSION and FILES stand before this text.
// Goods and sales are not here: they are in IndexedDB, and /graphql is never answered from a cache.

const CACHE = `till-${VERSION}`;
const PAGE = "/pos";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES.map((each) => new Request(each, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("till-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// The program says when: never in the middle of a sale.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const name = request.mode === "navigate" && pathname === PAGE ? PAGE : pathname;
  const isLater = name.startsWith(`/pos/files/${VERSION}/`);
  if (!FILES.includes(name) && !isLater) return;
  event.respondWith(answer(name, request, isLater));
});

async function answer(name, request, isLater) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(name);
  if (kept) return kept;
  const fetched = await fetch(request);
  if (isLater && fetched.ok) await cache.put(name, fetched.clone());
  return fetched;
}
