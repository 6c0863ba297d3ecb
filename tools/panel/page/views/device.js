// The device: faults, journal, zones, settings, pairing, bring-up; for the simulated pair somebody's hands.
import { tell } from "../core/act.js";
import * as device from "../core/device.js";
import { h } from "../core/dom.js";
import { pairs } from "../core/lists.js";
import { say, zoneName } from "../core/say.js";
import { may, set, state, watch, zones } from "../core/state.js";
import * as bringup from "./bringup.js";
import { card as faultCard, words } from "./faults.js";
import { explain } from "./pairing.js";
import * as settings from "./settings.js";
import { toast } from "./toast.js";

export function deviceView(_show, theme) {
	const ends = [], keep = (keys, see) => ends.push(watch(keys, see));
	const own = h("div"), journal = h("div"), health = h("div"), bench = bringup.card();
	ends.push(bench.end);
	keep(["wearer", "rights", "link", "radio"], () => own.replaceChildren(settings.card(theme)));
	keep(["link", "rights"], () => {
		read(journal, "journal", journalRow, may());
		read(health, "zones", zoneRow, state.link === "on");
		radio();
	});
	const node = h("div.view", h("h1", say("device.title")), faultCard(keep), h("div.columns", own,
		h("div.columns.one", section("device.health", health, () => read(health, "zones", zoneRow, true)), section("device.journal", journal, () => read(journal, "journal", journalRow, may())), pairing(keep),
			device.hasHands() && hands(), bench.node)));
	return { node, end: () => ends.forEach((end) => end()) };
}

async function radio() {
	if (state.link !== "on" || state.kind === "demo") return;
	const answer = await tell("radio", { silent: true });
	if (!answer) return;
	const told = pairs(answer.last.replace(/name=(.*?) links=/, (_, name) => `name=${name.replaceAll(" ", "\u00a0")} links=`));
	set({ radio: { ...told, name: String(told.name).replaceAll("\u00a0", " ") } });
}

const section = (title, box, again) => h("section.card", h("header", h("h3", say(title)), h("button.quiet", { onclick: again }, say("plan.reload"))), box);

async function read(box, line, row, allowed) {
	if (!allowed) return box.replaceChildren(h("p.soft.small", say(state.link === "on" ? "pairing.watch" : "settings.connect")));
	box.replaceChildren(h("p.soft.small", say("common.loading")));
	const answer = await tell(line, { silent: true });
	if (!answer) return box.replaceChildren(h("p.soft.small", say("device.nothing")));
	const rows = answer.lines.map(row);
	box.replaceChildren(rows.length ? h("div.scroll", h("table", h("tbody", line === "journal" ? rows.reverse() : rows))) : h("p.soft.small", say("device.nothing")));
}

/** "0:01:12 fault 4 sensor low zone 2 3 mmHg": time since start-up, and in plain words what is a fault or a notice. */
function journalRow(line) {
	const [time, ...rest] = line.split(" ");
	const text = rest.join(" ").replace(/(\d+) min since 2000/, (_, minutes) => new Date(Date.UTC(2000, 0, 1) + minutes * 60000).toLocaleString("en"));
	const [, number] = text.match(/^(?:fault|notice) (\d+)/) || [];
	return h("tr", h("td.soft.num", time), h("td", number ? [h("strong", words(Number(number)).name), h("br"), h("span.small", words(Number(number)).text)] : text.replaceAll("_", " ")));
}

function zoneRow(line) {
	const [, number, rest] = line.match(/^zone (\d+): (.*)$/) || [], told = pairs(rest || ""), one = zones()[number - 1];
	const out = /left out: (.*)/.exec(rest || "")?.[1];
	return h("tr", h("td", one ? `${say("common.zone", { number, name: zoneName(one) })} · ${say("common.leg", { number: one.leg + 1 })}` : number), h("td.num", told.leak_mmhg_10s > 0 ? say("device.leak", { n: told.leak_mmhg_10s }) : say("device.tight")),
		h("td.num", told.vent_ms > 0 ? say("device.vent", { n: (told.vent_ms / 1000).toFixed(1) }) : ""), h("td", out ? `${say("zone.skipped")}: ${out}` : ""));
}

function pairing(keep) {
	const fine = h("p.soft.small"), node = h("section.card", h("h3", say("device.pairing")), h("p.small", say("pairing.text")), fine,
		h("div.wrap", h("button", { onclick: explain }, say("pairing.title")), h("button.danger", { onclick: forget }, say("device.forget"))));
	keep(["radio", "link", "rights"], () => {
		fine.textContent = state.radio ? `${say("link.second", { n: state.radio.links })} ${say("device.paired", { n: state.radio.paired })}` : say("pairing.forget");
		node.querySelectorAll("button")[1].hidden = !may();
	});
	async function forget() {
		if (confirm(say("device.forgetSure")) && (await tell("unpair all"))) toast(say("device.forgotten"));
	}
	return node;
}

/** What somebody beside the simulated pair can do. */
function hands() {
	const act = (word, what, more) => h("button", { onclick: () => device.hand(what, more).then(() => toast(say("hands.did"))), id: `hand-${word}` }, say(`hands.${word}`));
	return h("section.card.tint", h("h3", say("hands.title")), h("p.small", say("hands.text")), h("div.wrap",
		act("press", "button", { seconds: 0.2 }), act("hold", "button", { seconds: 3.3 }), act("away", "away"), act("hose", "hose", { zone: 1, off: true }), act("hoseOn", "hose", { zone: 1, off: false }),
		act("sensor", "sensor", { off: true }), act("sensorOn", "sensor", { off: false }), act("power", "power"), ...[1, 5, 20].map((times) => h("button", { onclick: () => device.hand("speed", { times }) }, `× ${times}`))));
}
