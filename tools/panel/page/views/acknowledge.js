// Contraindications, acknowledged once in this browser before the first start.
import { h, sheet } from "../core/dom.js";
import { recall, remember } from "../core/memory.js";
import { find, say } from "../core/say.js";

/** Resolves to whether they are acknowledged. */
export function acknowledged() {
	if (recall("acknowledged")) return Promise.resolve(true);
	return new Promise((done) => {
		const go = h("button.primary", { disabled: true, onclick: accept }, say("acknowledge.go"));
		const box = h("input", { type: "checkbox", onchange: () => (go.disabled = !box.checked) });
		const dialog = sheet(say("acknowledge.title"), say("common.close"), h("p", say("acknowledge.lead")),
			h("ul", find("acknowledge.list").map((one) => h("li", one))), h("p.soft", say("acknowledge.tail")),
			h("label.check", box, say("acknowledge.check")), go);
		dialog.addEventListener("close", () => done(Boolean(recall("acknowledged"))));
		function accept() {
			remember("acknowledged", new Date().toISOString());
			dialog.close();
		}
	});
}
