# SPDX-License-Identifier: BSD-3-Clause
"""Chains that the viewer runs: plans, previews, runs, what they leave, and how they end.

A run makes the same bytes as `limpid run`; a preview the same numbers as the chain on the cut recording.
"""
import csv
import io
import json
import os
import shlex
import time

import numpy as np

from check import ROOT, case, end, limpid, main, read_bytes, scratch, simulate
from view import Viewer

N, H, W = 120, 40, 52
ZONES = {"zones": [{"name": "left", "shape": "rectangle", "x": 2, "y": 3, "width": 10, "height": 7},
                   {"name": "dot", "shape": "pixel", "x": 30, "y": 30}]}

_shared = {}


def movie():
    return np.random.default_rng(8).integers(0, 4000, (N, H, W), np.uint16)


def eeg():
    return simulate("jobs.edf", "channels=4", "seconds=20", "lead-in=2")


def shared():
    """(viewer, its movie, its EEG); the folder of the test is its root."""
    if not _shared:
        path = scratch("movie.npy")
        np.save(path, movie())
        viewer = Viewer(path, eeg())
        _shared["viewer"] = viewer
        _shared["movie"], _shared["eeg"] = viewer.recordings()
    return _shared["viewer"], _shared["movie"], _shared["eeg"]


def steps(*words):
    """[{step, params}] of texts like "smooth sigma=2"."""
    out = []
    for word in words:
        name, *params = shlex.split(word)
        out.append({"step": name, "params": dict(p.split("=", 1) for p in params)})
    return out


def request(recording, what, *words, **more):
    return {"recording": recording["id"], "what": what, "chain": steps(*words), **more}


def post(viewer, *args, **more):
    return viewer.post_json("jobs", request(*args, **more))


def wait(viewer, job, seconds=180):
    until = time.monotonic() + seconds
    while job["state"] in ("waiting", "running"):
        assert time.monotonic() < until, "%s does not end" % job
        time.sleep(0.02)
        job = viewer.json("jobs/" + job["id"])
    return job


def done(viewer, *args, **more):
    job = wait(viewer, post(viewer, *args, **more))
    assert job["state"] == "done", job
    assert job["fraction"] == 1 and job["error"] is None and job["left_s"] is None
    return job


def frames_of(viewer, recording):
    rows = [viewer.get("recordings/%s/frames/%d" % (recording["id"], i))[1] for i in range(recording["n_times"])]
    shape = (recording["n_times"], recording["height"], recording["width"])
    return np.frombuffer(b"".join(rows), recording["type"]).reshape(shape)


def samples_of(viewer, recording, channel):
    return np.frombuffer(viewer.get("recordings/%s/samples" % recording["id"], channel=channel, first=0,
                                    count=recording["n_times"])[1])


def scratch_files(viewer):
    return sorted(os.path.relpath(os.path.join(d, f), viewer.scratch) for d, _, files in os.walk(viewer.scratch)
                  for f in files if f != "lock")


def table(viewer, job, name):
    url = [t["url"] for t in job["tables"] if t["name"] == name]
    assert len(url) == 1, job["tables"]
    headers, body = viewer.get(url[0])
    return headers, list(csv.reader(io.StringIO(body.decode())))


# ---- Plans -----------------------------------------------------------------------------------------------------------

@case
def plan():
    viewer, film, signals = shared()
    out = scratch("it's planned.npy")
    said = viewer.post_json("plan", {"recording": film["id"], "out": out,
                                     "chain": steps("smooth sigma=2", "motion shifts=@moved.csv")})
    assert said["chain"] == "smooth sigma=2 ! motion shifts=moved.csv", said["chain"]
    assert shlex.split(said["command"]) == ["limpid", "run", film["path"], "smooth", "sigma=2", "!", "motion",
                                            "shifts=moved.csv", "!", "write", out]
    assert said["passes"] > 1 and said["memory_bytes"] > 0
    assert said["plan"]["steps"][0]["step"] == "smooth" and "smooth" in said["text"]
    assert not os.path.exists(out) and scratch_files(viewer) == []
    limpid("plan", *shlex.split(said["command"])[2:])
    with open(scratch("plan.yaml"), "w") as file:
        file.write(said["yaml"])
    limpid("plan", film["path"], "--chain", scratch("plan.yaml"), "--out", out)


