// The landing before and the mobility after: a few steps with a clock, each said.
import { h, put, sheet } from "../core/dom.js";
import { clock, find, say } from "../core/say.js";

export function card(kind) {
	return h("section.card", h("h3", say(`plan.${kind}`)), h("p.soft.small", say(`plan.${kind}Text`)),
		h("ol.steps", find(`plan.${kind}Steps`).map(([text, seconds]) => h("li", h("span.row", h("span.grow", text), h("span.soft.num", clock(seconds)))))),
		h("button.primary", { id: kind, onclick: () => run(kind) }, say("plan.start")));
}

export function run(kind) {
	const steps = find(`plan.${kind}Steps`);
	let at = -1, endMs = 0;
	const line = h("h3", { role: "status" }), figure = h("p.time.num", { style: { fontSize: "3.5rem", fontWeight: 650, lineHeight: 1 } }), fine = h("p.soft");
	const next = h("button.primary", { onclick: forward }, say("plan.next"));
	const dialog = sheet(say(`plan.${kind}`), say("common.close"), line, figure, fine, next);
	const timer = setInterval(tick, 250);
	dialog.addEventListener("close", () => clearInterval(timer));
	forward();

	function forward() {
		at += 1;
		if (at >= steps.length) {
			put(line, say("plan.finished"));
			put(figure, "");
			put(fine, "");
			next.hidden = true;
			clearInterval(timer);
			return;
		}
		const [text, seconds] = steps[at];
		endMs = Date.now() + seconds * 1000;
		put(line, text);
		put(fine, say("plan.of", { n: at + 1, all: steps.length }));
		navigator.vibrate?.(200);
		tick();
	}
	function tick() {
		const left = Math.ceil((endMs - Date.now()) / 1000);
		if (left <= 0) forward();
		else put(figure, clock(left));
	}
}
