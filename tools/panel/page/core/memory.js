// What this browser remembers. A browser that forbids it forgets at the end of the visit.

const fallback = new Map();

export function recall(key, otherwise = null) {
	try {
		const text = localStorage.getItem(`peristal.${key}`);
		return text === null ? otherwise : JSON.parse(text);
	} catch {
		return fallback.has(key) ? fallback.get(key) : otherwise;
	}
}

export function remember(key, value) {
	fallback.set(key, value);
	try {
		localStorage.setItem(`peristal.${key}`, JSON.stringify(value));
	} catch {
		// full or forbidden: for this visit only
	}
}
