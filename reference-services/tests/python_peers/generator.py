"""Plays audit-event-generator: publishes events."""

from python_peers import wire
from python_peers.broker import EVENTS, Sender
from servers import RabbitMq


class PythonGenerator(Sender):
    def __init__(self, server: RabbitMq, queue: str = EVENTS):
        super().__init__(server, queue)

    def publish(self, *events: dict) -> None:
        for event in events:
            self.send(wire.encode(event))
