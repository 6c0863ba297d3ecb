// The record by week: what the device remembers of its last 32 sessions, and what this browser kept of those before.
import { tell } from "../core/act.js";
import { h } from "../core/dom.js";
import { readRecord } from "../core/lists.js";
import { recall, remember } from "../core/memory.js";
import { find, programName, say } from "../core/say.js";
import { may, set, state } from "../core/state.js";

const DAY_S = 86400, KEPT = 400;
const same = (one) => `${one.time} ${one.program} ${one.seconds}`;

/** Reads the device's record and merges it with what is kept here. */
export async function load() {
	if (!may()) return;
	const answer = await tell("record", { silent: true });
	if (!answer) return;
	const kept = new Map(recall("record", []).map((one) => [same(one), one]));
	for (const one of readRecord(answer.lines)) if (one.time) kept.set(same(one), one);
	const all = [...kept.values()].sort((a, b) => b.time - a.time).slice(0, KEPT);
	remember("record", all);
	set({ sessions: [...all, ...readRecord(answer.lines).filter(({ time }) => !time)] });
}

function monday(time) {
	const day = new Date(time * 1000);
	day.setHours(0, 0, 0, 0);
	day.setDate(day.getDate() - ((day.getDay() + 6) % 7));
	return day.getTime() / 1000;
}

const ended = (how) => find("plan.ended")[how] || say("plan.endedFault");

export function card() {
	const all = state.sessions || recall("record", []), now = Date.now() / 1000, start = monday(now);
	const dated = all.filter(({ time }) => time), week = dated.filter(({ time }) => time >= start);
	const before = dated.filter(({ time }) => time < start && time >= monday(start - DAY_S)), undated = all.length - dated.length;
	return h("section.card", h("header", h("h3", say("plan.week")), h("span.soft.small", summary(week))),
		bars(week, start), before.length > 0 && h("p.soft.small", `${say("plan.weekBefore")}: ${summary(before)}`),
		doses(week), undated > 0 && h("p.soft.small", say("plan.undated", { n: undated })),
		all.length ? h("div.scroll", h("table", h("tbody", all.slice(0, 8).map(row)))) : h("p.soft", say("plan.none")));
}

const summary = (rows) => rows.length ? `${say("plan.sessions", { n: rows.length })}, ${say("plan.total", { minutes: Math.round(rows.reduce((sum, { seconds }) => sum + seconds, 0) / 60) })}` : "";

const row = (one) => h("tr", h("td", one.time ? new Date(one.time * 1000).toLocaleDateString("en", { weekday: "short", day: "numeric", month: "short" }) : "–"),
	h("td", say("plan.session", { program: programName(one.program), mmhg: one.pressure_mmhg })), h("td", say("common.minutes", { n: Math.round(one.seconds / 60) })), h("td.soft", ended(one.ended)));

function bars(week, start) {
	const minutes = Array(7).fill(0);
	for (const { time, seconds } of week) minutes[Math.min(6, Math.floor((time - start) / DAY_S))] += seconds / 60;
	const top = Math.max(30, ...minutes), today = (new Date().getDay() + 6) % 7;
	return h("div.week", { role: "img", "aria-label": minutes.map((one, at) => `${dayName(start, at)} ${Math.round(one)}`).join(", ") },
		minutes.map((one, at) => h("div", h("i", { style: { height: `${(one / top) * 72}px` } }), h("small", { style: at === today ? { fontWeight: 700 } : {} }, dayName(start, at)))));
}

const dayName = (start, at) => new Date((start + at * DAY_S + DAY_S / 2) * 1000).toLocaleDateString("en", { weekday: "short" });

function doses(week) {
	const count = Math.max(0, ...week.map(({ dose }) => dose.length));
	if (!count) return null;
	const sums = Array.from({ length: count }, (_, zone) => week.reduce((sum, { dose }) => sum + (dose[zone] || 0), 0));
	return h("p.soft.small.num", `${say("plan.dose")}: ${sums.join(" · ")}`);
}
