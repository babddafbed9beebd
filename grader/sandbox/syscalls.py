"""The system calls that a confined worker may make, by number, for the architectures that the filter knows.

Everything that is not in these tables fails with EPERM: sockets of every family, new processes and threads, exec,
ptrace, process_vm_*, io_uring, keyctl, bpf, mount, namespaces, System V IPC, userfaultfd, changes of mode and owner.
`sendto` and `recvfrom` serve the one connection that the worker inherits; there is no way to make another.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """`audit` is what the kernel calls it; `guarded` holds calls that are allowed for some arguments only."""

    audit: int
    allowed: dict[str, int]
    guarded: dict[str, int]
    last: int
    compat: int | None = None


# fmt: off
X86_64 = Architecture(0xC000003E, {
    "read": 0, "write": 1, "readv": 19, "writev": 20, "pread64": 17, "pwrite64": 18, "close": 3,
    "close_range": 436, "lseek": 8,
    "open": 2, "openat": 257, "creat": 85, "access": 21, "faccessat": 269, "faccessat2": 439, "stat": 4, "lstat": 6,
    "fstat": 5, "newfstatat": 262, "statx": 332, "getdents": 78, "getdents64": 217, "getcwd": 79, "chdir": 80,
    "fchdir": 81, "readlink": 89, "readlinkat": 267, "rename": 82, "renameat": 264, "renameat2": 316, "mkdir": 83,
    "mkdirat": 258, "rmdir": 84, "unlink": 87, "unlinkat": 263, "ftruncate": 77, "fsync": 74, "fdatasync": 75,
    "fallocate": 285, "fadvise64": 221, "flock": 73, "dup": 32, "dup2": 33, "dup3": 292, "pipe": 22, "pipe2": 293,
    "select": 23, "pselect6": 270, "poll": 7, "ppoll": 271, "epoll_create": 213, "epoll_create1": 291,
    "epoll_ctl": 233, "epoll_wait": 232, "epoll_pwait": 281, "sendto": 44, "recvfrom": 45, "mmap": 9, "munmap": 11,
    "mprotect": 10, "mremap": 25, "madvise": 28, "brk": 12, "mlock": 149, "munlock": 150, "membarrier": 324,
    "futex": 202, "set_robust_list": 273, "set_tid_address": 218, "rseq": 334, "restart_syscall": 219,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "rt_sigpending": 127, "rt_sigsuspend": 130,
    "rt_sigtimedwait": 128, "sigaltstack": 131, "pause": 34, "alarm": 37, "setitimer": 38, "getitimer": 36,
    "nanosleep": 35, "clock_nanosleep": 230, "clock_gettime": 228, "clock_getres": 229, "gettimeofday": 96,
    "time": 201, "times": 100, "getpid": 39, "getppid": 110, "gettid": 186, "getpgid": 121, "getpgrp": 111,
    "getsid": 124, "getuid": 102, "geteuid": 107, "getgid": 104, "getegid": 108, "getresuid": 118, "getresgid": 120,
    "getgroups": 115, "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "uname": 63, "umask": 95, "getcpu": 309,
    "sched_yield": 24, "sched_getaffinity": 204, "getrandom": 318, "exit": 60, "exit_group": 231,
}, {"ioctl": 16, "fcntl": 72, "prlimit64": 302, "prctl": 157, "kill": 62, "tgkill": 234, "clone3": 435,
    "openat2": 437}, last=462, compat=0x4000_0000)

AARCH64 = Architecture(0xC00000B7, {
    "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "pwrite64": 68, "close": 57,
    "close_range": 436, "lseek": 62,
    "openat": 56, "faccessat": 48, "faccessat2": 439, "fstat": 80, "newfstatat": 79, "statx": 291, "getdents64": 61,
    "getcwd": 17, "chdir": 49, "fchdir": 50, "readlinkat": 78, "renameat": 38, "renameat2": 276, "mkdirat": 34,
    "unlinkat": 35, "ftruncate": 46, "fsync": 82, "fdatasync": 83, "fallocate": 47, "fadvise64": 223, "flock": 32,
    "dup": 23, "dup3": 24, "pipe2": 59, "pselect6": 72, "ppoll": 73, "epoll_create1": 20, "epoll_ctl": 21,
    "epoll_pwait": 22, "sendto": 206, "recvfrom": 207, "mmap": 222, "munmap": 215, "mprotect": 226, "mremap": 216,
    "madvise": 233, "brk": 214, "mlock": 228, "munlock": 229, "membarrier": 283, "futex": 98, "set_robust_list": 99,
    "set_tid_address": 96, "rseq": 293, "restart_syscall": 128, "rt_sigaction": 134, "rt_sigprocmask": 135,
    "rt_sigreturn": 139, "rt_sigpending": 136, "rt_sigsuspend": 133, "rt_sigtimedwait": 137, "sigaltstack": 132,
    "setitimer": 103, "getitimer": 102, "nanosleep": 101, "clock_nanosleep": 115, "clock_gettime": 113,
    "clock_getres": 114, "gettimeofday": 169, "times": 153, "getpid": 172, "getppid": 173, "gettid": 178,
    "getpgid": 155, "getsid": 156, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "getresuid": 148,
    "getresgid": 150, "getgroups": 158, "getrlimit": 163, "getrusage": 165, "sysinfo": 179, "uname": 160,
    "umask": 166, "getcpu": 168, "sched_yield": 124, "sched_getaffinity": 123, "getrandom": 278, "exit": 93,
    "exit_group": 94,
}, {"ioctl": 29, "fcntl": 25, "prlimit64": 261, "prctl": 167, "kill": 129, "tgkill": 131, "clone3": 435,
    "openat2": 437}, last=462)
# fmt: on

ARCHITECTURES = {"x86_64": X86_64, "amd64": X86_64, "aarch64": AARCH64, "arm64": AARCH64}

CHECKED = {
    # call: (which argument, the values it may have)
    "ioctl": (1, (0x5401, 0x802C542A, 0x5413, 0x5421, 0x541B, 0x5450, 0x5451)),  # TCGETS* TIOCGWINSZ FIO*
    "fcntl": (1, (0, 1, 2, 3, 4, 5, 6, 7, 1030)),  # all but F_SETOWN and F_SETSIG, which send signals to others
    "prlimit64": (0, (0,)),  # the worker's own
    "prctl": (0, (15, 16, 39)),  # PR_SET_NAME, PR_GET_NAME, PR_GET_NO_NEW_PRIVS
}
"""Arguments that are allowed; `kill` and `tgkill` are allowed for the worker's own number, filled in after the fork."""

TO_ITSELF = ("kill", "tgkill")
ABSENT = ("clone3", "openat2")
"""Calls that fail with ENOSYS, so that the C library falls back on older ones."""
