"""A throwaway PostgreSQL cluster: its own data folder, port and socket, loopback only, gone with the process.

    with Cluster() as cluster:
        cluster.create("shop")
        cluster.query("shop", "SELECT 1 AS one")      # [{"one": 1}]
        cluster.url("shop")                           # postgresql://postgres:…@127.0.0.1:18101/shop

Durability is off and passwords are asked for on TCP (scram), so that database URLs hold a secret as real ones do; the
socket in the data folder is trusted and is what this module itself uses.
"""

import fcntl
import glob
import json
import os
import pwd
import shutil
import signal
import subprocess
import time

from . import processes

PASSWORD = "pg-secret-7f3a9c"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}


class SqlError(Exception):
    """psql's own words about a statement that failed."""


def binary_folder():
    """The newest installed server's bin folder (Debian keeps it out of PATH)."""
    folders = glob.glob("/usr/lib/postgresql/*/bin")
    folders = [folder for folder in folders if os.access(os.path.join(folder, "postgres"), os.X_OK)]
    folders.sort(key=lambda folder: int(folder.split("/")[-2]))
    if folders:
        return folders[-1]
    found = shutil.which("postgres")
    if found:
        return os.path.dirname(found)
    raise RuntimeError("PostgreSQL's server is not installed: run ./dev setup")


