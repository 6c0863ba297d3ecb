// Words: every one the panel shows comes from en.js. To translate it, write a file like it and name it here.
import { words } from "../en.js";

/** The text of "group.key" with {names} filled in; the key itself where there is none. */
export function say(key, values = {}) {
	const text = find(key);
	return typeof text === "string" ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : key;
}

/** Whatever stands there: a text, a list or an object; undefined where there is nothing. */
export const find = (key) => key.split(".").reduce((at, name) => at?.[name], words);

export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;

/** What a person calls a zone: foot, calf, ... */
export function zoneName({ place, of }) {
	return find("zones")[of][place];
}

export const programName = (name) => find(`programs.${name}.name`) || name.replaceAll("_", " ");
