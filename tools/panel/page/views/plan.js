// The plan: landing, mobility, the record by week, the guide's routine, 0 / 24 / 48 / 72 h.
import { h } from "../core/dom.js";
import { recall, remember } from "../core/memory.js";
import { find, say } from "../core/say.js";
import { state, watch } from "../core/state.js";
import * as record from "./record.js";
import { card as timer } from "./timers.js";

const HOURS = [0, 24, 48, 72], HOUR_S = 3600, NEAR_H = 6;

export function plan() {
	const sessions = h("div"), soreness = h("div");
	const again = () => soreness.replaceChildren(trial(again));
	const end = watch(["sessions", "rights"], () => {
		sessions.replaceChildren(record.card());
		again();
	});
	record.load();
	const node = h("div.view", h("h1", say("plan.title")), h("div.columns", h("div.columns.one", sessions, soreness), h("div.columns.one", h("div.columns.pair", timer("landing"), timer("mobility")), routine())));
	return { node, end };
}

function routine() {
	return h("section.card", h("h3", say("plan.routine")), h("table", h("tbody", find("plan.rows").map((row) => h("tr", row.map((cell) => h("td", cell)))))), h("p.soft.small", say("plan.routineTail")));
}

/** When something hard was done at a moment, and which of the four sessions since then have been. */
function trial(again) {
	const began = recall("soreness"), now = Date.now() / 1000;
	const begin = h("button", { id: "soreness", onclick: () => {
		remember("soreness", Date.now() / 1000);
		again();
	} }, say(began ? "plan.again" : "plan.begin"));
	return h("section.card", h("h3", say("plan.soreness")), h("p.soft.small", say("plan.sorenessText")),
		h("ol.hours", HOURS.map((hours) => {
			const at = began && began + hours * HOUR_S, left = at && Math.ceil((at - now) / HOUR_S);
			const met = at && (state.sessions || recall("record", [])).some(({ time, seconds }) => Math.abs(time - at) < NEAR_H * HOUR_S && time >= began && seconds >= 600);
			const words = !at ? "" : met ? say("plan.done") : left > 0 ? say("plan.in", { h: left }) : left > -NEAR_H ? say("plan.due") : say("plan.missed");
			return h(`li${met ? ".met" : words === say("plan.due") ? ".due" : ""}`, h("b", say("plan.at", { h: hours })), h("span.small", words));
		})), begin);
}
