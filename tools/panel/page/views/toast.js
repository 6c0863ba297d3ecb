// Short messages, shown for a while. What is dangerous goes to the alert region, which is read out at once.
import { h, put } from "../core/dom.js";

const SHOWN_MS = 6000;

export function toast(text) {
	if (!text) return;
	const box = document.getElementById("toasts");
	if ([...box.children].some((one) => one.textContent === text)) return;
	const node = h("div.toast", text);
	box.append(node);
	while (box.children.length > 2) box.firstChild.remove();
	setTimeout(() => node.remove(), SHOWN_MS);
}

export function alarm(text) {
	put(document.getElementById("alerts"), text);
	toast(text);
}
