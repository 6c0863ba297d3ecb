// A virtual device on a serial port: stdin and stdout are one end of a pseudo-terminal. It boots what lies in a folder (main.py, or the
// REPL), takes Ctrl-C, the raw REPL and resets as a board does, and writes the folder back whenever code has run.
// argv: JSON {flash: folder, rig: {path in the VM: file}, machine, version: [1, 27, 0], heap_bytes, break_after: bytes or 0}.
// What only a test should know goes to stderr, a line each: watchdog timeouts, resets.
import * as fs from "node:fs";
import * as paths from "node:path";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript";

const job = JSON.parse(process.argv[2]);
const CTRL_A = 1, CTRL_B = 2, CTRL_C = 3, CTRL_D = 4, CTRL_E = 5;
let received = 0;
let waiting = [];
let vm = null;
let wanted = null; // a reset that the firmware or the REPL asked for: its cause
let interrupt = 3; // the character of kbd_intr()
let causeNow = 1;
let heardMs = 0; // when bytes came last
let silent = 0; // bytes of the VM's that nobody is to see

function say(text) {
    fs.writeSync(2, `${text}\n`);
}

function send(bytes) {
    if (wanted !== null) return; // the chip is in reset
    for (let start = 0; start < bytes.length; ) {
        try {
            start += fs.writeSync(1, bytes, start);
        } catch (error) {
            if (error.code === "EIO") return; // nobody has the port open
            if (error.code !== "EAGAIN") throw error;
        }
    }
}

function heard(bytes) {
    // what the VM says
    const dropped = Math.min(silent, bytes.length);
    silent -= dropped;
    send(bytes.subarray(dropped));
}

const text = (string) => send(Buffer.from(string));
const piece = Buffer.alloc(4096);
const IDLE_MS = 100;
const NAP_MS = 2;
const nobody = new Int32Array(new SharedArrayBuffer(4));

// A firmware that runs while nobody types takes its ticks in turns with the rest of the machine: still several times as fast as a board.
function nap() {
    if (Date.now() - heardMs > IDLE_MS) Atomics.wait(nobody, 0, 0, NAP_MS);
}

function look() {
    let count = 0;
    try {
        count = fs.readSync(0, piece, 0, piece.length, null);
    } catch (error) {
        if (error.code !== "EAGAIN" && error.code !== "EIO") throw error;
    }
    received += count;
    if (count) heardMs = Date.now();
    if (job.break_after && received >= job.break_after) {
        keep();
        say(`cable broken after ${received} bytes`);
        process.exit(3);
    }
    for (let at = 0; at < count; at++) waiting.push(piece[at]);
}

function makeFolders(path) {
    let folder = "";
    for (const part of path.split("/").slice(1, -1)) {
        folder += `/${part}`;
        if (!vm.FS.analyzePath(folder).exists) vm.FS.mkdir(folder);
    }
}

function load(folder, into) {
    for (const name of fs.readdirSync(folder)) {
        const path = paths.join(folder, name);
        if (fs.statSync(path).isDirectory()) {
            if (!vm.FS.analyzePath(`${into}/${name}`).exists) vm.FS.mkdir(`${into}/${name}`);
            load(path, `${into}/${name}`);
        } else vm.FS.writeFile(`${into}/${name}`, fs.readFileSync(path));
    }
}

function keep() {
    // the flash outlives the chip
    if (vm === null) return;
    const there = new Set();
    const walk = (from, to) => {
        fs.mkdirSync(to, { recursive: true });
        for (const name of vm.FS.readdir(from)) {
            if (name === "." || name === "..") continue;
            const path = paths.join(to, name);
            there.add(path);
            if (vm.FS.isDir(vm.FS.stat(`${from}/${name}`).mode)) walk(`${from}/${name}`, path);
            else {
                const data = vm.FS.readFile(`${from}/${name}`);
                if (!fs.existsSync(path) || Buffer.compare(fs.readFileSync(path), Buffer.from(data))) fs.writeFileSync(path, data);
            }
        }
    };
    walk("/flash", job.flash);
    for (const name of fs.readdirSync(job.flash, { recursive: true })) {
        const path = paths.join(job.flash, name);
        if (!there.has(path)) fs.rmSync(path, { recursive: true, force: true });
    }
}

