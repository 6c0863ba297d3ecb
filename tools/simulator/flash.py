"""The file system of the chip: names and bytes, with the failures of the real one. Paths are kept without the leading slash."""

ENOENT, EEXIST, EISDIR, EINVAL, ENOSPC, EROFS, ENOTEMPTY = 2, 17, 21, 22, 28, 30, 39
BLOCK_BYTES = 4096


def tidy(path: str) -> str:
    """`/lib//x.py` and `./lib/x.py` are `lib/x.py`; the root is the empty string."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


class Flash:
    """Files (path -> bytes) and folders. It lives longer than a Chip: give it to the next one and the files are still there.

    `operations` counts what was written (one per 4 KB block, rename, remove, mkdir). `capacity_bytes` is the size of the partition.
    While `read_only` is set every write is refused, as by a worn or wrongly mounted flash.
    """

    def __init__(self, files: dict[str, bytes | str] | None = None, capacity_bytes: int = 2 * 1024 * 1024) -> None:
        self.files: dict[str, bytes] = {}
        self.folders: set[str] = set()
        self.capacity_bytes = capacity_bytes
        self.operations = 0
        self.read_only = False
        self._cut_at: int | None = None
        self._tear = "old"
        for path, content in (files or {}).items():
            self.put(path, content)

    def put(self, path: str, content: bytes | str) -> None:
        """Write a file from the host: no time passes, no operation is counted."""
        path = tidy(path)
        parts = path.split("/")
        for depth in range(1, len(parts)):
            self.folders.add("/".join(parts[:depth]))
        self.files[path] = content.encode() if isinstance(content, str) else bytes(content)

    def cut_after(self, operations: int, tear: str = "old") -> None:
        """Cut the power in the middle of the write operation after `operations` more.

        tear "old": the file keeps its old content; "partial": it has part of the new one.
        """
        if tear not in ("old", "partial"):
            raise ValueError(f"tear is 'old' or 'partial', not {tear!r}")
        self._cut_at = self.operations + operations
        self._tear = tear

    def step(self) -> str | None:
        """Count one write operation; returns how it is torn ("old" or "partial") if the power is cut in it."""
        torn = self._tear if self._cut_at is not None and self.operations >= self._cut_at else None
        if torn:
            self._cut_at = None
        self.operations += 1
        return torn

    def used_bytes(self) -> int:
        """Bytes in whole blocks, two for the root."""
        return BLOCK_BYTES * (2 + sum(1 + len(content) // BLOCK_BYTES for content in self.files.values()))

    def is_folder(self, path: str) -> bool:
        """True for the root and for every folder made."""
        return path == "" or path in self.folders

    def children(self, folder: str) -> list[tuple[str, bool]]:
        """(name, is folder) of what lies directly in a folder. OSError ENOENT if there is no such folder."""
        if not self.is_folder(folder):
            raise OSError(ENOENT)
        prefix = folder + "/" if folder else ""
        below = [(path[len(prefix) :], True) for path in self.folders if path.startswith(prefix)]
        below += [(path[len(prefix) :], False) for path in self.files if path.startswith(prefix)]
        return sorted((name, is_folder) for name, is_folder in below if "/" not in name)
