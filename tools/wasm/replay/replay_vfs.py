"""The device's file system in the VM: a folder of the VM's own as `/`, with the error numbers a board has.

The VM's file system comes from Emscripten, whose numbers are not those of a board (ENOENT is 44 there).
"""
import os

_FOLDER = "/flash"
_BOARD_ERRNO = {
    2: 13,   # EACCES
    8: 9,    # EBADF
    20: 17,  # EEXIST
    28: 22,  # EINVAL
    31: 21,  # EISDIR
    44: 2,   # ENOENT
    51: 28,  # ENOSPC
    54: 20,  # ENOTDIR
    55: 39,  # ENOTEMPTY
    63: 1,   # EPERM
}


class BoardVfs:
    """What os.mount() asks of a file system."""

    def __init__(self):
        # not VfsPosix(_FOLDER): with a root of its own it keeps one path at a time, and rename() has two
        self._inner = os.VfsPosix()
        self._folder = "/"

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def _full(self, path):
        return _FOLDER + (path if path.startswith("/") else self._folder + path)

    def _call(self, method, path, *more):
        try:
            return method(self._full(path), *more)
        except OSError as error:
            raise OSError(_BOARD_ERRNO.get(error.errno, error.errno)) from None

    def open(self, path, mode):
        return self._call(self._inner.open, path, mode)

    def stat(self, path):
        return self._call(self._inner.stat, path)

    def statvfs(self, path):
        return self._call(self._inner.statvfs, path)

    def ilistdir(self, path):
        return self._call(self._inner.ilistdir, path)

    def mkdir(self, path):
        self._call(self._inner.mkdir, path)

    def rmdir(self, path):
        self._call(self._inner.rmdir, path)

    def remove(self, path):
        self._call(self._inner.remove, path)

    def rename(self, old, new):
        self._call(self._inner.rename, old, self._full(new))

    def chdir(self, path):
        self.stat(path)
        self._folder = (path if path.startswith("/") else self._folder + path).rstrip("/") + "/"

    def getcwd(self):
        return self._folder.rstrip("/") or "/"
