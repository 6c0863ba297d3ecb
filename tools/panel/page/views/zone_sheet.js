// What can be done to one zone: boost it, ease it where it is too tight, leave it out.
import { act, tell } from "../core/act.js";
import { aims } from "../core/aims.js";
import * as device from "../core/device.js";
import { h, put, sheet } from "../core/dom.js";
import { say, zoneName } from "../core/say.js";
import { may, state, watch } from "../core/state.js";

export function open(one) {
	const number = one.zone + 1, own = () => state.wearer?.zones[one.zone];
	const now = h("p.num.soft");
	const boost = choice("zone.boost", "zone.boostText", () => act("boost", number, own()?.boost ? 0 : 1), "boost");
	const tight = choice("zone.tight", "zone.tightText", () => act("tight", number), "tight");
	const skip = choice("zone.skip", "zone.skipText", () => act("skip", number, own()?.skip ? 0 : 1), "skip");
	const undo = h("button.quiet", { onclick: () => after(tell(`trim ${number} 0`)) }, say("zone.untrim"));
	const dialog = sheet(`${say("common.zone", { number, name: zoneName(one) })} · ${say("common.leg", { number: one.leg + 1 })}`, say("common.close"),
		now, boost, tight, skip, undo);

	function choice(title, text, does, id) {
		return h("button.choice", { id, onclick: () => after(does()) }, h("span", say(title)), h("small", say(text)), h("b"));
	}
	async function after(done) {
		if (await done) await device.wearer();
	}
	const end = watch(["legs", "wearer", "status", "rights", "link"], () => {
		const mmhg = Math.round(Math.max(0, state.legs[one.leg]?.[one.place] || 0)), aim = aims()[one.zone];
		put(now, [say("zone.now", { mmhg }), aim && say("zone.aim", { mmhg: aim })].filter(Boolean).join(" · "));
		boost.setAttribute("aria-pressed", String(Boolean(own()?.boost)));
		skip.setAttribute("aria-pressed", String(Boolean(own()?.skip)));
		put(tight.querySelector("b"), own()?.trim_mmhg ? `−${own().trim_mmhg}` : "");
		put(boost.querySelector("b"), own()?.boost ? "+10" : "");
		undo.hidden = !own()?.trim_mmhg;
		for (const button of [boost, tight, skip, undo]) button.disabled = !may();
		if (state.link === "off") dialog.close();
	});
	dialog.addEventListener("close", end);
}
