// The one device this page talks to: connecting, commands, and what it tells.
import * as codec from "../wire/codec.js";
import { Console } from "../wire/console.js";
import { ControlPoint } from "../wire/control_point.js";
import { LinkError, Queue } from "../wire/link.js";
import { readPrograms, readWearer } from "./lists.js";
import { recall, remember } from "./memory.js";
import { busy, set, state } from "./state.js";

const PAIRING_MS = 60000; // a person reads a dialog
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const ALIVE_MS = 10000; // a link that says nothing for 30 s is dropped
const RATE_HZ = 5;
const OWN_MS = 3000; // after a command a changed status is its doing
const STOP_WISH_MS = 120000;

let link = null;
let queue = new Queue();
let talk = null;
let point = null;
let wanted = false; // the person wants to be connected
let retry = 0, retryTimer = 0, aliveTimer = 0, stopBy = 0;
let ownChange = 0, unheard = 0;
/** Set by whoever shows messages: told(kind, detail). */
export const hooks = { told: () => {} };

const run = (operation, options) => queue.run(operation, options);

/** Connects over a transport (see wire/link.js) and stays connected until disconnect(). Throws LinkError. */
export async function connect(transport) {
	disconnect();
	link = transport;
	link.gone = () => lost(transport);
	wanted = true;
	retry = 0;
	set({ link: "connecting", kind: link.kind, rights: "watch", pairing: false, stopping: false });
	try {
		await open();
	} catch (error) {
		if (state.link === "on" || state.link === "lost") return; // it had begun: lost() looks after it
		disconnect();
		throw error;
	}
}

/** Ends the link for good. */
export function disconnect() {
	wanted = false;
	clearTimeout(retryTimer);
	clearInterval(aliveTimer);
	forgetLink();
	link?.close();
	link = null;
	set({ link: "off", kind: "", name: "", status: null, features: null, legs: [], rights: "watch", pairing: false, wearer: null, radio: null,
		programs: [], sessions: null, chosen: null, stopping: false });
}

/** What the simulated pair's hands can do; nothing on a real device. */
export const hand = (act, more) => link?.hand?.(act, more);
export const hasHands = () => Boolean(link?.hand);

function forgetLink() {
	queue.clear();
	talk?.clear();
	point?.clear();
}

async function open() {
	const here = link;
	queue = new Queue();
	point = new ControlPoint((uuid, bytes) => run(() => here.write(uuid, bytes), { ms: PAIRING_MS }));
	talk = new Console((uuid, bytes) => run(() => here.write(uuid, bytes)));
	const { name } = await here.open();
	if (here !== link) return;
	sendWishedStop();
	const features = codec.features(await run(() => here.read(codec.FEATURES)));
	if (features.major !== codec.MAJOR) {
		set({ link: "foreign", name, features });
		return;
	}
	await run(() => here.subscribe(codec.STATUS, hearStatus));
	await run(() => here.subscribe(codec.PRESSURES, hearPressures));
	await run(() => here.subscribe(codec.CONTROL_POINT, (bytes) => point.hear(bytes)));
	await run(() => here.subscribe(codec.CONSOLE_NOTIFY, (bytes) => talk.hear(bytes)));
	hearStatus(await run(() => here.read(codec.STATUS)));
	set({ link: "on", name, features, board: await text(codec.BOARD), firmware: await text(codec.FIRMWARE) });
	retry = 0;
	clearInterval(aliveTimer);
	aliveTimer = setInterval(() => run(() => here.read(codec.STATUS)).then(hearStatus, () => {}), ALIVE_MS);
	if (features.minor > codec.MINOR) hooks.told("newer", features);
	await programs();
	if (here.kind === "demo" || recall(`owner.${here.id}`)) await hello();
}

async function text(uuid) {
	try {
		return new TextDecoder().decode(await run(() => link.read(uuid)));
	} catch {
		return "";
	}
}

