"""Our event-audit-dashboard in the place of the Python one: on the Python notification service, and without it."""

import datetime
import html
import html.parser
import unittest

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.broker import ALERTS, Sender
from python_peers.notification import PythonNotification, select
from servers import free_port

require(services.DASHBOARD)

AT = datetime.datetime(2026, 11, 20, 18, 55, 54, 352392, datetime.UTC)
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Page(html.parser.HTMLParser):
    """What of a page a person sees, where it leads to, and which elements it has."""

    def __init__(self, answer):
        super().__init__()
        self.pieces, self.links, self.elements, self.handlers = [], [], set(), []
        self.feed(answer.text)
        self.close()
        self.text = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        self.links += [value for name, value in attributes if name == "href"]
        self.handlers += [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data):
        self.pieces.append(data)


class ReplacesDashboardTest(ServiceTest):
    needs = {"rabbitmq": True, "redis": False, "postgres": True}
    databases = 0

    def with_alerts(self, *alerts):
        """Our dashboard on a Python notification service that holds these."""
        ReplacesDashboardTest.databases += 1
        database = f"dashboard_{self.databases}"
        self.servers.postgres.new_database(database)
        notification = self.enterContext(PythonNotification(self.servers.rabbitmq, self.servers.postgres, database))
        with Sender(self.servers.rabbitmq, ALERTS) as sender:
            for alert in alerts:
                sender.send(wire.encode(alert))
        sql = self.enterContext(self.servers.postgres.connect(database))
        eventually(lambda: len(select(sql, "")) == len(alerts), "the rows")
        return self.run_service(services.DASHBOARD, **notification.settings())

    def page(self, dashboard, target, status=200):
        answer = dashboard.get(target)
        self.assertEqual((answer.status, answer.media_type), (status, "text/html"), answer)
        self.assertEqual(answer.headers.get_content_charset(), "utf-8")
        return Page(answer)

    def test_shows_recent_alerts_newest_first_and_each_in_full(self):
        burst = wire.burst_alert(wire.login_failure(AT), timestamp="2026-11-20T18:56:09+00:00Z")
        file = wire.file_alert(wire.file_modified(AT, "/etc/shadow", client_ip="10.9.8.7"), "/etc/shadow")
        dashboard = self.with_alerts(burst, file)
        text = self.page(dashboard, "/").text
        for expected in ("Multiple Failed Login Attempts", "CRITICAL", "prod-db-02", "app_user"):
            self.assertIn(expected, text)
        self.assertLess(text.index(file["alert_name"]), text.index(burst["alert_name"]))
        links = self.page(dashboard, "/").links
        for alert in (burst, file):
            (link,) = {link for link in links if link.endswith(f"/alert/{alert['alert_id']}")}
            self.check_in_full(self.page(dashboard, link).text, alert)

    def check_in_full(self, text, alert):
        rule, actor, resource = alert["analysis_rule"], alert["triggered_by"], alert["impacted_resource"]
        details = alert["raw_event_data"]["details"]
        wanted = [alert[name] for name in ("alert_id", "correlation_id", "alert_name", "description", "severity")]
        wanted += [rule["rule_id"], rule["rule_name"], actor["actor_id"], resource["resource_id"]]
        wanted += [alert["action_observed"], alert["source_service_name"], *alert["metadata"]["tags"]]
        wanted += [alert["metadata"]["remediation_guidance"], *(str(value) for value in details.values())]
        if actor["client_ip"] != "N/A":
            wanted.append(actor["client_ip"])
        for expected in wanted:
            self.assertIn(expected, text)

    def test_what_an_alert_says_is_text_never_markup(self):
        attack = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;"
        event = wire.login_failure(AT, user_id=attack, server_hostname=attack, details={attack: attack})
        alert = wire.burst_alert(event, alert_name=attack, severity="<b>", action_observed=attack)
        alert["metadata"]["tags"] = [attack]
        alert["metadata"]["playbook_url"] = "javascript:alert(3)"
        dashboard = self.with_alerts(alert)
        for target in ("/", f"/alert/{alert['alert_id']}"):
            with self.subTest(target=target):
                page = self.page(dashboard, target)
                self.assertFalse({"img"} & page.elements)
                self.assertEqual(page.handlers, [])
                self.assertNotIn("<script>alert", dashboard.get(target).text)
                self.assertFalse([link for link in page.links if link.lower().startswith("javascript:")])
                self.assertIn("<script>alert(1)</script>", html.unescape(page.text))
                self.assertTrue(dashboard.get(target).headers["Content-Security-Policy"])

    def test_an_empty_list_says_so(self):
        text = self.page(self.with_alerts(), "/").text
        self.assertRegex(text.lower(), r"\bno alerts\b")

    def test_alerts_that_are_not_there_and_ids_that_are_none_are_told_apart_from_failures(self):
        dashboard = self.with_alerts()
        self.assertEqual(dashboard.get(f"/alert/{UNKNOWN}").status, 404)
        for wrong in ("7", "..%2f..%2fetc%2fpasswd", UNKNOWN + "x"):
            self.assertIn(dashboard.get(f"/alert/{wrong}").status, (400, 404), wrong)

    def test_health_has_the_contracts_form(self):
        answer = self.with_alerts().get("/healthz")
        self.assertEqual((answer.status, answer.media_type), (200, "application/json"))
        healthy = {"status": "healthy", "service": "event-audit-dashboard"}
        self.assertLessEqual(healthy.items(), answer.json().items())

    def test_says_honestly_that_the_notification_service_is_away(self):
        dashboard = self.run_service(
            services.DASHBOARD,
            ready=False,
            NOTIFICATION_SERVICE_HOST="127.0.0.1",
            NOTIFICATION_SERVICE_PORT=str(free_port()),
        )
        for target in ("/", f"/alert/{UNKNOWN}"):
            with self.subTest(target=target):
                answer = dashboard.get(target)
                self.assertIn(answer.status, (502, 503))
                text = Page(answer).text.lower()
                self.assertRegex(text, "notification.service")
                self.assertNotRegex(text, r"\bno alerts\b")

    def test_reads_the_port_that_kubernetes_injects(self):
        notification = self.enterContext(
            PythonNotification(self.servers.rabbitmq, self.servers.postgres, "postgres")
        )
        dashboard = self.run_service(
            services.DASHBOARD,
            NOTIFICATION_SERVICE_HOST="127.0.0.1",
            NOTIFICATION_SERVICE_PORT=f"tcp://127.0.0.1:{notification.port}",
        )
        self.page(dashboard, "/")


if __name__ == "__main__":
    unittest.main()
