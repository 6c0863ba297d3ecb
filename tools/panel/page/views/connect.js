// Nobody connected yet: what this is, and the ways in.
import * as device from "../core/device.js";
import { h, put, sheet } from "../core/dom.js";
import { recall, remember } from "../core/memory.js";
import { say } from "../core/say.js";
import { set, state, watch } from "../core/state.js";
import { MAJOR, MINOR } from "../wire/codec.js";
import { available, choose } from "../wire/bluetooth.js";
import { Demo } from "../wire/demo.js";
import { Socket } from "../wire/socket.js";
import { picture } from "./legs.js";
import { toast } from "./toast.js";

const simulator = () => document.querySelector("meta[name=simulator]").content;

async function join(makes) {
	try {
		const link = await makes();
		await device.connect(link);
		if (link.kind === "simulator" && state.rights !== "owner") set({ pairing: true }); // its hands hold the button for a phone that is new
	} catch (error) {
		if (error.kind !== "cancelled") toast(say("link.failed", { why: say(`result.${error.kind}`) }));
	}
}

/** This browser as a phone of the simulated pair: the same one at every visit. */
function phone() {
	const known = recall("phone") || crypto.randomUUID?.() || String(Math.random());
	remember("phone", known);
	return known;
}

const ways = () => [
	simulator() && h("button.primary", { id: "simulator", onclick: () => join(() => new Socket(simulator(), phone())) }, say("link.tryPair")),
	available() && h(`button${simulator() ? "" : ".primary"}`, { id: "bluetooth", onclick: () => join(choose) }, say("link.bluetooth")),
	!simulator() && h("button", { id: "demo", onclick: () => join(() => new Demo()) }, say("link.tryDemo")),
];

export function welcome() {
	const node = h("div.welcome", picture(), h("h1", say("link.welcome")), h("p.soft", say("link.lead")), ways(),
		!available() && h("p.soft.small", say("link.noBluetooth")));
	return { node, end: () => {} };
}

/** A device of another major version: what it means is not known here, but its stop is the same. */
export function foreign() {
	const text = say("link.foreignLong", { version: `${state.features.major}.${state.features.minor}`, ours: `${MAJOR}.${MINOR}` });
	return { node: h("section.card.warn", { id: "foreign" }, h("h2", say("link.foreign")), h("p", text)), end: () => {} };
}

/** The chip in the header: how the link is, and what can be done about it. */
export function chip() {
	const dot = h("i.dot"), words = h("span");
	const node = h("button.chip", { id: "link", onclick: about }, dot, words);
	watch(["link", "name", "kind"], () => {
		dot.className = `dot ${{ on: "on", connecting: "wait", lost: "wait", foreign: "bad" }[state.link] || ""}`;
		const name = state.kind === "bluetooth" ? state.name || say("link.unnamed") : state.kind && say(`link.${state.kind}`);
		put(words, state.link === "on" ? name : say(`link.${state.link}`));
		node.disabled = state.link === "off";
	});
	return node;
}

function about() {
	const dialog = sheet(state.name || say("link.unnamed"), say("common.close"),
		h("p.soft", [say(`link.${state.link}`), state.board, state.firmware].filter(Boolean).join(" · ")),
		state.link === "lost" && h("p", say("link.lostLong")),
		h("button", { id: "disconnect", onclick: () => (device.disconnect(), dialog.close()) }, say("link.again")));
}
