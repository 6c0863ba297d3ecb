// The bar that is always there: stop, and beside it what comes next. The space bar stops, wherever the focus is.
import * as device from "../core/device.js";
import { act } from "../core/act.js";
import { coming } from "../core/aims.js";
import { h, put, sheet } from "../core/dom.js";
import { programName, say } from "../core/say.js";
import { busy, may, now, set, state, watch } from "../core/state.js";
import { acknowledged } from "./acknowledge.js";
import { alarm } from "./toast.js";

const NEXT = { idle: "start", done: "start", running: "pause", paused: "resume" };
const TYPING = "input:not([type=checkbox], [type=range], [type=radio]), textarea, select";
const USES_SPACE = "input, summary, button:not(#next, .starts)"; // while nothing runs; what starts is never pressed by a space meant to stop

export function stop() {
	device.stop();
	if (state.link === "lost" || state.link === "connecting") alarm(say("session.stopWaits"));
}

/** Starts what is chosen, after the contraindications were acknowledged. */
export async function start() {
	if (!(await acknowledged())) return;
	const { status, chosen } = state;
	const { program, mmhg, minutes } = chosen || { program: status.program, mmhg: status.pressure_mmhg, minutes: status.minutes };
	if (await act("start", program, mmhg, minutes)) set({ chosen: null });
}

export function mount(bar) {
	const words = h("span"), what = h("span"), fine = h("small");
	sheet.foot = (dialog) => {
		const foot = h("button.stop.foot", { onclick: stop, "aria-keyshortcuts": "Space" }, say("session.stop"));
		dialog.addEventListener("close", watch(["link", "status"], () => (foot.hidden = state.link === "off" || !busy())));
		return foot;
	};
	const stopButton = h("button.stop", { id: "stop", onclick: stop, "aria-keyshortcuts": "Space" }, words, h("span.hint", say("session.stopKey")));
	const next = h("button.primary", { id: "next", onclick: () => (NEXT[now()] === "start" ? start() : act(NEXT[now()])) }, what, fine);
	bar.append(stopButton, next);
	watch(["link", "status", "rights", "stopping", "chosen", "programs"], () => {
		const comes = NEXT[now()];
		bar.hidden = state.link === "off";
		document.documentElement.style.setProperty("--bar", state.link === "off" ? "0px" : "76px");
		put(words, state.stopping ? say("session.stopping") : say("session.stop"));
		put(what, say(`session.${comes || "start"}`));
		put(fine, comes === "start" ? say("plan.session", { program: programName(coming()?.name || ""), mmhg: state.chosen?.mmhg || state.status.pressure_mmhg }) : "");
		next.hidden = !may() || (!comes && now() !== "fault");
		next.disabled = !comes;
	});
	addEventListener("keydown", (event) => spaceStops(event, true), true);
	addEventListener("keyup", (event) => spaceStops(event, false), true); // else a focused button would be pressed too
}

function spaceStops(event, down) {
	if (event.code !== "Space" || state.link === "off" || event.target.closest?.(TYPING)) return;
	if (!busy() && event.target.closest?.(USES_SPACE)) return;
	event.preventDefault();
	event.stopPropagation();
	if (down && !event.repeat) stop();
}