@case
def plans_that_are_refused():
    viewer, film, signals = shared()
    ask = {"recording": film["id"], "chain": steps("smooth")}
    assert "smooth" in viewer.refuses(400, "plan", {**ask, "chain": steps("smoth")})
    assert "sigma" in viewer.refuses(400, "plan", {**ask, "chain": steps("smooth sigmo=1")})
    viewer.refuses(400, "plan", {**ask, "chain": steps("highpass hz=1")})
    viewer.refuses(400, "plan", {**ask, "out": "/etc/out.npy"})
    viewer.refuses(400, "plan", {**ask, "out": scratch("x.unknown")})
    viewer.refuses(404, "plan", {**ask, "recording": "nobody"})
    assert scratch_files(viewer) == []


# ---- Runs ------------------------------------------------------------------------------------------------------------

@case
def run_of_a_movie():
    viewer, film, _ = shared()
    here, there = scratch("here.npy"), scratch("there.npy")
    job = done(viewer, film, "run", "smooth sigma=1.5", "bin factor=2", out=here)
    limpid("run", film["path"], "smooth", "sigma=1.5", "!", "bin", "factor=2", "!", "write", there)
    assert read_bytes(here) == read_bytes(there)
    assert job["outputs"] == [here] and job["tables"] == []
    result = job["result"]
    assert result["is_result"] and result["source_id"] == film["id"] and result["path"] == here
    assert result["chain"] == "smooth sigma=1.5 ! bin factor=2", result["chain"]
    limpid("verify", here)
    np.testing.assert_array_equal(frames_of(viewer, result), np.load(there))
    viewer.delete("recordings/" + result["id"])
    assert os.path.exists(here), "the file of a run stays"


@case
def run_of_signals():
    viewer, _, signals = shared()
    here, there = scratch("here.edf"), scratch("there.edf")
    job = done(viewer, signals, "run", "highpass hz=1", "notch hz=50", out=here)
    limpid("run", signals["path"], "highpass", "hz=1", "!", "notch", "hz=50", "!", "write", there)
    assert read_bytes(here) == read_bytes(there)
    assert job["result"]["n_events"] == signals["n_events"]


@case
def runs_overwrite_only_if_asked():
    viewer, film, _ = shared()
    out = scratch("kept.npy")
    done(viewer, film, "run", "flip", out=out)
    before = read_bytes(out)
    job = wait(viewer, post(viewer, film, "run", "bin factor=2", out=out))
    assert job["state"] == "failed" and "exists already" in job["error"], job
    assert read_bytes(out) == before
    done(viewer, film, "run", "bin factor=2", out=out, overwrite=True)
    assert read_bytes(out) != before
    job = wait(viewer, post(viewer, film, "run", "bin factor=2", out=film["path"], overwrite=True))
    assert job["state"] == "failed", "the input was overwritten"


@case
def run_to_csv():
    viewer, film, _ = shared()
    out = scratch("courses.csv")
    job = done(viewer, film, "run", "traces zones=@zones.json", out=out, files={"zones.json": ZONES})
    assert job["result"] is None and job["outputs"] == [out]
    with open(out) as file:
        rows = list(csv.reader(file))
    means = movie()[:, 3:11, 2:13].mean(axis=(1, 2))
    np.testing.assert_allclose([float(r[-2]) for r in rows[1:]], means, rtol=1e-6)


@case
def run_without_a_result():
    viewer, film, _ = shared()
    job = done(viewer, film, "run", "measure zones=@z.json table=@cells.csv", files={"z.json": ZONES})
    headers, rows = table(viewer, job, "cells.csv")
    assert headers["Content-Type"].startswith("text/csv") and [r[0] for r in rows[1:]] == ["left", "dot"], rows
    job = wait(viewer, post(viewer, film, "run", "flip"))
    assert job["state"] == "failed" and "writes nothing" in job["error"], job


# ---- Previews --------------------------------------------------------------------------------------------------------

@case
def preview_of_a_movie():
    viewer, film, _ = shared()
    job = done(viewer, film, "preview", "smooth sigma=1.5", part={"first": 30, "count": 11})
    there = scratch("cut.npy")
    limpid("run", film["path"], "frames", "30:41", "!", "smooth", "sigma=1.5", "!", "write", there)
    result = job["result"]
    assert job["chain"] == result["chain"] == "smooth sigma=1.5" and result["n_times"] == 11 and job["outputs"] == []
    np.testing.assert_array_equal(frames_of(viewer, result), np.load(there))
    on_disk = [f for f in scratch_files(viewer) if f.endswith(".npy")]
    assert len(on_disk) == 1
    viewer.delete("recordings/" + result["id"])
    assert not any(f.endswith(".npy") for f in scratch_files(viewer)), scratch_files(viewer)


