"""The HTTP interface of auditflow up: the wire contract's answers, health, metrics, and pages that nothing can break out of."""

import html.parser
import json
import unittest
import urllib.parse

from running import LOGIN_RULE, UpTest, event, json_lines

ROW = [
    *("alert_id", "correlation_id", "timestamp", "received_at", "alert_name", "alert_type", "severity"),
    *("description", "source_service_name", "rule_id", "rule_name", "actor_type", "actor_id", "client_ip"),
    *("resource_type", "resource_id", "server_hostname", "action_observed", "analysis_rule_details"),
    *("triggered_by_details", "impacted_resource_details", "metadata", "raw_event_data"),
]
NOBODY = "00000000-0000-4000-8000-00000000ffff"
ATTACKS = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "</pre><iframe src=//example.org>",
    "&lt;script&gt;",
    "\u202egnp.exe\u0007",
    "{{7*7}} ${7*7} %0d%0aSet-Cookie:x=y",
]


KNOWN_TAGS = set(
    "html head meta title link body header img a span main ul li b p form input label button div table thead tbody tr th "
    "td time nav h1 h2 dl dt dd pre caption select option".split()
)
KNOWN_ATTRIBUTES = set(
    "lang charset name content http-equiv rel href type src alt class aria-current aria-label value autocomplete method "
    "action datetime title tabindex role scope".split()
)


