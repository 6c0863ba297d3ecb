"""A real MicroPython interpreter on the host: the WebAssembly build, run by node."""
