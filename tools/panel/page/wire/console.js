// Lines of text over the Nordic UART Service: one at a time, answered by lines of which the last begins with "ok" or "error: ".
import { CONSOLE_WRITE } from "./codec.js";
import { LinkError } from "./link.js";

const CHUNK = 20; // a packet without any MTU negotiated
const SILENCE_MS = 6000;

export class Console {
	#write;
	#turn = Promise.resolve();
	#text = "";
	#lines = [];
	#answer = null;

	/** write(uuid, bytes): a place in the link's queue. */
	constructor(write) {
		this.#write = write;
	}

	/** {ok, last, lines}: whether it was carried out, the last line without its first word, and the lines before it. */
	line(text) {
		const answer = this.#turn.then(() => this.#say(text));
		this.#turn = answer.catch(() => {});
		return answer;
	}

	async #say(text) {
		this.#text = "";
		this.#lines = [];
		const bytes = new TextEncoder().encode(text + "\n");
		const answer = new Promise((done, fail) => (this.#answer = { done, fail }));
		answer.catch(() => {});
		this.#wait();
		for (let at = 0; at < bytes.length; at += CHUNK) await this.#write(CONSOLE_WRITE, bytes.slice(at, at + CHUNK));
		return answer;
	}

	#wait() {
		const answer = this.#answer;
		clearTimeout(answer.timer);
		answer.timer = setTimeout(() => answer.fail(new LinkError("timeout", "no answer on the console")), SILENCE_MS);
	}

	hear(bytes) {
		this.#text += new TextDecoder().decode(bytes);
		const lines = this.#text.split("\n");
		this.#text = lines.pop();
		if (!this.#answer) return;
		this.#wait();
		for (const line of lines) {
			const [, word, last] = line.match(/^(ok|error:) ?(.*)$/) || [];
			if (!word) {
				this.#lines.push(line.trim());
				continue;
			}
			clearTimeout(this.#answer.timer);
			this.#answer.done({ ok: word === "ok", last, lines: this.#lines });
			this.#answer = null;
			return;
		}
	}

	/** The link is gone. */
	clear() {
		if (this.#answer) clearTimeout(this.#answer.timer);
		this.#answer?.fail(new LinkError("gone"));
		this.#answer = null;
		this.#text = "";
	}
}
