"""Real Directus servers on a throwaway PostgreSQL cluster.

    with Lab() as lab:
        dev, prod = lab.instance("dev"), lab.instance("prod")
        dev.api.get("/server/info")
        dev.reset()                       # empty again, the same process: about 0.3 s
        dev.save("loaded"); dev.reset("loaded")

Each flavor ("dev", "prod", or any other name) is bootstrapped once into a template database, so that roles, policies and
users have other ids in each; an instance is a clone of its flavor's template. `python3 -m tests.support.lab` keeps one
lab for several test programs, and Lab.open() joins it.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import threading
import time

from . import api, install, postgres, processes

ADMIN_EMAIL = "admin@example.com"
ADMIN_PASSWORD = "directus-secret-51e0b7"
LAB_VARIABLE = "SCHEMA_SYNC_LAB"
_NO_FLOW = "00000000-0000-4000-8000-000000000000"


def _base_env(flavor):
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "SECRET": f"{flavor}-secret-" + "0123456789abcdef" * 3,
        "ADMIN_EMAIL": ADMIN_EMAIL,
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        "ADMIN_TOKEN": api.TOKEN,
        "TELEMETRY": "false",
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "warn",
        "LOG_STYLE": "raw",
        "NODE_COMPILE_CACHE": os.path.join(processes.cache_folder(), "compile-cache"),
    }


class Directus:
    """One server process with a database of its own. Made by Lab.instance()."""

    def __init__(self, lab, name, flavor, version, port, env, postgis):
        self.lab, self.name, self.flavor, self.version = lab, name, flavor, version
        self.env, self.postgis = env, postgis
        self.port = port
        self.database = f"directus_{name}"
        self.url = f"http://127.0.0.1:{port}"
        self.folder = os.path.join(lab.folder, f"directus-{name}")
        self.log = os.path.join(self.folder, "directus.log")
        self.api = api.Api(self.url)
        self.pid = None
        self._process = None

    @property
    def database_url(self):
        return self.lab.cluster.url(self.database)

    # ---- life ----

    def _environment(self):
        return {
            **_base_env(self.flavor),
            "HOME": self.folder,
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            # A busy machine is no reason to refuse requests that a test counts; the proxy refuses where a test wants it.
            "PRESSURE_LIMITER_ENABLED": "false",
            **self.lab.cluster.directus_env(self.database),
            **self.env,
        }

    def start(self, patience=300.0):
        """Starts the process and waits until it answers. The database must be there."""
        os.makedirs(os.path.join(self.folder, "uploads"), exist_ok=True)
        os.makedirs(os.path.join(self.folder, "extensions"), exist_ok=True)
        package = os.path.join(self.folder, "package.json")
        if not os.path.exists(package):
            with open(package, "w", encoding="ascii") as file:
                file.write("{}\n")
        argv = [install.ensure_node(), install.ensure_directus(self.version), "start"]
        with open(self.log, "ab") as log:
            self._process = processes.spawn(
                argv, cwd=self.folder, env=self._environment(), stdout=log, stderr=log
            )
        self.pid = self._process.pid
        deadline = time.monotonic() + patience
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Directus {self.name} did not start:\n{self.log_tail()}")
            time.sleep(0.03)
        self.api.close()  # the thread that waited need not be the one that goes on
        return self

    def _answers(self):
        try:
            return self.api.exchange("GET", "/server/ping")[0] == 200
        except OSError:
            return False

    def stop(self):
        if self._process is not None:
            processes.stop(self._process)
            self._process = self.pid = None
        self.api.close()

    def restart(self, **env):
        """Stops and starts with more environment (a value of None removes a variable)."""
        if self._process is None:
            raise RuntimeError(f"{self.name} belongs to another process: ask the lab for an instance with env=…")
        self.stop()
        self.env = {key: value for key, value in {**self.env, **env}.items() if value is not None}
        return self.start()

    def log_tail(self, size=4000):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                return log.read()[-size:]
        except FileNotFoundError:
            return ""

    # ---- state ----

    def save(self, label):
        """Keeps the database as it is now, for reset(label). The server goes on."""
        saved = self._saved(label)
        self.lab.cluster.drop(saved)
        self.lab.cluster.clone(self.database, saved)
        self._wake()

    def saved(self, label):
        return self.lab.cluster.exists(self._saved(label))

    def _saved(self, label):
        return f"{self.database}_at_{label}"

    def reset(self, label=None, of=None):
        """Back to a fresh bootstrap, or to what save(label) kept (of another instance: `of`), under the running server.

        The database is dropped and cloned again, and the server forgets what it knew: schema, permission and response
        caches, flows and their handlers, uploaded files.
        """
        source = (of or self)._saved(label) if label else self.lab.template(self.flavor, self.version, self.postgis)
        self.lab.cluster.drop(self.database)
        self.lab.cluster.clone(source, self.database)
        if label is None:
            self._empty_uploads()
        self._wake()

    def _empty_uploads(self):
        uploads = os.path.join(self.folder, "uploads")
        for entry in os.listdir(uploads):
            os.unlink(os.path.join(uploads, entry))

    def _wake(self):
        """Caches and flows of a server whose database was exchanged.

        The first requests may meet pooled connections that the server has not yet seen closing. DELETE /flows with no
        keys deletes nothing and reloads all flows; a trigger of an unknown flow is answered after the reload (403).
        """
        deadline = time.monotonic() + 120.0
        while True:
            try:
                self.api.clear_cache()
                self.api.delete("/flows", [])
                status, _ = self.api.call("POST", f"/flows/trigger/{_NO_FLOW}", {})
                if status == 403:
                    return
                error = RuntimeError(f"flow barrier answered {status}")
            except (api.ApiError, OSError) as caught:
                error = caught
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not come back after a reset: {error}\n{self.log_tail()}")
            time.sleep(0.05)

    # ---- what tests ask most ----

    def query(self, select):
        return self.lab.cluster.query(self.database, select)

    def value(self, select):
        return self.lab.cluster.value(self.database, select)

    def execute(self, *statements):
        return self.lab.cluster.execute(self.database, *statements)

    def admin(self):
        """{"user", "role", "policy"}: this instance's own ids of the administrator."""
        return self.query(
            "SELECT u.id AS user, u.role, p.id AS policy FROM directus_users u"
            " JOIN directus_access a ON a.role = u.role JOIN directus_policies p ON p.id = a.policy AND p.admin_access"
            f" WHERE u.email = '{ADMIN_EMAIL}' LIMIT 1"
        )[0]

    def admin_10(self):
        """The same of a Directus 10, which has no policies: its role."""
        return self.value(f"SELECT role FROM directus_users WHERE email = '{ADMIN_EMAIL}'")

    def tool_env(self, environment=None, url=None):
        """The variables schema-sync reads for this instance; `environment` gives their prefixed names."""
        prefix = environment.upper().replace("-", "_") + "_" if environment else ""
        return {
            f"{prefix}DIRECTUS_URL": url or self.url,
            f"{prefix}DIRECTUS_TOKEN": api.TOKEN,
            f"{prefix}DATABASE_URL": self.database_url,
        }


