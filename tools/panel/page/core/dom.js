// Elements in one call: h("button.primary", {onclick}, "Start"); svg("path", {d}).

function fill(node, properties, children) {
	for (const [key, value] of Object.entries(properties)) {
		if (value === undefined || value === null || value === false) continue;
		if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
		else if (key === "style" && typeof value === "object") Object.assign(node.style, value);
		else node.setAttribute(key, value === true ? "" : value);
	}
	node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
	return node;
}

const isProperties = (one) => one && typeof one === "object" && !(one instanceof Node) && !Array.isArray(one);

export function h(what, ...rest) {
	const [tag, ...classes] = what.split(".");
	const node = document.createElement(tag || "div");
	if (classes.length) node.className = classes.join(" ");
	return fill(node, isProperties(rest[0]) ? rest.shift() : {}, rest);
}

export function svg(tag, properties = {}, ...children) {
	return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

/** Changes a text only where it differs, so that a screen reader is not told again. */
export function put(node, text) {
	if (node.textContent !== String(text)) node.textContent = text;
}

/** A dialog over the page: closes by its button, Escape, or a click beside it. Returns it; close() removes it. */
export function sheet(title, closeWord, ...content) {
	const heading = h("h2", { id: `sheet${++sheet.count}` }, title);
	const dialog = h("dialog.sheet", { "aria-labelledby": heading.id },
		h("header", heading, h("button.quiet.round", { onclick: () => dialog.close(), "aria-label": closeWord }, "✕")), ...content);
	dialog.append(sheet.foot(dialog));
	dialog.addEventListener("close", () => dialog.remove());
	dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
	document.body.append(dialog);
	dialog.showModal();
	return dialog;
}
sheet.count = 0;
sheet.foot = () => ""; // what every sheet ends with: the bar puts its stop here, because a sheet covers the one below

export const icon = (d) => svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, svg("path", { d }));
