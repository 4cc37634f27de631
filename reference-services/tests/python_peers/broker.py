"""The broker as the Python services use it: two durable queues without arguments on the default exchange."""

import threading
import typing

import pika

from servers import RabbitMq

EVENTS = "audit_events"
ALERTS = "audit_alerts"
DEAD_EVENTS = EVENTS + ".dead-letter"
DEAD_ALERTS = ALERTS + ".dead-letter"
# What the broker has to say of either queue.
PLAIN_QUEUE = {"durable": True, "auto_delete": False, "exclusive": False, "arguments": []}


class Message(typing.NamedTuple):
    body: bytes
    properties: pika.BasicProperties
    method: pika.spec.Basic.Deliver


def declare(channel, queue: str) -> None:
    """As each Python service does at its start; 406 closes the channel if the queue stands otherwise."""
    channel.queue_declare(queue=queue, durable=True)


class Sender:
    """Publishes to one queue, with confirms, so that a test knows what the broker holds."""

    def __init__(self, server: RabbitMq, queue: str):
        self.queue = queue
        self.connection = server.connect()
        self.channel = self.connection.channel()
        declare(self.channel, queue)
        self.channel.confirm_delivery()

    def send(self, body: bytes, properties: pika.BasicProperties | None = None) -> None:
        properties = properties or pika.BasicProperties(delivery_mode=2, content_type="application/json")
        self.channel.basic_publish("", self.queue, body, properties, mandatory=True)

    def close(self) -> None:
        if self.connection.is_open:
            self.connection.close()

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, *_) -> None:
        self.close()


class Receiver:
    """Consumes one queue on a thread of its own, and declares `others` beside it.

    `handle` returns whether the message is processed; False: malformed, refused without requeue. What it raises is
    a passing failure: requeued.
    """

    def __init__(self, server: RabbitMq, queue: str, *others: str, prefetch: int = 1):
        self.messages: list[Message] = []
        self.connection = server.connect()
        self.channel = self.connection.channel()
        for each in (queue, *others):
            declare(self.channel, each)
        self.channel.basic_qos(prefetch_count=prefetch)
        self.channel.basic_consume(queue, self.on_message)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        try:
            self.channel.start_consuming()
        except pika.exceptions.AMQPError:
            pass  # the server was taken away by the test

    def on_message(self, channel, method, properties, body) -> None:
        self.messages.append(Message(body, properties, method))
        try:
            processed = self.handle(body)
        except Exception:  # whatever it is: the Python services give the message back
            channel.basic_nack(method.delivery_tag, requeue=True)
            raise
        if processed:
            channel.basic_ack(method.delivery_tag)
        else:
            channel.basic_nack(method.delivery_tag, requeue=False)

    def handle(self, body: bytes) -> bool:
        return True

    def close(self) -> None:
        if self.connection.is_open:
            self.connection.add_callback_threadsafe(self.channel.stop_consuming)
            self.thread.join(30)
            if self.connection.is_open:
                self.connection.close()

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, *_) -> None:
        self.close()
