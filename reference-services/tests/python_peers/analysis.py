"""Plays audit-log-analysis: two rules, failed log-ins counted in a ZSET of event ids per user and host."""

import json

import pika

from python_peers import wire
from python_peers.broker import ALERTS, EVENTS, Receiver
from servers import RabbitMq, Redis

WINDOW_SECONDS = 60
THRESHOLD = 3


class PythonAnalysis(Receiver):
    def __init__(self, server: RabbitMq, redis: Redis, queue: str = EVENTS, alert_queue: str = ALERTS):
        self.redis = redis.connect()
        self.alert_queue = alert_queue
        self.alerts: list[dict] = []
        super().__init__(server, queue, alert_queue)

    def handle(self, body: bytes) -> bool:
        try:
            event = json.loads(body)
        except ValueError:
            return False
        if self.is_burst(event):
            self.publish(wire.burst_alert(event))
        # Its known defect: it does not look into `details`.
        path = event.get("resource", "")
        kind = (event.get("event_type"), event.get("action_result"))
        if kind == ("file_modified", "MODIFIED") and any(part in path for part in wire.SENSITIVE):
            self.publish(wire.file_alert(event, path))
        return True

    def is_burst(self, event: dict) -> bool:
        if (event.get("event_type"), event.get("action_result")) != ("user_login", "FAILURE"):
            return False
        key = f"failed_logins_zset:{event['user_id']}:{event['server_hostname']}"
        at = wire.read_time(event["timestamp"]).timestamp()
        with self.redis.pipeline() as pipeline:
            pipeline.zadd(key, {event["event_id"]: at})
            pipeline.zremrangebyscore(key, "-inf", at - WINDOW_SECONDS)
            pipeline.zcard(key)
            pipeline.expire(key, WINDOW_SECONDS)
            return pipeline.execute()[2] >= THRESHOLD

    def publish(self, alert: dict) -> None:
        self.alerts.append(alert)
        self.channel.basic_publish(
            "",
            self.alert_queue,
            wire.encode(alert),
            pika.BasicProperties(delivery_mode=2, content_type="application/json"),
        )
