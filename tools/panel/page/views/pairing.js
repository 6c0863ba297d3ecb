// Pairing, explained and done: the device lets in only who stands beside it.
import * as device from "../core/device.js";
import { h, put, sheet } from "../core/dom.js";
import { find, say } from "../core/say.js";
import { set, state, watch } from "../core/state.js";
import { WINDOW_OPEN } from "../wire/codec.js";
import { toast } from "./toast.js";

const open = () => Boolean(state.status && state.status.flags & WINDOW_OPEN);

export function pair() {
	if (!open()) set({ pairing: true });
	else device.hello();
}

export function explain() {
	const news = h("p", { role: "status" });
	const dialog = sheet(say("pairing.title"), say("common.close"), h("p", say("pairing.text")),
		h("ol.steps", find("pairing.steps").map((one) => h("li", h("span", one)))), news,
		h("div.wrap", h("button.primary", { onclick: pair }, say("pairing.now")),
			device.hasHands() && h("button", { onclick: () => device.hand("button", { seconds: 3.3 }).then(() => set({ pairing: true })) }, say("pairing.hold"))),
		h("p.soft.small", say("pairing.why")), h("p.soft.small", say("pairing.forget")));
	const end = watch(["rights", "status", "pairing", "link"], () => {
		put(news, state.pairing && !open() ? say("pairing.waiting") : "");
		if (state.rights === "owner") {
			toast(say("pairing.done"));
			dialog.close();
		} else if (state.link === "off") dialog.close();
	});
	dialog.addEventListener("close", () => {
		end();
		if (state.pairing) set({ pairing: false });
	});
}

/** A card for whoever may only watch. */
export function card(keep) {
	const node = h("section.card.warn", { "aria-label": say("pairing.watch") });
	keep(["rights", "link", "kind"], () => {
		node.hidden = state.rights === "owner" || state.link !== "on" || state.kind === "demo";
	});
	node.append(h("div.row", h("div.grow", h("h3", say("pairing.watch")), h("p.small", say("pairing.text"))),
		h("button", { id: "pair", onclick: explain }, say("pairing.title"))));
	return node;
}