function lost(transport) {
	if (transport !== link || !wanted || state.link === "off") return;
	const first = state.link !== "lost";
	forgetLink();
	clearInterval(aliveTimer);
	if (state.link === "connecting") return; // connect() itself hears of it
	set({ link: "lost", rights: "watch" });
	if (first) hooks.told("lost");
	clearTimeout(retryTimer);
	retryTimer = setTimeout(again, RETRY_MS[Math.min(retry++, RETRY_MS.length - 1)]);
}

async function again() {
	const here = link;
	try {
		await open();
		hooks.told("back");
	} catch {
		if (here === link && wanted) {
			set({ link: "lost" });
			clearTimeout(retryTimer);
			retryTimer = setTimeout(again, RETRY_MS[Math.min(retry++, RETRY_MS.length - 1)]);
		}
	}
}

// What the device tells

function hearStatus(bytes) {
	const told = codec.status(bytes);
	told.name = codec.STATES[told.state] || `state ${told.state}`;
	const before = state.status;
	set({ status: told });
	if (!before) return;
	if (before.name !== told.name && told.name === "done") wearer().catch(() => {}); // boosts were for that session
	for (const key of ["pressure_mmhg", "minutes", "program"]) {
		if (before[key] !== told[key] && Date.now() > ownChange && busy()) hooks.told("elsewhere", { key, value: told[key] });
	}
	if (told.flags & codec.WINDOW_OPEN && state.pairing) hello();
}

function hearPressures(bytes) {
	const told = codec.pressures(bytes);
	const legs = [...state.legs];
	legs[told.leg] = told.tenths_mmhg.map((tenths) => tenths / 10);
	set({ legs, pump: Boolean(told.flags & codec.RISING) });
}

// Commands

/** The result's name, SUCCESS or why not; rejects with LinkError. One at a time: each waits for the answer to the one before. */
export function command(name, ...values) {
	ownChange = Date.now() + OWN_MS;
	return point ? point.command(name, ...values) : Promise.reject(new LinkError("gone"));
}

/** A line on the console, see wire/console.js. */
export const line = (words) => (talk ? talk.line(words) : Promise.reject(new LinkError("gone")));

/** Asks whether this link may command; on an encrypted characteristic that is what makes the system pair. */
export async function hello() {
	if (state.rights === "owner" || hello.asking) return;
	hello.asking = true;
	const here = link;
	try {
		const owner = (await command("hello")) === "SUCCESS";
		if (!owner) return hooks.told("refused");
		remember(`owner.${here.id}`, true);
		unheard = 0;
		set({ rights: "owner", pairing: false });
		await command("time", Math.floor(Date.now() / 1000));
		await command("rate", RATE_HZ);
		await wearer();
	} catch (error) {
		// A device that lets nobody in ends the link over it. Two in a row, and one that knew this phone knows it no longer.
		const stranger = !recall(`owner.${here.id}`) || (state.rights !== "owner" && ++unheard > 1);
		if (error.kind !== "refused" && !(error.kind === "gone" && stranger)) return;
		remember(`owner.${here.id}`, false);
		set({ pairing: false });
		hooks.told("refused");
	} finally {
		hello.asking = false;
	}
}

/** Stops. Without a link the wish is kept and sent as soon as there is one. */
export async function stop() {
	stopBy = Date.now() + STOP_WISH_MS;
	set({ stopping: true });
	if (state.link === "on" || state.link === "foreign") await sendWishedStop();
}

async function sendWishedStop() {
	if (!state.stopping) return;
	const here = link;
	if (Date.now() > stopBy) return set({ stopping: false });
	try {
		await run(() => here.write(codec.STOP, new Uint8Array([0]), true), { first: true });
		set({ stopping: false });
		hooks.told("stopped");
	} catch {
		hooks.told("notstopped");
	}
}

// Lists that the console has

export async function programs() {
	set({ programs: readPrograms((await line("programs")).lines) });
}

export async function wearer() {
	const { ok, lines } = await line("wearer");
	if (ok) set({ wearer: readWearer(lines) });
}