class Lab:
    """A cluster, the flavors' templates and the instances. Everything ends with it."""

    def __init__(self):
        self.folder = processes.work_folder("lab")
        os.chmod(self.folder, 0o755)
        self.cluster = postgres.Cluster(os.path.join(self.folder, "postgres"))
        self.instances = {}
        self.joined = None
        self._ports = []
        self._lock = None
        self._templates = {}
        self._mutex = threading.Lock()
        self._bootstrapping = {}

    # ---- life ----

    def start(self):
        os.makedirs(self.cluster.folder, exist_ok=True)
        self.cluster.start()
        return self

    @classmethod
    def open(cls):
        """Joins one of the labs that SCHEMA_SYNC_LAB names, or starts one that ends with this process.

        A lab has one guest at a time: another one waits here.
        """
        paths = [path for path in os.environ.get(LAB_VARIABLE, "").split(os.pathsep) if path]
        lab = cls()
        if not paths:
            return lab.start()
        while not lab._enter(paths):
            time.sleep(0.1)
        lab.cluster = postgres.Cluster.join(lab.joined["cluster"])
        lab._templates = {tuple(key): name for key, name in lab.joined["templates"]}
        return lab

    def _enter(self, paths):
        """Takes the first lab that has no guest."""
        for path in paths:
            self._lock = open(path, "rb")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._lock.close()
                continue
            self.joined = json.load(self._lock)
            return True
        self._lock = None
        return False

    def close(self):
        for instance in list(self.instances.values()):
            self._close_instance(instance)
        self.instances.clear()
        if self.joined is None:
            self.cluster.stop()
        if self._lock is not None:
            self._lock.close()
        for port in self._ports:
            port.release()
        self._ports.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _close_instance(self, instance):
        owned = instance._process is not None
        instance.stop()
        if owned and self.joined is not None:
            with contextlib.suppress(postgres.SqlError):
                self.cluster.drop(instance.database)

    def __enter__(self):
        return self if self.joined or self.cluster.port else self.start()

    def __exit__(self, *_):
        self.close()

    def describe(self):
        """What another process needs to join."""
        return {
            "cluster": {"folder": self.cluster.folder, "port": self.cluster.port},
            "templates": [[list(key), name] for key, name in self._templates.items()],
            "instances": {
                name: {
                    "flavor": one.flavor, "version": one.version, "port": one.port, "env": one.env,
                    "postgis": one.postgis, "folder": one.folder, "pid": one.pid,
                }
                for name, one in self.instances.items()
            },
        }

    # ---- instances ----

    def instance(self, name, *, flavor=None, version=install.DIRECTUS, env=None, postgis=False):
        """A running, empty server. The same name again answers the same server.

        In a joined lab an instance it already runs with this flavor, version and env is reset and used; else a new one
        is started here, with a database of its own.
        """
        if name in self.instances:
            return self.instances[name]
        flavor, env = flavor or name, dict(env or {})
        instance = self._join(name, flavor, version, env, postgis)
        if instance is None:
            instance = self._launch(name, flavor, version, env, postgis)
        with self._mutex:
            self.instances[name] = instance
        return instance

    def _join(self, name, flavor, version, env, postgis):
        found = (self.joined or {"instances": {}})["instances"].get(name)
        wanted = {"flavor": flavor, "version": version, "env": env, "postgis": postgis}
        if found is None or any(found[key] != value for key, value in wanted.items()):
            return None
        instance = Directus(self, name, flavor, version, found["port"], env, postgis)
        instance.folder, instance.pid = found["folder"], found["pid"]
        instance.log = os.path.join(instance.folder, "directus.log")
        instance.reset()
        return instance

    def _launch(self, name, flavor, version, env, postgis):
        port = processes.Port()
        with self._mutex:
            self._ports.append(port)
        instance = Directus(self, name, flavor, version, port.number, env, postgis)
        if self.joined is not None:
            instance.database += f"_{os.getpid()}"
        template = self.template(flavor, version, postgis)
        self.cluster.clone(template, instance.database)
        return instance.start()

    def end(self, name):
        """Stops an instance before the lab ends."""
        self._close_instance(self.instances.pop(name))

    def pair(self, **options):
        """("dev", "prod"), started side by side."""
        return tuple(self.together("dev", "prod", **options))

    def together(self, *names, **options):
        """Several instances, started side by side."""
        results, failures = {}, []

        def one(name):
            try:
                results[name] = self.instance(name, **options)
            except Exception as error:  # handed on to the caller below
                failures.append(error)

        threads = [threading.Thread(target=one, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return [results[name] for name in names]

    # ---- templates ----

    def template(self, flavor, version=install.DIRECTUS, postgis=False):
        """The name of the flavor's bootstrapped database, made on first use."""
        key = (flavor, version, postgis)
        with self._mutex:
            turn = self._bootstrapping.setdefault(key, threading.Lock())
        with turn:
            name = self._templates.get(key)
            if name is None:
                name = f"template_{flavor}_{version.replace('.', '_')}" + ("_postgis" if postgis else "")
                if not (self.joined and self.cluster.exists(name)):
                    self._bootstrap(name, flavor, version, postgis)
                self._templates[key] = name
            return name

    def _bootstrap(self, name, flavor, version, postgis):
        making = f"{name}_{os.getpid()}"
        kept = None if postgis else self._kept(flavor, version)
        self.cluster.create(making, postgis=postgis)
        if kept and os.path.exists(kept):
            self.cluster.script(making, kept)
        else:
            self._run_bootstrap(making, flavor, version)
            if kept:
                self._keep(making, kept)
        try:
            self.cluster.execute("postgres", f'ALTER DATABASE "{making}" RENAME TO "{name}"')
        except postgres.SqlError:
            if not self.cluster.exists(name):
                raise
            self.cluster.drop(making)  # another process was first

    def _run_bootstrap(self, making, flavor, version):
        folder = os.path.join(self.folder, f"bootstrap-{making}")
        os.makedirs(folder, exist_ok=True)
        env = {**_base_env(flavor), "HOME": folder, **self.cluster.directus_env(making)}
        argv = [install.ensure_node(), install.ensure_directus(version), "bootstrap"]
        process = processes.spawn(
            argv, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        output, _ = process.communicate(timeout=300)
        if process.returncode != 0:
            raise RuntimeError(f"directus bootstrap failed:\n{output[-3000:]}")

    # What bootstrap made is the same the next time: a dump in the cache is restored in a tenth of the time.

    def _kept(self, flavor, version):
        env = {name: value for name, value in _base_env(flavor).items() if name not in ("PATH", "NODE_COMPILE_CACHE")}
        made_of = json.dumps([env, postgres.binary_folder()], sort_keys=True)
        name = f"{flavor}-{version}-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.sql"
        return os.path.join(processes.cache_folder(), "templates", name)

    def _keep(self, database, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        fresh = f"{path}.{os.getpid()}"
        self.cluster.dump(database, fresh)
        os.replace(fresh, path)
