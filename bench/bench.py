# SPDX-License-Identifier: BSD-3-Clause
"""limpid beside NumPy, SciPy and MNE, on this machine, in one run: the same recordings, taking turns, best of three.

Seconds of limpid are those of the whole process; of the others, without start-up and imports. Memory is the highest resident
memory of the process."""
import json
import os
import shutil
import tempfile

from timing import BUILD, LIMPID, ROOT, run

READ_ALL = os.path.join(BUILD, "bench", "read_all")
PEER = os.path.join(ROOT, "bench", "peer.py")
REPEATS = 3


def run_peer(task, source, folder):
    cost = run(["/usr/bin/python3", PEER, task, source, os.path.join(folder, "peer.npy")])
    return json.loads(cost.said)["seconds"], cost.peak


def run_whole(words):
    cost = run(words)
    return cost.seconds, cost.peak


def simulate(folder, name, *settings):
    path = os.path.join(folder, name)
    run([LIMPID, "simulate", "eeg-fmri", path, *settings, "--quiet", "--no-record", "--progress", "none"])
    os.remove(os.path.splitext(path)[0] + ".truth.bdf")
    return path


def limpid_run(folder, source, chain, *options):
    return [LIMPID, "run", source, *chain.split(), "!", "write", os.path.join(folder, "ours.npy"), "type=float32",
            "--overwrite", "--quiet", "--no-record", "--progress", "none", *options]


def best(measured):
    return min(m[0] for m in measured), max(m[1] for m in measured)


def compare(title, n_values, ours, theirs):
    """One row: both take turns, so that a busy machine is busy for both."""
    a, b = [], []
    for _ in range(REPEATS):
        a.append(ours())
        b.append(theirs())
    (our_s, our_peak), (their_s, their_peak) = best(a), best(b)
    print("%-44s %8.2f %8.2f %7.1fx %9.1f %9.1f %8.0f %8.0f" % (
        title, our_s, their_s, their_s / our_s, 1e9 * our_s / n_values, 1e9 * their_s / n_values, our_peak / 2**20,
        their_peak / 2**20), flush=True)


def alone(title, n_values, words, repeats=REPEATS):
    seconds, peak = best([run_whole(words) for _ in range(repeats)])
    print("%-44s %8.2f %8s %8s %9.1f %9s %8.0f %8s" % (title, seconds, "", "", 1e9 * seconds / n_values, "", peak / 2**20, ""),
          flush=True)


def main():
    folder = tempfile.mkdtemp(prefix="limpid-bench-", dir=os.environ.get("BENCH_DIR"))
    try:
        print("%d cores; limpid uses all of them, and one where it says so; MNE and NumPy as they come\n" % os.cpu_count())
        source = simulate(folder, "a.edf", "channels=32", "seconds=60")
        n = 32 * 60 * 5000
        print("%-44s %8s %8s %8s %9s %9s %8s %8s" % ("32 channels x 5 kHz x 60 s", "limpid s", "peer s", "ratio", "ns/value",
                                                    "peer", "peak MB", "peer"))
        filters, gradient = "highpass hz=1 ! lowpass hz=70", "triggers ! align ! highpass hz=1 ! gradient ! lowpass hz=70"
        compare("EDF: decode all", n, lambda: run_whole([READ_ALL, source]), lambda: run_peer("read", source, folder))
        for threads, words in (("1 thread", ("--threads", "1")), ("all cores", ())):
            compare("high-pass 1 Hz + low-pass 70 Hz, " + threads, n,
                    lambda: run_whole(limpid_run(folder, source, filters, *words)), lambda: run_peer("filter", source, folder))
            compare("the same + template subtraction, " + threads, n,
                    lambda: run_whole(limpid_run(folder, source, gradient, *words)), lambda: run_peer("gradient", source, folder))
        preset = ["--overwrite", "--quiet", "--progress", "none"]
        source = simulate(folder, "b.edf", "channels=32", "seconds=300")
        out = os.path.join(folder, "out.bdf")
        print("\n32 channels x 5 kHz x 300 s, the preset eeg-fmri, EDF to BDF")
        alone("1 thread", 32 * 300 * 5000, [LIMPID, "eeg-fmri", source, out, "--threads", "1", *preset])
        alone("all cores", 32 * 300 * 5000, [LIMPID, "eeg-fmri", source, out, *preset])
        alone("all cores, --memory 64M", 32 * 300 * 5000, [LIMPID, "eeg-fmri", source, out, "--memory", "64M", *preset])
        if os.environ.get("BENCH_LONG"):
            source = simulate(folder, "c.edf", "channels=64", "seconds=3600")
            print("\n64 channels x 5 kHz x 60 min, the preset eeg-fmri, EDF to BDF")
            alone("all cores, --memory 256M", 64 * 3600 * 5000, [LIMPID, "eeg-fmri", source, out, "--memory", "256M", *preset], 1)
    finally:
        shutil.rmtree(folder)


main()
