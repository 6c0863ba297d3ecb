// The rolling plot: pressures of one leg over the last minute.
import { aims } from "../core/aims.js";
import { h } from "../core/dom.js";
import { say, zoneName } from "../core/say.js";
import { state, watch, zones } from "../core/state.js";
import { isDark } from "../core/tone.js";

const SHOWN_MS = 60000, FRAME_MS = 90;
const COLOURS = ["#b4541a", "#946c00", "#2b7d4f", "#1967b3", "#6a45c9", "#b3255c"];
const DARK_COLOURS = ["#ff9a5a", "#f0c64a", "#6fd69a", "#79b8ff", "#b9a1ff", "#ff8fb8"];

export function plot() {
	let leg = 0, samples = [], drawn = 0;
	const canvas = h("canvas.plot", { role: "img" });
	const legend = h("div.wrap.small"), pick = h("div.wrap");
	const node = h("section.card", h("header", h("h3", say("session.plot")), pick), canvas, legend);
	const ends = [
		watch(["legs"], () => {
			if (!state.legs.length) return void (samples = []);
			const at = performance.now();
			samples.push({ at, legs: state.legs });
			while (samples[0].at < at - SHOWN_MS - 1000) samples.shift();
			if (at - drawn > FRAME_MS) draw();
		}),
		watch(["features", "theme"], legends),
	];
	const resized = new ResizeObserver(draw);
	resized.observe(canvas);

	function legends() {
		const count = state.features?.legs || 1;
		pick.replaceChildren(...(count < 2 ? [] : [0, 1].map((one) => h("button.chip", { "aria-pressed": String(one === leg), onclick: () => {
			leg = one;
			legends();
			draw();
		} }, say("session.showLeg", { n: one + 1 })))));
		const colours = isDark() ? DARK_COLOURS : COLOURS;
		legend.replaceChildren(...zones().filter((one) => one.leg === leg).map((one) =>
			h("span.row", { style: { gap: "6px" } }, h("i.dot", { style: { background: colours[one.place] } }), `${one.place + 1} ${zoneName(one)}`)));
	}

	function draw() {
		drawn = performance.now();
		const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
		if (!width) return;
		if (canvas.width !== Math.round(width * ratio)) [canvas.width, canvas.height] = [width * ratio, height * ratio].map(Math.round);
		const pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement), soft = style.getPropertyValue("--soft");
		const cap = state.features?.cap_mmhg || 120, aim = Math.max(...aims(), 0);
		const top = Math.min(cap + 10, Math.max(70, (aim || state.status?.pressure_mmhg || 0) + 30));
		const left = 30, right = width - 8, bottom = height - 8, y = (mmhg) => bottom - (Math.max(0, mmhg) / top) * (bottom - 8);
		const x = (at) => right - ((drawn - at) / SHOWN_MS) * (right - left);
		pen.setTransform(ratio, 0, 0, ratio, 0, 0);
		pen.clearRect(0, 0, width, height);
		pen.font = "12px system-ui";
		pen.lineWidth = 1;
		for (let mmhg = 0; mmhg <= top; mmhg += top > 90 ? 40 : 20) rule(mmhg, style.getPropertyValue("--line"), [], mmhg);
		if (aim) rule(aim, style.getPropertyValue("--brand"), [5, 4]);
		if (cap <= top) rule(cap, style.getPropertyValue("--stop"), [2, 3], cap);
		const colours = isDark() ? DARK_COLOURS : COLOURS;
		pen.lineJoin = "round";
		pen.lineWidth = 2;
		const count = state.legs[leg]?.length || 0;
		for (let place = 0; place < count; place++) {
			pen.strokeStyle = colours[place];
			pen.beginPath();
			for (const { at, legs } of samples) if (legs[leg] && x(at) >= left) pen.lineTo(x(at), y(legs[leg][place]));
			pen.stroke();
		}
		canvas.setAttribute("aria-label", say("session.plotLabel", { leg: leg + 1, values: (state.legs[leg] || []).map(Math.round).join(", ") }));

		function rule(mmhg, colour, dash, figure) {
			pen.strokeStyle = colour;
			pen.setLineDash(dash);
			pen.beginPath();
			pen.moveTo(left, y(mmhg));
			pen.lineTo(right, y(mmhg));
			pen.stroke();
			pen.setLineDash([]);
			pen.fillStyle = soft;
			if (figure !== undefined) pen.fillText(figure, 2, y(mmhg) + 4);
		}
	}
	return { node, end: () => (ends.forEach((end) => end()), resized.disconnect()) };
}
