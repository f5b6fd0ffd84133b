# SPDX-License-Identifier: BSD-3-Clause
"""limpid score motion on the command line: what it takes, what it says, what it refuses in one sentence."""
import json
import os
import re

from check import case, limpid, main, scratch

N, H, W = 24, 64, 80


def write_npy(name, values, shape, descr):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (descr, ", ".join(map(str, shape)))
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(scratch(name), "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + values)
    return scratch(name)


def movie(name="movie.npy", frames=N, height=H, width=W):
    values = bytearray()
    for t in range(frames):
        for y in range(height):
            values += bytes((x * x // 9 + 7 * y + y * y // 5 + 13 * (t % 3)) % 251 for x in range(width))
    return write_npy(name, bytes(values), (frames, height, width), "|u1")


def shifts(name="shifts.csv", frames=N, sign=1, flagged=()):
    with open(scratch(name), "w", encoding="utf-8") as file:
        file.write("frame,dy_px,dx_px,peak,flag\n")
        for t in range(frames):
            file.write("%d,%g,%g,0.9,%d\n" % (t, sign * (t % 4) * 0.5, sign * (t % 5) * -0.25, t in flagged))
    return scratch(name)


def refused(*words, code=2):
    text = limpid("score", "motion", *words, code=code).stderr
    assert text.startswith("limpid: ") and len(text.splitlines()) == 1, text
    return text


@case
def shifts_against_the_truth_without_movies():
    done = limpid("score", "motion", "--shifts", shifts(flagged=(2, 7)), "--truth", shifts("truth.csv", sign=-1))
    assert "2 of 24 frames are flagged" in done.stdout, done.stdout
    assert "mean 0.0000" in done.stdout and "slope 1.0000" in done.stdout, done.stdout
    told = json.loads(limpid("score", "motion", "--shifts", shifts(), "--truth", scratch("truth.csv"), "--json").stdout)
    assert told["frames"] == N and told["with_truth"]["max_px"] < 1e-9 and told["after"] is None


def report_data(page):
    """What a report's page shows, as a program reads it."""
    return json.loads(re.search(r'<script type="application/json" id="report-data">(.*?)</script>', page).group(1))


@case
def movies_and_a_report():
    page = scratch("page.html")
    done = limpid("score", "motion", movie("before.npy"), movie("after.npy"), "--shifts", shifts())
    assert "crispness of the mean image" in done.stdout, done.stdout
    done = limpid("score", "motion", scratch("before.npy"), scratch("after.npy"), "--shifts", scratch("shifts.csv"),
                  "--report", page)
    assert done.stdout == page + ": the report\n", done.stdout
    with open(page, encoding="utf-8") as file:
        text = file.read()
    # With the viewer's parts, or without a script where they are not in the build.
    if "<script" in text:
        images = [part for part in report_data(text)["parts"] if part["kind"] == "images"]
        assert [len(part["images"]) for part in images] == [2, 2], images
    else:
        assert text.count("data:image/png;base64,") == 4 and "http" not in text
    assert "exists already" in refused(scratch("after.npy"), "--report", page)
    limpid("score", "motion", scratch("after.npy"), "--report", page, "--overwrite")


@case
def lengths_must_agree():
    assert "24 frames" in refused("--shifts", shifts(), "--truth", shifts("short.csv", frames=20), code=3)
    assert "20 frames" in refused(movie(), "--shifts", shifts("short.csv", frames=20), code=3)
    assert "one movie before and after" in refused(movie(), movie("short.npy", frames=20), code=3)
    assert "no shifts tell" in refused(movie(), movie("small.npy", height=60), code=3)


@case
def what_cannot_be_scored():
    assert "takes a corrected movie" in refused()
    assert "takes a corrected movie" in refused("--shifts", shifts())
    assert "takes a corrected movie" in refused(movie(), movie(), movie())
    assert "needs shifts" in refused(movie(), "--truth", shifts("truth.csv"))
    assert "absent.csv" in refused(movie(), "--shifts", scratch("absent.csv"), code=4)
    assert "frames x 2" in refused("--shifts", shifts(), "--truth", movie(), code=3)
    assert "at least 2" in refused(movie("one.npy", frames=1), code=3)
    with open(scratch("names.csv"), "w", encoding="utf-8") as file:
        file.write("y,x\n1,2\n")
    assert "dy_px" in refused(movie(), "--shifts", scratch("names.csv"), code=3)


@case
def other_scores_take_no_shifts():
    assert "limpid score motion" in limpid("score", "x.bdf", "--shifts", shifts(), code=2).stderr
    assert "limpid report" in limpid("score", "x.bdf", "--report", "x.html", code=2).stderr


@case
def nothing_is_left_behind():
    before = set(os.listdir(scratch()))
    limpid("score", "motion", movie(), "--shifts", shifts())
    assert set(os.listdir(scratch())) - before <= {"movie.npy", "shifts.csv"}


main()
