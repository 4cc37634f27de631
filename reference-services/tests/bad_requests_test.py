"""Requests that are none, to each of the four services: refused, closed where they have to be, never in the way."""

import re
import socket
import time
import typing
import unittest

import services
from harness import ServiceTest, require

require(*services.ALL)

HOST = b"Host: x\r\n"


class Reply(typing.NamedTuple):
    statuses: list[int]
    data: bytes
    closed: bool


def exchange(port: int, *pieces: bytes, wait: float = 20, end_write: bool = False) -> Reply:
    """Sends bytes as they are, and reads until the service closes or has been silent for a moment after an answer."""
    data, closed = b"", False
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            if end_write:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it closed while we were sending: what it said before is still to be read
        give_up = time.monotonic() + wait
        while time.monotonic() < give_up:
            connection.settimeout(1.0 if b"\r\n\r\n" in data else max(0.1, give_up - time.monotonic()))
            try:
                more = connection.recv(65536)
            except TimeoutError:
                break
            except ConnectionError:
                closed = True
                break
            if not more:
                closed = True
                break
            data += more
    return Reply([int(s) for s in re.findall(rb"HTTP/1\.[01] (\d{3}) ", data)], data, closed)


# name, what is sent, the statuses of which the first answer has one, and whether the connection ends with it.
MALFORMED = [
    ("no request line", b"\r\n\r\nnonsense\r\n\r\n", (400,), True),
    ("TLS to a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100, (400, 408), True),
    ("a foreign version", b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", (400, 505), True),
    ("chunked garbage", b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n", (400,), True),
    ("a chunk of negative size", b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", (400,), True),
    (
        "a chunk size beyond 64 bits",
        b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n",
        (400, 413),
        True,
    ),
    (
        "xchunked, with a request hidden in its body",
        b"POST /livez HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\nGET /livez HTTP/1.1\r\n" + HOST + b"\r\n",
        (400, 501),
        True,
    ),
    (
        "chunked and a length",
        b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        (400,),
        True,
    ),
    (
        "the same length twice",
        b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        (400,),
        True,
    ),
    (
        "two lengths",
        b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}",
        (400,),
        True,
    ),
    ("a list of lengths", b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 2, 2\r\n\r\n{}", (400,), True),
    ("a length with a sign", b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: +2\r\n\r\n{}", (400,), True),
    ("a space before the colon", b"GET /livez HTTP/1.1\r\n" + HOST + b"X : y\r\n\r\n", (400,), True),
    ("NUL in a header", b"GET /livez HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", (400,), True),
    ("headers of 64 KiB", b"GET /livez HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 65536 + b"\r\n\r\n", (431,), True),
    (
        "100,000 headers",
        b"GET /livez HTTP/1.1\r\n" + HOST + b"".join(b"H%d: v\r\n" % i for i in range(100_000)) + b"\r\n",
        (431,),
        True,
    ),
    ("a target of 8 KiB", b"GET /livez?" + b"a" * 8192 + b" HTTP/1.1\r\n" + HOST + b"\r\n", (414,), False),
    (
        "more parameters than anybody needs",
        b"GET /livez?" + b"a=b&" * 900 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        (400,),
        False,
    ),
    (
        "a body beyond the limit",
        b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 2000000000\r\n\r\n" + b"x" * 65536,
        (413,),
        True,
    ),
    (
        "chunks beyond the limit",
        b"POST /livez HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 64,
        (413,),
        True,
    ),
    ("an unknown method", b"BREW /livez HTTP/1.1\r\n" + HOST + b"\r\n", (400, 405, 501), False),
    ("CONNECT", b"CONNECT example.org:443 HTTP/1.1\r\n" + HOST + b"\r\n", (400, 404, 405, 501), False),
    ("TRACE", b"TRACE /livez HTTP/1.1\r\n" + HOST + b"\r\n", (400, 405, 501), False),
]
TRAVERSALS = (
    b"/../../../../etc/passwd",
    b"/static/../../../../etc/passwd",
    b"/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    b"/..%2f..%2f..%2fetc%2fpasswd",
    b"/alert/..%2f..%2fetc%2fpasswd",
    b"/alerts/%00",
    b"/assets/..%5c..%5cetc%5cpasswd",
    b"//etc/passwd",
    b"/%c0%ae%c0%ae/etc/passwd",
    b"/%zz",
)


class BadRequestsTest(ServiceTest):
    def setUp(self):
        limits = {"HTTP_HEADER_TIMEOUT": "2s", "HTTP_BODY_TIMEOUT": "2s"}
        notification = self.run_service(services.NOTIFICATION, **limits)
        self.all = [
            self.run_service(services.GENERATOR, **limits),
            self.run_service(services.ANALYSIS, **limits),
            notification,
            self.run_service(services.DASHBOARD, **limits, **self.point_at(notification)),
        ]

    def each(self):
        for service in self.all:
            with self.subTest(service.name):
                yield service
            self.assertEqual(service.get("/livez").status, 200, service.name)

    def check_problem(self, reply, statuses):
        self.assertTrue(reply.statuses, f"closed without an answer: {reply}")
        self.assertIn(reply.statuses[0], statuses, reply.data[:300])
        head = reply.data.partition(b"\r\n\r\n")[0].lower()
        self.assertIn(b"content-type: application/problem+json", head)

    def test_malformed_requests_are_refused_and_end_the_connection(self):
        for service in self.each():
            for name, sent, statuses, ends in MALFORMED:
                with self.subTest(name, service=service.name):
                    reply = exchange(service.port, sent)
                    self.check_problem(reply, statuses)
                    self.assertEqual(len(reply.statuses), 1, reply.data[:600])
                    if ends:
                        self.assertTrue(reply.closed, "the connection stays open")

    def test_no_path_leads_to_a_file(self):
        for service in self.each():
            for path in TRAVERSALS:
                with self.subTest(path=path, service=service.name):
                    reply = exchange(service.port, b"GET " + path + b" HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
                    self.assertIn(reply.statuses[:1], ([400], [404]), reply.data[:300])
                    self.assertNotIn(b"root:", reply.data)

    def test_no_target_adds_a_header_to_the_answer(self):
        for service in self.each():
            for path in (b"/alerts/x%0d%0aSet-Cookie:%20a=b", b"/alert/x%0d%0aSet-Cookie:%20a=b", b"/x%0d%0aSet-Cookie:%20a=b"):
                reply = exchange(service.port, b"GET " + path + b" HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
                self.assertNotIn(b"\r\nset-cookie", reply.data.lower())

    def test_old_and_pipelined_requests_are_answered(self):
        get = b"GET /livez HTTP/1.1\r\n" + HOST
        for service in self.each():
            old = exchange(service.port, b"GET /livez HTTP/1.0\r\n\r\n")
            self.assertEqual((old.statuses, old.closed), ([200], True))
            several = exchange(service.port, (get + b"\r\n") * 3 + get + b"Connection: close\r\n\r\n")
            self.assertEqual((several.statuses, several.closed), ([200] * 4, True))
            half_closed = exchange(service.port, get + b"\r\n", end_write=True)
            self.assertEqual(half_closed.statuses, [200])

    def test_a_client_that_waits_for_100_continue_gets_it(self):
        body = b'{"event_type":"user_login"}'
        head = b"POST /generate_event HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
        head += b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        with socket.create_connection(("127.0.0.1", self.all[0].port), timeout=20) as connection:
            connection.sendall(head)
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 100 "))
            connection.sendall(body)
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 202 "))

    def test_slow_clients_are_given_up_and_hold_nobody_up(self):
        head, body = b"GET /livez HTTP/1.1\r\nX: ", b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 999\r\n\r\n"
        slow = []
        for service in self.all:
            for sent in (head, body, b"P") * 20:
                connection = socket.create_connection(("127.0.0.1", service.port), timeout=40)
                self.addCleanup(connection.close)
                connection.sendall(sent)
                slow.append(connection)
        for service in self.all:
            begin = time.monotonic()
            for _ in range(10):
                self.assertEqual(service.get("/livez").status, 200)
            self.assertLess(time.monotonic() - begin, 10, service.name)
        # A byte more now and then buys no more time: the limit of 2 s is for the whole head, and for the whole body.
        give_up = time.monotonic() + 20
        while slow:
            self.assertLess(time.monotonic(), give_up, f"{len(slow)} connections are still open")
            slow = [connection for connection in slow if not self.given_up(connection)]
            time.sleep(0.2)

    def given_up(self, connection):
        connection.setblocking(False)
        try:
            data = connection.recv(1000)
            self.assertTrue(data == b"" or data.startswith(b"HTTP/1.1 408 "), data)
            return True
        except BlockingIOError:
            pass
        except ConnectionError:
            return True
        try:
            connection.send(b"y")
        except BlockingIOError:
            pass
        except ConnectionError:
            return True
        return False

    def test_bodies_that_are_no_event_are_refused_by_name(self):
        generator = self.all[0]
        cases = {
            b"": "",
            b"{": "",
            b"[1]": "",
            b'"text"': "",
            b'{"event_type":"a","event_type":"b"}': "event_type",
            b'{"event_type":7}': "event_type",
            b'{"event_type":null}': "event_type",
            b'{"event_type":""}': "event_type",
            b'{"event_type":"a","details":"text"}': "details",
            b'{"event_type":"a","user_id":[]}': "user_id",
            b'{"event_type":"a","n":1e999}': "",
            b'{"event_type":"\xff"}': "",
            b'{"event_type":"a","d":' + b"[" * 100_000 + b"]" * 100_000 + b"}": "",
        }
        for body, word in cases.items():
            with self.subTest(body=body[:60]):
                answer = generator.request("POST", "/generate_event", body, {"Content-Type": "application/json"})
                self.assertEqual((answer.status, answer.media_type), (400, "application/json"))
                self.assertIn(word, answer.json()["error"])


if __name__ == "__main__":
    unittest.main()