class Markup(html.parser.HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.links = set(), set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("src", "href", "action"):
                self.links.append(value)


class Serving(UpTest):
    def serve(self, events):
        rules = self.write("rules/login.yml", LOGIN_RULE)
        path = self.write("events.jsonl", json_lines(events))
        self.running = self.up("--input", path, "--rules", rules, "--serve", "--quiet")
        self.running.wait_until(
            lambda: self.running.metric('auditflow_alerts_total{outcome="processed"}') == len(events)
        )


class Api(Serving):
    def setUp(self):
        super().setUp()
        events = [event(i, user_id=f"user{i % 3}") for i in range(30)]
        events[7]["client_ip"] = "192.0.2.7"
        events[7]["exact"] = 12345678901234567890
        self.serve(events)

    def error(self, path):
        status, headers, body = self.running.get(path)
        answer = json.loads(body)
        if "status" in answer:
            self.assertEqual(headers["Content-Type"], "application/problem+json", path)
            self.assertEqual(answer["status"], status)
            return status, answer["detail"]
        self.assertEqual(headers["Content-Type"], "application/json", path)
        self.assertEqual(len(answer), 1, path)  # the contract's form
        return status, answer.get("error") or answer.get("message")

    def test_rows_have_the_contracts_fields(self):
        status, rows = self.running.get_json("/alerts")
        self.assertEqual((status, len(rows)), (200, 30))
        for row in rows:
            self.assertEqual(list(row), [*ROW, "state"])
            for field in ("timestamp", "received_at"):
                self.assertRegex(row[field], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        by_event = {row["correlation_id"]: row for row in rows}
        with_ip = by_event[event(7)["event_id"]]
        self.assertEqual(with_ip["client_ip"], "192.0.2.7")
        self.assertEqual(with_ip["raw_event_data"]["exact"], 12345678901234567890)
        self.assertIsNone(by_event[event(8)["event_id"]]["client_ip"])
        self.assertEqual(with_ip["triggered_by_details"]["actor_id"], "user1")
        self.assertEqual(with_ip["server_hostname"], "host-1")

    def test_newest_first_in_pages_without_gaps(self):
        _, everything = self.running.get_json("/alerts?limit=1000")
        order = [(row["timestamp"], row["received_at"], row["alert_id"]) for row in everything]
        self.assertEqual([key[0] for key in order], sorted((key[0] for key in order), reverse=True))
        pages = [self.running.get_json(f"/alerts?limit=7&offset={offset}")[1] for offset in range(0, 35, 7)]
        self.assertEqual([row["alert_id"] for page in pages for row in page], [row["alert_id"] for row in everything])
        self.assertEqual([len(page) for page in pages], [7, 7, 7, 7, 2])
        self.assertEqual(self.running.get_json("/alerts?offset=5000"), (200, []))

    def test_filters(self):
        status, headers, body = self.running.get("/alerts?actor_id=user2&limit=4")
        self.assertEqual((status, headers["X-Total-Count"]), (200, "10"))
        self.assertEqual({row["actor_id"] for row in json.loads(body)}, {"user2"})
        self.assertEqual(self.running.get_json("/alerts?severity=LOW"), (200, []))
        self.assertEqual(len(self.running.get_json("/alerts?severity=HIGH&actor_id=&since=2000-01-01")[1]), 30)
        self.assertEqual(self.running.get_json("/alerts?until=2000-01-01")[1], [])

    def test_bad_numbers_have_the_contracts_texts(self):
        limit, positive = "Limit must be an integer.", "Limit must be a positive integer."
        offset, negative = "Offset must be an integer.", "Offset cannot be negative."
        cases = {
            "limit=abc": limit,
            "limit=": limit,
            "limit=1.5": limit,
            "limit=0x10": limit,
            "limit=0": positive,
            "limit=-1": positive,
            "limit=-99999999999999999999": positive,
            "offset=abc": offset,
            "offset=": offset,
            "offset=-1": negative,
            "limit=1&offset=%00": None,
        }
        for query, text in cases.items():
            with self.subTest(query=query):
                status, said = self.error("/alerts?" + query)
                self.assertEqual(status, 400)
                if text:
                    self.assertEqual(said, text)
        self.assertIn("since", self.error("/alerts?since=soon")[1])
        self.assertEqual(len(self.running.get_json("/alerts?limit=%2B3")[1]), 3)
        self.assertEqual(len(self.running.get_json("/alerts?limit=99999999999999999999")[1]), 30)

    def test_one_alert(self):
        row = self.running.get_json("/alerts?limit=1")[1][0]
        self.assertEqual(self.running.get_json("/alerts/" + row["alert_id"]), (200, row))
        self.assertEqual(self.running.get_json("/alerts/" + row["alert_id"].upper()), (200, row))
        self.assertEqual(self.error("/alerts/" + NOBODY), (404, "Alert not found"))
        text = "Invalid alert ID format: 'no-uuid'. Must be a valid UUID."
        self.assertEqual(self.error("/alerts/no-uuid"), (400, text))
        for bad in ("1", "'%20OR%201=1--", "x" * 3000, NOBODY + "0", "{" + NOBODY + "}"):
            status, said = self.error("/alerts/" + bad)
            self.assertEqual(status, 400, bad)
            self.assertLess(len(said), 200)

    def test_health_follows_the_store(self):
        status, health = self.running.get_json("/healthz")
        self.assertEqual((status, health["status"]), (200, "healthy"))
        self.assertEqual(health["service"], "auditflow")
        for file in (self.folder / "data").glob("alerts.db"):
            file.rename(file.with_name("gone"))
        status, health = self.running.get_json("/healthz")
        self.assertEqual((status, health["status"]), (503, "unhealthy"))
        self.assertTrue([c for c in health["components"].values() if not c["up"] and c["reason"]])

    def test_metrics_and_other_paths(self):
        status, headers, body = self.running.get("/metrics")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertIn("\naudit_analysis_processed_total 30", body)
        self.assertIn('auditflow_events_total{outcome="processed"} 30', body)
        self.assertEqual(self.running.get("/nowhere")[0], 404)


class Pages(Serving):
    def test_no_text_of_an_event_becomes_markup(self):
        self.serve([event(i, user_id=text, server_hostname=text, details={text: text}) for i, text in enumerate(ATTACKS)])
        pages = ["/", "/?edit=1&actor_id=" + urllib.parse.quote(ATTACKS[1]), "/?severity=" + urllib.parse.quote(ATTACKS[0])]
        pages += ["/alert/" + row["alert_id"] for row in self.running.get_json("/alerts")[1]]
        pages += ["/alert/" + urllib.parse.quote(ATTACKS[1]), "/?offset=" + urllib.parse.quote(ATTACKS[0])]
        for page in pages:
            with self.subTest(page=page):
                _, headers, body = self.running.get(page)
                policy = headers["Content-Security-Policy"]
                self.assertIn("default-src 'none'", policy)
                self.assertNotIn("unsafe", policy)
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                seen = Markup(body)
                self.assertLessEqual(seen.tags, KNOWN_TAGS)
                self.assertLessEqual(seen.attributes, KNOWN_ATTRIBUTES)
                for link in seen.links:
                    self.assertRegex(link, "^/(?!/)", "nothing comes from elsewhere")
                self.assertNotIn("\u202e", body)

    def test_pages_say_what_is_wrong(self):
        self.serve([event(1)])
        for path, status in (("/alert/" + NOBODY, 404), ("/alert/x", 400), ("/?since=soon", 400), ("/?offset=-1", 400)):
            code, headers, body = self.running.get(path)
            self.assertEqual(code, status, path)
            self.assertTrue(headers["Content-Type"].startswith("text/html"))
            self.assertIn('href="/"', body)

    def test_only_the_newest_alerts_reload_by_themselves(self):
        self.serve([event(i) for i in range(60)])
        newest, older = self.running.get("/")[2], self.running.get("/?offset=50")[2]
        self.assertIn('http-equiv="refresh"', newest)
        self.assertNotIn('http-equiv="refresh"', older)
        self.assertNotIn('http-equiv="refresh"', self.running.get("/?edit=1")[2])
        self.assertIn("1–50 of 60", newest)
        self.assertIn("51–60 of 60", older)
        self.assertEqual(newest.count('href="/alert/'), 50)
        self.assertIn("No alert matches", self.running.get("/?severity=LOW")[2])


if __name__ == "__main__":
    unittest.main()
