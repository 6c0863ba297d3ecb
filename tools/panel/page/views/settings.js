// Settings: each is a word of the console, and what the device refuses is said with its reason.
import { tell } from "../core/act.js";
import * as device from "../core/device.js";
import { h } from "../core/dom.js";
import { recall, remember } from "../core/memory.js";
import { find, say } from "../core/say.js";
import { may, state } from "../core/state.js";
import { LIMITS } from "../tables.js";

async function change(words) {
	await tell(words);
	await device.wearer();
}

function select(key, word, value, options) {
	const box = h("select", { id: `set-${key}`, disabled: !may(), onchange: () => change(`set ${word} ${box.value}`) },
		options.map((one) => h("option", { value: one, selected: String(one) === String(value) }, find(`settings.${key}Options`)?.[one] || String(one))));
	return h("label.field", say(`settings.${key}`), box, h("small", say(`settings.${key}Text`)));
}

const steps = ([low, , high], by) => Array.from({ length: Math.floor((high - low) / by) + 1 }, (_, at) => low + at * by);

export function card(theme) {
	const { wearer } = state;
	const look = h("select", { id: "theme", onchange: () => (remember("theme", look.value), theme()) },
		["auto", "light", "dark"].map((one) => h("option", { value: one, selected: recall("theme", "auto") === one }, say(`settings.themes.${one}`))));
	const rows = [h("label.field", say("settings.theme"), look)];
	if (wearer) {
		rows.push(
			select("cap", "cap", wearer.cap_mmhg, [...new Set([...steps(LIMITS.cap_mmhg, 10), wearer.cap_mmhg])].sort((a, b) => a - b)),
			select("comfort", "comfort", wearer.comfort, ["on", "off"]), select("leg", "leg", wearer.leg, state.features.legs > 1 ? ["both", 1, 2] : ["both", 1]),
			state.features.legs > 1 && select("legs", "legs", wearer.arrangement, ["together", "alternating", "offset"]),
			select("pace", "pace", wearer.pace_percent, steps(LIMITS.pace_percent, 10)), select("breathing", "breathing", wearer.breathing_min, [0, 2, 3]));
		const policy = state.radio?.link;
		if (policy) rows.push(select("loss", "link", policy, ["finish", "soften", "stop"]));
		const name = h("input", { id: "set-name", maxlength: 28, value: state.radio?.name || "", disabled: !may() });
		rows.push(h("label.field", say("settings.name"), h("span.row", name, h("button", { onclick: () => change(`set name ${name.value}`), disabled: !may() }, say("common.save")))));
	}
	return h("section.card", h("h3", say("settings.title")), !wearer && h("p.soft.small", say("settings.connect")), rows);
}
