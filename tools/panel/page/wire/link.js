// What every transport offers, so that nothing above it knows which one it is:
//   open() -> {name}          connects; may be called again after the link was lost
//   read(uuid), write(uuid, bytes, fast), subscribe(uuid, hear), close()
//   gone()                    set by the owner: called when the link is lost
//   id, kind                  to know it again; "bluetooth", "simulator" or "demo"
// All of them refuse a second operation while one is in flight: that is what Queue is for.

/** kind: gone, refused (not paired), missing (no such characteristic), busy, cancelled (by the person), timeout, failed. */
export class LinkError extends Error {
	constructor(kind, message = kind) {
		super(message);
		this.kind = kind;
	}
}

const OPERATION_MS = 8000;

/** One operation at a time, in order; `first` goes before whatever waits. */
export class Queue {
	#waiting = [];
	#busy = false;
	#abandon = () => {};

	run(operation, { first = false, ms = OPERATION_MS } = {}) {
		return new Promise((done, fail) => {
			const entry = { operation, ms, done, fail };
			if (first) this.#waiting.unshift(entry);
			else this.#waiting.push(entry);
			this.#next();
		});
	}

	/** The link is gone: what waits will not happen, and what is under way may never be answered. */
	clear() {
		for (const entry of this.#waiting.splice(0)) entry.fail(new LinkError("gone"));
		this.#abandon(new LinkError("gone"));
	}

	async #next() {
		if (this.#busy || !this.#waiting.length) return;
		this.#busy = true;
		const { operation, ms, done, fail } = this.#waiting.shift();
		let timer;
		const late = new Promise((_, reject) => {
			this.#abandon = reject;
			timer = setTimeout(() => reject(new LinkError("timeout")), ms);
		});
		try {
			done(await Promise.race([operation(), late]));
		} catch (error) {
			fail(error instanceof LinkError ? error : new LinkError("failed", error.message));
		}
		clearTimeout(timer);
		this.#busy = false;
		this.#next();
	}
}
