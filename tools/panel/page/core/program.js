// Programs as data: the lines of firmware/PROGRAMS.md, the short form of tables.js, and what a cycle looks like.
import { MODES, PRESETS, SHARES } from "../tables.js";

const ENDS = { r: "reached", t: "time", b: "both", R: "ramp", B: "ramp reached" };
const LETTERS = Object.fromEntries(Object.entries(ENDS).map(([letter, word]) => [word, letter]));

/** A program: {name, zones, source, pressure, minutes, pressed, less, steps: [{actions, end, ms} or {back, times}]}. */
export const empty = (name, zones) => ({ name, zones, source: "", pressure: [20, 100], minutes: [1, 60], pressed: 90, less: [], steps: [] });

const action = (word) => (word === "v" || word === "vent" ? "vent" : word === "h" || word === "hold" ? "hold" : Number(word));

/** The steps of a mode, or of a preset, for legs of so many zones; null for a name that is in neither table. */
export function builtIn(name, zones) {
	const steps = MODES[PRESETS[name]?.[0] || name]?.[zones - 1];
	if (!steps) return null;
	const program = empty(name, zones);
	for (const step of steps.split(";")) {
		const words = step.slice(1).split(" ");
		if (step[0] === "l") program.less = words.map(Number);
		else if (step[0] === "x") program.steps.push({ back: Number(words[0]), times: Number(words[1]) });
		else {
			const [, letters, end, tenths] = step.match(/^(.*)([rtbRB])(\d*)$/);
			const actions = [...letters.padEnd(zones, letters.at(-1))].map((letter) => SHARES[letter] || action(letter));
			program.steps.push({ actions, end: ENDS[end], ms: tenths * 100 });
		}
	}
	return program;
}

/** Reads what formatted() writes and `program show` lists. The device checks it. */
export function parsed(lines) {
	let program = empty("", 1);
	for (const line of lines) {
		const [word, ...rest] = line.split("#")[0].trim().split(/\s+/);
		const numbers = rest.map(Number);
		if (word === "program") program = empty(rest[0], numbers[1]);
		else if (word === "source") program.source = rest.join(" ");
		else if (word === "pressure" || word === "minutes") program[word] = numbers;
		else if (word === "pressed") program.pressed = numbers[0];
		else if (word === "less") program.less = numbers;
		else if (word === "repeat") program.steps.push({ back: numbers[0], times: numbers[1] });
		else if (word === "step") {
			const end = rest.slice(program.zones), ms = /^\d+$/.test(end.at(-1)) ? Number(end.pop()) : 0;
			program.steps.push({ actions: rest.slice(0, program.zones).map(action), end: end.join(" "), ms });
		}
	}
	return program;
}

export function formatted(program) {
	const lines = [`program ${program.name} ${program.zones}`];
	if (program.source) lines.push(`source ${program.source}`);
	lines.push(`pressure ${program.pressure.join(" ")}`, `minutes ${program.minutes.join(" ")}`);
	if (program.pressed !== 90) lines.push(`pressed ${program.pressed}`);
	if (program.less.some(Boolean)) lines.push(`less ${program.less.join(" ")}`);
	for (const step of program.steps) {
		lines.push(step.back ? `repeat ${step.back} ${step.times}` : `step ${step.actions.join(" ")} ${step.end}${step.end === "reached" ? "" : ` ${step.ms}`}`);
	}
	return lines;
}

const FILL_MS = 5000, VENT_MS = 1500; // what a step takes that ends when the pressure is there: for the picture only

/** One cycle as [{ms, levels}], levels in percent of the set pressure at the end of each step; the first is where it begins. */
export function timeline(program) {
	let levels = Array(program.zones).fill(0), ms = 0;
	const points = [{ ms, levels }], flat = [];
	for (const step of program.steps) {
		if (!step.back) flat.push(step);
		else for (let time = 1, block = flat.slice(-step.back); time < step.times; time++) flat.push(...block);
	}
	for (const { actions, end, ms: given } of flat) {
		const before = levels;
		levels = actions.map((one, zone) => (one === "vent" ? 0 : one === "hold" ? before[zone] : one));
		const moves = Math.max(0, ...levels.map((level, zone) => level - before[zone]));
		const takes = moves ? FILL_MS * (0.3 + (0.7 * moves) / 100) : levels.some((level, zone) => level < before[zone]) ? VENT_MS : 0;
		const whole = LETTERS[end] === "r" ? takes : LETTERS[end] === "t" || LETTERS[end] === "R" ? given : Math.max(given, takes);
		const quick = /^ramp/.test(end) ? whole : Math.min(takes, whole);
		if (quick && quick < whole) points.push({ ms: ms + quick, levels });
		points.push({ ms: (ms += whole), levels });
	}
	return points;
}
