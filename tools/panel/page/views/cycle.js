// A program's cycle as a small picture: a row for each zone, foot at the bottom.
import { svg } from "../core/dom.js";
import { timeline } from "../core/program.js";

const WIDTH = 320, ROW = 26, GAP = 4;

export function cycle(program, label = "") {
	const points = timeline(program), whole = points.at(-1).ms || 1, count = program.zones;
	const x = (ms) => (ms / whole) * WIDTH;
	const rows = Array.from({ length: count }, (_, zone) => {
		const bottom = (count - zone) * ROW - GAP / 2, y = (level) => bottom - (level / 100) * (ROW - GAP);
		const path = points.map(({ ms, levels }) => `L${x(ms).toFixed(1)} ${y(levels[zone]).toFixed(1)}`).join("");
		return [svg("rect", { x: 0, y: bottom - ROW + GAP, width: WIDTH, height: ROW - GAP, rx: 5, fill: "var(--sunk)" }),
			svg("path", { d: `M0 ${bottom}${path}L${WIDTH} ${bottom}Z`, fill: "var(--brand)", opacity: 0.55 + (0.4 * zone) / Math.max(1, count - 1) })];
	});
	return svg("svg", { class: "cycle", viewBox: `0 0 ${WIDTH} ${count * ROW}`, ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) }, rows);
}
