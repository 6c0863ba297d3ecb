// Web Bluetooth: Chrome, Edge and Android.
import { CONSOLE_SERVICE, INFORMATION, SERVICE } from "./codec.js";
import { LinkError } from "./link.js";

const OPEN_MS = 20000;

export const available = () => Boolean(navigator.bluetooth?.requestDevice);

/** Lets the person choose a device; has to be called from a click. */
export async function choose() {
	try {
		const device = await navigator.bluetooth.requestDevice({
			filters: [{ services: [SERVICE] }],
			optionalServices: [CONSOLE_SERVICE, INFORMATION],
		});
		return new Bluetooth(device);
	} catch (error) {
		throw new LinkError(error.name === "NotFoundError" ? "cancelled" : "failed", error.message);
	}
}

export class Bluetooth {
	kind = "bluetooth";
	gone = () => {};
	#device;
	#found = new Map();

	constructor(device) {
		this.#device = device;
		this.id = device.id;
		device.addEventListener("gattserverdisconnected", () => this.gone());
	}

	async open() {
		let timer;
		const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new LinkError("gone", "no answer")), OPEN_MS)));
		try {
			await Promise.race([this.#discover(), late]);
		} catch (error) {
			this.#device.gatt.disconnect();
			throw this.#said(error);
		} finally {
			clearTimeout(timer);
		}
		return { name: this.#device.name || "" };
	}

	async #discover() {
		this.#found.clear();
		const server = await this.#device.gatt.connect();
		for (const uuid of [SERVICE, CONSOLE_SERVICE, INFORMATION]) {
			try {
				const service = await server.getPrimaryService(uuid);
				for (const one of await service.getCharacteristics()) this.#found.set(one.uuid, one);
			} catch (error) {
				if (uuid === SERVICE || error.name !== "NotFoundError") throw error;
			}
		}
	}

	#of(uuid) {
		const found = this.#found.get(uuid);
		if (!found) throw new LinkError("missing", uuid);
		return found;
	}

	#said(error) {
		if (error instanceof LinkError) return error;
		if (/pair|auth|not permitted/i.test(error.message) || error.name === "SecurityError") return new LinkError("refused", error.message);
		if (!this.#device.gatt.connected) return new LinkError("gone", error.message);
		return new LinkError(/in progress/i.test(error.message) ? "busy" : "failed", error.message);
	}

	async #try(operation) {
		try {
			return await operation();
		} catch (error) {
			throw this.#said(error);
		}
	}

	async read(uuid) {
		const value = await this.#try(() => this.#of(uuid).readValue());
		return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
	}

	write(uuid, bytes, fast = false) {
		const one = this.#of(uuid);
		return this.#try(() => (fast ? one.writeValueWithoutResponse(bytes) : one.writeValueWithResponse(bytes)));
	}

	async subscribe(uuid, hear) {
		const one = this.#of(uuid);
		one.oncharacteristicvaluechanged = ({ target: { value } }) => hear(new Uint8Array(value.buffer.slice(0), value.byteOffset, value.byteLength));
		await this.#try(() => one.startNotifications());
	}

	close() {
		this.#device.gatt.disconnect();
	}
}
