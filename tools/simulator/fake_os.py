"""`os` and `open` on the chip's flash.

A write takes 80 ms for each 4 KB begun, nothing is on the flash before flush or close, rename replaces in one step.
"""

import io
from types import ModuleType
from typing import Any

from tools.simulator.flash import BLOCK_BYTES, EEXIST, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTEMPTY, EROFS, Flash, tidy

FOLDER, FILE = 0x4000, 0x8000
BLOCK_US = 80_000


class Writer:
    """The write operations of one chip on its flash: each stalls the chip, counts, and may be torn by a power cut."""

    def __init__(self, chip: Any) -> None:
        self.chip = chip
        self.flash: Flash = chip.flash

    def store(self, path: str, content: bytes) -> None:
        """Put a file's new content on the flash. OSError ENOSPC when it is full, EROFS when it takes no writes."""
        self._refuse()
        old = self.flash.files.get(path, b"")
        if self.flash.used_bytes() - len(old) + len(content) > self.flash.capacity_bytes:
            raise OSError(ENOSPC)
        for block in range(max(1, -(-len(content) // BLOCK_BYTES))):
            self.chip.stall(BLOCK_US)
            torn = self.flash.step()
            if torn == "partial":
                self.flash.files[path] = content[: block * BLOCK_BYTES + (len(content) - block * BLOCK_BYTES) // 2]
            if torn:
                self.chip.cut_power()
        self.flash.files[path] = content

    def _refuse(self) -> None:
        if self.flash.read_only:
            raise OSError(EROFS)

    def change(self) -> None:
        """One operation on the directory; after it the caller changes the tables (all or nothing)."""
        self._refuse()
        self.chip.stall(BLOCK_US)
        if self.flash.step():
            self.chip.cut_power()


class File:
    """What open() returns: text or bytes, buffered until flush() or close()."""

    def __init__(self, writer: Writer, path: str, mode: str) -> None:
        self._writer, self._path = writer, path
        self._text = "b" not in mode
        self._writes = any(letter in mode for letter in "wa+")
        self._reads = "r" in mode or "+" in mode
        self._dirty = False
        self._open = True
        files = writer.flash.files
        if "r" in mode and path not in files:
            raise OSError(ENOENT)
        self._buffer = io.BytesIO(b"" if "w" in mode else files.get(path, b""))
        if "w" in mode or path not in files:
            self._dirty = True
        if path not in files:
            writer.store(path, b"")  # littlefs enters a new file at once, empty
        if "a" in mode:
            self._buffer.seek(0, 2)

    def _check(self) -> None:
        self._writer.chip.check_alive()
        if not self._open:
            raise ValueError("I/O operation on closed file")

    def _out(self, data: bytes) -> Any:
        return data.decode() if self._text else data

    def read(self, size: int = -1) -> Any:
        """Up to `size` bytes or characters."""
        self._check()
        if not self._reads:
            raise OSError(EINVAL)
        return self._out(self._buffer.read(size))

    def readline(self, size: int = -1) -> Any:
        """One line with its end."""
        self._check()
        return self._out(self._buffer.readline(size))

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; returns the bytes read."""
        self._check()
        return self._buffer.readinto(buffer)

    def write(self, data: Any) -> int:
        """Into the buffer; str only in text mode, bytes in either (as MicroPython's stream does)."""
        self._check()
        if not self._writes:
            raise OSError(EINVAL)
        if isinstance(data, str):
            data = data.encode()
        self._dirty = True
        return self._buffer.write(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Position in bytes."""
        self._check()
        return self._buffer.seek(offset, whence)

    def tell(self) -> int:
        """Position in bytes."""
        self._check()
        return self._buffer.tell()

    def flush(self) -> None:
        """Onto the flash, 80 ms for each 4 KB begun."""
        self._check()
        if self._dirty:
            self._writer.store(self._path, self._buffer.getvalue())
            self._dirty = False

    def close(self) -> None:
        """Flush and close; again is no error."""
        if self._open:
            self.flush()
            self._open = False

    def __enter__(self) -> "File":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __iter__(self) -> "File":
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line


def build_open(chip: Any) -> Any:
    """The builtin `open` of a chip."""
    writer = Writer(chip)

    def open(file: str, mode: str = "r", *, buffering: int = -1, encoding: Any = None) -> File:
        chip.check_alive()
        if not isinstance(file, str):
            raise TypeError("can't convert to str")
        if set(mode) - set("rwabt+") or sum(letter in mode for letter in "rwa") != 1:
            raise ValueError(f"invalid mode {mode!r}")
        path = tidy(file)
        if chip.flash.is_folder(path):
            raise OSError(EISDIR)
        if "/" in path and not chip.flash.is_folder(path.rpartition("/")[0]):
            raise OSError(ENOENT)
        return File(writer, path, mode)

    return open


def build_os(chip: Any) -> ModuleType:
    """A fresh `os` module. Errors are OSError with the number alone, as the device raises them."""
    os: Any = ModuleType("os")
    flash: Flash = chip.flash
    writer = Writer(chip)

    def exists(path: str) -> bool:
        return path in flash.files or flash.is_folder(path)

    def listdir(path: str = "") -> list[str]:
        chip.check_alive()
        return [name for name, _ in flash.children(tidy(path))]

    def ilistdir(path: str = "") -> Any:
        chip.check_alive()
        folder = tidy(path)
        prefix = folder + "/" if folder else ""
        rows = [
            (name, FOLDER if is_folder else FILE, 0, len(flash.files.get(prefix + name, b""))) for name, is_folder in flash.children(folder)
        ]
        return iter(rows)

    def stat(path: str) -> tuple[int, ...]:
        chip.check_alive()
        path = tidy(path)
        if not exists(path):
            raise OSError(ENOENT)
        return (FOLDER if flash.is_folder(path) else FILE, 0, 0, 0, 0, 0, len(flash.files.get(path, b"")), 0, 0, 0)

    def remove(path: str) -> None:
        path = tidy(path)
        chip.check_alive()
        if not exists(path):
            raise OSError(ENOENT)
        if flash.is_folder(path) and flash.children(path):
            raise OSError(ENOTEMPTY)
        writer.change()
        flash.files.pop(path, None)
        flash.folders.discard(path)

    def rename(old: str, new: str) -> None:
        old, new = tidy(old), tidy(new)
        chip.check_alive()
        if not exists(old):
            raise OSError(ENOENT)
        if flash.is_folder(old):
            raise OSError(EINVAL)
        if flash.is_folder(new):
            raise OSError(EISDIR)
        if "/" in new and not flash.is_folder(new.rpartition("/")[0]):
            raise OSError(ENOENT)
        writer.change()
        flash.files[new] = flash.files.pop(old)

    def mkdir(path: str) -> None:
        path = tidy(path)
        chip.check_alive()
        if exists(path):
            raise OSError(EEXIST)
        if "/" in path and not flash.is_folder(path.rpartition("/")[0]):
            raise OSError(ENOENT)
        writer.change()
        flash.folders.add(path)

    def sync() -> None:
        chip.check_alive()

    def statvfs(path: str) -> tuple[int, ...]:
        blocks = flash.capacity_bytes // BLOCK_BYTES
        free = max(0, blocks - flash.used_bytes() // BLOCK_BYTES)
        return (BLOCK_BYTES, BLOCK_BYTES, blocks, free, free, 0, 0, 0, 0, 255)

    def getcwd() -> str:
        return "/"

    def urandom(count: int) -> bytes:
        return chip.random.randbytes(count)

    def uname() -> tuple[str, ...]:
        return ("esp32", "esp32", "1.28.0", "v1.28.0 (simulated)", f"Simulated {chip.kind}")

    for function in (listdir, ilistdir, stat, remove, rename, mkdir, sync, statvfs, getcwd, urandom, uname):
        setattr(os, function.__name__, function)
    os.rmdir = os.unlink = remove
    os.sep = "/"
    return os
