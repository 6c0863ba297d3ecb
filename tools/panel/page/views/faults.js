// Faults and notices in plain language, with what to do.
import * as device from "../core/device.js";
import { h } from "../core/dom.js";
import { find, say, zoneName } from "../core/say.js";
import { state, zones } from "../core/state.js";
import { NO_ZONE } from "../wire/codec.js";
import { alarm } from "./toast.js";

const FIRST_NOTICE = 64;

/** Texts of a fault or notice: {name, text, act}. */
export const words = (number) => {
	const [name, text, act] = find("faults")[number] || [say("fault.unknown", { number }), "", say("fault.newer")];
	return { name, text, act };
};

const where = (zone) => {
	const one = zones()[zone];
	return one ? ` · ${say("common.zone", { number: zone + 1, name: zoneName(one) })}` : "";
};

export const notices = (bits) => Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (bits >> bit) & 1).map((bit) => words(FIRST_NOTICE + bit));

export function card(keep) {
	const node = h("section", { id: "fault" });
	let told = 0, shown = "";
	keep(["status", "features"], () => {
		const { status } = state, fault = status?.fault || 0, key = `${fault} ${status?.fault_zone} ${status?.notices} ${Boolean(state.features)}`;
		if (key === shown) return;
		shown = key;
		node.hidden = !fault && !status?.notices;
		node.className = fault ? "card bad" : "card warn";
		const rows = [];
		if (fault) {
			const { name, text, act } = words(fault);
			rows.push(h("h3", `${name}${status.fault_zone === NO_ZONE ? "" : where(status.fault_zone)}`), h("p", text), h("p", act),
				h("p.small", say("fault.clear")), device.hasHands() && h("div", h("button", { onclick: () => device.hand("button", { seconds: 0.2 }) }, say("fault.press"))));
			if (fault !== told) alarm(`${name}. ${text}`);
		}
		for (const { name, text, act } of notices(status?.notices || 0)) rows.push(h("div", h("h3", name), h("p.small", `${text} ${act}`)));
		told = fault;
		node.replaceChildren(...rows.filter(Boolean));
	});
	return node;
}
