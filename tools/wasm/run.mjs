// Runs one script in a fresh MicroPython VM.
// stdin: JSON {files: {path in the VM: base64}, script: path in the VM, then: [statements], heap_bytes}. The statements run after the script,
// each in a call of its own, because only between calls does gc.collect() free what nobody holds any more.
// What the script prints goes to stdout.
// Exit status 0 when the script ends or calls sys.exit(); 1 when it raises, with the traceback on stderr.
import { readFileSync, writeSync } from "node:fs";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript";

function writeAll(bytes) {
    // a pipe that is full answers EAGAIN; the VM runs synchronously, so waiting for "drain" is not possible here
    for (let start = 0; start < bytes.length; ) {
        try {
            start += writeSync(1, bytes, start);
        } catch (error) {
            if (error.code !== "EAGAIN") throw error;
        }
    }
}

function makeFolders(fs, path) {
    let folder = "";
    for (const part of path.split("/").slice(1, -1)) {
        folder += `/${part}`;
        if (!fs.analyzePath(folder).exists) fs.mkdir(folder);
    }
}

const job = JSON.parse(readFileSync(0, "utf8"));
const vm = await loadMicroPython({ heapsize: job.heap_bytes, linebuffer: false, stdout: writeAll });
for (const [path, content] of Object.entries(job.files)) {
    makeFolders(vm.FS, path);
    vm.FS.writeFile(path, Buffer.from(content, "base64"));
}
try {
    vm.runPython(`exec(compile(open(${JSON.stringify(job.script)}).read(), ${JSON.stringify(job.script)}, "exec"), {"__name__": "__main__"})`);
    for (const statement of job.then ?? []) vm.runPython(statement);
} catch (error) {
    if (error.type !== "SystemExit") {
        process.stderr.write(`${error.message ?? error}\n`);
        process.exitCode = 1;
    }
}
