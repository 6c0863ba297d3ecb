// Offline: everything is kept when it was loaded once; the network comes first, so that a newer page is seen at once.
const STORE = "peristal";

self.addEventListener("install", (event) => {
	self.skipWaiting();
	event.waitUntil(caches.open(STORE));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => event.waitUntil(caches.open(STORE).then((store) => store.addAll([...new Set(event.data)]))));
self.addEventListener("fetch", (event) => {
	const { request } = event;
	if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
	event.respondWith(fetch(request).then(keep, () => kept(request)));

	async function keep(answer) {
		if (answer.ok) await (await caches.open(STORE)).put(request, answer.clone());
		return answer;
	}
});

const kept = async (request) => (await caches.match(request, { ignoreSearch: true })) || Response.error();
