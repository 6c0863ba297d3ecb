// Bring-up and calibration: for whoever built the boots, beside them, with the button held at the connection.
import { tell } from "../core/act.js";
import { h } from "../core/dom.js";
import { pairs } from "../core/lists.js";
import { find, say } from "../core/say.js";
import { may, state } from "../core/state.js";
import { LIMITS } from "../tables.js";

const POLL_MS = 1000;

export function card() {
	const steps = h("div"), said = h("p", { role: "status" }), whole = (id, min, max, value) => h("input", { type: "number", min, max, value, inputmode: "numeric", id });
	const sensor = whole("sensor", 1, 12, 1), mmhg = whole("gauge", 0, LIMITS.cap_mmhg[2], 60);
	const reading = h("input", { type: "number", inputmode: "decimal", "aria-label": say("bringup.gauge") });
	const button = (word, onclick) => h("button", { onclick, disabled: !may() }, say(`bringup.${word}`));
	const calibrate = async (value) => {
		said.textContent = (await tell(`calibrate ${sensor.value} ${value}`)) ? say("bringup.calibrated", { sensor: sensor.value, mmhg: value }) : "";
	};
	const node = h("section.card", h("h3", say("bringup.title")), h("p.soft.small", say("bringup.text")), steps,
		h("details", h("summary", say("bringup.calibrate")), h("p.soft.small", say("bringup.calibrateText")), h("div.fields",
			h("label.field", say("bringup.sensor"), sensor), h("label.field", say("bringup.gauge"), mmhg)),
		h("div.wrap", button("zero", () => calibrate(0)), button("point", () => calibrate(mmhg.value))), said));
	let timer = 0, over = false, shown = "";
	look();

	async function look() {
		clearTimeout(timer);
		if (over || state.link !== "on" || state.kind === "demo") return;
		const answer = await tell("bringup", { silent: true });
		const { asks, bringup } = pairs(answer?.last || "");
		if (over || (!answer && !shown)) return; // a firmware without it
		if (!answer || bringup === "running") timer = setTimeout(look, POLL_MS); // busy for a moment, or a step goes on
		const told = [may(), ...(answer?.lines || []), answer?.last].join();
		if (!answer || told === shown) return; // who is typing goes on typing
		shown = told;
		reading.value = "";
		const does = (words) => async () => {
			await tell(words());
			look();
		};
		const answers = (...words) => words.map((word) => button(word, does(() => word)));
		steps.replaceChildren(h("ol.steps", answer.lines.map(row)), h("div.wrap",
			bringup === "missing" && button("run", does(() => "bringup run")), asks === "yes_no" && answers("yes", "no", "again"),
			asks === "mmhg" && [reading, h("button.primary", { onclick: does(() => `reads ${reading.value}`) }, say("common.save"))], asks === "cut" && h("strong", say("bringup.cut"))));
	}
	return { node, end: () => (over = true, clearTimeout(timer)) };
}

function row(line) {
	const [, name, how, rest] = line.match(/^\d+ (\w+) (\w+):? ?(.*)$/) || [null, line, "", ""];
	return h("li", h("span", find("bringup.steps")[name] || name, " ", h("span.tag", find("bringup.how")[how] || how), rest && h("span.small.soft", h("br"), rest)));
}
