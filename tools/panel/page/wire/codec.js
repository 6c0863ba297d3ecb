// The bytes of the protocol (firmware/PROTOCOL.md). A test holds each of them against tools/ble/vectors.json.

const number = (n) => n.toString(16).padStart(4, "0");
const ours = (n) => `9b2f${number(n)}-5c1d-4e6a-8f3b-706572697374`;
const uart = (n) => `6e40${number(n)}-b5a3-f393-e0a9-e50e24dcca9e`;
const sig = (n) => `0000${number(n)}-0000-1000-8000-00805f9b34fb`;

export const SERVICE = ours(0);
export const FEATURES = ours(1), STOP = ours(2), CONTROL_POINT = ours(3), LAST_RESULT = ours(4), STATUS = ours(5), PRESSURES = ours(6);
export const CONSOLE_SERVICE = uart(1), CONSOLE_WRITE = uart(2), CONSOLE_NOTIFY = uart(3);
export const INFORMATION = sig(0x180a), BOARD = sig(0x2a24), FIRMWARE = sig(0x2a26);
export const MAJOR = 1, MINOR = 0;

export const STATES = ["idle", "preflight", "running", "paused", "finishing", "done", "fault", "breathing", "bringup"];
export const RESULTS = ["", "SUCCESS", "NOT_SUPPORTED", "INVALID", "FAILED", "NOT_PERMITTED"];
export const QUIET = 1, WINDOW_OPEN = 2, LOST_WRITES = 4, RISING = 1, NO_ZONE = 255;

// name: [opcode, bytes of each argument, the same in the console's words]
export const COMMANDS = {
	hello: [0x00, [], ""],
	start: [0x01, [1, 1, 1], "start"],
	stop: [0x02, [], "stop"],
	pause: [0x03, [], "pause"],
	resume: [0x04, [], "resume"],
	pressure: [0x05, [1], "set pressure"],
	minutes: [0x06, [1], "set minutes"],
	program: [0x07, [1], "set program"],
	quiet: [0x08, [1], "set quiet"],
	boost: [0x09, [1, 1], "boost"],
	tight: [0x0a, [1], "tight"],
	skip: [0x0b, [1, 1], "skip"],
	time: [0x0c, [4], "set time"],
	rate: [0x0d, [1], ""],
	tingling: [0x0e, [], "tingling"],
	plus: [0x0f, [], "+"],
	minus: [0x10, [], "-"],
};

/** The bytes of a command; arguments may be left out from the end. */
export function encode(name, ...values) {
	const [opcode, sizes] = COMMANDS[name];
	const bytes = [opcode];
	values.forEach((value, index) => {
		for (let at = 0; at < sizes[index]; at++) bytes.push(Math.floor(value / 2 ** (8 * at)) & 255);
	});
	return new Uint8Array(bytes);
}

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function fields(bytes, layout) {
	const data = view(bytes), found = {};
	let at = 0;
	for (const [name, size] of layout) {
		if (at + size > bytes.length) throw new RangeError(`packet too short: no ${name}`);
		found[name] = size === 2 ? data.getUint16(at, true) : data.getUint8(at);
		at += size;
	}
	return found;
}

const FEATURES_FIELDS = ["major", "minor", "legs", "zones_leg_1", "zones_leg_2", "least_mmhg", "most_mmhg", "cap_mmhg",
	"least_minutes", "most_minutes", "most_hz"].map((name) => [name, 1]);
const STATUS_FIELDS = [["state", 1], ["phase", 1], ["cycle", 2], ["seconds_left", 2], ["fault", 1], ["fault_zone", 1], ["notices", 2],
	["pressure_mmhg", 1], ["minutes", 1], ["program", 1], ["flags", 1]];

export const features = (bytes) => fields(bytes, FEATURES_FIELDS);
export const status = (bytes) => fields(bytes, STATUS_FIELDS);

/** One leg's pressures in tenths of mmHg, from the foot. */
export function pressures(bytes) {
	const found = fields(bytes, [["leg", 1], ["sequence", 1], ["flags", 1]]);
	const data = view(bytes);
	found.tenths_mmhg = [];
	for (let at = 3; at + 1 < bytes.length; at += 2) found.tenths_mmhg.push(data.getInt16(at, true));
	return found;
}

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const fromHex = (text) => new Uint8Array((text.match(/../g) || []).map((pair) => parseInt(pair, 16)));