@case
def preview_of_one_image():
    """An array of two dimensions is a movie of one frame here, whatever the rate."""
    path = scratch("timed.npy")
    np.save(path, movie())
    with Viewer(path, "--rate", 25, "--kind", "movie") as viewer:
        film = viewer.recordings()[0]
        result = done(viewer, film, "preview", "reduce stat=max")["result"]
        assert (result["kind"], result["n_times"], result["height"], result["width"]) == ("movie", 1, H, W), result
        np.testing.assert_array_equal(frames_of(viewer, result)[0], movie().max(axis=0))
        result = done(viewer, film, "preview", "frames range=::5")["result"]
        assert result["rate_hz"] == 5 and result["n_times"] == N // 5
        # A preview of a preview keeps what it knows of it.
        again = done(viewer, result, "preview", "flip")["result"]
        assert again["rate_hz"] == 5 and again["source_id"] == result["id"]


@case
def preview_of_signals():
    viewer, _, signals = shared()
    first, count = 30001, 20003
    job = done(viewer, signals, "preview", "highpass hz=1", part={"first": first, "count": count})
    there = scratch("cut.npy.signals.npy")
    rate = signals["rate_hz"]
    limpid("run", signals["path"], "crop", "%.12f-%.12f" % (first / rate, (first + count) / rate), "!", "highpass", "hz=1",
           "!", "write", there)
    result = job["result"]
    assert result["n_times"] == count and result["rate_hz"] == rate
    assert [c["name"] for c in result["channels"]] == [c["name"] for c in signals["channels"]]
    for channel, expected in enumerate(np.load(there)):
        np.testing.assert_array_equal(samples_of(viewer, result, channel), expected)
    events = viewer.json("recordings/%s/events" % signals["id"])["events"]
    kept = viewer.json("recordings/%s/events" % result["id"])["events"]
    inside = [e for e in events if first / rate <= e["onset_s"] < (first + count) / rate]
    assert [e["label"] for e in kept] == [e["label"] for e in inside]
    np.testing.assert_allclose([e["onset_s"] + first / rate for e in kept], [e["onset_s"] for e in inside], atol=1e-9)
    said = viewer.get("recordings/%s/epochs" % result["id"], label="S  1", channel=0, before_s=0, after_s=0.01)[0]
    assert int(said["X-Limpid-Epochs"]) == len(kept) - 1, "the last is cut"
    viewer.delete("recordings/" + result["id"])
    assert not any(f.startswith("preview") for f in scratch_files(viewer)), scratch_files(viewer)


@case
def short_preview_of_signals():
    """Fewer samples than channels; and a preview of a preview knows what the first one knew."""
    viewer, _, signals = shared()
    once = done(viewer, signals, "preview", "reference", part={"first": 30000, "count": 100})["result"]
    twice = done(viewer, once, "preview", "pick channels=Fp1,Fp2,F3", part={"first": 7, "count": 2})["result"]
    assert twice["n_times"] == 2 and twice["channels"] == once["channels"][:3] and twice["type"] == "float64"
    for channel in range(3):
        np.testing.assert_array_equal(samples_of(viewer, twice, channel), samples_of(viewer, once, channel)[7:9])


@case
def previews_of_movies_keep_all_facts():
    """Pixel size, frame times and number type."""
    path = scratch("facts.zarr")
    limpid("run", shared()[1]["path"], "--rate", "25", "write", path)
    with open(path + "/.zattrs") as file:
        said = json.load(file)
    with open(path + "/.zattrs", "w") as file:
        json.dump({**said, "pixel_width_um": 0.4, "pixel_height_um": 0.5}, file)
    with Viewer(path) as viewer:
        film = viewer.recordings()[0]
        times = np.arange(N) / 25

        def check(made, width_um, height_um, kept):
            assert np.isclose(made["pixel_width_um"], width_um) and np.isclose(made["pixel_height_um"], height_um), made
            got = np.frombuffer(viewer.get("recordings/%s/times" % made["id"])[1])
            np.testing.assert_allclose(got, times[kept], atol=1e-12)
            return made

        made = check(done(viewer, film, "preview", "crop x=3 y=4 width=20 height=10", part={"first": 30, "count": 11})["result"],
                     0.4, 0.5, slice(30, 41))
        check(done(viewer, made, "preview", "bin factor=2", "frames range=1::3")["result"], 0.8, 1.0, slice(31, 41, 3))
        one = done(viewer, film, "preview", "reduce stat=mean", part={"first": 10, "count": 9})["result"]
        assert (one["pixel_width_um"], one["pixel_height_um"], one["n_times"]) == (0.4, 0.5, 1)
        turned = done(viewer, film, "preview", "rotate angle=90", part={"first": 0, "count": 2})["result"]
        assert (turned["pixel_width_um"], turned["pixel_height_um"]) == (0.5, 0.4)


