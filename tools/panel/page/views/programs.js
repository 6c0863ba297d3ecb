// What can be started: presets with the guide's advice, the plain patterns, and the wearer's own.
import { builtIn } from "../core/program.js";
import { h, sheet } from "../core/dom.js";
import { find, programName, say } from "../core/say.js";
import { busy, may, set, state, watch } from "../core/state.js";
import { LIMITS, MODES, PRESETS } from "../tables.js";
import { cycle } from "./cycle.js";
import { edit } from "./editor.js";
import { start } from "./bar.js";

const STEP_MMHG = 5;
const zonesOfLeg = () => Math.max(state.features?.zones_leg_1 || 4, state.features?.zones_leg_2 || 0);

/** What the device lists; without one, what the firmware's tables have. */
function everything() {
	if (state.programs.length) return state.programs;
	const row = (name, number, mmhg, minutes) => ({ name, number, mode: true, mmhg: [mmhg[0], mmhg[2]], minutes: [minutes[0], minutes[2]] });
	return [...Object.entries(PRESETS).map(([name, [, mmhg, minutes]], at) => row(name, at + 1, mmhg, minutes)),
		...Object.keys(MODES).map((name, at) => row(name, at + 10, LIMITS.pressure_mmhg, LIMITS.minutes))];
}

export function programs(show) {
	const box = h("div.view");
	const end = watch(["programs", "chosen", "link", "rights", "features", "wearer"], () => {
		const all = everything(), group = (title, rows) => rows.length ? [h("h2", title), h("div.grid", rows.map((one) => tile(one, show)))] : [];
		box.replaceChildren(h("h1", say("choose.title")),
			...group(say("choose.presets"), all.filter(({ name }) => PRESETS[name])), ...group(say("choose.modes"), all.filter(({ name, own }) => !PRESETS[name] && !own)),
			h("h2", say("choose.own")), h("div.grid", all.filter(({ own }) => own).map((one) => tile(one, show)),
				h("button.choice", { id: "write", onclick: () => edit(null) }, h("span", say("choose.newOne")), h("small", say("editor.lead")), h("b", "+"))),
			advice());
	});
	return { node: box, end };
}

function tile(one, show) {
	const steps = builtIn(one.name, zonesOfLeg()), words = find(`programs.${one.name}`);
	const picture = steps && h("div", { style: { width: "84px" } }, cycle(steps));
	return h("button.choice", { onclick: () => open(one, show), "data-program": one.name, "aria-pressed": String(state.chosen?.program === one.number) },
		h("span", programName(one.name)), h("small", words?.short || range(one)), picture && h("b", picture));
}

const range = ({ mmhg, minutes }) => mmhg ? say("choose.range", { low: mmhg[0], high: mmhg[1], least: minutes[0], most: minutes[1] }) : "";

function open(one, show) {
	const words = find(`programs.${one.name}`) || {}, steps = builtIn(one.name, zonesOfLeg()), preset = PRESETS[one.name];
	const most = Math.min(one.mmhg?.[1] || 100, state.wearer?.most_mmhg || 200), least = one.mmhg?.[0] || LIMITS.pressure_mmhg[0];
	const wish = { mmhg: clamp(preset?.[1][1] || state.status?.pressure_mmhg || 55, least, most), minutes: preset?.[2][1] || state.status?.minutes || 20 };
	const [shortest, longest] = one.minutes || [1, 60];
	wish.minutes = clamp(wish.minutes, shortest, longest);
	const use = (goes) => () => {
		set({ chosen: { program: one.number, mmhg: wish.mmhg, minutes: wish.minutes, least, most } });
		dialog.close();
		show("session");
		if (goes) start();
	};
	const tooHigh = most < least;
	const dialog = sheet(programName(one.name), say("common.close"),
		h("p", words.short || "", h("br"), h("span.soft.small", range(one))),
		steps && cycle(steps, say("session.cycle")),
		words.when && h("dl.small", h("dt.soft", say("choose.when")), h("dd", words.when), h("dt.soft", say("choose.feel")), h("dd", words.feel)),
		tooHigh ? h("p.card.warn", say("choose.first")) : [
			stepper(say("session.pressure"), "common.mmhg", wish, "mmhg", least, most, STEP_MMHG, say("session.less"), say("session.more")),
			shortest < longest ? stepper(say("session.time"), "common.minutes", wish, "minutes", shortest, longest, longest > 30 ? 5 : 1, say("choose.fewer"), say("choose.longer"))
				: h("p.small", `${say("session.time")}: ${say("common.minutes", { n: shortest })}`)],
		h("div.wrap", h("button.primary", { disabled: !may() || busy() || tooHigh, onclick: use(false) }, say("choose.use")),
			h("button.starts", { disabled: !may() || busy() || tooHigh, onclick: use(true) }, say("choose.start")),
			one.own && h("button", { onclick: () => (dialog.close(), edit(one.name)) }, say("choose.edit"))),
		preset && h("div.small", ["before", "after"].map((key) => paragraph(find(`advice.${key}`)))));
}

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

function stepper(title, unit, wish, key, low, high, by, lessWord, moreWord) {
	const figure = h("span.num"), shown = () => (figure.textContent = say(unit, { n: wish[key] }));
	const step = (way) => () => {
		wish[key] = clamp(Math.round(wish[key] / by) * by + way * by, low, high);
		shown();
	};
	shown();
	return h("div.stepper", { role: "group", "aria-label": title }, h("button", { onclick: step(-1), "aria-label": lessWord }, "−"),
		h("output", { "aria-live": "polite" }, figure, h("small", title)), h("button", { onclick: step(1), "aria-label": moreWord }, "+"));
}

const paragraph = ([title, text]) => h("p", h("strong", title, ". "), text);

function advice() {
	return h("section.card.tint", Object.values(find("advice")).map(paragraph));
}
