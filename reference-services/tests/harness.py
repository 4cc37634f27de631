"""What every test of the services begins with: servers for a test class, services for a test."""

import sys
import time
import unittest

import services
from servers import Missing, Servers
from services import Service

SKIPPED = 77  # SKIP_RETURN_CODE of ctest


def skip(reason: str) -> None:
    print("skipped:", reason)
    sys.exit(SKIPPED)


def require(*names: str) -> None:
    """Skips the whole file where one of these services is not built."""
    absent = [name for name in names if not services.program(name).exists()]
    if absent:
        skip(f"not built: {', '.join(absent)}")


def eventually(condition, what: str, seconds: float = services.WAIT):
    """The first value of `condition()` that is true."""
    give_up = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > give_up:
            raise AssertionError(f"no {what} within {seconds} s")
        time.sleep(0.05)


class ServiceTest(unittest.TestCase):
    """One set of servers for all tests of a class."""

    needs = {"rabbitmq": True, "redis": True, "postgres": True}
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.servers = Servers(**cls.needs)
        try:
            cls.servers.__enter__()
        except Missing as missing:
            skip(str(missing))
        cls.addClassCleanup(cls.servers.__exit__)

    def run_service(self, name: str, ready: bool = True, **settings: str) -> Service:
        """Starts it; it has to end with code 0 when the test is over."""
        service = Service(name, {**self.settings_for(name), **settings})
        self.addCleanup(service.close)
        service.start()
        self.addCleanup(self.finish, service)
        return service.wait_until_ready() if ready else service.wait_until_answering()

    def finish(self, service: Service) -> None:
        outcome = self._outcome
        if outcome is not None and not outcome.success:
            print(f"--- {self.id()}: {service.name}:\n{service.log()}---", flush=True)
        if service.process.poll() is None:
            service.stop()

    def settings_for(self, name: str) -> dict[str, str]:
        """How this service finds the servers that it needs."""
        settings = {}
        if name != services.DASHBOARD and self.servers.rabbitmq:
            settings |= self.servers.rabbitmq.settings()
        if name == services.ANALYSIS and self.servers.redis:
            settings |= self.servers.redis.settings()
        if name == services.NOTIFICATION and self.servers.postgres:
            settings |= self.servers.postgres.settings()
        if name == services.GENERATOR:
            settings["GENERATOR_RATE"] = "0"  # events only where a test asks for them
        return settings

    def point_at(self, service: Service) -> dict[str, str]:
        """How the dashboard finds a notification service."""
        return {"NOTIFICATION_SERVICE_HOST": "127.0.0.1", "NOTIFICATION_SERVICE_PORT": str(service.port)}