def ensure_locale(name):
    """Makes a glibc locale available (root only): PostgreSQL refuses a collation the system does not have."""

    def present():
        listing = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout
        return name.lower().replace("-", "") in listing.lower().replace("-", "").split()

    if present():
        return
    language, _, charset = name.partition(".")
    os.makedirs(processes.cache_folder(), exist_ok=True)
    with open(os.path.join(processes.cache_folder(), ".locale.lock"), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two tests may want it at the same time
        if not present():
            # Not into the archive: a running server has mapped that already and would not see the addition.
            subprocess.run(["localedef", "--no-archive", "-i", language, "-f", charset or "UTF-8", name], check=True)
    if not present():
        raise RuntimeError(f"the locale {name} is missing and could not be generated")


class Cluster:
    """One server. `settings` are added to postgresql.conf's."""

    def __init__(self, folder=None, settings=None):
        self.folder = folder or processes.work_folder("postgres")
        self.port = None
        self.settings = {**_SETTINGS, **(settings or {})}
        self._process = None
        self._port = None
        self._bin = binary_folder()
        self._user = "postgres" if os.geteuid() == 0 else None

    @classmethod
    def join(cls, described):
        """A cluster that another process runs, as Lab.describe() tells it. It is not stopped from here."""
        cluster = cls(described["folder"])
        cluster.port = described["port"]
        return cluster

    # ---- life ----

    def start(self):
        data = os.path.join(self.folder, "data")
        os.makedirs(data, mode=0o700, exist_ok=True)
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chmod(self.folder, 0o755)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            os.chown(data, account.pw_uid, account.pw_gid)
        if not os.path.exists(os.path.join(data, "PG_VERSION")):
            self._initdb(data)
        self._port = processes.Port()
        self.port = self._port.number
        options = {**self.settings, "port": str(self.port), "unix_socket_directories": self.folder}
        argv = [os.path.join(self._bin, "postgres"), "-D", data]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        with open(os.path.join(self.folder, "postgres.log"), "ab") as log:
            # SIGQUIT is the server's "at once": the data are thrown away anyhow.
            self._process = processes.spawn(
                argv, death_signal=signal.SIGQUIT, user=self._user, stdout=log, stderr=log, cwd=self.folder
            )
        self._wait()
        return self

    def _initdb(self, data):
        password_file = os.path.join(self.folder, "password")
        with open(password_file, "w", encoding="ascii") as file:
            file.write(PASSWORD)
        os.chmod(password_file, 0o644)
        argv = [
            os.path.join(self._bin, "initdb"), "-D", data, "-U", "postgres", "--no-sync", "--no-instructions",
            "--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256",
            f"--pwfile={password_file}",
        ]
        options = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        done = subprocess.run(argv, capture_output=True, text=True, cwd=self.folder, check=False, **options)
        os.unlink(password_file)
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed: {done.stderr}")

    def _wait(self, patience=120.0):
        deadline = time.monotonic() + patience
        probe = [os.path.join(self._bin, "pg_isready"), "-q", "-h", self.folder, "-p", str(self.port)]
        while subprocess.run(probe, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.folder, "postgres.log"), encoding="utf-8", errors="replace") as log:
                    raise RuntimeError("PostgreSQL did not start:\n" + log.read()[-2000:])
            time.sleep(0.02)

    def stop(self):
        if self._process is not None:
            processes.stop(self._process, first=signal.SIGQUIT)
            self._process = None
        if self._port is not None:
            self._port.release()
            self._port = None

    def __enter__(self):
        return self if self._process else self.start()

    def __exit__(self, *_):
        self.stop()

    # ---- addresses ----

    def url(self, database):
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def directus_env(self, database):
        """DB_* as Directus reads them."""
        return {
            "DB_CLIENT": "pg", "DB_HOST": "127.0.0.1", "DB_PORT": str(self.port), "DB_DATABASE": database,
            "DB_USER": "postgres", "DB_PASSWORD": PASSWORD,
        }

    # ---- SQL ----

    def _psql(self, database, *arguments, text=None):
        argv = [
            os.path.join(self._bin, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
            "-p", str(self.port), "-U", "postgres", "-d", database, *arguments,
        ]
        done = subprocess.run(argv, capture_output=True, text=True, input=text, encoding="utf-8", check=False)
        if done.returncode != 0:
            raise SqlError(done.stderr.strip())
        return done.stdout

    def execute(self, database, *statements):
        """Runs statements one after the other, each in a transaction of its own; answers psql's unaligned output."""
        arguments = []
        for statement in statements:
            arguments += ["-c", statement]
        return self._psql(database, *arguments)

    def query(self, database, select):
        """The rows of one SELECT as dictionaries (PostgreSQL's own JSON forms)."""
        text = self._psql(database, "-c", f"SELECT coalesce(json_agg(q), '[]'::json) FROM ({select}) q")
        return json.loads(text)

    def value(self, database, select):
        """The one value of a SELECT of one row and column."""
        rows = self.query(database, select)
        if len(rows) != 1 or len(rows[0]) != 1:
            raise SqlError(f"expected one value, got {rows!r}: {select}")
        return next(iter(rows[0].values()))

    def script(self, database, path):
        """Runs a file of SQL in one transaction."""
        return self._psql(database, "-1", "-f", path)

    # ---- databases ----

    def exists(self, database):
        return bool(self.query("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))

    def create(self, database, *, template="template0", collation=None, postgis=False):
        """CREATE DATABASE. `collation` is a locale name such as en_US.UTF-8, installed when it is missing.

        A database of another collation cannot be cloned from another one (see `copy`).
        """
        statement = f'CREATE DATABASE "{database}" TEMPLATE "{template}"'
        if collation:
            ensure_locale(collation)
            statement += f" LOCALE '{collation}'"
        self.execute("postgres", statement)
        if postgis:
            self.execute(database, "CREATE EXTENSION IF NOT EXISTS postgis")

    def clone(self, source, database):
        """A copy of a database with the same collation; sessions in the source are ended, new ones wait outside."""
        self.execute(
            "postgres",
            f'ALTER DATABASE "{source}" ALLOW_CONNECTIONS false',
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{source}'",
            f'CREATE DATABASE "{database}" TEMPLATE "{source}" STRATEGY file_copy',
            f'ALTER DATABASE "{source}" ALLOW_CONNECTIONS true',
        )

    def drop(self, database):
        """Drops a database and ends the sessions in it."""
        self.execute("postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def copy(self, source, database, *, collation):
        """A database of another collation with the content of `source`, through pg_dump."""
        self.create(database, collation=collation)
        path = os.path.join(self.folder, f"{database}.sql")
        self.dump(source, path)
        self.script(database, path)
        os.unlink(path)

    def dump(self, database, path):
        argv = [
            os.path.join(self._bin, "pg_dump"), "-h", self.folder, "-p", str(self.port), "-U", "postgres",
            "--no-owner", "-f", path, database,
        ]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SqlError(done.stderr.strip())
