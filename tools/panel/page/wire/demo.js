// placeholder until the recording is there
import { LinkError } from "./link.js";
export class Demo { kind = "demo"; id = "demo"; async open() { throw new LinkError("failed"); } close() {} }
