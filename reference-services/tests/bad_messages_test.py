"""Messages that no peer should send: each ends in the dead-letter queue with its bytes and a reason, or is processed.

What a bad message may never do is hold up the good ones behind it.
"""

import datetime
import gzip
import json
import unittest

import pika

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.broker import ALERTS, DEAD_ALERTS, DEAD_EVENTS, EVENTS, Sender
from python_peers.notification import select

require(services.ANALYSIS, services.NOTIFICATION)

AT = datetime.datetime(2026, 11, 20, 18, 55, 54, 352392, datetime.UTC)
JSON = {"content_type": "application/json", "delivery_mode": 2}
EVENT = wire.encode(wire.login_failure(AT))

MALFORMED = {
    "nothing": b"",
    "spaces": b" \n\t ",
    "cut in the middle": EVENT[: len(EVENT) // 2],
    "cut before its last byte": EVENT[:-1],
    "something behind it": EVENT + b"{}",
    "an array": b"[" + EVENT + b"]",
    "a number": b"42",
    "null": b"null",
    "arrays 100,000 deep": b'{"details":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "objects 1,000 deep": b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
    "a member twice": EVENT[:-1] + b',"user_id":"root"}',
    "a number beyond doubles": EVENT[:-1] + b',"n":1e999}',
    "NaN": EVENT[:-1] + b',"n":NaN}',
    "overlong UTF-8": EVENT[:-1] + b',"n":"\xc0\xaf"}',
    "a surrogate in UTF-8": EVENT[:-1] + b',"n":"\xed\xa0\x80"}',
    "a lone continuation": EVENT[:-1] + b',"n":"\x80"}',
    "half a surrogate pair": EVENT[:-1] + b',"n":"\\ud800"}',
    "UTF-16": EVENT.decode().encode("utf-16"),
    "a raw control character": EVENT[:-1] + b',"n":"\x01"}',
    "packed": gzip.compress(EVENT),
    "a bomb, packed": gzip.compress(b"[" * 10_000_000),
    "17 MiB": b'{"a":"' + b"x" * (17 << 20) + b'"}',
}
# Not malformed, however odd: the service has to get over each and to account for it.
ODD = {
    "no properties": (EVENT, {}),
    "a foreign content type": (EVENT, {"content_type": "text/html"}),
    "a foreign encoding": (EVENT, {"content_encoding": "rot13", **JSON}),
    "a content type of 255 bytes": (EVENT, {"content_type": "x" * 255}),
    "nested headers": (EVENT, {"headers": {"a": {"b": {"c": [1, [2, {"d": None}]]}}}, **JSON}),
    "headers of 100 KB": (EVENT, {"headers": {f"h{i}": "v" * 1000 for i in range(100)}, **JSON}),
    "foreign times and ids": (EVENT, {"message_id": "\r\nX: y", "timestamp": 2**62, "reply_to": "x", **JSON}),
    "a string of 10 MB": (EVENT[:-1] + b',"n":"' + b"x" * 10_000_000 + b'"}', JSON),
    "50,000 members": (EVENT[:-1] + b"," + b",".join(b'"k%d":1' % i for i in range(50_000)) + b"}", JSON),
    "numbers at the edges": (EVENT[:-1] + b',"n":[-0,9007199254740993,18446744073709551615,1e308]}', JSON),
    "no id and no time": (b'{"event_type":"user_login"}', JSON),
    "an empty object": (b"{}", JSON),
    "members of foreign types": (
        b'{"event_id":7,"timestamp":[],"user_id":{},"event_type":null,"details":"x","severity":1.5}',
        JSON,
    ),
    "times that are none": (EVENT.replace(b"2026-11-20T", b"+10000-02-31T"), JSON),
    "an id of 1 MiB": (EVENT.replace(b'"event_id": "', b'"event_id": "' + b"i" * (1 << 20)), JSON),
    "NUL": (EVENT[:-1] + b',"n\\u0000":"\\u0000"}', JSON),
    "markup, SQL and formulas": (
        json.dumps(wire.file_modified(AT, "/etc/passwd", user_id="<script>'; DROP TABLE alerts; --{{7*7}}=cmd|")).encode(),
        JSON,
    ),
}


# Of a layout that the service knows by then, with a value that costs as much to read as one can. About 8 MB each.
COSTLY = {
    "escaped quotes": b'"' + b'\\"' * 4_000_000 + b'"',
    "backslashes": b'"' + b"\\\\" * 4_000_000 + b'"',
    "surrogate pairs": b'"' + b"\\ud83d\\ude00" * 700_000 + b'"',
    "NULs": b'"' + b"\\u0000" * 1_400_000 + b'"',
    "a quote at the very end": b'"' + b"x" * 8_000_000 + b'\\""',
    "zeros": b"[" + b"0," * 4_000_000 + b"0]",
    "white space": b" \n" * 4_000_000 + b'""',
}


class BadMessagesTest(ServiceTest):
    def setUp(self):
        self.analysis = self.run_service(services.ANALYSIS)
        self.notification = self.run_service(services.NOTIFICATION)

    def send(self, queue, body, **properties):
        with Sender(self.servers.rabbitmq, queue) as sender:
            sender.send(body, pika.BasicProperties(**properties))

    def take_dead_letter(self, queue, service):
        with self.servers.rabbitmq.connect() as connection:
            channel = connection.channel()
            got = service.eventually(lambda: (m := channel.basic_get(queue, auto_ack=True))[0] and m, "a dead letter")
        return got[1], got[2]

    def check_dead_letter(self, queue, service, name, body, **properties):
        self.send(queue, body, **properties)
        found, dead = self.take_dead_letter(queue + ".dead-letter", service)
        self.assertEqual(dead == body, True, f"{name}: the bytes were changed: {dead[:200]!r}")
        self.assertTrue(found.headers.get("x-auditflow-reason"), name)
        self.assertLessEqual(int(found.headers.get("x-auditflow-attempts", 1)), 3, name)
        return found.headers["x-auditflow-reason"]

    def test_malformed_events_are_dead_letters_with_their_bytes_and_a_reason(self):
        for name, body in MALFORMED.items():
            with self.subTest(name):
                self.check_dead_letter(EVENTS, self.analysis, name, body, **JSON)
        self.check_events_still_become_alerts("after malformed ones")

    def test_a_malformed_event_with_large_headers_is_a_dead_letter_too(self):
        headers = {f"h{i}": "v" * 1000 for i in range(100)}
        self.check_dead_letter(EVENTS, self.analysis, "headers", b"{", headers=headers, **JSON)
        self.check_events_still_become_alerts("behind large headers")

    def test_malformed_alerts_are_dead_letters_with_their_bytes_and_a_reason(self):
        alert = wire.burst_alert(wire.login_failure(AT))
        cases = {
            **{name: MALFORMED[name] for name in ("nothing", "an array", "overlong UTF-8", "17 MiB", "packed")},
            "no id": wire.encode({name: value for name, value in alert.items() if name != "alert_id"}),
            "an id that is no UUID": wire.encode({**alert, "alert_id": "7"}),
            "a correlation id that is no UUID": wire.encode({**alert, "correlation_id": "x" * 36}),
            "no time": wire.encode({**alert, "timestamp": "yesterday"}),
            "a name that is a number": wire.encode({**alert, "alert_name": 7}),
            "a name longer than its column": wire.encode({**alert, "alert_name": "x" * 300}),
            "NUL in a text": wire.encode({**alert, "description": "a\0b"}),
            "no event": wire.encode({**alert, "raw_event_data": None}),
        }
        for name, body in cases.items():
            with self.subTest(name):
                reason = self.check_dead_letter(ALERTS, self.notification, name, body, **JSON)
                print(f"{name}: {reason}")
        self.check_alerts_are_still_stored()

    def test_odd_messages_are_accounted_for(self):
        before = self.ended(self.analysis)
        for number, (name, (body, properties)) in enumerate(ODD.items(), start=1):
            with self.subTest(name):
                self.send(EVENTS, body, **properties)
                self.analysis.eventually(lambda: self.ended(self.analysis) >= before + number, f"an end of: {name}", 30)
        self.assertEqual(self.ended(self.analysis), before + len(ODD))
        self.check_events_still_become_alerts("after odd ones")

    def test_costly_values_are_read_in_bounded_time_and_memory(self):
        for number in range(20):
            self.send(EVENTS, wire.encode({**wire.login_failure(AT), "event_type": "x", "n": str(number)}), **JSON)
        self.analysis.eventually(lambda: self.ended(self.analysis) >= 20, "an end of those before")
        for number, (name, value) in enumerate(COSTLY.items(), start=21):
            with self.subTest(name):
                event = wire.encode({**wire.login_failure(AT), "event_type": "x"})
                self.send(EVENTS, event[:-1] + b',"n":' + value + b"}", **JSON)
                self.analysis.eventually(lambda: self.ended(self.analysis) >= number, f"an end of: {name}", 30)
        # The array is the worst: 16 bytes for each number of two.
        self.assertLess(self.analysis.peak_memory(), services.MOST_MEMORY + 20 * 8 * 1024)
        self.check_events_still_become_alerts("after costly ones")

    @staticmethod
    def ended(service):
        return service.metrics().total("auditflow_events_total")

    def test_a_bad_message_among_good_ones_takes_none_with_it(self):
        good = [wire.file_modified(AT, "/etc/passwd", user_id=f"u{i}", server_hostname=f"g{i}") for i in range(200)]
        with Sender(self.servers.rabbitmq, EVENTS) as sender:
            for number, event in enumerate(good):
                sender.send(wire.encode(event))
                if number % 50 == 20:
                    sender.send(b"{", pika.BasicProperties(**JSON))
        for _ in range(4):
            self.take_dead_letter(DEAD_EVENTS, self.analysis)
        self.await_rows({event["event_id"] for event in good})

    def check_events_still_become_alerts(self, user):
        event = wire.file_modified(AT, "/etc/passwd", user_id=user)
        self.send(EVENTS, wire.encode(event), **JSON)
        self.await_rows({event["event_id"]})
        for service in (self.analysis, self.notification):
            self.assertEqual(service.get("/healthz").status, 200)
            self.assertEqual(service.get("/readyz").status, 200)

    def check_alerts_are_still_stored(self):
        event = wire.login_failure(AT)
        self.send(ALERTS, wire.encode(wire.burst_alert(event)), **JSON)
        self.await_rows({event["event_id"]})
        queues = self.servers.rabbitmq.queues()
        self.assertEqual((queues[ALERTS]["messages"], queues[DEAD_ALERTS]["messages"]), (0, 0))

    def await_rows(self, correlation_ids):
        with self.servers.postgres.connect() as sql:
            eventually(
                lambda: correlation_ids <= {str(row["correlation_id"]) for row in select(sql, "")},
                f"rows of {len(correlation_ids)} events",
            )


if __name__ == "__main__":
    unittest.main()
