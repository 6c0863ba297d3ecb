// The session: both legs live, time left, pressure, and what can be changed on the way.
import { act } from "../core/act.js";
import { aims, coming } from "../core/aims.js";
import { h, put, sheet } from "../core/dom.js";
import { builtIn } from "../core/program.js";
import { clock, find, programName, say, zoneName } from "../core/say.js";
import { busy, may, now, set, state, watch, zones } from "../core/state.js";
import { rampStyle } from "../core/tone.js";
import { QUIET } from "../wire/codec.js";
import { cycle } from "./cycle.js";
import { card as faultCard } from "./faults.js";
import { leg } from "./legs.js";
import { card as pairingCard } from "./pairing.js";
import { plot } from "./plot.js";
import { run } from "./timers.js";
import { open as openZone } from "./zone_sheet.js";

export function session(show) {
	const ends = [];
	const keep = (keys, see) => ends.push(watch(keys, see));
	const rolling = plot();
	ends.push(rolling.end);
	const node = h("div.view.session", pairingCard(keep), faultCard(keep), stage(keep), chosen(keep, show), cycleCard(keep), rolling.node, felt(keep));
	return { node, end: () => ends.forEach((end) => end()) };
}

function stage(keep) {
	const time = h("span"), unit = h("small"), line = h("p", { role: "status", id: "state" }), fine = h("p.soft.small");
	const done = h("i"), box = h("div.legs", { role: "group", "aria-label": say("session.legs") });
	const scale = h("div.scale");
	let legs = [];
	keep(["features", "theme"], () => {
		const all = zones();
		legs = [0, 1].slice(0, state.features?.legs || 0).map((index) => {
			const own = all.filter((one) => one.leg === index);
			return { own, ...leg(index, own.length, (place) => openZone(own[place])) };
		});
		box.replaceChildren(...legs.map(({ node }) => node));
		if (state.features) scale.replaceChildren("0", h("i", { style: { background: rampStyle() } }), say("session.limit", { n: state.features.cap_mmhg }), h("b"), say("session.target"));
	});
	keep(["legs", "wearer", "status", "features", "theme"], () => {
		const targets = aims();
		legs.forEach(({ own, update }, index) => update(state.legs[index] || [], own.map(({ zone }) => targets[zone]), {
			limit: state.features?.cap_mmhg, pump: state.pump, marks: own.map(({ zone }) => mark(zone)), label: (place, mmhg, high) => label(own[place], mmhg, high),
		}));
	});
	keep(["status", "chosen"], () => {
		const { status } = state;
		if (!status) return;
		const minutes = state.chosen?.minutes || status.minutes;
		put(time, busy() ? clock(status.seconds_left) : `${minutes}:00`);
		put(unit, busy() ? say("session.left") : "");
		put(line, say(`state.${now()}`));
		put(fine, detail(status));
		done.style.width = busy() ? `${100 - (100 * status.seconds_left) / (status.minutes * 60 || 1)}%` : "0";
	});
	return h("section.stage.card", h("div.hero", line, h("p.time", time, unit), fine, h("div.progress", { "aria-hidden": "true" }, done)), box, scale, pressure(keep),
		h("p.soft.small", { style: { textAlign: "center" } }, say("session.touch")));
}

function detail(status) {
	if (status.name === "running") return say(`phase.${status.phase}`, { cycle: status.cycle });
	if (status.name === "breathing") return say(status.seconds_left % 10 < 5 ? "session.breatheOut" : "session.breatheIn");
	if (status.name === "paused") return say("session.phasePaused");
	return status.name === "idle" ? say("session.idleText") : "";
}

function mark(zone) {
	const own = state.wearer?.zones[zone];
	if (!own) return "";
	if (own.skip) return say("zone.skipped");
	return [own.boost && "+10", own.trim_mmhg && `−${own.trim_mmhg}`].filter(Boolean).join(" ");
}

function label(one, mmhg, high) {
	const own = state.wearer?.zones[one.zone], more = [];
	if (own?.boost) more.push(say("zone.boostOn"));
	if (own?.trim_mmhg) more.push(say("zone.trim", { n: own.trim_mmhg }));
	if (own?.skip) more.push(say("zone.skipped"));
	if (high) more.push(say("zone.high"));
	return say("zone.label", { leg: one.leg + 1, zone: one.zone + 1, name: zoneName(one), mmhg, more: more.map((text) => `, ${text}`).join("") });
}

function pressure(keep) {
	const output = h("output", { "aria-live": "polite" }), unit = h("small", say("session.pressure"));
	const figure = h("span.num");
	output.append(figure, unit);
	const step = (by) => () => {
		const { chosen } = state;
		if (!chosen || busy()) return act(by > 0 ? "plus" : "minus");
		const mmhg = Math.min(chosen.most, Math.max(chosen.least, chosen.mmhg + by));
		set({ chosen: { ...chosen, mmhg } });
	};
	const less = h("button", { id: "less", onclick: step(-5), "aria-label": say("session.less") }, "−");
	const more = h("button", { id: "more", onclick: step(5), "aria-label": say("session.more") }, "+");
	keep(["status", "chosen", "rights", "link"], () => {
		const mmhg = (!busy() && state.chosen?.mmhg) || state.status?.pressure_mmhg || 0;
		put(figure, say("common.mmhg", { n: mmhg }));
		less.disabled = more.disabled = !may() || now() === "fault";
	});
	return h("div.stepper", { role: "group", "aria-label": say("session.pressure") }, less, output, more);
}

function chosen(keep, show) {
	const name = h("h3"), fine = h("p.soft.small"), quiet = h("button.chip", { id: "quiet", onclick: () => act("quiet", state.status.flags & QUIET ? 0 : 1) }, say("session.quiet"));
	const change = h("button", { onclick: () => show("programs") }, say("session.choose"));
	keep(["status", "chosen", "programs", "rights", "link"], () => {
		const { status } = state, one = coming();
		put(name, programName(one?.name || ""));
		put(fine, find(`programs.${one?.name}.short`) || "");
		quiet.setAttribute("aria-pressed", String(Boolean(status && status.flags & QUIET)));
		quiet.disabled = !may();
		change.hidden = busy();
	});
	const timers = ["landing", "mobility"].map((kind) => h("button.chip", { onclick: () => run(kind) }, say(`plan.${kind}`)));
	keep(["status"], () => timers.forEach((one, at) => (one.hidden = now() !== ["idle", "done"][at])));
	return h("section.card", h("div.row", h("div.grow", name, fine), change), h("div.wrap", quiet, timers));
}

function cycleCard(keep) {
	const box = h("div"), node = h("section.card", h("h3", say("session.cycle")), box);
	let shown = "";
	keep(["status", "chosen", "programs", "features"], () => {
		const one = coming();
		const key = `${one?.name} ${state.features?.zones_leg_1}`;
		if (key === shown) return;
		shown = key;
		const steps = one && state.features && builtIn(one.name, state.features.zones_leg_1);
		node.hidden = !steps;
		box.replaceChildren(...(steps ? [cycle(steps, `${say("session.cycle")}: ${programName(one.name)}`)] : []));
	});
	return node;
}

function felt(keep) {
	const button = h("button.danger", { id: "tingling", onclick: () => {
		const dialog = sheet(say("session.tinglingTitle"), say("common.close"), h("p", say("session.tinglingText")),
			h("button.stop", { onclick: () => (act("tingling"), dialog.close()) }, say("session.tinglingDo")));
	} }, say("session.tingling"));
	keep(["status", "rights"], () => (button.hidden = !may() || !(busy() || now() === "done")));
	return button;
}
