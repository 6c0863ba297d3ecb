// Programs of one's own: a grid of zones and steps, a picture of the cycle, and the device's own check.
import { plain, tell } from "../core/act.js";
import * as device from "../core/device.js";
import { h, put, sheet } from "../core/dom.js";
import { builtIn, empty, formatted, parsed } from "../core/program.js";
import { say, zoneName } from "../core/say.js";
import { may, state } from "../core/state.js";
import { LIMITS, LONGEST } from "../tables.js";
import { cycle } from "./cycle.js";
import { toast } from "./toast.js";

const ENDS = ["reached", "time", "both", "ramp", "ramp reached"];
const SHARES = [100, 90, 80, 70, 60, 50, 40, 30, 20, 10];
const count = () => Math.max(state.features?.zones_leg_1 || 4, state.features?.zones_leg_2 || 0);

/** Opens the editor for an own program, or for a new one. */
export async function edit(name) {
	let program = fresh();
	if (name) {
		const answer = await tell(`program show ${name}`);
		if (!answer) return;
		program = parsed(answer.lines);
	}
	const form = h("div.editor"), picture = h("div"), verdict = h("p", { role: "status" });
	const keep = h("button.primary", { id: "keep", onclick: save, disabled: !may() }, say("editor.keep"));
	const dialog = sheet(name || say("choose.newOne"), say("common.close"), h("p.soft.small", say("editor.lead")), form, picture, verdict,
		h("div.wrap", keep, h("button", { onclick: asText }, say("editor.text")), name && h("button.danger", { onclick: remove }, say("choose.remove"))));
	dialog.classList.add("wide");
	draw();

	function draw() {
		form.replaceChildren(head(program), ...program.steps.map((step, at) => row(program, step, at, draw, preview)),
			h("div.wrap", h("button", { id: "addstep", onclick: () => add({ actions: Array(program.zones).fill("hold"), end: "time", ms: 5000 }) }, say("editor.addStep")),
				h("button", { onclick: () => add({ back: 2, times: 2 }) }, say("editor.addRepeat"))));
		preview();
	}
	function add(step) {
		const rest = program.steps.at(-1)?.end === "time" && program.steps.at(-1).actions.every((one) => one === "vent") ? 2 : 0; // before the rest
		program.steps.splice(program.steps.length - rest, 0, step);
		draw();
	}
	function preview() {
		picture.replaceChildren(cycle(program, say("session.cycle")));
	}

	async function save() {
		keep.disabled = true;
		try {
			put(verdict, say("common.loading"));
			const lines = formatted(program);
			const words = ["program put", ...lines.map((line) => `program add ${line}`), `program end ${lines.length}`];
			for (const one of words) {
				const answer = await device.line(one);
				if (!answer.ok) return put(verdict, plain(answer.last));
			}
			toast(say("editor.kept", { name: program.name }));
			await device.programs();
			dialog.close();
		} catch (error) {
			put(verdict, say(`result.${error.kind}`));
		} finally {
			keep.disabled = !may();
		}
	}

	function asText() {
		const area = h("textarea", { "aria-label": say("editor.text") });
		area.value = formatted(program).join("\n");
		const over = sheet(say("editor.text"), say("common.close"), area, h("button.primary", { onclick: () => {
			program = parsed(area.value.split("\n"));
			draw();
			over.close();
		} }, say("editor.take")));
	}

	async function remove() {
		if (!confirm(say("choose.removeSure", { name })) || !(await tell(`program rm ${name}`))) return;
		toast(say("choose.removed"));
		await device.programs();
		dialog.close();
	}
}

function fresh() {
	const zones = count(), program = empty("my_program", zones);
	program.steps = builtIn("sequential", zones).steps;
	program.pressure = [40, 80];
	program.minutes = [10, 30];
	return program;
}

function field(title, value, change, more = {}) {
	const input = h("input", { value, ...more, onchange: () => change(more.type === "number" ? Number(input.value) : input.value) });
	return h("label.field", title, input);
}

function head(program) {
	const pair = (key, at) => field(say(`editor.${key}${at}`), program[key][at], (value) => (program[key][at] = value), { type: "number", min: LIMITS[key === "pressure" ? "pressure_mmhg" : key][0], max: LIMITS[key === "pressure" ? "pressure_mmhg" : key][2], inputmode: "numeric" });
	return h("div.fields", field(say("editor.name"), program.name, (value) => (program.name = value.trim().toLowerCase().replace(/\W+/g, "_")), { maxlength: LONGEST.name, id: "name" }),
		field(say("editor.source"), program.source, (value) => (program.source = value), { maxlength: LONGEST.source }),
		pair("pressure", 0), pair("pressure", 1), pair("minutes", 0), pair("minutes", 1));
}

function pick(title, values, value, words, change) {
	const select = h("select", { "aria-label": title, onchange: () => change(select.value) }, values.map((one) => h("option", { value: one, selected: String(one) === String(value) }, words(one))));
	return select;
}

function row(program, step, at, draw, preview) {
	const drop = h("button.quiet.round", { "aria-label": say("editor.drop", { n: at + 1 }), onclick: () => (program.steps.splice(at, 1), draw()) }, "✕");
	const number = (title, key, scale, more) => {
		const input = h("input", { type: "number", "aria-label": title, value: step[key] / scale, inputmode: "decimal", ...more, onchange: () => {
			step[key] = Math.round(Number(input.value) * 10) / 10 * scale;
			preview();
		} });
		return h("label.small.row", input, h("span.soft", title));
	};
	if (step.back) {
		return h("fieldset.step", h("legend", say("editor.repeat")), h("div.row", number(say("editor.back"), "back", 1, { min: 1 }), number(say("editor.times"), "times", 1, { min: 2 }), drop));
	}
	const cells = step.actions.map((action, place) => h("label.cell", zoneName({ place, of: program.zones }),
		pick(say("editor.cell", { n: at + 1, zone: place + 1 }), [...new Set(["vent", "hold", action, ...SHARES])], action, (one) => say(Number.isInteger(one) ? "editor.share" : `editor.${one}`, { n: one }), (value) => {
			step.actions[place] = Number.isNaN(Number(value)) ? value : Number(value);
			preview();
		})));
	const end = pick(say("editor.ends", { n: at + 1 }), ENDS, step.end, (one) => say(`editor.end.${one}`), (value) => {
		step.end = value;
		step.ms = value === "reached" ? 0 : step.ms || 5000;
		draw();
	});
	return h("fieldset.step", h("legend", say("editor.step", { n: at + 1 })), h("div.cells", cells),
		h("div.row", h("div.grow", end), step.end !== "reached" && number(say("editor.seconds"), "ms", 1000, { min: 0.1, max: 120, step: 0.1 }), drop));
}
