"""The pages in a real browser, without a screen. Skipped where there is no Chromium."""

import re
import shutil
import struct
import subprocess
import unittest

from running import LOGIN_RULE, UpTest, event, json_lines

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@unittest.skipUnless(BROWSER, "no Chromium is installed")
class Page(UpTest):
    def browse(self, *arguments):
        result = subprocess.run(
            [
                *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"),
                f"--user-data-dir={self.folder / 'profile'}",
                *arguments,
            ],
            capture_output=True,
            check=True,
            timeout=100,
        )
        return result.stdout.decode(), result.stderr.decode()

    def serve(self):
        events = [event(i) for i in range(3)]
        events[1]["user_id"] = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
        rules = self.write("rules/login.yml", LOGIN_RULE)
        running = self.up("--input", self.write("e.jsonl", json_lines(events)), "--rules", rules, "--serve", "--quiet")
        running.wait_until(lambda: len(running.get_json("/alerts")[1]) == 3)
        return running

    def test_lists_alerts_and_runs_nothing(self):
        running = self.serve()
        dom, log = self.browse("--dump-dom", running.url("/"))
        self.assertEqual(len(re.findall(r'<a class="what"', dom)), 3)
        self.assertIn("<title>AuditFlow alerts</title>", dom)
        self.assertNotIn("<img src=\"x\"", dom)
        self.assertNotIn("Content Security Policy", log, "the page breaks its own policy")

    def test_an_alert_with_its_event(self):
        running = self.serve()
        for row in running.get_json("/alerts")[1]:
            dom, log = self.browse("--dump-dom", running.url("/alert/" + row["alert_id"]))
            self.assertIn(row["correlation_id"], dom)
            self.assertNotIn("broken</title>", dom)
            self.assertNotIn("Content Security Policy", log)

    def test_fits_a_phone_and_a_desk(self):
        running = self.serve()
        for width, height in ((390, 844), (1280, 900)):
            picture = self.folder / f"{width}.png"
            self.browse(f"--window-size={width},{height}", f"--screenshot={picture}", running.url("/"))
            self.assertEqual(struct.unpack(">II", picture.read_bytes()[16:24]), (width, height))


if __name__ == "__main__":
    unittest.main()
