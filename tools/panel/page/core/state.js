// What is known right now, and who hears when it changes.
export const state = {
	link: "off", // off, connecting, on, lost, foreign (another protocol)
	kind: "", // bluetooth, simulator, demo
	name: "",
	board: "",
	firmware: "",
	rights: "watch", // owner: may command
	pairing: false, // the person wants to pair: as soon as the window is open
	stopping: false, // a stop that could not be sent yet
	features: null,
	status: null,
	legs: [], // mmHg of each zone, leg by leg, from the foot
	pump: false,
	wearer: null,
	radio: null, // {name, links, paired, link}
	programs: [],
	sessions: null,
	theme: "", // light or dark
	chosen: null, // {program, mmhg, minutes} for the next session
};

const watchers = new Set();
let changed = new Set();

/** Changes some of it; watchers are told together, once. */
export function set(patch) {
	for (const [key, value] of Object.entries(patch)) {
		if (state[key] === value) continue;
		state[key] = value;
		if (!changed.size) queueMicrotask(tell);
		changed.add(key);
	}
}

function tell() {
	const now = changed;
	changed = new Set();
	for (const { keys, see } of [...watchers]) if (keys.some((key) => now.has(key))) see();
}

/** Calls see() now and whenever one of the keys has changed; returns what ends that. */
export function watch(keys, see) {
	const watcher = { keys, see };
	watchers.add(watcher);
	see();
	return () => watchers.delete(watcher);
}

export const BUSY = ["preflight", "running", "paused", "finishing", "breathing"];
/** Name of the session's state, "" without a device. */
export const now = () => (state.status ? state.status.name : "");
export const busy = () => BUSY.includes(now());
export const may = () => state.link === "on" && state.rights === "owner";

/** Zones in the order of their numbers, over both legs: {zone (from 0), leg, place (from 0), of}. */
export function zones() {
	const { features } = state;
	if (!features) return [];
	const counts = [features.zones_leg_1, features.zones_leg_2].slice(0, features.legs);
	return counts.flatMap((of, leg) => Array.from({ length: of }, (_, place) => ({ leg, place, of }))).map((one, zone) => ({ zone, ...one }));
}
