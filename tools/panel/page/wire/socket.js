// The simulated pair over a WebSocket: the same packets, carried by tools/panel/guest.py.
import { fromHex, toHex } from "./codec.js";
import { LinkError } from "./link.js";

const KINDS = ["gone", "refused", "missing", "busy"];

export class Socket {
	kind = "simulator";
	gone = () => {};
	#url;
	#socket = null;
	#waiting = new Map();
	#hear = new Map();
	#last = 0;

	constructor(path, id) {
		this.#url = new URL(path, location.href.replace(/^http/, "ws"));
		this.id = id;
	}

	async open() {
		if (this.#socket?.readyState !== WebSocket.OPEN) await this.#dial();
		this.#hear.clear();
		const { name } = await this.#ask({ op: "connect", phone: this.id });
		return { name };
	}

	#dial() {
		return new Promise((done, fail) => {
			const socket = (this.#socket = new WebSocket(this.#url));
			socket.onopen = () => done();
			socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
			socket.onclose = () => {
				fail(new LinkError("gone", "the simulator does not answer"));
				for (const { fail } of this.#waiting.values()) fail(new LinkError("gone"));
				this.#waiting.clear();
				if (this.#socket === socket) this.gone();
			};
		});
	}

	#take(message) {
		if (message.gone) return this.gone();
		if (message.told) return this.#hear.get(message.told)?.(fromHex(message.hex));
		const waiting = this.#waiting.get(message.id);
		this.#waiting.delete(message.id);
		if (!message.error) waiting?.done(message);
		else waiting?.fail(new LinkError(KINDS.includes(message.kind) ? message.kind : "failed", message.error));
	}

	#ask(message) {
		if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.reject(new LinkError("gone"));
		const id = ++this.#last;
		return new Promise((done, fail) => {
			this.#waiting.set(id, { done, fail });
			this.#socket.send(JSON.stringify({ ...message, id }));
		});
	}

	async read(uuid) {
		return fromHex((await this.#ask({ op: "read", uuid })).hex);
	}

	async write(uuid, bytes, fast = false) {
		await this.#ask({ op: "write", uuid, hex: toHex(bytes), fast });
	}

	async subscribe(uuid, hear) {
		this.#hear.set(uuid, hear);
		await this.#ask({ op: "subscribe", uuid });
	}

	/** What a person beside the pair does, see tools/panel/hands.py. */
	hand(act, more = {}) {
		return this.#ask({ op: "hand", do: act, ...more });
	}

	close() {
		this.#ask({ op: "disconnect" }).catch(() => {});
	}
}
