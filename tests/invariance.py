# SPDX-License-Identifier: BSD-3-Clause
"""The same bits for any number of threads, memory limit and block length: for every step of the registry that works on
signals, with float64 output so that no rounding hides a difference, and for whole chains.

With CHECK_SHORT set (ThreadSanitizer) bits are beside the point, races are not: everything runs with several threads twice,
and whole chains write one format each.

A new step is tested as soon as it is in the registry. If a parameter of it has no default, or it needs other steps before
it, it also gets a line in SETTINGS or BEFORE."""
import itertools
import json
import os

import check
from check import add, case, limpid, read_bytes, scratch, simulate

SHORT = "CHECK_SHORT" in os.environ
THREADS = [1, 2, 7]
MEMORY = ["64M", "256M", "2G"]
BLOCKS = [0, 333, 4999, 20000]  # 0: as the plan decides

SETTINGS = {
    "crop": ["range=3.1-20"],
    "pick": ["channels=Fp1,F3"],
    "drop": ["channels=F3"],
    "rename": ["names=Fp1:A"],
    "resample": ["rate=1024"],
    "notch": ["hz=50,100"],
    "upsample": ["factor=2"],
    "scale": ["factor=3", "offset=1"],
    "slice-triggers": ["slices=20"],
    "annotate": ["ranges=3.5-4.2,9"],
    "erase": ["ranges=-0.3,3.5-12.2,12.21-13,23-"],
}
BEFORE = {
    "complete-triggers": ["triggers", "!"],
    "slice-triggers": ["triggers", "!"],
    "align": ["triggers", "!"],
    "gradient": ["triggers", "!", "complete-triggers", "!", "align", "!", "highpass", "!"],
}
WHOLE = {
    "eeg-fmri by hand": "annotate 9-10.5 ! triggers ! complete-triggers ! align ! highpass hz=1 ! gradient ! lowpass hz=120",
    "filters and rates": "reference ! bandpass low-hz=0.5 high-hz=200 ! notch hz=50,100 ! downsample factor=5 ! crop range=2-",
}


def recording():
    return simulate("sim.edf", "channels=5", "seconds=24", "lead-in=3", "missing=2,1", "tones=11.9")


def runs(half):
    """(threads, memory, block), the first as reference. Half 0 and half 1 are every combination together, and each of
    them holds every pair of threads and memory, threads and block, memory and block."""
    if SHORT:
        yield from [(2, "256M", 0), (7, "64M", 333)]
        return
    yield 1, "2G", 0
    for (i, threads), (j, memory), (k, block) in itertools.product(*map(enumerate, (THREADS, MEMORY, BLOCKS))):
        if (threads, memory, block) != (1, "2G", 0) and (i + j + k) % 2 == half:
            yield threads, memory, block


def output(words, ending, threads, memory, block):
    path = scratch("out." + ending)
    limpid(*words, path, "--threads", threads, "--memory", memory, *(["--block", block] if block else []), "--overwrite",
           "--progress", "none")
    return read_bytes(path)


def same_bits(words, ending, half):
    reference = None
    for threads, memory, block in runs(half):
        got = output(words, ending, threads, memory, block)
        reference = reference or got
        assert got == reference, "other bits with --threads %s --memory %s --block %s" % (threads, memory, block)


def smallest_memory(words):
    """The limit that a refused run names."""
    said = limpid(*words, scratch("refused.bdf"), "--memory", "1K", code=5).stderr
    return said.split("--memory ")[1].split()[0]


def same_bits_in_the_smallest_memory(words):
    least = smallest_memory(words)
    reference = None if SHORT else output(words, "bdf", 1, "2G", 0)
    for threads in [7] if SHORT else THREADS:
        got = output(words, "bdf", threads, least, 0)
        assert got == (reference or got), "other bits with --threads %d --memory %s" % (threads, least)


for number, step in enumerate(json.loads(limpid("steps", "--json").stdout)):
    if step["kind"] in ("signals", "any") and step["grain"] in ("time", "frame", "none"):
        name = step["name"]
        chain = ["run", recording(), *BEFORE.get(name, []), name, *SETTINGS.get(name, []), "!", "write"]
        add("step " + name, same_bits, chain, "npy", number % 2)

for name, text in WHOLE.items():
    chain = ["run", recording(), *text.split(), "!", "write"]
    if not SHORT or name == "eeg-fmri by hand":
        add("whole chain: %s, BDF" % name, same_bits, chain, "bdf", 0)
    if not SHORT or name != "eeg-fmri by hand":
        add("whole chain: %s, float64" % name, same_bits, chain, "npy", 1)
    add("whole chain: %s, smallest memory" % name, same_bits_in_the_smallest_memory, chain)

add("whole preset", same_bits, ["eeg-fmri", recording()], "bdf", 1)


@case
def simulation_is_the_same_however_it_is_cut():
    reference = None
    for threads, memory, block in runs(0):
        path = scratch("cut.edf")
        limpid("simulate", "eeg-fmri", path, "channels=3", "seconds=15", "heartbeat-uv=80", "line-uv=3", "motion=2",
               "--threads", threads, "--memory", memory, *(["--block", block] if block else []), "--overwrite")
        got = read_bytes(path) + read_bytes(os.path.splitext(path)[0] + ".truth.bdf")
        reference = reference or got
        assert got == reference, (threads, memory, block)


check.main()
