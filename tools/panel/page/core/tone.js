// What colour a pressure has: one ramp for each theme. The figure always stands beside it.

const LIGHT = [[0, 0xdde5e1], [15, 0xb4dccf], [40, 0x5bbda8], [70, 0x128579], [100, 0x0a5b66], [120, 0x33306e]];
const DARK = [[0, 0x26322f], [15, 0x1d4a42], [40, 0x1d8274], [70, 0x35bfab], [100, 0x8fe9d8], [120, 0xd9d0ff]];
const HIGH = 0xd98a00;
export const HIGH_MMHG = 15; // above its target

const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
export const isDark = () => document.documentElement.dataset.theme === "dark";

function ramp(stops, mmhg) {
	const above = Math.max(1, stops.findIndex(([at]) => at >= mmhg)), at = mmhg > stops.at(-1)[0] ? stops.length - 1 : above;
	const [[low, from], [high, to]] = [stops[at - 1], stops[at]];
	const share = Math.min(1, Math.max(0, (mmhg - low) / (high - low))), end = parts(to);
	return parts(from).map((part, index) => Math.round(part + (end[index] - part) * share));
}

/** {fill, ink}: the colour of a zone, and one that can be read on it. */
export function tone(mmhg, target = 0) {
	const rgb = target && mmhg > target + HIGH_MMHG ? parts(HIGH) : ramp(isDark() ? DARK : LIGHT, mmhg);
	const [r, g, b] = rgb.map((part) => (part / 255) ** 2.2);
	const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
	return { fill: `rgb(${rgb})`, ink: light > 0.19 ? "#0b1a17" : "#ffffff" };
}

export const rampStyle = () => `linear-gradient(90deg, ${(isDark() ? DARK : LIGHT).map(([at]) => `${tone(at).fill} ${at / 1.2}%`)})`;