const outside = {
    look() {
        look();
        if (interrupt === CTRL_C && waiting.includes(CTRL_C)) {
            waiting = waiting.slice(waiting.lastIndexOf(CTRL_C) + 1);
            return 1;
        }
        nap();
        return 0;
    },
    waiting: () => (waiting.length || (look(), waiting.length) ? 1 : 0),
    take: () => waiting.shift(),
    intr(character) {
        interrupt = character;
    },
    say,
    reset(cause) {
        wanted = cause;
    },
    machine: () => job.machine,
    version: () => job.version.join("."),
    cause: () => causeNow,
};

async function start(cause, runMain) {
    causeNow = cause;
    interrupt = CTRL_C;
    vm = await loadMicroPython({ heapsize: job.heap_bytes, linebuffer: false, stdout: heard });
    for (const [path, file] of Object.entries(job.rig)) {
        makeFolders(path);
        vm.FS.writeFile(path, fs.readFileSync(file));
    }
    makeFolders("/flash/x");
    load(job.flash, "/flash");
    vm.registerJsModule("outside", outside);
    vm.runPython('exec(open("/rig/device_boot.py").read())');
    if (runMain && vm.FS.analyzePath("/flash/main.py").exists) {
        try {
            vm.runPython("device_run()");
        } catch (error) {
            if (wanted === null) text(String(error.message ?? error).replaceAll("\n", "\r\n"));
        }
        keep();
    }
}

// Between the bytes: mpremote asks for raw paste, which the VM announces but hangs on, so it is done here;
// and a soft reset needs a fresh VM.
const WINDOW = 2048; // bytes; a board has 128, but here every window waits for the other process to be woken
let raw = false;
let typed = 0; // bytes of the present input
let asked = []; // of the raw paste request
let pasted = null; // bytes of a raw paste that is under way

function paste(value) {
    if (value === CTRL_C) {
        pasted = null;
        return [];
    }
    if (value !== CTRL_D) {
        pasted.push(value);
        if (pasted.length % WINDOW === 0) send(Buffer.of(1)); // the next window may be sent
        return [];
    }
    send(Buffer.of(CTRL_D));
    const code = pasted;
    pasted = null;
    silent = 2; // "OK", which only answers code that was typed
    return [...code, CTRL_D];
}

async function byte(value) {
    if (pasted !== null) {
        for (const one of paste(value)) await process_(one);
        return;
    }
    if (raw && typed === 0 && (asked.length || value === CTRL_E)) {
        asked.push(value);
        const request = [CTRL_E, 0x41, CTRL_A];
        if (asked.every((one, at) => one === request[at])) {
            if (asked.length === 3) {
                asked = [];
                pasted = [];
                send(Buffer.of(0x52, 1, WINDOW & 255, WINDOW >> 8, 1)); // R, yes, the window, and a second one
            }
            return;
        }
        const others = asked;
        asked = [];
        for (const one of others) await process_(one);
        return;
    }
    await process_(value);
}

async function process_(value) {
    if (raw && value === CTRL_D && typed === 0) {
        text("OK\r\nMPY: soft reboot\r\n");
        keep();
        await start(5, false);
        vm.replInit();
        vm.replProcessChar(CTRL_A);
        return;
    }
    if (!raw && value === CTRL_D && typed === 0) {
        text("\r\nMPY: soft reboot\r\n");
        keep();
        await begin(5);
        return;
    }
    const entering = value === CTRL_A;
    const ending = value === CTRL_D || value === 13;
    typed = value === CTRL_C || ending || value === CTRL_A || value === CTRL_B ? 0 : typed + 1;
    vm.replProcessChar(value);
    if (entering) raw = true;
    if (value === CTRL_B) raw = false;
    if (ending) keep();
    if (wanted !== null) {
        say(`reset ${wanted}`);
        keep();
        const cause = wanted;
        wanted = null;
        await begin(cause);
    }
}

async function begin(cause) {
    raw = false;
    typed = silent = 0;
    pasted = null;
    for (;;) {
        await start(cause, true);
        if (wanted === null) break;
        say(`reset ${wanted}`);
        cause = wanted;
        wanted = null;
    }
    vm.replInit();
}

await begin(1);
for (;;) {
    look();
    if (!waiting.length) await new Promise((done) => setTimeout(done, 2));
    while (waiting.length) await byte(waiting.shift());
}
