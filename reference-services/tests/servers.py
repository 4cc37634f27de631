"""Real RabbitMQ, Redis and PostgreSQL servers for tests: free ports of the loopback interface, data of their own.

Each is a context manager that leaves nothing behind, and is ended by its process id. `Servers` starts several at
once. A program that is not installed raises `Missing`.

    servers.py > servers.env     starts all three, prints the services' variables, runs until Ctrl+C or SIGTERM
"""

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pika
import psycopg
import redis

RABBITMQ_SCRIPT = (
    pathlib.Path(__file__).resolve().parents[2] / "sdk" / "tests" / "rabbitmq" / "integration" / "rabbitmq_server.py"
)
PATIENCE = 90


class Missing(Exception):
    """A server's program is not installed."""


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def find(program: str, *folders: str) -> str:
    path = shutil.which(program, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))
    if path is None:
        raise Missing(f"{program} is not installed: scripts/bootstrap test installs it")
    return path


def wait_for(answers, process: subprocess.Popen, log: pathlib.Path, what: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while not answers():
        if process.poll() is not None or time.monotonic() > give_up:
            raise AssertionError(f"{what} did not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.05)


class RabbitMq:
    """A broker with the user guest/guest, whose password works from the loopback interface."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="auditflow-rabbitmq-")) / "server"
        self.starting = None
        self.port = 0

    def begin(self) -> None:
        self.starting = subprocess.Popen(self.command("start"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def await_start(self) -> None:
        output = self.starting.communicate()[0].decode(errors="replace")
        if self.starting.returncode != 0:
            raise AssertionError(f"RabbitMQ did not start:\n{output}")
        state = json.loads((self.folder / "server.json").read_text())
        if "missing" in state:
            raise Missing(state["missing"])
        self.port = state["port"]

    def close(self) -> None:
        if self.starting is not None:
            if self.starting.poll() is None:
                self.starting.communicate()
            self.run("stop")
        shutil.rmtree(self.folder.parent, ignore_errors=True)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-B", str(RABBITMQ_SCRIPT), arguments[0], str(self.folder), *arguments[1:]]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=180, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def kill(self) -> None:
        """As a crash would."""
        self.run("kill")

    def stop(self) -> None:
        """In good order, keeping its data."""
        self.run("terminate")

    def start_again(self) -> None:
        self.run("restart")

    def ctl(self, *arguments: str) -> str:
        return self.run("ctl", *arguments)

    def queues(self) -> dict[str, dict]:
        columns = ["name", "durable", "auto_delete", "exclusive", "arguments", "type", "messages"]
        rows = json.loads(self.ctl("list_queues", "--formatter", "json", *columns))
        return {row["name"]: row for row in rows}

    def connect(self, user: str = "guest", password: str = "guest") -> pika.BlockingConnection:
        return pika.BlockingConnection(
            pika.ConnectionParameters(
                "127.0.0.1", self.port, credentials=pika.PlainCredentials(user, password), heartbeat=0
            )
        )

    def settings(self, user: str = "guest", password: str = "guest") -> dict[str, str]:
        """The contract's variables."""
        return {
            "RABBITMQ_HOST": "127.0.0.1",
            "RABBITMQ_PORT": str(self.port),
            "RABBITMQ_USER": user,
            "RABBITMQ_PASS": password,
        }


class Redis:
    """A Redis that writes each change to its append-only file, so that a crash loses next to nothing."""

    def __init__(self):
        self.program = find("redis-server")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="auditflow-redis-"))
        self.port = free_port()
        self.process = None

    def begin(self) -> None:
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "SIGKILL", self.program),
                    *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
                    *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
                    *("--maxmemory-policy", "noeviction"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def await_start(self) -> None:
        wait_for(self.answers, self.process, self.folder / "log", "Redis")

    def answers(self) -> bool:
        try:
            with self.connect() as client:
                return client.ping()
        except (redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError):
            return False

    def connect(self) -> redis.Redis:
        return redis.Redis("127.0.0.1", self.port, socket_timeout=10)

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def stop(self) -> None:
        self.end(signal.SIGTERM)

    def end(self, how: int) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)

    def start_again(self) -> None:
        self.begin()
        self.await_start()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def settings(self) -> dict[str, str]:
        return {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(self.port)}


