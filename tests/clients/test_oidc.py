"""People log in at a real OpenID Connect provider: the node package oidc-provider, with its own pages."""

import http.cookiejar
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import harness

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "provider")
# Where the provider sends people back to. Nobody listens there: the test is the browser, and takes the answer along.
PUBLIC = "http://127.0.0.1:9"
SECRET = "a-secret-of-the-client-tests"
INSTALL_SECONDS = 300


def provider_folder(work):
    """The provider with its package, installed once for these tests."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise RuntimeError("node and npm are missing; run: apt-get install nodejs npm")
    folder = os.path.join(work, "provider")
    shutil.copytree(HERE, folder)
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"oidc-provider cannot be installed; is the package registry in reach?\n{done.stderr}")
    return folder


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """Cookies, and redirects one by one."""

    def __init__(self):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar, NoRedirect)

    def ask(self, url, form=None, headers=None):
        body = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(url, data=body, headers=headers or {})
        try:
            answer = self.opener.open(request, timeout=harness.ANSWER_SECONDS)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers, answer.read().decode()

    def follow(self, url, form=None):
        """Follows until a page, or until the address to come back to."""
        for _ in range(10):
            status, headers, text = self.ask(url, form)
            if status not in (301, 302, 303, 307):
                return url, text
            url, form = urllib.parse.urljoin(url, headers["location"]), None
            if url.startswith(PUBLIC):
                return url, ""
        raise RuntimeError(f"redirects without end: {url}")

    def log_in(self, server, person):
        """Through both pages of the provider; answers the address that it sends the browser back to."""
        status, headers, text = self.ask(f"{server}/api/v1/oidc/start")
        assert status == 303, text
        url, text = self.follow(headers["location"])
        for form in ({"prompt": "login", "login": person, "password": "any"}, {"prompt": "consent"}):
            action = re.search(r'<form[^>]*action="([^"]+)"', text)
            assert action, f"no form at {url}: {text}"
            url, text = self.follow(urllib.parse.urljoin(url, action.group(1)), form)
            if url.startswith(PUBLIC):
                return url
        raise RuntimeError(f"the provider does not end: {url} {text}")


class Oidc(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp(prefix="tandem-oidc-")
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        folder = provider_folder(cls.work)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        command = ["node", "provider.js", port, f"{PUBLIC}/api/v1/oidc/callback", SECRET]
        cls.provider = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.stop_provider)
        if "ready" not in cls.provider.stdout.readline():
            raise RuntimeError(f"the provider does not start: {cls.provider.stderr.read()}")
        secret = os.path.join(cls.work, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(SECRET + "\n")
        config = os.path.join(cls.work, "tandem.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""
                [oidc]
                issuer = "http://127.0.0.1:{port}"
                client_id = "tandem"
                client_secret_file = "{secret}"
                public_url = "{PUBLIC}"
                allow_private = true
                [[oidc.groups]]
                group = "payments-oncall"
                role = "responder"
                team = "payments"
                datasets = ["web"]
            """)
        cls.server_arguments = ("--config", config)
        super().setUpClass()

    @classmethod
    def stop_provider(cls):
        cls.provider.kill()
        cls.provider.wait()
        cls.provider.stdout.close()
        cls.provider.stderr.close()

    def come_back(self, browser, url):
        path = url[len(PUBLIC) :]
        return browser.ask(f"{self.server.http}{path}")

    def refused(self):
        status, answer = self.server.request("GET", "/api/v1/audit?limit=1000&reason=test")
        self.assertEqual(status, 200)
        return [entry["detail"]["why"] for entry in json.loads(answer)["entries"] if entry["action"] == "log-in refused"]

    def test_a_person_comes_in_by_its_group(self):
        browser = Browser()
        url = browser.log_in(self.server.http, "ada")
        status, headers, text = self.come_back(browser, url)
        self.assertEqual((status, headers["location"]), (303, "/"), text)
        self.assertIn("HttpOnly; SameSite=Strict", "".join(headers.get_all("set-cookie")))
        status, _, text = browser.ask(f"{self.server.http}/api/v1/me")
        self.assertEqual(status, 200, text)
        me = json.loads(text)
        self.assertEqual((me["name"], me["kind"], me["datasets"]), ("ada", "user", ["web"]))
        self.assertEqual(me["grants"], [{"role": "responder", "team": "payments", "datasets": ["web"]}])
        # A responder does not read the trail.
        self.assertEqual(browser.ask(f"{self.server.http}/api/v1/audit")[0], 403)
        # The same answer a second time: the provider gives nothing for a code that was used.
        self.assertEqual(self.come_back(browser, url)[0], 401)
        # The next time it is the same user.
        again = Browser()
        self.assertEqual(self.come_back(again, again.log_in(self.server.http, "ada"))[0], 303)
        status, answer = self.server.request("GET", "/api/v1/users")
        self.assertEqual([user["login"] for user in json.loads(answer)["users"]].count("ada"), 1)

    def test_who_is_in_no_group_stays_out(self):
        browser = Browser()
        status, _, text = self.come_back(browser, browser.log_in(self.server.http, "eve"))
        self.assertEqual(status, 403, text)
        self.assertIn("none of your groups", text)
        self.assertIn("no group that may come in", self.refused())
        self.assertEqual(browser.ask(f"{self.server.http}/api/v1/me")[0], 401)

    def test_another_browser_gains_nothing_by_the_answer(self):
        url = Browser().log_in(self.server.http, "ada")
        status, _, text = self.come_back(Browser(), url)
        self.assertEqual(status, 401, text)
        thief = Browser()
        thief.ask(f"{self.server.http}/api/v1/oidc/start")
        self.assertEqual(self.come_back(thief, url)[0], 401)
        self.assertIn("what the provider's answer said did not hold", self.refused())

    def test_a_code_of_nobody_is_refused(self):
        browser = Browser()
        url = browser.log_in(self.server.http, "ada")
        forged = re.sub(r"code=[^&]+", "code=forged", url)
        status, _, text = self.come_back(browser, forged)
        self.assertEqual(status, 401, text)
        self.assertIn("does not know this code", text)


if __name__ == "__main__":
    harness.main()
