"""A broker that breaks its protocol: the analysis has to live, say what is wrong, and go on once it behaves.

The broker is a fake one. What it sends first is hostile; whoever comes back finds it in order, and one event in it.
"""

import datetime
import os
import socket
import socketserver
import struct
import threading
import unittest

import pika
from pika import frame, spec

import services
from harness import ServiceTest, require
from python_peers import wire

require(services.ANALYSIS)

AT = datetime.datetime(2026, 11, 20, 18, 55, 54, 352392, datetime.UTC)
EVENT = wire.encode(wire.file_modified(AT, "/etc/passwd"))  # acknowledged once its alert is confirmed
FRAME_MAX = 131_072
CONSUMER, PUBLISHER = "consumer", "publisher"


# What belongs to the connection and not to its channel.
OF_CONNECTION = (
    spec.Connection.Start,
    spec.Connection.Tune,
    spec.Connection.OpenOk,
    spec.Connection.Blocked,
    spec.Connection.Unblocked,
    spec.Connection.Close,
    spec.Connection.CloseOk,
)


class Gone(Exception):
    """The service closed the connection."""


class Peer:
    """A connection of the service to the broker."""

    def __init__(self, connection: socket.socket):
        self.connection = connection
        self.received = b""
        self.hostile = False

    def send(self, *values) -> None:
        """Bytes as they are, methods on the channel that they belong to."""
        for value in values:
            if not isinstance(value, bytes):
                value = frame.Method(0 if isinstance(value, OF_CONNECTION) else 1, value).marshal()
            self.connection.sendall(value)

    def deliver(self, tag: int = 1) -> None:
        self.send(delivery(tag), header(len(EVENT)), frame.Body(1, EVENT).marshal())

    def next(self):
        """The next frame."""
        while True:
            used, value = frame.decode_frame(self.received)
            if value is not None:
                self.received = self.received[used:]
                return value
            more = self.connection.recv(65_536)
            if not more:
                raise Gone
            self.received += more

    def wait_until_gone(self) -> None:
        while True:
            self.next()


def delivery(tag: int) -> spec.Basic.Deliver:
    return spec.Basic.Deliver("c", tag, False, "", "auditflow_events")


def header(size: int) -> bytes:
    return frame.Header(1, size, pika.BasicProperties(delivery_mode=2)).marshal()


def open_connection(peer: Peer, tune: spec.Connection.Tune) -> None:
    peer.next()  # the protocol's header
    peer.send(START)
    peer.next()
    peer.send(tune)
    peer.next()
    peer.next()
    peer.send(spec.Connection.OpenOk())


START = spec.Connection.Start(0, 9, {"product": "RabbitMQ"}, "PLAIN", "en_US")
TUNE = spec.Connection.Tune(2047, FRAME_MAX, 10)
ANSWERS = {
    spec.Channel.Open: lambda _: spec.Channel.OpenOk(),
    spec.Queue.Declare: lambda method: spec.Queue.DeclareOk(method.queue, 0, 0),
    spec.Confirm.Select: lambda _: spec.Confirm.SelectOk(),
    spec.Basic.Qos: lambda _: spec.Basic.QosOk(),
    spec.Basic.Consume: lambda _: spec.Basic.ConsumeOk("c"),
    spec.Connection.Close: lambda _: spec.Connection.CloseOk(),
    spec.Channel.Close: lambda _: spec.Channel.CloseOk(),
}


def serve(peer: Peer):
    """Behaves. Yields what the connection turns out to be, and each acknowledged tag."""
    published = 0
    while True:
        method = getattr(peer.next(), "method", None)
        if type(method) in ANSWERS:
            peer.send(ANSWERS[type(method)](method))
        if isinstance(method, spec.Basic.Consume):
            yield CONSUMER
        elif isinstance(method, spec.Confirm.Select):
            yield PUBLISHER
        elif isinstance(method, spec.Basic.Publish):
            published += 1
            peer.send(spec.Basic.Ack(published))
        elif isinstance(method, spec.Basic.Ack):
            yield method.delivery_tag


