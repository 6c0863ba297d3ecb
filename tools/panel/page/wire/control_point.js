// Commands and their answers: one at a time, each answered by an indication `80 opcode result`.
import { CONTROL_POINT, RESULTS, encode } from "./codec.js";
import { LinkError } from "./link.js";

const ANSWER_MS = 6000;

export class ControlPoint {
	#write;
	#turn = Promise.resolve();
	#waiting = null;

	/** write(uuid, bytes): a place in the link's queue. */
	constructor(write) {
		this.#write = write;
	}

	/** The result's name; rejects with LinkError. */
	command(name, ...values) {
		const answer = this.#turn.then(() => this.#carryOut(encode(name, ...values)));
		this.#turn = answer.catch(() => {});
		return answer;
	}

	async #carryOut(bytes) {
		let timer;
		const answer = new Promise((done, fail) => (this.#waiting = { opcode: bytes[0], done, fail }));
		answer.catch(() => {});
		try {
			await this.#write(CONTROL_POINT, bytes);
			const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new LinkError("timeout")), ANSWER_MS)));
			return await Promise.race([answer, late]);
		} finally {
			clearTimeout(timer);
			this.#waiting = null;
		}
	}

	hear(bytes) {
		if (this.#waiting?.opcode === bytes[1]) this.#waiting.done(RESULTS[bytes[2]] || "FAILED");
	}

	/** The link is gone. */
	clear() {
		this.#waiting?.fail(new LinkError("gone"));
	}
}
