# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless Chromium, driven over its DevTools pipe: no driver and no port, only the browser."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
PATIENCE = 120
KEYS = {"Tab": 9, "Enter": 13, " ": 32}


def find():
    """The path of Debian's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    def __init__(self, path):
        self._folder = tempfile.TemporaryDirectory(prefix="audit-browser-", ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # The browser reads from 3 and writes to 4, whatever the numbers are here.
        high = [os.dup(to_browser), os.dup(from_browser)]
        script = 'exec 3<&%d 4>&%d; exec "$0" "$@"' % tuple(high)
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", script, path, *FLAGS, "--user-data-dir=" + self._folder.name, "about:blank"],
            pass_fds=high,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
        )
        for end in high + [to_browser, from_browser]:
            os.close(end)
        self._buffer, self._number = b"", 0
        self.events = []

    def close(self):
        self._process.terminate()
        self._process.wait(30)
        os.close(self._write)
        os.close(self._read)
        self._folder.cleanup()

    def call(self, method, session=None, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        end = time.monotonic() + PATIENCE
        while True:
            answer = self._next(end, method)
            if answer.get("id") == self._number:
                assert "error" not in answer, "%s: %s" % (method, answer.get("error"))
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, event, session):
        end = time.monotonic() + PATIENCE
        while True:
            for at, seen in enumerate(self.events):
                if seen.get("method") == event and seen.get("sessionId") == session:
                    return self.events.pop(at)["params"]
            self.events.append(self._next(end, event))

    def _next(self, end, what):
        while b"\0" not in self._buffer:
            ready = select.select([self._read], [], [], max(0, end - time.monotonic()))[0]
            assert ready, "the browser did not answer in %d seconds: %s" % (PATIENCE, what)
            piece = os.read(self._read, 1 << 20)
            assert piece, "the browser ended at: %s" % what
            self._buffer += piece
        message, dummy, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def page(self, **settings):
        return Page(self, **settings)


class Page:
    """A tab of its own. scheme: light or dark; scripts: whether any may run."""

    def __init__(self, browser, width=1280, height=900, scheme="light", scripts=True, mobile=False):
        self._browser = browser
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.media(scheme=scheme)
        self._scripts = scripts
        if not scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)

    def __enter__(self):
        return self

    def __exit__(self, *dummy):
        self._browser.call("Target.closeTarget", targetId=self._target)

    def call(self, method, **params):
        return self._browser.call(method, self._session, **params)

    def media(self, scheme="light", media=""):
        self.call(
            "Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}]
        )

    def open(self, path, fragment=""):
        self.call("Page.navigate", url=path.as_uri() + fragment)
        self._browser.wait_for("Page.loadEventFired", self._session)
        return self

    def run(self, expression):
        """The value of a JavaScript expression of the test's own, which may be one where the page's may not; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def settle(self):
        """Wait until what was asked for is on the screen."""
        if not self._scripts:
            # Promises of a page without scripts are never kept; a picture is taken of what is there.
            self.call("Page.captureScreenshot", format="jpeg", quality=1)
            return
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")

    def type(self, text):
        self.call("Input.insertText", text=text)
        self.settle()

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r" if key == "Enter" else key} if kind == "keyDown" and key != "Tab" else {}
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code={" ": "Space"}.get(key, key),
                windowsVirtualKeyCode=KEYS[key],
                **text,
            )
        self.settle()

    def click(self, selector):
        place = self.run(
            "(() => { const e = document.querySelector(%s); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()" % json.dumps(selector)
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        self.settle()

    def screenshot(self, path, whole=False):
        params = {"captureBeyondViewport": whole}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            params["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12000), "scale": 1}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **params)["data"]))

    def pdf(self):
        """On A4."""
        printed = self.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)
        return base64.b64decode(printed["data"])

    def _events(self, *methods):
        return [
            event["params"]
            for event in self._browser.events
            if event.get("sessionId") == self._session and event["method"] in methods
        ]

    @property
    def requests(self):
        """The addresses of all that the page asked for."""
        return [event["request"]["url"] for event in self._events("Network.requestWillBeSent")]

    @property
    def complaints(self):
        """What stands in the console: errors, warnings, anything else, and what the browser itself complains of."""
        return self._events("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
