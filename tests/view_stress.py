# SPDX-License-Identifier: BSD-3-Clause
"""Eight clients ask the viewer at once for whatever there is, break off, cancel and close what others use, for STRESS_SECONDS.
Every answer must be one that the description of the interface names, and nothing may be left when they have gone. Under a
sanitizer this is where the server's threads meet."""
import collections
import functools
import http.client
import json
import os
import random
import threading
import time
import traceback
import urllib.parse

import numpy as np

from check import case, limpid, main, scratch, simulate
from view import Viewer

SHORT = "CHECK_SHORT" in os.environ
SECONDS = float(os.environ.get("STRESS_SECONDS", 6 if SHORT else 20))
END_SECONDS = 30 if SHORT else 5 # with a sanitizer everything is slow, and other tests run beside
CLIENTS = 8
N, H, W = 60, 96, 128
ZONES = {"zones": [{"name": "box", "shape": "rectangle", "x": 4, "y": 5, "width": 20, "height": 11},
                   {"name": "corner", "shape": "polygon", "points": [[1, 1], [50, 12], [30, 36]]}]}
CHAINS = ([{"step": "smooth", "params": {}}], [{"step": "reduce", "params": {"stat": "std"}}],
          [{"step": "measure", "params": {"zones": "@zones.json", "table": "@told.csv"}}])
# Asked elsewhere; and what needs luck: a table of a job that is done and not replaced yet.
UNASKED = {("GET", "/api/v1/news"), ("POST", "/api/v1/end"), ("GET", "/api/v1/openapi.json"), ("GET", "/api/v1/jobs/{id}/files/{name}")}


class Files:
    @classmethod
    @functools.lru_cache
    def get(cls):
        return cls()

    def __init__(self):
        self.folder = scratch("stress")
        os.mkdir(self.folder)
        self.movie, self.packed, self.other = (os.path.join(self.folder, n) for n in ("movie.npy", "packed.tif", "other.npy"))
        limpid("simulate", "series", self.movie, "frames=%d" % N, "height=%d" % H, "width=%d" % W)
        limpid("run", self.movie, "write", self.packed, "compress=yes")
        limpid("simulate", "series", self.other, "frames=20", "height=64", "width=64")
        self.eeg = simulate("stress/eeg.edf", "channels=4", "seconds=30", "lead-in=2")
        self.pixels = np.load(self.movie)


class Crowd:
    """The clients, and what they have in common."""

    def __init__(self, viewer, files, seconds):
        self.viewer, self.files = viewer, files
        self.movie, self.packed, self.eeg = (r["id"] for r in viewer.recordings())
        self.documented = {(method.upper(), path): set(map(int, o["responses"]))
                           for path, methods in viewer.json("openapi.json")["paths"].items() for method, o in methods.items()}
        self.label = viewer.json("recordings/%s/events" % self.eeg)["events"][0]["label"]
        self.until = time.monotonic() + seconds
        self.is_ending, self.failures = False, []
        self.clients, self.listener = [Client(self, k) for k in range(CLIENTS)], Listener(self)
        for thread in (*self.clients, self.listener):
            thread.start()

    def goes_on(self):
        return time.monotonic() < self.until and not self.failures

    def failed(self, error):
        if not (self.is_ending and isinstance(error, (OSError, http.client.HTTPException))):
            self.failures.append(traceback.format_exc())

    def join(self):
        for thread in (*self.clients, self.listener):
            thread.join()
        assert not self.failures, self.failures[0]
        return sum((c.counts for c in self.clients), collections.Counter())


