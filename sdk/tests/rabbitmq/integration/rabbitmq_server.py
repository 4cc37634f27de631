"""A RabbitMQ server of one's own for tests: free ports, own data, own node name, own epmd.

    rabbitmq_server.py start FOLDER       starts it and waits until it takes connections
    rabbitmq_server.py kill FOLDER        kill -9, as a crash would
    rabbitmq_server.py terminate FOLDER   stops the broker in good order, keeping its data
    rabbitmq_server.py freeze FOLDER      stops it in its tracks, as a machine that swaps or hangs would
    rabbitmq_server.py thaw FOLDER        lets it go on
    rabbitmq_server.py restart FOLDER     starts it again with the same ports and data
    rabbitmq_server.py ctl FOLDER ARG...  rabbitmqctl
    rabbitmq_server.py stop FOLDER        stops everything and removes the data

FOLDER/server.json says what runs: {"port", "tls_port", "folder", …}, or {"missing": "why not"} where no server
is installed, with which every command but `start` fails. Nothing listens beyond the loopback interface. A
server whose tests forgot it stops by itself after LIFETIME seconds.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

LIFETIME = 1800
PATIENCE = 90
PLUGINS = "rabbitmq_consistent_hash_exchange"
BINARIES = ("/usr/lib/rabbitmq/bin", "/usr/sbin", "/opt/rabbitmq/sbin")


def find(program: str) -> str | None:
    # Debian's wrapper in the path insists on the user rabbitmq: the real one is beside its library.
    for folder in BINARIES:
        candidate = pathlib.Path(folder) / program
        if os.access(candidate, os.X_OK):
            return str(candidate)
    return shutil.which(program)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Server:
    def __init__(self, folder: str):
        self.folder = pathlib.Path(folder).resolve()
        self.file = self.folder / "server.json"
        self.state = json.loads(self.file.read_text()) if self.file.exists() else {}

    def save(self) -> None:
        partial = self.file.with_suffix(".partial")
        partial.write_text(json.dumps(self.state, indent=1) + "\n")
        partial.replace(self.file)

    def environment(self) -> dict[str, str]:
        state, folder = self.state, self.folder
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder / "home"),
            "RABBITMQ_NODENAME": state["node"],
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(state["port"]),
            "RABBITMQ_DIST_PORT": str(state["dist_port"]),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS": PLUGINS,
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(state["epmd_port"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def spawn(self, arguments: list[str], log: str) -> int:
        with open(self.folder / log, "ab") as output:
            return subprocess.Popen(
                arguments,
                env=self.environment() if "port" in self.state else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            ).pid

    def start(self) -> None:
        self.stop()
        self.folder.mkdir(parents=True)
        missing = [p for p in ("rabbitmq-server", "rabbitmqctl", "epmd") if not find(p)]
        if missing:
            self.state = {"missing": f"{', '.join(missing)} not found: scripts/bootstrap test installs it"}
            self.save()
            print(self.state["missing"])
            return
        port, tls_port, dist_port, epmd_port = free_ports(4)
        self.state = {
            "folder": str(self.folder),
            "port": port,
            "tls_port": tls_port,
            "dist_port": dist_port,
            "epmd_port": epmd_port,
            "node": f"auditflow-{os.getpid()}@localhost",
        }
        (self.folder / "home").mkdir()
        self.write_configuration()
        self.state["epmd_pid"] = self.spawn([find("epmd"), "-address", "127.0.0.1"], "epmd.log")
        self.state["reaper_pid"] = self.spawn(
            [sys.executable, __file__, "reap", str(self.folder)], "reaper.log"
        )
        self.run_broker()

    def write_configuration(self) -> None:
        lines = ["loopback_users = none", "log.console.level = warning", "heartbeat = 20"]
        if make_certificates(self.folder):
            lines += [
                f"listeners.ssl.default = 127.0.0.1:{self.state['tls_port']}",
                f"ssl_options.cacertfile = {self.folder}/ca.pem",
                f"ssl_options.certfile = {self.folder}/server.pem",
                f"ssl_options.keyfile = {self.folder}/server.key",
                "ssl_options.verify = verify_peer",
                "ssl_options.fail_if_no_peer_cert = false",
            ]
        else:
            self.state["tls_port"] = 0
        (self.folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")

    def run_broker(self) -> None:
        self.state["broker_pid"] = self.spawn([find("rabbitmq-server")], "server.log")
        self.save()
        give_up = time.monotonic() + PATIENCE
        while not self.takes_connections():
            if time.monotonic() > give_up or not alive(self.state["broker_pid"]):
                log = (self.folder / "server.log").read_text(errors="replace")
                self.stop()
                sys.exit(f"the server did not start:\n{log[-4000:]}")
            time.sleep(0.05)

    def takes_connections(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.state["port"]), timeout=2) as connection:
                # A header that no server speaks is answered with the one it does speak, once it is up.
                connection.sendall(b"AMQP\x00\x00\x00\x00")
                return connection.recv(4) == b"AMQP"
        except OSError:
            return False

    def require(self) -> None:
        if "broker_pid" not in self.state:
            sys.exit(f"no server in {self.folder}")

    def kill(self) -> None:
        self.require()
        self.flush_declarations()
        end_group(self.state["broker_pid"], signal.SIGKILL)

    def flush_declarations(self) -> None:
        """A queue that was declared just now would be forgotten, with every confirmed message in it: the broker
        writes declarations a second or two late. Tests are about the crash of one whose queues have been there."""
        command = [find("rabbitmqctl"), "--quiet", "--node", self.state["node"], "eval", "mnesia:sync_log()."]
        try:
            subprocess.run(command, env=self.environment(), check=False, capture_output=True, timeout=10)
        except subprocess.TimeoutExpired:
            pass  # a frozen broker; it has had its time

    def freeze(self) -> None:
        self.require()
        os.killpg(self.state["broker_pid"], signal.SIGSTOP)

    def thaw(self) -> None:
        self.require()
        os.killpg(self.state["broker_pid"], signal.SIGCONT)

    def terminate(self) -> None:
        self.require()
        end_group(self.state["broker_pid"], signal.SIGTERM)

    def restart(self) -> None:
        self.require()
        end_group(self.state["broker_pid"], signal.SIGKILL)
        self.run_broker()

    def ctl(self, arguments: list[str]) -> None:
        self.require()
        command = [find("rabbitmqctl"), "--quiet", "--node", self.state["node"], *arguments]
        sys.exit(subprocess.run(command, env=self.environment(), check=False).returncode)

    def stop(self) -> None:
        for name in ("broker_pid", "epmd_pid", "reaper_pid"):
            pid = self.state.get(name)
            if pid and pid != os.getpid():
                end_group(pid, signal.SIGKILL)
        if self.folder.exists() and self.state:
            shutil.rmtree(self.folder)
        self.state = {}

    def reap(self) -> None:
        give_up = time.monotonic() + LIFETIME
        while time.monotonic() < give_up:
            time.sleep(5)
            if not self.file.exists():
                return
        self.state = json.loads(self.file.read_text())
        self.stop()


def alive(pid: int) -> bool:
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def end_group(group: int, how: int) -> None:
    """Ends the processes that were started as this group, and waits until none is left."""
    give_up = time.monotonic() + 20
    while True:
        try:
            os.killpg(group, how if time.monotonic() < give_up else signal.SIGKILL)
        except ProcessLookupError:
            return
        try:
            os.waitpid(group, os.WNOHANG)
        except ChildProcessError:
            if not any(alive(pid) for pid in members(group)):
                return
        time.sleep(0.05)


def members(group: int) -> list[int]:
    pids = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[2]) == group:
                pids.append(int(entry.name))
        except OSError:
            pass
    return pids


def make_certificates(folder: pathlib.Path) -> bool:
    """A CA with a certificate for localhost, and another CA that signed nothing here."""
    if not shutil.which("openssl"):
        return False

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for name in ("ca", "other_ca"):
        openssl("req", "-x509", *key, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl("req", *key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    (folder / "san").write_text("subjectAltName=DNS:localhost\n")
    openssl(
        "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-extfile", "san", "-out", "server.pem",
    )
    return True


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    command, server = sys.argv[1], Server(sys.argv[2])
    if command == "ctl":
        server.ctl(sys.argv[3:])
    elif command in ("start", "stop", "kill", "terminate", "freeze", "thaw", "restart", "reap"):
        getattr(server, command)()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