@case
def previews_keep_number_types():
    paths = []
    for dtype in "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split():
        paths.append(scratch(dtype + ".npy"))
        low, high = (np.iinfo(dtype).min, np.iinfo(dtype).max) if dtype[0] != "f" else (-1 / 3, np.pi)
        np.save(paths[-1], np.array([low, high] * 12, dtype).reshape(2, 3, 4))
    with Viewer(*paths) as viewer:
        for film, path in zip(viewer.recordings(), paths):
            made = done(viewer, film, "preview", "flip")["result"]
            assert made["type"] == film["type"]
            np.testing.assert_array_equal(frames_of(viewer, made), np.load(path)[:, :, ::-1])


@case
def preview_as_table():
    viewer, film, _ = shared()
    job = done(viewer, film, "preview", "traces zones=@z.json", part={"first": 0, "count": 9}, format="csv",
               files={"z.json": ZONES})
    assert job["result"] is None
    _, rows = table(viewer, job, "result.csv")
    assert len(rows) == 10
    # The movie has no rate: no recording of signals can be made of it.
    job = done(viewer, film, "preview", "traces zones=@z.json", files={"z.json": ZONES})
    assert job["result"] is None and [t["name"] for t in job["tables"]] == ["result.csv"]


@case
def preview_with_tables():
    viewer, film, _ = shared()
    job = done(viewer, film, "preview", "motion shifts=@shifts.csv template-out=@t.npy", part={"first": 0, "count": 20})
    assert job["result"]["n_times"] == 20
    assert sorted(t["name"] for t in job["tables"]) == ["shifts.csv", "t.npy"]
    _, rows = table(viewer, job, "shifts.csv")
    assert len(rows) == 21
    viewer.refuses(404, "jobs/%s/files/other.csv" % job["id"])
    viewer.refuses(404, "jobs/999999/files/shifts.csv")
    # What one job left is given to another.
    text = viewer.get("jobs/%s/files/shifts.csv" % job["id"])[1].decode()
    done(viewer, film, "preview", "motion-apply shifts=@s.csv", part={"first": 0, "count": 20}, files={"s.csv": text})
    job = done(viewer, film, "preview", "measure zones=@z.json table=@m.csv", files={"z.json": ZONES})
    assert job["result"] is None and [t["name"] for t in job["tables"]] == ["m.csv"]


# ---- How they end ----------------------------------------------------------------------------------------------------

def slow(viewer):
    """A chain that takes a while."""
    return ["denoise", "smooth sigma=9", "denoise"] * 2


@case
def failing_chain():
    viewer, film, _ = shared()
    job = wait(viewer, post(viewer, film, "preview", "flip", "mask zones=@z.json", files={"z.json": {"zones": "wrong"}}))
    assert job["state"] == "failed" and "z.json" in job["error"], job
    job = wait(viewer, post(viewer, film, "preview", "flip", "crop x=500"))
    assert job["state"] == "failed" and job["error"].startswith("crop"), job


