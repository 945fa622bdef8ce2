/*
 * Preloaded into a process, counts the calls by which it changes files below one folder and makes the k-th of a kind fail.
 * What it is to do stands in a file that both sides map or write (control.ts has the same layout).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE, SYNC, RENAME, OPEN, TRUNCATE, UNLINK, KINDS };

struct control {
  uint32_t on;      /* whether calls are counted and failed */
  uint32_t kinds;   /* bit set of the kinds that count */
  uint32_t at;      /* number of the first call that fails; 0 for none */
  uint32_t lasting; /* whether all after it fail too */
  uint32_t error;   /* the errno */
  uint32_t count;   /* calls of these kinds so far */
  uint32_t failed;  /* calls that were made to fail */
  uint32_t seen[KINDS];
  uint32_t padding[3];
  char root[448]; /* only what is below this folder counts */
  char first[512]; /* the call that failed first, and its file */
};

static struct control *control;

__attribute__((constructor)) static void attach(void) {
  const char *path = getenv("FAULT_CONTROL");
  if (path == NULL) return;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) control = mapped;
}

static int is_below_root(const char *path) {
  size_t length = strnlen(control->root, sizeof control->root);
  return length > 0 && strncmp(path, control->root, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Whether this call is to fail; errno is then set. */
static int fails(enum kind kind, const char *call, const char *path) {
  if (!is_below_root(path)) return 0;
  __atomic_add_fetch(&control->seen[kind], 1, __ATOMIC_SEQ_CST);
  if ((control->kinds & (1u << kind)) == 0) return 0;
  uint32_t number = __atomic_add_fetch(&control->count, 1, __ATOMIC_SEQ_CST);
  uint32_t at = control->at;
  if (at == 0 || number < at || (number > at && !control->lasting)) return 0;
  if (__atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST) == 1) {
    snprintf(control->first, sizeof control->first, "%s %s", call, path);
  }
  errno = (int)control->error;
  return 1;
}

static int is_on(void) { return control != NULL && control->on != 0; }

static int fd_fails(enum kind kind, const char *call, int fd) {
  if (!is_on()) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = '\0';
  return fails(kind, call, path);
}

/* The absolute form of `path`. @returns whether it has one. */
static int absolute(int folder, const char *path, char *out, size_t size) {
  if (path == NULL) return 0;
  if (path[0] == '/') return snprintf(out, size, "%s", path) < (int)size;
  char base[4096];
  if (folder == AT_FDCWD) {
    if (getcwd(base, sizeof base) == NULL) return 0;
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, base, sizeof base - 1);
    if (length <= 0) return 0;
    base[length] = '\0';
  }
  return snprintf(out, size, "%s/%s", base, path) < (int)size;
}

static int path_fails(enum kind kind, const char *call, int folder, const char *path) {
  char full[8300];
  return is_on() && absolute(folder, path, full, sizeof full) && fails(kind, call, full);
}

/* To remove what is not there is no change, and fails by itself. */
static int removal_fails(const char *call, int folder, const char *path) {
  struct stat found;
  return is_on() && fstatat(folder, path, &found, AT_SYMLINK_NOFOLLOW) == 0 && path_fails(UNLINK, call, folder, path);
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *buffer, size_t count) {
  REAL(write);
  return fd_fails(WRITE, "write", fd) ? -1 : real(fd, buffer, count);
}

ssize_t pwrite(int fd, const void *buffer, size_t count, off_t offset) {
  REAL(pwrite);
  return fd_fails(WRITE, "pwrite", fd) ? -1 : real(fd, buffer, count, offset);
}

ssize_t pwrite64(int fd, const void *buffer, size_t count, off64_t offset) {
  REAL(pwrite64);
  return fd_fails(WRITE, "pwrite64", fd) ? -1 : real(fd, buffer, count, offset);
}

ssize_t writev(int fd, const struct iovec *vectors, int count) {
  REAL(writev);
  return fd_fails(WRITE, "writev", fd) ? -1 : real(fd, vectors, count);
}

