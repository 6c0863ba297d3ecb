// The page: header, one view at a time, the bar, the tabs.
import { hooks } from "./core/device.js";
import { h, icon, put } from "./core/dom.js";
import { recall } from "./core/memory.js";
import { programName, say } from "./core/say.js";
import { set, state, watch } from "./core/state.js";
import * as bar from "./views/bar.js";
import { chip, foreign, welcome } from "./views/connect.js";
import { deviceView } from "./views/device.js";
import { plan } from "./views/plan.js";
import { programs } from "./views/programs.js";
import { session } from "./views/session.js";
import { alarm, toast } from "./views/toast.js";

const ICONS = {
	session: "M8 3h8M8 3c0 6 1 9 1 12l-5 3v3h12l-.5-6C16 11 16 7 16 3",
	programs: "M4 18c2-9 4-9 6 0s4 9 6 0 3-7 4-7", plan: "M5 5h14v15H5zM5 10h14M9 3v4M15 3v4", device: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v3M12 19v3M2 12h3M19 12h3",
};
const VIEWS = { session, programs, plan, device: deviceView };
let shown = null, name = "session";

function theme() {
	const chosen = recall("theme", "auto");
	document.documentElement.dataset.theme = chosen !== "auto" ? chosen : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
	set({ theme: document.documentElement.dataset.theme });
}

export function show(next = name) {
	name = next;
	shown?.end();
	shown = state.link === "off" && name === "session" ? welcome() : state.link === "foreign" ? foreign() : VIEWS[name](show, theme);
	const main = document.getElementById("main");
	main.replaceChildren(shown.node);
	for (const tab of document.querySelectorAll("#tabs button")) tab.toggleAttribute("aria-current", tab.dataset.view === name);
	scrollTo(0, 0);
}

function frame() {
	put(document.querySelector(".skip"), say("app.skip"));
	document.getElementById("top").append(h("div.brand", h("img", { src: "icon.svg", alt: "" }), say("app.name")), chip());
	bar.mount(document.getElementById("bar"));
	const tabs = document.getElementById("tabs");
	tabs.append(...Object.keys(VIEWS).map((one) => {
		const tab = h("button", { onclick: () => show(one) }, icon(ICONS[one]), say(`tabs.${one}`));
		tab.dataset.view = one;
		return tab;
	}));
	let on = null;
	watch(["link"], () => {
		const now = state.link === "off" || state.link === "foreign" ? state.link : "on";
		if (on !== now) show();
		on = now;
	});
}

hooks.told = (kind, detail) => {
	if (kind === "lost") alarm(say("link.lostLong"));
	if (kind === "newer") toast(say("link.newer", { version: `${detail.major}.${detail.minor}` }));
	if (kind === "back") toast(say("link.back"));
	if (kind === "notstopped") alarm(say("session.notSent"));
	if (kind === "stopped") toast(say("session.stopped"));
	if (kind === "refused") toast(say("pairing.refused"));
	if (kind === "elsewhere") toast(say("link.elsewhere", { what: describe(detail) }));
};

const describe = ({ key, value }) => key === "pressure_mmhg" ? say("common.mmhg", { n: value }) : key === "minutes" ? say("common.minutes", { n: value })
	: programName(state.programs.find(({ number }) => number === value)?.name || "");

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);
theme();
frame();

if (navigator.serviceWorker) {
	navigator.serviceWorker.register("sw.js").then(() => navigator.serviceWorker.ready).then(({ active }) =>
		active.postMessage(["./", ...performance.getEntriesByType("resource").map(({ name }) => name).filter((one) => one.startsWith(location.origin))])).catch(() => {});
}
