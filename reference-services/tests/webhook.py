"""A receiver of webhooks: keeps which alerts it was told of, and under which key."""

import http.server
import json
import threading


class Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.answer(body)
        if status == 200:
            self.server.kept.setdefault(self.headers["Idempotency-Key"], []).append(body["alert_id"])
        self.server.seen.append((body["alert_id"], status))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Webhook(http.server.ThreadingHTTPServer):
    """Answers what `answer(alert)` says. `kept`: alerts it took by key; `seen`: all, each with its answer."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Hook)
        self.kept, self.seen, self.answer = {}, [], lambda alert: 200
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def settings(self) -> dict[str, str]:
        """How notification-service finds it."""
        return {
            "NOTIFY_WEBHOOK_URL": f"http://127.0.0.1:{self.server_address[1]}/hook",
            "NOTIFY_WEBHOOK_ALLOW_HTTP": "true",
            "NOTIFY_WEBHOOK_ALLOW_PRIVATE": "true",
        }
