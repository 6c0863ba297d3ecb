// Bring-up and calibration: for whoever built the boots, beside them, with the button held at the connection.
import { tell } from "../core/act.js";
import { h } from "../core/dom.js";
import { pairs } from "../core/lists.js";
import { find, say } from "../core/say.js";
import { may, now, state } from "../core/state.js";
import { LIMITS } from "../tables.js";

const POLL_MS = 1000;

export function card() {
	const steps = h("div"), sensor = h("input", { type: "number", min: 1, max: 12, value: 1, inputmode: "numeric", id: "sensor" });
	const mmhg = h("input", { type: "number", min: 0, max: LIMITS.cap_mmhg[2], value: 60, inputmode: "numeric", id: "gauge" });
	const said = h("p", { role: "status" });
	const calibrate = async (value) => {
		const answer = await tell(`calibrate ${sensor.value} ${value}`);
		if (answer) said.textContent = say("bringup.calibrated", { sensor: sensor.value, mmhg: value });
	};
	const node = h("section.card", h("h3", say("bringup.title")), h("p.soft.small", say("bringup.text")), steps,
		h("details", h("summary", say("bringup.calibrate")), h("p.soft.small", say("bringup.calibrateText")), h("div.fields",
			h("label.field", say("bringup.sensor"), sensor), h("label.field", say("bringup.gauge"), mmhg)),
		h("div.wrap", h("button", { onclick: () => calibrate(0), disabled: !may() }, say("bringup.zero")), h("button", { onclick: () => calibrate(mmhg.value), disabled: !may() }, say("bringup.point"))), said));
	let timer = 0, over = false;
	look();

	async function look() {
		clearTimeout(timer);
		if (over || state.link !== "on" || state.kind === "demo") return;
		const answer = await tell("bringup", { silent: true });
		if (over || !answer) return; // a firmware without it
		const { asks, bringup } = pairs(answer.last), reading = h("input", { type: "number", inputmode: "decimal", "aria-label": say("bringup.gauge") });
		const does = (words) => async () => {
			await tell(words);
			look();
		};
		const button = (word, words) => h("button", { onclick: does(words), disabled: !may() }, say(`bringup.${word}`));
		steps.replaceChildren(h("ol.steps", answer.lines.map(row)), h("div.wrap",
			bringup === "missing" && button("run", "bringup run"), asks === "yes_no" && [button("yes", "yes"), button("no", "no"), button("again", "again")],
			asks === "mmhg" && [reading, h("button.primary", { onclick: () => does(`reads ${reading.value}`)() }, say("common.save"))], asks === "cut" && h("strong", say("bringup.cut"))));
		if (now() === "bringup") timer = setTimeout(look, POLL_MS);
	}
	return { node, end: () => (over = true, clearTimeout(timer)) };
}

function row(line) {
	const [, name, how, rest] = line.match(/^\d+ (\w+) (\w+):? ?(.*)$/) || [null, line, "", ""];
	return h("li", h("span", find("bringup.steps")[name] || name, " ", h("span.tag", find("bringup.how")[how] || how), rest && h("span.small.soft", h("br"), rest)));
}