@case
def requests_that_are_refused():
    viewer, film, signals = shared()
    good = request(film, "preview", "flip")
    for wrong in [{"what": "walk"}, {"chain": []}, {"chain": "flip"}, {"chain": [{"step": "flip", "more": 1}]},
                  {"chain": [{"step": "flip", "params": {"axis": 1}}]}, {"chain": [{}]}, {"more": 1}, {"recording": 3},
                  {"part": {"first": 0}}, {"part": {"first": 0, "count": 0}}, {"part": {"first": -1, "count": 1}},
                  {"part": {"first": 0, "count": N + 1}}, {"part": {"first": N, "count": 1}},
                  {"part": {"first": 2 ** 62, "count": 2 ** 62}}, {"part": [0, 1]},
                  {"out": scratch("x.npy")}, {"overwrite": True}, {"overwrite": 1}, {"format": "n/y"}, {"format": ""},
                  {"format": "aaaaaaaaa"}, {"slot": 1}, {"slot": "s" * 41}, {"files": []}, {"files": {"../x": 1}}, {"files": {".x": 1}},
                  {"files": {"A": 1}}, {"files": {"": 1}}, {"files": {"a" * 65: 1}},
                  {"files": {"f%d" % i: 1 for i in range(17)}}, {"chain": steps("flop")},
                  {"chain": steps("flip over=x")}, {"chain": steps("write path=@x.npy")},
                  {"chain": steps("tee path=@x.npy")}, {"chain": steps("mask file=@../x.png")},
                  {"chain": steps("mask file=@")}, {"chain": steps("mask file=/etc/passwd")},
                  {"chain": steps("mask file=movie.npy")}, {"chain": steps("motion shifts=/tmp/../etc/x.csv")}]:
        viewer.refuses(400, "jobs", {**good, **wrong})
    for wrong in [{"out": "/etc/x.npy"}, {"out": scratch("../x.npy")}, {"out": "x.npy"}, {"out": ""},
                  {"part": {"first": 0, "count": 1}}, {"format": "npy"}, {"slot": ""}]:
        viewer.refuses(400, "jobs", {**request(film, "run", "flip", out=scratch("never.npy")), **wrong})
    viewer.refuses(404, "jobs", {**good, "recording": "nobody"})
    viewer.refuses(400, "jobs", {"what": "preview"})
    viewer.refuses(404, "jobs/999999")
    viewer.refuses(404, "jobs/999999", None, "DELETE")
    link = scratch("link")
    if not os.path.lexists(link):
        os.symlink("/etc", link)
    viewer.refuses(400, "jobs", request(film, "run", "flip", out=link + "/x.npy"))
    assert not os.path.exists(scratch("never.npy"))


def big():
    """A movie that takes a while."""
    path = scratch("big.npy")
    if not os.path.exists(path):
        np.save(path, np.random.default_rng(9).integers(0, 4000, (3000, 128, 128), np.uint16))
    return path


@case
def cancelling():
    with Viewer(big()) as viewer, viewer.news() as news:
        film, out = viewer.recordings()[0], scratch("cancelled.npy")
        job = post(viewer, film, "run", *slow(viewer), out=out)
        told = news.wait("job", lambda item: item["id"] == job["id"] and item["fraction"] > 0)
        assert told["state"] == "running" and told["memory_bytes"] > 0 and told["stage"], told
        waiting = post(viewer, film, "run", *slow(viewer), out=scratch("waiting.npy"))
        assert waiting["state"] == "waiting"
        assert json.loads(viewer.delete("jobs/" + waiting["id"])[1])["state"] == "cancelled"
        viewer.delete("jobs/" + job["id"])
        told = news.wait("job", lambda item: item["id"] == job["id"] and item["state"] != "running")
        assert told["state"] == "cancelled" and told["error"] is None, told
        assert viewer.json("jobs/" + waiting["id"])["state"] == "cancelled"
        assert not os.path.exists(out) and scratch_files(viewer) == []
        assert not [f for f in os.listdir(scratch()) if "cancelled" in f]
        assert json.loads(viewer.delete("jobs/" + job["id"])[1])["state"] == "cancelled", "once more"


@case
def previews_replace_each_other():
    """Those of the same recording and slot; others go side by side."""
    with Viewer(big(), eeg()) as viewer:
        film, signals = viewer.recordings()
        jobs = [post(viewer, film, "preview", *slow(viewer), slot="here") for _ in range(3)]
        others = [post(viewer, signals, "preview", "highpass hz=1", slot="here")]
        others += [post(viewer, film, "preview", "flip", part={"first": 0, "count": 5}, slot="there")]
        assert [wait(viewer, j)["state"] for j in others] == ["done"] * 2
        assert viewer.json("jobs/" + jobs[2]["id"])["state"] == "running", "quick ones do not wait for slow ones"
        last = post(viewer, film, "preview", "motion shifts=@s.csv", part={"first": 0, "count": 5}, slot="here")
        assert wait(viewer, last)["state"] == "done" and last["slot"] == "here"
        # What was replaced is forgotten once it has ended.
        assert wait(viewer, jobs[2])["state"] == "cancelled"
        done(viewer, film, "preview", "flip", part={"first": 0, "count": 5}, slot="here")
        known = [j["id"] for j in viewer.json("jobs")["jobs"]]
        assert not {j["id"] for j in [*jobs, last]} & set(known), known


