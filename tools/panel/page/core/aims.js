// What each zone is meant to get, as far as the page can know: the chosen pressure, and what the wearer changed on top.
import { BOOST } from "../tables.js";
import { builtIn } from "./program.js";
import { busy, state, zones } from "./state.js";

export const program = () => state.programs.find(({ number }) => number === state.status?.program);

/** What is running, or what the next session is. */
export const coming = () => (!busy() && state.programs.find(({ number }) => number === state.chosen?.program)) || program();

/** mmHg for each zone; 0 for one that is left out, or when nothing runs. */
export function aims() {
	const { status, wearer, features } = state;
	if (!status || !["running", "paused", "finishing", "preflight"].includes(status.name)) return zones().map(() => 0);
	return zones().map(({ zone, place, of }) => {
		const own = wearer?.zones[zone];
		if (own?.skip) return 0;
		const less = builtIn(program()?.name, of)?.less[place] || 0;
		const wish = status.pressure_mmhg - less + (own?.boost ? BOOST : 0) - (own?.trim_mmhg || 0);
		return Math.max(0, Math.min(wish, wearer?.most_mmhg || features.cap_mmhg, features.cap_mmhg));
	});
}