class Client(threading.Thread):
    def __init__(self, crowd, number):
        super().__init__()
        self.crowd, self.number, self.chance = crowd, number, random.Random(number)
        self.connection, self.counts, self.done = None, collections.Counter(), set()

    def run(self):
        doings = [self.frame, self.tile, self.window, self.zones, self.statistics, self.signals, self.preview, self.run_chain,
                  self.open_and_close, self.download, self.tell, self.tidy]
        try:
            rounds = 0
            while self.crowd.goes_on():
                self.chance.shuffle(doings)
                for doing in doings:
                    if rounds == 0 or self.crowd.goes_on(): # however slow: all of them once
                        doing()
                rounds += 1
        except Exception as error:
            self.crowd.failed(error)
        if self.connection is not None:
            self.connection.close()

    # ---- Asking

    def send(self, method, target, body):
        viewer = self.crowd.viewer
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", viewer.port, timeout=120)
        text = None if body is None else json.dumps(body)
        self.connection.request(method, viewer.path + target, text, {} if body is None else {"Content-Type": "application/json"})

    def break_off(self):
        self.connection.close()
        self.connection = None
        self.counts["broken off"] += 1

    def ask(self, path, body=None, /, method=None, names=None, **query):
        """The bytes of the answer; None if it was refused or not waited for. Addresses as in the description."""
        method = method or ("GET" if body is None else "POST")
        target = "api/v1/" + path.format(**(names or {})) + ("?" + urllib.parse.urlencode(query) if query else "")
        self.send(method, target, body)
        if self.chance.random() < 0.04:
            return self.break_off()
        answer = self.connection.getresponse()
        said = answer.read()
        self.counts[answer.status] += 1
        allowed = self.crowd.documented[method, "/api/v1/" + path]
        assert answer.status in allowed - ({500} if self.crowd.is_ending else {499, 500}), "%s %s: %d %s" % (method, target, answer.status, said[:300])
        if answer.status != 200:
            return None
        self.done.add((method, "/api/v1/" + path))
        return said

    def json(self, *args, **more):
        said = self.ask(*args, **more)
        return None if said is None else json.loads(said)

    def of(self, what, one=None, body=None, /, names=None, **query):
        one = one or self.chance.choice((self.crowd.movie, self.crowd.packed))
        return self.ask("recordings/{id}" + what, body, names={"id": one, **(names or {})}, **query)

    # ---- What they do

    def frame(self):
        k = self.chance.randrange(N)
        said = self.of("/frames/{frame}", self.crowd.movie, names={"frame": k})
        assert said is None or said == self.crowd.files.pixels[k].tobytes(), "frame %d is another one" % k

    def tile(self):
        r = self.chance
        self.of("/frames/{frame}", names={"frame": r.randrange(N)}, level=r.randrange(4), x=r.randrange(40), y=r.randrange(40))

    def window(self):
        r = self.chance
        self.of("/frames/{frame}/window", names={"frame": r.randrange(N)}, stat=r.choice(("mean", "median", "std")),
                count=r.randrange(1, 12), lag=-3, level=r.randrange(3))

    def zones(self):
        self.of("/courses", None, ZONES, stat=self.chance.choice(("mean", "median")))
        self.of("/members", None, ZONES)

    def statistics(self):
        self.of("/frames/{frame}/statistics", names={"frame": self.chance.randrange(N)})
        self.of("/scan")

    def signals(self):
        r, eeg = self.chance, self.crowd.eeg
        self.of("/traces", eeg, channels="0-3", first=r.randrange(1000), count=r.randrange(1, 20000), columns=r.choice((10, 300)))
        self.of("/spectrum", eeg, channels="0-3", first=0, count=20000, segment=1024)
        self.of("/samples", eeg, channel=r.randrange(4), first=r.randrange(1000), count=5000)
        self.of("/epochs", eeg, channel=r.randrange(4), label=self.crowd.label, after_s=0.05)
        self.of("/metrics", eeg)

    def watch(self, job):
        """Cancels it, or has a look at it and what it left."""
        if job is None:
            return
        names = {"id": job["id"]}
        if self.chance.random() < 0.5:
            self.ask("jobs/{id}", method="DELETE", names=names)
            return
        time.sleep(0.05)
        seen = self.json("jobs/{id}", names=names)
        for table in seen["tables"] if seen else ():
            self.ask("jobs/{id}/files/{name}", names={**names, "name": table["name"]})

    def preview(self):
        r = self.chance
        chain = r.choice(CHAINS)
        self.watch(self.json("jobs", {
            "recording": r.choice((self.crowd.movie, self.crowd.packed)), "chain": chain, "what": "preview",
            "slot": "s%d" % r.randrange(2), "part": {"first": 0, "count": r.randrange(1, 30)},
            **({"files": {"zones.json": ZONES}} if chain is CHAINS[-1] else {})}))

    def run_chain(self):
        out = os.path.join(self.crowd.files.folder, "out-%d.npy" % self.number)
        asked = {"recording": self.crowd.movie, "chain": CHAINS[0], "out": out}
        self.ask("plan", asked)
        self.watch(self.json("jobs", {**asked, "what": "run", "overwrite": True}))

    def open_and_close(self):
        made = self.json("recordings", {"path": self.chance.choice((self.crowd.files.other, self.crowd.files.packed))})
        if made is not None:
            self.of("/frames/{frame}", made["id"], names={"frame": 3})
            self.of("/scan", made["id"])
            self.ask("jobs", {"recording": made["id"], "chain": CHAINS[0], "what": "preview", "part": {"first": 2, "count": 9}})
            self.ask("recordings/{id}", method="DELETE", names={"id": made["id"]})

    def download(self):
        self.of("/array", first=0, count=10)
        self.of("/times")

    def tell(self):
        for what in ("about", "steps", "formats", "jobs"):
            self.ask(what)
        for what in ("", "/facts", "/events"):
            self.of(what, self.crowd.eeg)
        self.ask("folder", path=self.crowd.files.folder)

    def tidy(self):
        """Closes results, and what others are about to read."""
        listed = self.json("recordings") or {"recordings": []}
        for one in listed["recordings"]:
            if one["id"] not in (self.crowd.movie, self.crowd.packed, self.crowd.eeg) and self.chance.random() < 0.3:
                self.ask("recordings/{id}", method="DELETE", names={"id": one["id"]})


