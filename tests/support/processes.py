"""Child processes and ports that never outlive the test run.

A child is told by the kernel to end when its parent ends (PR_SET_PDEATHSIG), so that even a SIGKILL of the test
leaves no server behind. A port is reserved by a lock that the kernel drops with the process that holds it.
"""

import atexit
import concurrent.futures
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
# The kernel's "parent" is the thread that forked, so all children come from one thread that lives to the end.
_spawner = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="spawner")


def cache_folder():
    """Where npm packages and bootstrapped templates are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "schema-sync")


def spawn(argv, *, death_signal=signal.SIGKILL, user=None, **options):
    """subprocess.Popen in a session of its own, bound to this process's life; `user` drops root to that account."""
    parent = os.getpid()

    def bind_to_parent():
        # A shell's background job ignores these, and so would all that it starts.
        for number in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    if user is not None and os.geteuid() == 0:
        options.update(user=user, group=user, extra_groups=[])
    options = {"start_new_session": True, "stdin": subprocess.DEVNULL, **options}
    return _spawner.submit(subprocess.Popen, argv, preexec_fn=bind_to_parent, **options).result()


def stop(process, *, first=signal.SIGTERM, patience=10.0):
    """Ends one child by pid: `first`, then SIGKILL to its group when it does not listen."""
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(first)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


def wait_until(condition, patience=120.0):
    """Waits for an event instead of for a while: the patience is only there so that a test that hangs ends."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"what was waited for has not come in {patience:.0f} s")
        time.sleep(0.02)


class Port:
    """A loopback port that no other run of this harness takes while this object lives."""

    FIRST, LAST = 18100, 18999

    def __init__(self):
        first = int(os.environ.get("SCHEMA_SYNC_TEST_PORT", self.FIRST))
        last = max(self.LAST, first + 200)
        for number in range(first, last):
            lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                lock.bind(f"\0schema-sync-test-port-{number}")
                with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", number))
            except OSError:
                lock.close()
                continue
            self.number, self._lock = number, lock
            return
        raise RuntimeError(f"no free port between {first} and {last}")

    def release(self):
        self._lock.close()


def _open_to_all(folder):
    while os.stat(folder).st_mode & 0o001:
        if folder == "/":
            return True
        folder = os.path.dirname(folder)
    return False


def work_folder(name):
    """A temporary folder, removed at exit; those that a killed run left behind are removed by the next one."""
    prefix = f"schema-sync-{name}-"
    base = tempfile.gettempdir()
    if os.geteuid() == 0 and not _open_to_all(base):
        base = "/tmp"  # PostgreSQL's account must be able to go there
    for entry in os.listdir(base):
        if entry.startswith(prefix):
            owner = entry[len(prefix):].split("-")[0]
            if owner.isdigit() and not os.path.exists(f"/proc/{owner}"):
                shutil.rmtree(os.path.join(base, entry), ignore_errors=True)
    path = tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=base)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def exit_on_signals():
    """Makes SIGTERM and SIGHUP end the program the way Ctrl-C does, so that finally and atexit run."""

    def leave(number, _frame):
        sys.exit(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGHUP, leave)
