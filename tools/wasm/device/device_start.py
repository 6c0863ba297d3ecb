"""Makes the VM a virtual device: its modules, and a file system with a board's error numbers, mounted as `/`."""
import os
import sys

sys.path[:] = ["/rig"]

import device_machine  # noqa: E402
import device_others  # noqa: E402
import device_sys  # noqa: E402
import device_time  # noqa: E402
import replay_vfs  # noqa: E402

for name in ("esp32", "neopixel", "select", "micropython"):
    sys.modules[name] = getattr(device_others, name)
modules = sys.modules
modules["machine"] = device_machine
modules["time"] = device_time
modules["sys"] = device_sys
os.sync = lambda: None
os.umount("/")
os.mount(replay_vfs.BoardVfs(), "/")
sys.path[:] = ["", "/lib"]
