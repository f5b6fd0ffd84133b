# SPDX-License-Identifier: BSD-3-Clause
"""A running `limpid view` and a client for it, shared by the tests of the viewer.

    with Viewer(path) as viewer:
        status, headers, body = viewer.get("about")
        about = viewer.json("about")
        recording = viewer.recordings()[0]
        viewer.post("recordings", {"path": ...})
        with viewer.news() as news:
            item = news.wait("job", lambda job: job["state"] == "done")

Leaving it ends the server and checks that it left nothing: exit code 0, nothing on stderr from a sanitizer, an empty scratch
folder.
"""
import functools
import http.client
import json
import os
import queue
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

import check
from check import LIMPID, Skip


@functools.lru_cache
def is_built():
    done = subprocess.run([LIMPID, "view"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return "without its viewer" not in done.stderr


def need_viewer():
    if not is_built():
        raise Skip("limpid was built without its viewer")


class Refused(Exception):
    def __init__(self, status, sentence):
        super().__init__("%d: %s" % (status, sentence))
        self.status, self.sentence = status, sentence


class News:
    """Listens from the moment it is made."""

    def __init__(self, viewer):
        self.connection = http.client.HTTPConnection("127.0.0.1", viewer.port, timeout=120)
        self.connection.request("GET", viewer.path + "api/v1/news")
        self.socket = self.connection.sock
        answer = self.connection.getresponse()
        if answer.status != 200:
            self.connection.close()
            raise Refused(answer.status, json.loads(answer.read() or b"{}").get("error"))
        self.items, self.comments = queue.Queue(), 0
        first = answer.readline()  # the stream is open once something came
        assert first.startswith(b"retry:"), first
        self.thread = threading.Thread(target=self._read, args=(answer,), daemon=True)
        self.thread.start()

    def _read(self, answer):
        try:
            for line in answer:
                if line.startswith(b"data: "):
                    self.items.put(json.loads(line[6:]))
                elif line.startswith(b":"):
                    self.comments += 1
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass # the connection was closed, here or there
        self.items.put(None)

    def wait(self, topic, fits=lambda item: True, seconds=180):
        """The next news of this topic that fits; those before are dropped."""
        until = time.monotonic() + seconds
        while True:
            item = self.items.get(timeout=max(0.01, until - time.monotonic()))
            assert item is not None, "the news ended while %s was waited for" % topic
            if item["topic"] == topic and fits(item):
                return item

    def close(self):
        """The server hears of it at once."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass # the server was faster
        self.thread.join(timeout=60)
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Viewer:
    def __init__(self, *words, environment=None, browser=False):
        need_viewer()
        self.scratch = tempfile.mkdtemp(prefix="view-", dir=check.scratch())
        self.errors = open(os.path.join(check.scratch(), os.path.basename(self.scratch) + ".stderr"), "w+")
        self.process = subprocess.Popen([LIMPID, "view", *map(str, words), *([] if browser else ["--no-browser"]), "--scratch", self.scratch],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, text=True,
                                        env={**os.environ, **(environment or {})})
        ready, _, _ = select.select([self.process.stdout], [], [], 120)
        self.address = self.process.stdout.readline().strip() if ready else ""
        if not self.address.startswith("http://127.0.0.1:"):
            self.process.kill()
            self.process.wait()
            raise AssertionError("limpid view did not start: " + self.said())
        parts = urllib.parse.urlsplit(self.address)
        self.port, self.path = parts.port, parts.path
        self.connection = None

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    # ---- Requests

    def ask(self, method, at, body=None, headers=None, /, **query):
        """(status, headers, bytes) of an address below api/v1/, over one connection that is kept."""
        target = self.path + "api/v1/" + at + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        for attempt in (0, 1): # a kept connection may have been closed while it rested
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            try:
                self.connection.request(method, target, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (ConnectionError, http.client.RemoteDisconnected):
                self.connection.close()
                self.connection = None
                if attempt:
                    raise

    def get(self, at, /, **query):
        """(headers, bytes); raises Refused."""
        return self._accepted(self.ask("GET", at, **query))

    def post(self, at, body, /, **query):
        """(headers, bytes); raises Refused."""
        return self._accepted(self.ask("POST", at, body, **query))

    def delete(self, at):
        return self._accepted(self.ask("DELETE", at))

    @staticmethod
    def _accepted(answer):
        status, headers, body = answer
        if status != 200:
            raise Refused(status, json.loads(body)["error"])
        return headers, body

    def json(self, at, /, **query):
        return json.loads(self.get(at, **query)[1])

    def post_json(self, at, body, /, **query):
        return json.loads(self.post(at, body, **query)[1])

    def refuses(self, status, at, body=None, method=None, /, **query):
        """The request is refused with this status and a sentence, which is returned."""
        got, _, said = self.ask(method or ("GET" if body is None else "POST"), at, body, **query)
        assert got == status, "%s %s: %d instead of %d: %s" % (at, query, got, status, said[:300])
        sentence = json.loads(said)["error"]
        assert sentence, "refused without a sentence"
        return sentence

    def recordings(self):
        return self.json("recordings")["recordings"]

    def news(self):
        return News(self)

    # ---- The end

    def resident_bytes(self, peak=False):
        with open("/proc/%d/status" % self.process.pid) as file:
            for line in file:
                if line.startswith("VmHWM:" if peak else "VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise AssertionError("the server is not there any more")

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as file:
            return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def is_busy(self, seconds=0.2):
        before = self.cpu_seconds()
        time.sleep(seconds)
        return self.cpu_seconds() - before > 0.1 * seconds

    def stop(self, number=signal.SIGINT):
        """Ends it; seconds that took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not end: " + self.said())
        seconds = time.monotonic() - began
        if self.connection is not None:
            self.connection.close()
        self.process.stdout.close()
        return seconds

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.stop()
        left, said, code = os.listdir(self.scratch), self.said(), self.process.returncode
        self.errors.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
        if kind is None:
            assert code == 0, "exit code %d: %s" % (code, said)
            assert "Sanitizer" not in said and "runtime error" not in said, said
            assert left == [], "left behind: %s" % left