@case
def many_jobs_leave_nothing():
    """Posted and cancelled: no thread, no file, no memory."""
    with Viewer(big()) as viewer:
        film = viewer.recordings()[0]
        tasks = "/proc/%d/task" % viewer.process.pid
        used = viewer.json("about")["memory"]["used_bytes"]
        for i in range(60):
            what = {"what": "run", "out": scratch("never-%d.npy" % i)} if i % 2 else {"what": "preview"}
            job = viewer.post_json("jobs", {**request(film, "", *slow(viewer)), **what})
            if i % 3:
                time.sleep(0.005)
            viewer.delete("jobs/" + job["id"])
        wait(viewer, job)
        jobs = viewer.json("jobs")["jobs"]
        while any(job["state"] == "running" for job in jobs):
            jobs = viewer.json("jobs")["jobs"]
        assert [job["state"] for job in jobs] == ["cancelled"] * 50, "the last that ended are kept"
        assert viewer.json("about")["memory"]["used_bytes"] == used
        until = time.monotonic() + 60
        while len(os.listdir(tasks)) > 6 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(os.listdir(tasks)) <= 6, os.listdir(tasks)
        assert scratch_files(viewer) == [] and not [f for f in os.listdir(scratch()) if f.startswith("never")]


@case
def the_line_is_limited():
    with Viewer(big()) as viewer:
        film = viewer.recordings()[0]
        jobs = []
        for i in range(17):
            jobs.append(post(viewer, film, "run", *slow(viewer), out=scratch("line-%d.npy" % i)))
            until = time.monotonic() + 60
            while viewer.json("jobs/" + jobs[0]["id"])["state"] == "waiting" and time.monotonic() < until:
                time.sleep(0.01) # its thread begins
        viewer.refuses(429, "jobs", request(film, "run", *slow(viewer), out=scratch("line.npy")))
        assert viewer.json("jobs")["jobs"][0]["state"] == "running"
        for job in jobs[1:]:
            viewer.delete("jobs/" + job["id"])
        # Ending the server ends what runs.
        viewer.stop()
        assert not [f for f in os.listdir(scratch()) if f.startswith("line")]


@case
def closing_the_source():
    """A job keeps what it reads until it has ended."""
    with Viewer(big()) as viewer:
        film = viewer.recordings()[0]
        job = post(viewer, film, "preview", "smooth sigma=9", part={"first": 0, "count": 500})
        viewer.delete("recordings/" + film["id"])
        job = wait(viewer, job)
        assert job["state"] == "done" and job["recording"] == film["id"] and job["result"]["n_times"] == 500
        viewer.delete("recordings/" + job["result"]["id"])
        assert viewer.json("jobs/" + job["id"])["result"] is None
        viewer.refuses(404, "jobs", request(film, "preview", "flip"))


@case
def too_little_disk():
    """Results count until they are closed; what does not fit is refused before it runs."""
    with Viewer(big(), "--scratch-limit", "1M") as viewer:
        film = viewer.recordings()[0]
        frame = 128 * 128 * 2

        def used():
            return viewer.json("about")["scratch"]

        made = done(viewer, film, "preview", "flip", part={"first": 0, "count": 20})["result"]
        assert used()["limit_bytes"] == 1 << 20 and 20 * frame <= used()["used_bytes"] < 21 * frame
        job = wait(viewer, post(viewer, film, "preview", "flip", part={"first": 0, "count": 20}))
        assert job["state"] == "failed" and "takes 0.659 MB" in job["error"] and "--scratch" in job["error"], job
        done(viewer, film, "preview", "reduce stat=mean")
        viewer.delete("recordings/" + made["id"])
        assert used()["used_bytes"] < 3 * frame
        done(viewer, film, "preview", "flip", part={"first": 0, "count": 20})
        job = wait(viewer, post(viewer, film, "preview", "mask zones=@z.json", files={"z.json": {"zones": "wrong"}},
                                part={"first": 0, "count": 5}))
        assert job["state"] == "failed" and 20 * frame < used()["used_bytes"] < 24 * frame, "a failure takes nothing"


@case
def too_little_memory():
    with Viewer(big(), "--memory", "8M") as viewer:
        film = viewer.recordings()[0]
        job = wait(viewer, post(viewer, film, "preview", "pca"))
        assert job["state"] == "failed" and "memory" in job["error"], job


@end
def the_end():
    if _shared:
        _shared["viewer"].__exit__(None, None, None)


main()