class Listener(threading.Thread):
    def __init__(self, crowd):
        super().__init__()
        self.crowd, self.heard = crowd, collections.Counter()

    def run(self):
        try:
            while self.crowd.goes_on():
                with self.crowd.viewer.news() as news:
                    time.sleep(1)
                while (item := news.items.get(timeout=60)) is not None:
                    self.heard[item["topic"]] += 1
        except Exception as error:
            if not self.crowd.is_ending: # which may cut anything off
                self.crowd.failed(error)


def wait_for_none(what, count):
    """Until count() is 0 or less; it must go down every few seconds."""
    least, since = count(), time.monotonic()
    while (left := count()) > 0:
        if left < least:
            least, since = left, time.monotonic()
        assert time.monotonic() - since < END_SECONDS, "%s: %d are left for %d s" % (what, left, END_SECONDS)
        time.sleep(0.05)


def open_files(viewer):
    return len(os.listdir("/proc/%d/fd" % viewer.process.pid))


def check_that_nothing_is_left(viewer, files_before):
    """Returns how many seconds the last jobs took."""
    began = time.monotonic()
    wait_for_none("jobs", lambda: sum(job["state"] in ("waiting", "running") for job in viewer.json("jobs")["jobs"]))
    seconds = time.monotonic() - began
    failed = [job["error"] for job in viewer.json("jobs")["jobs"] if job["state"] == "failed" and "memory" not in job["error"]]
    assert not failed, failed
    for one in viewer.recordings():
        viewer.delete("recordings/" + one["id"])
    for what in ("memory", "scratch"):
        wait_for_none("bytes of " + what, lambda: viewer.json("about")[what]["used_bytes"])
    wait_for_none("open files", lambda: open_files(viewer) - files_before)
    return seconds


def start(files):
    return Viewer(files.movie, files.packed, files.eeg, "--memory", "64M", "--root", files.folder)


@case
def eight_clients_leave_nothing():
    files = Files.get()
    with start(files) as viewer:
        files_before = open_files(viewer)
        crowd = Crowd(viewer, files, SECONDS)
        counts = crowd.join()
        seconds = check_that_nothing_is_left(viewer, files_before)
        missing = set(crowd.documented) - set.union(*(c.done for c in crowd.clients)) - UNASKED
        heard = dict(crowd.listener.heard)
        print("# %s; heard of %s; the last job ended after %.1f s; %d MB at most" % (
            dict(counts), heard, seconds, viewer.resident_bytes(peak=True) / 1e6))
        assert not missing, "never answered: %s" % missing
        assert {"recordings", "job"} <= set(heard), heard


@case
def it_ends_amid_its_clients():
    files = Files.get()
    with start(files) as viewer:
        crowd = Crowd(viewer, files, SECONDS)
        time.sleep(0.6)
        crowd.is_ending = True
        seconds = viewer.stop()
        print("# %s; ended after %.1f s" % (dict(crowd.join()), seconds))


main()
