/** `name=value` pairs of a line; whole numbers become numbers. */
export const pairs = (text) =>
	Object.fromEntries([...text.matchAll(/(\w+)=(\S+)/g)].map(([, key, value]) => [key, /^-?\d+$/.test(value) ? Number(value) : value]));

/** Everything that can be started: {number, name, mode, mmhg: [low, high], minutes: [low, high], own}. */
export function readPrograms(lines) {
	return lines.map((one) => {
		const [, number, name, rest] = one.match(/^(\d+) (\S+) (.*)$/) || [];
		const [, mode, low, high, least, most] = rest?.match(/^(\S+) (\d+)-(\d+) mmHg (\d+)-(\d+) min/) || [];
		return { number: Number(number), name, own: !mode, mode, mmhg: mode && [+low, +high], minutes: mode && [+least, +most] };
	}).filter(({ name }) => name);
}

/** What is remembered of the wearer: {zones: [{trim_mmhg, boost, skip}], sessions, most_mmhg, quiet, cap_mmhg, ...}. */
export function readWearer(lines) {
	const found = { zones: [] };
	for (const one of lines) {
		const told = pairs(one);
		if (one.startsWith("zone ")) found.zones.push({ trim_mmhg: told.trim_mmhg, boost: told.boost === "on", skip: told.skip === "on" });
		else Object.assign(found, told);
	}
	return found;
}

/** The record: {time, program, pressure_mmhg, seconds, cycles, ended, dose: [mmHg x min of each zone]}, oldest first as the device has them. */
export const readRecord = (lines) =>
	lines.map((one) => ({ ...pairs(one), dose: String(pairs(one).dose ?? "").split(",").map(Number) })).filter(({ seconds }) => seconds >= 0);
