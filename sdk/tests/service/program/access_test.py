"""Tokens at a running service: who gets in, reload, the warning without them."""

import json
import signal
import unittest

from running import ServiceTest, basic, digest


class Access(ServiceTest):
    def tokens(self, *lines):
        return self.write("tokens", "# who may do what\n\n" + "".join(line + "\n" for line in lines))

    def test_scopes_decide(self):
        path = self.tokens(
            f"reader greeting:read {digest('r')}",
            f"writer greeting:write,greeting:read {digest('w')}",
            f"root * {digest('a')}",
        )
        service = self.start(TOKENS_FILE=path)
        self.assertEqual(service.get("/greeting", "r")[0], 200)
        self.assertEqual(self.put(service, "r")[0], 403)
        self.assertEqual(self.put(service, "w")[2], "writer says hi")
        self.assertEqual(self.put(service, "a")[2], "root says hi")
        self.assertEqual(service.get("/loglevel", "w")[0], 403)
        self.assertEqual(service.get("/loglevel", "a")[0], 200)
        for path in ("/healthz", "/livez", "/readyz", "/metrics", "/openapi.json"):
            self.assertEqual(service.get(path)[0], 200, path)
        self.assertFalse(service.log.find("no access tokens"))

    @staticmethod
    def put(service, token):
        return service.ask("PUT", "/greeting", "hi", {"Authorization": "Bearer " + token})

    def test_refusals_say_what_is_missing(self):
        service = self.start(TOKENS_FILE=self.tokens(f"reader other:read {digest('r')}"))
        status, headers, body = service.get("/greeting")
        self.assertEqual((status, headers["Content-Type"]), (401, "application/problem+json"))
        self.assertEqual(headers["WWW-Authenticate"], 'Bearer realm="auditflow"')
        self.assertEqual(json.loads(body)["status"], 401)
        status, headers, _ = service.get("/greeting", "wrong")
        self.assertEqual(status, 401)
        refused = service.log.wait_for("request refused")
        self.assertEqual((refused["level"], refused["path"]), ("warning", "/greeting"))
        self.assertNotIn("wrong", json.dumps(refused))
        self.assertIn('error="invalid_token"', headers["WWW-Authenticate"])
        status, headers, _ = service.get("/greeting", "r")
        self.assertEqual(status, 403)
        self.assertIn('error="insufficient_scope", scope="greeting:read"', headers["WWW-Authenticate"])

    def test_browsers_may_read_with_a_password(self):
        service = self.start(TOKENS_FILE=self.tokens(f"root * {digest('a')}"))
        challenge = service.ask("GET", "/greeting", headers={"Accept": "text/html"})[1].get_all("WWW-Authenticate")
        self.assertEqual(len(challenge), 2)
        self.assertTrue(challenge[1].startswith("Basic "))
        self.assertEqual(service.ask("GET", "/greeting", headers=basic("a"))[0], 200)
        self.assertEqual(service.ask("GET", "/greeting", headers=basic("b"))[0], 401)
        self.assertEqual(service.ask("PUT", "/greeting", "hi", basic("a"))[0], 401)

    def test_hangup_reads_the_tokens_again(self):
        path = self.tokens(f"old * {digest('old')}")
        service = self.start(TOKENS_FILE=path)
        self.assertEqual(service.get("/greeting", "old")[0], 200)
        self.tokens(f"new * {digest('new')}")
        service.terminate(signal.SIGHUP)
        service.log.wait_for("tokens read again")
        self.assertEqual(service.get("/greeting", "old")[0], 401)
        self.assertEqual(service.get("/greeting", "new")[0], 200)
        self.tokens("half a line")
        service.terminate(signal.SIGHUP)
        self.assertIn("tokens:3", service.log.wait_for("tokens not read again")["reason"])
        self.assertEqual(service.get("/greeting", "new")[0], 200)

    def test_a_token_file_that_cannot_be_used_is_a_wrong_configuration(self):
        for text in (None, "", "name scope", f"name scope {digest('a')} more"):
            path = str(self.folder / "missing") if text is None else self.write("bad", text)
            result = self.call("--check-config", TOKENS_FILE=path)
            self.assertEqual(result.returncode, 2, text)
            self.assertIn(path, result.stderr)

    def test_warns_without_tokens_beyond_this_machine(self):
        service = self.start(APP_HOST="0.0.0.0")
        self.assertEqual(service.log.wait_for("no access tokens")["level"], "warning")
        service = self.start()
        service.log.wait_for("listening")
        service.terminate()
        service.finish()
        self.assertFalse(service.log.find("no access tokens"))


if __name__ == "__main__":
    unittest.main()
