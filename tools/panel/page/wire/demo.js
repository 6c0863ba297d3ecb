// A recorded session, over and over, for where there is neither Bluetooth nor a simulated pair.
import { DEMO } from "../demo.js";
import { BOARD, CONSOLE_NOTIFY, CONSOLE_WRITE, CONTROL_POINT, FEATURES, FIRMWARE, PRESSURES, STATUS, STOP, fromHex } from "./codec.js";
import { LinkError } from "./link.js";

const RUNNING = 2, DONE = 5, ANSWER = 0x80, SUCCESS = 1, FAILED = 4;
const HELLO = 0, START = 1, STOP_COMMAND = 2, PAUSE = 3, RESUME = 4;

export class Demo {
	kind = "demo";
	id = "demo";
	gone = () => {};
	#hear = new Map();
	#at = 0;
	#state = RUNNING;
	#timer = 0;
	#line = "";

	async open() {
		clearInterval(this.#timer);
		this.#timer = setInterval(() => this.#tick(), 1000 / DEMO.hz);
		return { name: "" };
	}

	#sample() {
		const zones = DEMO.features.slice(6, 10).match(/../g).map((one) => parseInt(one, 16)), count = zones[0] + zones[1], from = this.#at * count;
		const all = this.#state === RUNNING ? Array.from(atob(DEMO.mmhg).slice(from, from + count), (one) => one.charCodeAt(0)) : Array(count).fill(0);
		return [all.slice(0, zones[0]), all.slice(zones[0])].filter((leg) => leg.length);
	}

	#status() {
		const bytes = fromHex(DEMO.status), left = 1200 - Math.floor(this.#at / DEMO.hz);
		bytes[0] = this.#state;
		bytes[2] = Math.floor(this.#at / DEMO.hz / DEMO.cycle_s) + 1;
		bytes[4] = left & 255;
		bytes[5] = left >> 8;
		return bytes;
	}

	#tick() {
		if (this.#state === RUNNING) this.#at = (this.#at + 1) % DEMO.samples;
		this.#hear.get(STATUS)?.(this.#status());
		this.#sample().forEach((leg, index) => this.#hear.get(PRESSURES)?.(new Uint8Array([index, this.#at & 255, 1, ...leg.flatMap((mmhg) => [(mmhg * 10) & 255, (mmhg * 10) >> 8])])));
	}

	async read(uuid) {
		if (uuid === FEATURES) return fromHex(DEMO.features);
		if (uuid === STATUS) return this.#status();
		if (uuid === BOARD || uuid === FIRMWARE) return new TextEncoder().encode(uuid === BOARD ? DEMO.board : "");
		throw new LinkError("missing");
	}

	async write(uuid, bytes) {
		if (uuid === STOP) this.#state = DONE;
		if (uuid === CONTROL_POINT) this.#command(bytes[0]);
		if (uuid === CONSOLE_WRITE) this.#typed(new TextDecoder().decode(bytes));
	}

	#command(opcode) {
		if (opcode === START || opcode === RESUME) this.#state = RUNNING;
		if (opcode === STOP_COMMAND) this.#state = DONE;
		if (opcode === PAUSE) this.#state = 3;
		const known = [HELLO, START, STOP_COMMAND, PAUSE, RESUME, 0x0c, 0x0d].includes(opcode);
		setTimeout(() => this.#hear.get(CONTROL_POINT)?.(new Uint8Array([ANSWER, opcode, known ? SUCCESS : FAILED])));
	}

	#typed(text) {
		this.#line += text;
		if (!this.#line.endsWith("\n")) return;
		const answer = DEMO.console[this.#line.trim()] || "error: this is a recording";
		this.#line = "";
		setTimeout(() => this.#hear.get(CONSOLE_NOTIFY)?.(new TextEncoder().encode(answer + "\n")));
	}

	async subscribe(uuid, hear) {
		this.#hear.set(uuid, hear);
	}

	close() {
		clearInterval(this.#timer);
	}
}