class Postgres:
    """A PostgreSQL cluster with trust authentication for the superuser postgres. It never runs as root."""

    def __init__(self):
        self.programs = self.find_programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="auditflow-postgres-", dir="/tmp"))  # longer would not fit a socket's name
        self.port = free_port()
        self.process = None
        self.preparing = None
        self.user = None
        if os.geteuid() == 0:
            known = {entry.pw_name for entry in pwd.getpwall()}
            self.user = pwd.getpwnam("postgres" if "postgres" in known else "nobody")
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)

    @staticmethod
    def find_programs() -> pathlib.Path:
        chosen = os.environ.get("AUDITFLOW_POSTGRES_BIN")
        folders = [pathlib.Path(chosen)] if chosen else sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        for folder in reversed(folders):
            if (folder / "initdb").exists():
                return folder
        return pathlib.Path(find("initdb")).parent

    def as_server(self, program: str, *arguments: str) -> list[str]:
        command = ["setpriv", "--pdeathsig", "SIGQUIT"]
        if self.user is not None:
            command += ["--reuid", str(self.user.pw_uid), "--regid", str(self.user.pw_gid), "--clear-groups"]
        return [*command, str(self.programs / program), "--pgdata" if program == "initdb" else "-D", *arguments]

    def spawn(self, command: list[str]) -> subprocess.Popen:
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def begin(self) -> None:
        self.preparing = self.spawn(
            self.as_server("initdb", str(self.folder / "data"), "--username", "postgres", "--auth", "trust",
                           "--encoding", "UTF8", "--locale", "C", "--no-sync")  # fmt: skip
        )

    def await_start(self) -> None:
        self.prepare()
        self.start_again()

    def prepare(self) -> None:
        if self.preparing.wait(PATIENCE) != 0:
            raise AssertionError("initdb failed:\n" + (self.folder / "log").read_text(errors="replace"))
        with open(self.folder / "data" / "postgresql.conf", "a", encoding="utf-8") as configuration:
            configuration.write(
                f"listen_addresses = '127.0.0.1'\nport = {self.port}\n"
                f"unix_socket_directories = '{self.folder}'\nlog_min_messages = warning\nmax_connections = 60\n"
            )

    def start_again(self) -> None:
        self.process = self.spawn(self.as_server("postgres", str(self.folder / "data")))
        wait_for(self.answers, self.process, self.folder / "log", "PostgreSQL")

    def answers(self) -> bool:
        try:
            self.connect().close()
            return True
        except psycopg.OperationalError:
            return False

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True, connect_timeout=10
        )

    def new_database(self, name: str) -> None:
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')

    def kill(self) -> None:
        """As a crash would: no process has a chance to write anything."""
        self.end(signal.SIGKILL)

    def stop(self) -> None:
        self.end(signal.SIGINT)

    def end(self, how: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.preparing is not None:
            self.preparing.wait(PATIENCE)
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def settings(self, database: str = "postgres") -> dict[str, str]:
        return {
            "PG_HOST": "127.0.0.1",
            "PG_PORT": str(self.port),
            "PG_DB": database,
            "PG_USER": "postgres",
            "PG_PASSWORD": "",
        }


class Servers(contextlib.AbstractContextManager):
    """Those of the three that are asked for, started at the same time."""

    def __init__(self, rabbitmq: bool = True, redis: bool = True, postgres: bool = True):
        self.rabbitmq = self.redis = self.postgres = None
        self.wanted = {"rabbitmq": rabbitmq and RabbitMq, "redis": redis and Redis, "postgres": postgres and Postgres}

    def __enter__(self) -> "Servers":
        with contextlib.ExitStack() as on_failure:
            started = []
            for name, kind in self.wanted.items():
                if kind:
                    server = kind()
                    setattr(self, name, server)
                    on_failure.callback(server.close)
                    server.begin()
                    started.append(server)
            for server in started:
                server.await_start()
            self.stack = on_failure.pop_all()
        return self

    def __exit__(self, *reason) -> None:
        self.stack.close()


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt), Servers() as servers:
        for server in (servers.rabbitmq, servers.redis, servers.postgres):
            for name, value in server.settings().items():
                print(f"export {name}='{value}'")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
