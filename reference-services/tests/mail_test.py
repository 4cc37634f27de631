"""notification-service sends mails through a server that wants STARTTLS and a log-in: with the right password, with a
wrong one, and where the server's certificate is not to be trusted."""

import datetime
import email
import email.policy
import logging
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import unittest

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

import services
from harness import ServiceTest, eventually, require, skip
from python_peers import wire

require(services.NOTIFICATION)
if not shutil.which("openssl"):
    skip("no openssl to make certificates with")

AT = datetime.datetime(2026, 11, 20, 18, 55, 54, 352392, datetime.UTC)
logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # of connections that the client breaks off
USER, PASSWORD = "auditflow", "correct horse"


def make_certificates(folder: pathlib.Path) -> None:
    """ca.pem has signed localhost.pem and elsewhere.pem, each with its key; stranger.pem has signed nothing."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "rsa:2048", "-nodes")
    for name in ("ca", "stranger"):
        openssl("req", "-x509", *key, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    for name, subject in (("localhost", "IP:127.0.0.1,DNS:localhost"), ("elsewhere", "DNS:elsewhere.example")):
        openssl("req", *key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (folder / f"{name}.ext").write_text(f"subjectAltName={subject}\n")
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem",
        )  # fmt: skip


class MailServer:
    """Takes mails over STARTTLS from whoever has logged in. Its handler and its authenticator."""

    def __init__(self, folder: pathlib.Path, certificate: str = "localhost", offers_tls: bool = True):
        self.mails = []
        self.log_ins = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}.key")
        tls = {"tls_context": context, "require_starttls": True, "auth_required": True} if offers_tls else {}
        port = services.free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=port, authenticator=self.log_in, **tls)

    def log_in(self, server, session, envelope, mechanism, data):
        self.log_ins.append((mechanism, session.ssl is not None))
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((session.authenticated, envelope))
        return "250 kept"


class MailTest(ServiceTest):
    needs = {"rabbitmq": False, "redis": False, "postgres": False}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="auditflow-mail-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        make_certificates(cls.folder)

    def serve(self, **how) -> MailServer:
        server = MailServer(self.folder, **how)
        server.controller.start()
        self.addCleanup(server.controller.stop)
        return server

    def tell(self, server: MailServer, password: str = PASSWORD, ca: str = "ca", **settings):
        """A service with one alert to tell of."""
        service = self.run_service(
            services.NOTIFICATION,
            ready=False,
            ALERT_STORE="sqlite",
            ALERT_STORE_PATH="alerts.db",
            RABBITMQ_HOST="127.0.0.1",
            RABBITMQ_PORT="1",  # nobody listens there
            NOTIFY_EMAIL_HOST="127.0.0.1",
            NOTIFY_EMAIL_PORT=str(server.controller.port),
            NOTIFY_EMAIL_CA=str(self.folder / f"{ca}.pem"),
            NOTIFY_EMAIL_USER=USER,
            NOTIFY_EMAIL_PASSWORD=password,
            NOTIFY_EMAIL_FROM="auditflow@example.com",
            NOTIFY_EMAIL_TO="ann@example.com,bob@example.com",
            NOTIFY_RETRY_MAX="1s",
            NOTIFY_BREAKER_FAILURES="1000",
            **settings,
        )
        self.alert = wire.burst_alert(wire.login_failure(AT))
        self.assertEqual(service.post("/alerts", self.alert).status, 201)
        return service

    def channel(self, service) -> dict:
        (channel,) = service.get("/notifications/channels").json()["channels"]
        return channel

    def fails(self, server, service, *reasons: str) -> None:
        """It is tried again, with a reason that says what is wrong, and without the password."""
        eventually(lambda: self.channel(service)["retried"] >= 2, "a second attempt")
        channel = self.channel(service)
        self.assertEqual((channel["delivered"], channel["pending"], channel["dead"]), (0, 1, 0))
        self.assertTrue(any(reason in channel["last_error"].lower() for reason in reasons), channel["last_error"])
        self.assertEqual(server.mails, [])
        self.assertNotIn(PASSWORD, service.log() + str(channel))

    def test_a_mail_goes_out_encrypted_after_a_log_in(self):
        server = self.serve()
        service = self.tell(server)
        eventually(lambda: self.channel(service)["delivered"] == 1, "the mail")
        ((logged_in, envelope),) = server.mails
        self.assertTrue(logged_in)
        self.assertTrue(all(encrypted for _, encrypted in server.log_ins))
        self.assertEqual(envelope.mail_from, "auditflow@example.com")
        self.assertEqual(envelope.rcpt_tos, ["ann@example.com", "bob@example.com"])
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.assertIn(self.alert["alert_name"], mail["Subject"])
        self.assertIn(self.alert["alert_id"], mail.get_content())
        self.assertNotIn(PASSWORD, service.log())

    def test_a_wrong_password_is_tried_again(self):
        server = self.serve()
        service = self.tell(server, password="wrong horse")
        self.fails(server, service, "login denied", "login", "authentication")
        self.assertNotIn("wrong horse", service.log() + str(self.channel(service)))

    def test_a_certificate_of_a_stranger_is_not_trusted(self):
        server = self.serve()
        self.fails(server, self.tell(server, ca="stranger"), "certificate")
        self.assertEqual(server.log_ins, [])

    def test_a_certificate_of_another_host_is_not_trusted(self):
        server = self.serve(certificate="elsewhere")
        self.fails(server, self.tell(server), "certificate", "127.0.0.1")
        self.assertEqual(server.log_ins, [])

    def test_nothing_is_sent_to_a_server_without_encryption(self):
        server = self.serve(offers_tls=False)
        self.fails(server, self.tell(server), "tls", "ssl")
        self.assertEqual(server.log_ins, [])


if __name__ == "__main__":
    unittest.main()