ssize_t pwritev(int fd, const struct iovec *vectors, int count, off_t offset) {
  REAL(pwritev);
  return fd_fails(WRITE, "pwritev", fd) ? -1 : real(fd, vectors, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *vectors, int count, off64_t offset) {
  REAL(pwritev64);
  return fd_fails(WRITE, "pwritev64", fd) ? -1 : real(fd, vectors, count, offset);
}

ssize_t sendfile(int out, int in, off_t *offset, size_t count) {
  static ssize_t (*real)(int, int, off_t *, size_t);
  if (real == NULL) real = (ssize_t(*)(int, int, off_t *, size_t))dlsym(RTLD_NEXT, "sendfile");
  return fd_fails(WRITE, "sendfile", out) ? -1 : real(out, in, offset, count);
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t count) {
  static ssize_t (*real)(int, int, off64_t *, size_t);
  if (real == NULL) real = (ssize_t(*)(int, int, off64_t *, size_t))dlsym(RTLD_NEXT, "sendfile64");
  return fd_fails(WRITE, "sendfile64", out) ? -1 : real(out, in, offset, count);
}

ssize_t copy_file_range(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t count, unsigned flags) {
  REAL(copy_file_range);
  return fd_fails(WRITE, "copy_file_range", out) ? -1 : real(in, in_offset, out, out_offset, count, flags);
}

int fsync(int fd) {
  REAL(fsync);
  return fd_fails(SYNC, "fsync", fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return fd_fails(SYNC, "fdatasync", fd) ? -1 : real(fd);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  return path_fails(RENAME, "rename", AT_FDCWD, from) ? -1 : real(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  REAL(renameat);
  return path_fails(RENAME, "renameat", from_folder, from) ? -1 : real(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  REAL(renameat2);
  return path_fails(RENAME, "renameat2", from_folder, from) ? -1 : real(from_folder, from, to_folder, to, flags);
}

#define IS_FOR_WRITING(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & (O_CREAT | O_TRUNC)) != 0)
#define HAS_MODE(flags) (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE)
#define MODE_OF(flags, mode) \
  mode_t mode = 0; \
  if (HAS_MODE(flags)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  }

int open(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (real == NULL) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  MODE_OF(flags, mode)
  return IS_FOR_WRITING(flags) && path_fails(OPEN, "open", AT_FDCWD, path) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (real == NULL) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
  MODE_OF(flags, mode)
  return IS_FOR_WRITING(flags) && path_fails(OPEN, "open64", AT_FDCWD, path) ? -1 : real(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  static int (*real)(int, const char *, int, ...);
  if (real == NULL) real = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
  MODE_OF(flags, mode)
  return IS_FOR_WRITING(flags) && path_fails(OPEN, "openat", folder, path) ? -1 : real(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
  static int (*real)(int, const char *, int, ...);
  if (real == NULL) real = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat64");
  MODE_OF(flags, mode)
  return IS_FOR_WRITING(flags) && path_fails(OPEN, "openat64", folder, path) ? -1 : real(folder, path, flags, mode);
}

int creat(const char *path, mode_t mode) {
  REAL(creat);
  return path_fails(OPEN, "creat", AT_FDCWD, path) ? -1 : real(path, mode);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  return path_fails(OPEN, "mkdir", AT_FDCWD, path) ? -1 : real(path, mode);
}

int ftruncate(int fd, off_t length) {
  REAL(ftruncate);
  return fd_fails(TRUNCATE, "ftruncate", fd) ? -1 : real(fd, length);
}

int ftruncate64(int fd, off64_t length) {
  REAL(ftruncate64);
  return fd_fails(TRUNCATE, "ftruncate64", fd) ? -1 : real(fd, length);
}

int truncate(const char *path, off_t length) {
  REAL(truncate);
  return path_fails(TRUNCATE, "truncate", AT_FDCWD, path) ? -1 : real(path, length);
}

int truncate64(const char *path, off64_t length) {
  REAL(truncate64);
  return path_fails(TRUNCATE, "truncate64", AT_FDCWD, path) ? -1 : real(path, length);
}

int unlink(const char *path) {
  REAL(unlink);
  return removal_fails("unlink", AT_FDCWD, path) ? -1 : real(path);
}

int unlinkat(int folder, const char *path, int flags) {
  REAL(unlinkat);
  return removal_fails("unlinkat", folder, path) ? -1 : real(folder, path, flags);
}

int rmdir(const char *path) {
  REAL(rmdir);
  return removal_fails("rmdir", AT_FDCWD, path) ? -1 : real(path);
}

/* libuv copies files by a bare system call. */
long syscall(long number, ...) {
  static long (*real)(long, ...);
  if (real == NULL) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  long argument[6];
  va_list rest;
  va_start(rest, number);
  for (int index = 0; index < 6; index += 1) argument[index] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_copy_file_range && fd_fails(WRITE, "copy_file_range", (int)argument[2])) return -1;
  return real(number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
}