class HostileBroker(socketserver.ThreadingTCPServer):
    """Hostile to each kind of connection once, in order afterwards."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, opening=None, to: str = CONSUMER, serving=None):
        super().__init__(("127.0.0.1", 0), None)
        self.opening, self.to, self.serving = opening, to, serving
        self.lock = threading.Lock()
        self.was_hostile = threading.Event()
        self.acknowledged = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, _):
        peer = Peer(request)
        try:
            if self.opening and self.may_be_hostile():
                self.opening(peer)
                peer.wait_until_gone()
            open_connection(peer, TUNE)
            for what in serve(peer):
                self.on(peer, what)
        except (Gone, OSError):
            pass

    def may_be_hostile(self) -> bool:
        with self.lock:
            again = self.was_hostile.is_set()
            self.was_hostile.set()
            return not again

    def on(self, peer: Peer, what) -> None:
        if what == self.to and self.serving and self.may_be_hostile():
            peer.hostile = True
            self.serving(peer)
        elif what == CONSUMER:
            peer.deliver()
        elif what == 1 and not peer.hostile:
            self.acknowledged.set()


def endless(value: bytes):
    def send(peer: Peer) -> None:
        while True:
            peer.send(value)

    return send


def a_body_without_end(peer: Peer) -> None:
    peer.send(delivery(1), header(2**63))
    endless(frame.Body(1, b"x" * (FRAME_MAX - 8)).marshal())(peer)


def raw_frame(kind: int, channel: int, payload: bytes, size: int | None = None, end: bytes = b"\xce") -> bytes:
    return struct.pack("!BHI", kind, channel, len(payload) if size is None else size) + payload + end


def deep_table(levels: int) -> bytes:
    table = b""
    for _ in range(levels):
        table = b"\x01aF" + struct.pack("!I", len(table)) + table
    return struct.pack("!I", len(table)) + table


def after_header(*values):
    def send(peer: Peer) -> None:
        peer.next()
        peer.send(*values)

    return send


def tuned(channel_max: int, frame_max: int, heartbeat: int):
    return lambda peer: open_connection(peer, spec.Connection.Tune(channel_max, frame_max, heartbeat))


# While the connection is opened.
OPENINGS = {
    "closes at once": lambda peer: peer.connection.close(),
    "random bytes": after_header(os.urandom(100_000)),
    "HTTP": after_header(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "another version of the protocol": after_header(b"AMQP\x00\x01\x00\x00"),
    "a frame of 4 GB": after_header(raw_frame(1, 0, b"x" * 100_000, 0xFFFFFFFF)),
    "a frame without its end": after_header(raw_frame(1, 0, b"\x00\x0a\x00\x0a", end=b"\x00")),
    "an unknown method": after_header(raw_frame(1, 0, b"\xff\xff\xff\xff")),
    "a method cut short": after_header(raw_frame(1, 0, b"\x00\x0a\x00\x0a\x00")),
    "a table 10,000 deep": after_header(
        raw_frame(1, 0, b"\x00\x0a\x00\x0a\x00\x09" + deep_table(10_000) + struct.pack("!I", 0) * 2)
    ),
    "no mechanism": after_header(spec.Connection.Start(0, 9, {}, "", "en_US")),
    "AMQP 1.0": after_header(spec.Connection.Start(1, 0, {}, "PLAIN", "en_US")),
    "frames of one byte": tuned(1, 1, 1),
    "frames without limit, no heartbeats": tuned(0, 0, 0),
    "a refusal": after_header(
        START, spec.Connection.Close(530, "x" * 255, 0, 0)
    ),
    "another method than asked for": after_header(
        START, spec.Connection.OpenOk()
    ),
    "heartbeats only": lambda peer: endless(frame.Heartbeat().marshal())(peer),
}


def sends(*values):
    return lambda peer: peer.send(*values)


def delivers(*tags: int):
    return lambda peer: [peer.deliver(tag) for tag in tags]


def and_closes(behaviour):
    """For what is not wrong enough that the service itself has to close the connection."""

    def behave(peer: Peer) -> None:
        behaviour(peer)
        peer.connection.close()

    return behave


# Once the service consumes.
TO_A_CONSUMER = {
    "a tag twice": delivers(1, 1),
    "a tag of nought": delivers(0),
    "a tag far ahead": delivers(2**63),
    "a header without a delivery": sends(header(5)),
    "a body without a header": sends(frame.Body(1, b"x").marshal()),
    "two headers": sends(delivery(1), header(5), header(5)),
    "two deliveries at once": sends(delivery(1), delivery(2)),
    "more body than was announced": sends(delivery(1), header(5), frame.Body(1, b"x" * 50).marshal()),
    "another channel": sends(frame.Method(7, delivery(1)).marshal()),
    "a body without end": a_body_without_end,
    "a delivery of 512 MiB that never comes": and_closes(sends(delivery(1), header(2**29))),
    "a cancelled consumer": sends(spec.Basic.Cancel("c", True)),
    "a closed channel": sends(spec.Channel.Close(541, "x" * 255, 0, 0)),
    "a closed connection": sends(spec.Connection.Close(320, "\r\nX: y\x00\xff", 0, 0)),
    "random bytes": sends(os.urandom(1_000_000)),
    "a frame cut short": and_closes(sends(raw_frame(1, 1, b"\x00", 100, b""))),
    "an unknown kind of frame": and_closes(sends(raw_frame(9, 1, b"x"))),
    "an answer to nothing": and_closes(sends(spec.Queue.DeclareOk("q", 1, 1))),
    "more than was asked for": and_closes(delivers(*range(1, 20_001))),
    "blocked without end": and_closes(sends(*[spec.Connection.Blocked("x" * 255)] * 20_000)),
}
# Once it can publish.
TO_A_PUBLISHER = {
    "a confirm of what was never sent": and_closes(sends(spec.Basic.Ack(2**63, True))),
    "a confirm of nought": and_closes(sends(spec.Basic.Ack(0, True), spec.Basic.Nack(0, True))),
    "a returned message that was never sent": and_closes(
        sends(spec.Basic.Return(312, "x" * 255, "", "q"), header(1), frame.Body(1, b"x").marshal())
    ),
    "a delivery": and_closes(delivers(1)),
}


class HostileBrokerTest(ServiceTest):
    needs = {"rabbitmq": False, "redis": True, "postgres": False}

    def check_all(self, cases: dict[str, dict]):
        """All at once, for some wait before they connect again."""
        met = {name: self.meet(HostileBroker(**hostility)) for name, hostility in cases.items()}
        for name, (broker, analysis) in met.items():
            with self.subTest(name):
                self.check(broker, analysis)

    def meet(self, broker):
        self.addCleanup(broker.server_close)
        self.addCleanup(broker.shutdown)
        settings = {"RABBITMQ_HOST": "127.0.0.1", "RABBITMQ_PORT": str(broker.server_address[1])}
        return broker, self.run_service(services.ANALYSIS, ready=False, **settings)

    def check(self, broker, analysis):
        analysis.eventually(broker.was_hostile.is_set, "hostility")
        analysis.eventually(broker.acknowledged.is_set, "acknowledgement of an event once the broker behaves")
        analysis.wait_until_ready()
        analysis.eventually(lambda: '"level":"warning"' in analysis.log(), "word of it in the log")
        self.assertLess(analysis.peak_memory(), services.MOST_MEMORY)
        analysis.stop()

    def test_while_connecting(self):
        self.check_all({name: {"opening": opening} for name, opening in OPENINGS.items()})

    def test_while_consuming(self):
        self.check_all({name: {"to": CONSUMER, "serving": serving} for name, serving in TO_A_CONSUMER.items()})

    def test_while_publishing(self):
        self.check_all({name: {"to": PUBLISHER, "serving": serving} for name, serving in TO_A_PUBLISHER.items()})


if __name__ == "__main__":
    unittest.main()
