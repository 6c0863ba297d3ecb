// Commands as a person gives them: what was refused is said plainly, with the device's reason where it has one.
import * as device from "./device.js";
import { COMMANDS } from "../wire/codec.js";
import { find, say } from "./say.js";
import { set } from "./state.js";
import { toast } from "../views/toast.js";

/** True when it was carried out. */
export async function act(name, ...values) {
	try {
		const result = await device.command(name, ...values);
		if (result === "SUCCESS") return true;
		if (result === "NOT_PERMITTED") set({ rights: "watch" });
		toast(result === "FAILED" || result === "INVALID" ? (await reason(name, values)) || say(`result.${result}`) : say(`result.${result}`));
	} catch (error) {
		toast(say(`result.${error.kind}`));
	}
	return false;
}

/** A line on the console; its answer, or null (and a message) when it was refused. */
export async function tell(words, { silent = false } = {}) {
	try {
		const answer = await device.line(words);
		if (answer.ok) return answer;
		if (!silent) toast(plain(answer.last));
	} catch (error) {
		if (!silent) toast(say(`result.${error.kind}`));
	}
	return null;
}

/** Why a command was refused: the console's answer to the same words. Had it been possible by now, it is done. */
async function reason(name, values) {
	if (!COMMANDS[name][2]) return "";
	const switches = name === "quiet" || ((name === "boost" || name === "skip") && values.length > 1);
	const words = values.map((value, at) => (switches && at === values.length - 1 ? (value ? "on" : "off") : value));
	if (name === "start") words.splice(0, 1, (await device.line("programs")).lines[values[0] - 1]?.split(" ")[1]);
	const answer = await device.line([COMMANDS[name][2], ...words].join(" "));
	return answer.ok ? "" : plain(answer.last);
}

/** The device's reason in this page's words, where there are any for it. */
export function plain(text) {
	const [, known] = find("reasons").find(([part]) => text.includes(part)) || [];
	return known || text.replace(/_/g, " ").replace(/ is not allowed; allowed:/, ":").replace(/^\w/, (letter) => letter.toUpperCase());
}
