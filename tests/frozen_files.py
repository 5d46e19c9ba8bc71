"""A library that ends all changes of files at the n-th call of the system, as a kill does, and leaves the process.

Preloaded into a process, `arm(n)` lets the next n-1 calls that write, flush, rename or delete a file pass; that call
and all later ones fail and change nothing, until `arm(0)`. What was written to a stream and not flushed is lost, as it
is by a kill. So one process tries all moments.
"""

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int left = 0, frozen = 0, counted = 0;

void arm(int calls) { left = calls; frozen = 0; counted = 0; }
int calls(void) { return counted; }
int is_frozen(void) { return frozen; }

static int fails(void) {
  if (!left) return 0;
  if (++counted >= left) frozen = 1;
  if (frozen) errno = EIO;
  return frozen;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

size_t fwrite(const void *data, size_t size, size_t count, FILE *stream) {
  REAL(fwrite);
  return stream != stdout && stream != stderr && fails() ? 0 : real(data, size, count, stream);
}
int fflush(FILE *stream) {
  REAL(fflush);
  return stream && stream != stdout && stream != stderr && fails() ? EOF : real(stream);
}
int fclose(FILE *stream) { REAL(fclose); return fails() ? EOF : real(stream); }
ssize_t write(int file, const void *data, size_t size) {
  REAL(write);
  struct stat found;
  int lost = left && frozen && !fstat(file, &found) && S_ISREG(found.st_mode);
  return lost ? (errno = EIO, -1) : real(file, data, size);
}
int fsync(int file) { REAL(fsync); return fails() ? -1 : real(file); }
int rename(const char *old, const char *new) { REAL(rename); return fails() ? -1 : real(old, new); }
int unlink(const char *path) { REAL(unlink); return fails() ? -1 : real(path); }
int rmdir(const char *path) { REAL(rmdir); return fails() ? -1 : real(path); }
int mkdir(const char *path, mode_t mode) {
  int (*real)(const char *, mode_t) = dlsym(RTLD_NEXT, "mkdir");
  return fails() ? -1 : real(path, mode);
}
"""


def compiler():
    """The C compiler; None without one."""
    return shutil.which("cc") or shutil.which("gcc")


def preloaded(folder: Path) -> dict[str, str]:
    """The environment of a process with the library, which is compiled into a folder."""
    source, library = folder / "frozen.c", folder / "frozen.so"
    source.write_text(SOURCE)
    subprocess.run([compiler(), "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return os.environ | {"LD_PRELOAD": str(library)}
