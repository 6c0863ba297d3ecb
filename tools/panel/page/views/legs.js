// The legs: a sleeve in outline, its zones filled with the colour of their pressure, with target and limit.
import { h, svg } from "../core/dom.js";
import { say } from "../core/say.js";
import { HIGH_MMHG, tone } from "../core/tone.js";

const OUTLINE = "M33 24C33 8 45 6 60 6L146 6C161 6 170 10 170 24C171 82 163 128 151 168C147 186 159 208 159 240C158 288 139 318 136 350C135 366 145 382 145 398" +
	"C145 411 138 417 127 417L32 417C13 417 5 409 8 397C12 382 36 378 53 366C70 354 79 341 80 319C82 284 71 248 69 210C68 188 56 176 52 158C42 118 34 72 33 24Z";
const WIDTH = 176, HEIGHT = 420, ANKLE = 338, TOP = 4;
const MIDDLE = [[0, 102], [60, 101], [120, 101], [170, 103], [240, 114], [318, 109], [340, 107], [394, 86]]; // x of the middle, by y
const TRACK = 58; // width of the bar that ends at the limit

let made = 0;

/** Upper edges of the zones, from the foot: the last is the top. */
function edges(count) {
	if (count === 1) return [HEIGHT, TOP];
	const step = (ANKLE - TOP) / (count - 1);
	return [HEIGHT, ...Array.from({ length: count }, (_, at) => ANKLE - at * step)];
}

function middle(y) {
	const at = Math.max(1, MIDDLE.findIndex(([limit]) => limit >= y));
	const [[y0, x0], [y1, x1]] = [MIDDLE[at - 1], MIDDLE[at]];
	return x0 + ((x1 - x0) * (y - y0)) / (y1 - y0);
}

const band = (top, bottom) => `M-6 ${top}Q88 ${top + 16} 182 ${top}V${bottom}Q88 ${bottom + 16}-6 ${bottom}Z`;

/**
 * One leg of so many zones. touched(place) is called for a zone; without it the leg is a picture only.
 * update(mmhg, aims, {limit, pump, marks, label}) shows them; marks: a short text for each zone, or "".
 */
export function leg(index, count, touched) {
	const id = `leg${++made}`, mirrored = index % 2 === 1, y = edges(count);
	const x = (at) => (mirrored ? WIDTH - middle(at) : middle(at));
	const parts = Array.from({ length: count }, (_, place) => part(place));
	const flip = mirrored ? `translate(${WIDTH} 0) scale(-1 1)` : null;
	const node = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: touched ? "group" : "img", "aria-label": say("common.leg", { number: index + 1 }) },
		svg("defs", {},
			svg("clipPath", { id }, svg("path", { d: OUTLINE, transform: flip })),
			svg("linearGradient", { id: `${id}g` }, svg("stop", { offset: 0, "stop-color": "#fff", "stop-opacity": 0.3 }),
				svg("stop", { offset: 0.5, "stop-color": "#fff", "stop-opacity": 0.02 }), svg("stop", { offset: 1, "stop-color": "#000", "stop-opacity": 0.16 }))),
		parts.map(({ group }) => group),
		svg("path", { d: OUTLINE, transform: flip, fill: `url(#${id}g)`, "pointer-events": "none" }));

	function part(place) {
		const top = place === count - 1 ? -20 : y[place + 1], bottom = place === 0 ? HEIGHT + 20 : y[place];
		const at = count === 1 ? 180 : place === 0 ? 386 : (y[place + 1] + bottom) / 2 + 8, centre = x(at);
		const skin = svg("path", { class: "skin", d: band(top + 2.5, bottom - 2.5), "clip-path": `url(#${id})` });
		const sheen = svg("path", { class: "sheen", d: band(top + 2.5, bottom - 2.5), "clip-path": `url(#${id})` });
		const ring = svg("path", { class: "ring", d: band(top + 4, bottom - 4), "clip-path": `url(#${id})` });
		const figure = svg("text", { x: centre, y: at + 3 }), mark = svg("text", { class: "mark", x: centre, y: at - 19 });
		const bar = { x: centre - TRACK / 2, y: at + 11, height: 5, rx: 2.5 };
		const track = svg("rect", { ...bar, width: TRACK, opacity: 0.22 }), level = svg("rect", { ...bar, width: 0 });
		const tick = svg("rect", { y: at + 8, width: 2.6, height: 11, rx: 1.3, opacity: 0 });
		const group = svg("g", { class: "zone", ...(touched ? { role: "button", tabindex: 0 } : { "aria-hidden": "true" }) },
			skin, sheen, ring, track, level, tick, figure, mark);
		if (touched) {
			group.addEventListener("click", () => touched(place));
			group.addEventListener("keydown", (event) => event.key === "Enter" && touched(place));
		}
		return { group, skin, figure, mark, track, level, tick, centre };
	}

	let last = [];
	function update(mmhg, aims, { limit = 120, pump = false, marks = [], label } = {}) {
		parts.forEach(({ group, skin, figure, mark, track, level, tick, centre }, place) => {
			const value = Math.max(0, mmhg[place] ?? 0), aim = aims[place] || 0, { fill, ink } = tone(value, aim);
			skin.style.fill = fill;
			for (const one of [figure, mark, track, level, tick]) one.setAttribute("fill", ink);
			figure.textContent = Math.round(value);
			mark.textContent = marks[place] || "";
			const share = (one) => Math.min(1, one / limit) * TRACK;
			level.setAttribute("width", share(value));
			tick.setAttribute("x", centre - TRACK / 2 + share(aim) - 1.3);
			tick.setAttribute("opacity", aim ? 1 : 0);
			group.classList.toggle("filling", pump && value > (last[place] ?? value) + 0.4);
			if (label) group.setAttribute("aria-label", label(place, Math.round(value), aim && value > aim + HIGH_MMHG));
		});
		last = [...mmhg];
	}
	update([], []);
	return { node, update };
}

/** Legs that only decorate: a gentle wave. */
export function picture(counts = [4, 4]) {
	const legs = counts.map((count, index) => leg(index, count));
	legs.forEach(({ node, update }, index) => {
		node.setAttribute("aria-hidden", "true");
		update([66, 60, 42, 16].slice(0, counts[index]), []);
		node.querySelectorAll("text, rect").forEach((one) => one.remove());
	});
	return h("div.legs", legs.map(({ node }) => node));
}
