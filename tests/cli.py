# SPDX-License-Identifier: BSD-3-Clause
"""The command as a user types it: what it refuses, in which words and with which exit code; that it never leaves half an
output and never touches its input; that everything it prints for programs can be read by programs."""
import array
import json
import os
import resource
import shutil
import signal
import subprocess
import time

import check
from check import Skip, add, case, disk_scratch, limpid, read_bytes, scratch, simulate

USAGE, INPUT, IO, MEMORY, CHECK, CANCELLED = 2, 3, 4, 5, 6, 130

check.use_disk()  # outputs of many GB that are stopped


def recording():
    return simulate("sim.edf", "channels=4", "seconds=12", "lead-in=2")


def write_brainvision(name, n_samples, events):
    """One channel of zeros at 1000 Hz with markers (label, sample)."""
    stem = scratch(name)
    with open(stem + ".vhdr", "w") as file:
        file.write("Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nDataFile=%s.eeg\nMarkerFile=%s.vmrk\n"
                   "DataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels=1\nSamplingInterval=1000\n"
                   "[Binary Infos]\nBinaryFormat=INT_16\n[Channel Infos]\nCh1=Fz,,0.1,uV\n" % (name, name))
    with open(stem + ".vmrk", "w") as file:
        file.write("Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\nDataFile=%s.eeg\n[Marker Infos]\n" % name)
        for i, (label, sample) in enumerate(events):
            file.write("Mk%d=Stimulus,%s,%d,1,0\n" % (i + 1, label, sample + 1))
    with open(stem + ".eeg", "wb") as file:
        file.write(bytes(2 * n_samples))
    return stem + ".vhdr"


def write_sparse_npy(name, n_channels, n_samples):
    """A large array of zeros that takes no room on the disk."""
    path = scratch(name)
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (n_channels, n_samples)
    header = header.ljust(128 - 10 - 1) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        file.truncate(128 + 4 * n_channels * n_samples)
    return path


# ---- What is refused ----------------------------------------------------------------------------------------------


def refuse(code, words, *said):
    """Runs in an empty folder; {in} is a recording, {out} a name in that folder. One sentence, no file, same input."""
    folder = scratch("refused")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    source = recording()
    before = read_bytes(source)
    names = {"in": source, "out": os.path.join(folder, "out.bdf"), "folder": folder, "root": check.ROOT}
    done = limpid(*[w.format(**names) for w in words], code=code)
    for text in said:
        assert text in done.stderr, "%r is not in: %s" % (text, done.stderr)
    assert done.stderr.startswith("limpid: "), done.stderr
    assert done.stderr.count("\n") == 1, "more than one sentence: " + done.stderr
    assert os.listdir(folder) == [], "left behind: %s" % os.listdir(folder)
    assert read_bytes(source) == before, "the input was changed"


REFUSED = [
    # name, exit code, words, what stderr says
    ("unknown command", USAGE, ["rum", "{in}"], ['"rum"']),
    ("unknown option", USAGE, ["run", "{in}", "--thread", "2", "highpass", "!", "write", "{out}"], ["--threads"]),
    ("option of another command", USAGE, ["info", "{in}", "--overwrite"], ["--overwrite"]),
    ("bad thread count", USAGE, ["run", "{in}", "highpass", "!", "write", "{out}", "--threads", "two"], ["--threads two"]),
    ("bad memory size", USAGE, ["run", "{in}", "highpass", "!", "write", "{out}", "--memory", "lots"], ["256M"]),
    ("run without a recording", USAGE, ["run"], ["recording"]),
    ("run without a step", USAGE, ["run", "{in}"], ["STEP"]),
    ("run that writes nothing", USAGE, ["run", "{in}", "highpass"], ["write"]),
    ("unknown step names the nearest", USAGE, ["run", "{in}", "highpas", "!", "write", "{out}"], ['"highpas"', "highpass"]),
    ("unknown key names the nearest", USAGE, ["run", "{in}", "highpass", "hzz=1", "!", "write", "{out}"], ['"hzz"', "hz"]),
    ("help of an unknown step names the nearest", USAGE, ["help", "gradeint"], ["gradient"]),
    ("a number that is none", USAGE, ["run", "{in}", "highpass", "hz=low", "!", "write", "{out}"], ["hz=low"]),
    ("a wrong unit", USAGE, ["run", "{in}", "highpass", "hz=1s", "!", "write", "{out}"], ["hz=1s"]),
    ("a frequency above the Nyquist frequency", USAGE, ["run", "{in}", "lowpass", "hz=2500", "!", "write", "{out}"], ["2500"]),
    ("a negative frequency", USAGE, ["run", "{in}", "lowpass", "hz=-3", "!", "write", "{out}"], ["-3"]),
    ("two separators in a row", USAGE, ["run", "{in}", "highpass", "!", "!", "write", "{out}"], ["!"]),
    ("a separator at the end", USAGE, ["run", "{in}", "highpass", "!"], ["!"]),
    ("a channel that is not there", USAGE, ["run", "{in}", "pick", "channels=Nose", "!", "write", "{out}"], ["Nose"]),
    ("a time after the end", USAGE, ["run", "{in}", "crop", "range=100-200", "!", "write", "{out}"], ["100"]),
    ("an ending that says no format", USAGE, ["run", "{in}", "highpass", "!", "write", "{folder}/out.xyz"], [".edf"]),
    ("the same output twice", USAGE, ["run", "{in}", "tee", "{out}", "!", "write", "{out}"], ["twice"]),
    ("a missing input", IO, ["run", "{folder}/none.edf", "highpass", "!", "write", "{out}"], ["none.edf"]),
    ("a folder as input", INPUT, ["info", "{folder}"], ["folder"]),
    ("a pattern that no file fits", IO, ["info", "{folder}/*.tif"], ["no file fits", "*.tif"]),
    ("a group that no file fits", INPUT, ["info", "{folder}", "--group", "*.tif"], ["group '*.tif'"]),
    ("a folder as signals", USAGE, ["info", "{folder}", "--kind", "signals"], ["file by file"]),
    ("an unknown kind", USAGE, ["info", "{in}", "--kind", "film"], ["signals, movie"]),
    ("an unknown way with broken files", USAGE, ["info", "{in}", "--broken", "mend"], ["refuse, skip"]),
    ("an unknown way with sizes", USAGE, ["info", "{in}", "--sizes", "stretch"], ["refuse, crop"]),
    ("a size above 1", USAGE, ["info", "{in}", "--size", "2"], ["size ratio of 2"]),
    ("a dataset of a file that has none", USAGE, ["info", "{in}", "--dataset", "x"], ["'x'", "leave it away"]),
    ("a group of a single file", USAGE, ["info", "{in}", "--group", "*.tif"], ["not a folder", "'*.tif'"]),
    ("signals made grey", USAGE, ["info", "{in}", "--grey"], ["signals", "grey"]),
    ("signals where a movie is asked for", USAGE, ["info", "{in}", "--kind", "movie"], ["holds signals"]),
    ("a rate below 0", USAGE, ["info", "{in}", "--rate", "-5"], ["-5"]),
    ("a text file as input", INPUT, ["info", "{root}/LICENSE"], ["LICENSE"]),
    ("a device as input", INPUT, ["info", "/dev/null"], ["/dev/null"]),
    ("an output folder that is not there", IO, ["run", "{in}", "highpass", "!", "write", "{folder}/no/out.bdf"], ["no/out.bdf"]),
    ("a limit that is too small", MEMORY, ["run", "{in}", "highpass", "!", "write", "{out}", "--memory", "1K"], ["--memory"]),
    ("triggers that match nothing", INPUT, ["run", "{in}", "triggers", "pattern=X", "!", "gradient", "!", "write", "{out}"], ["X"]),
    ("a plug-in that is not there", IO, ["run", "{in}", "--plugin", "{folder}/no.so", "gain", "!", "write", "{out}"], ["no.so"]),
    ("a chain file that is not there", IO, ["run", "{in}", "--chain", "{folder}/no.yaml", "--out", "{out}"], ["no.yaml"]),
    ("verify without a record", INPUT, ["verify", "{root}/LICENSE"], ["LICENSE"]),
    ("a simulation of nothing known", USAGE, ["simulate", "eeg-fmir", "{out}"], ["eeg-fmri"]),
    ("a simulation with a wrong key", USAGE, ["simulate", "eeg-fmri", "{out}", "chanels=4"], ["channels"]),
]
for name, *rest in REFUSED:
    add("refuses " + name, lambda code, words, said: refuse(code, words, *said), *rest)


def refuse_to_write(code, target, prepare, *said):
    """As refuse(), for an output that exists already and must stay as it is."""
    folder = scratch("occupied")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    source = os.path.join(folder, "in.edf")
    shutil.copy(recording(), source)
    path = os.path.join(folder, target)
    prepare(source, path)
    before, listed = (read_bytes(source), read_bytes(path)), sorted(os.listdir(folder))
    done = limpid("run", source, "highpass", "!", "write", path, *said[1:], code=code)
    assert said[0] in done.stderr, done.stderr
    assert (read_bytes(source), read_bytes(path)) == before
    assert sorted(os.listdir(folder)) == listed, os.listdir(folder)


def occupy(source, path):
    with open(path, "w") as file:
        file.write("mine")


add("refuses an existing output", refuse_to_write, USAGE, "out.bdf", occupy, "--overwrite")
add("refuses the input as output", refuse_to_write, USAGE, "in.edf", lambda s, p: None, "input", "--overwrite")
add("refuses the input through a symbolic link", refuse_to_write, USAGE, "link.edf", os.symlink, "input", "--overwrite")
add("refuses the input through a hard link", refuse_to_write, USAGE, "hard.edf", os.link, "input", "--overwrite")


def refuse_triggers(code, name, events, *said):
    source = write_brainvision(name, 20000, events)
    out = scratch(name + ".edf")
    done = limpid("run", source, "triggers", "pattern=R128", "!", "gradient", "!", "write", out, code=code)
    for text in said:
        assert text in done.stderr, done.stderr
    assert not os.path.exists(out)


add("refuses no trigger", refuse_triggers, INPUT, "none", [], "R128")
add("refuses one trigger", refuse_triggers, INPUT, "one", [("R128", 5000)], "R128")


@case
def refuses_or_ignores_triggers_outside_the_recording():
    events = [("R128", 1000 + 100 * i) for i in range(150)] + [("R128", 10 ** 7)]
    source = write_brainvision("outside", 20000, events)
    done = limpid("run", source, "triggers", "pattern=R128", "!", "gradient", "!", "write", scratch("outside.bdf"), code=None)
    assert done.returncode in (0, INPUT), done
    assert done.stderr.strip(), "a trigger outside the recording is worth a word"


@case
def refuses_a_file_cut_short_unless_salvaged():
    path = scratch("cut.edf")
    whole = read_bytes(recording())
    with open(path, "wb") as file:
        file.write(whole[:len(whole) * 2 // 3])
    done = limpid("info", path, code=INPUT)
    assert "--salvage" in done.stderr, done.stderr
    told = json.loads(limpid("info", path, "--salvage", "--json").stdout)
    told = told[0] if isinstance(told, list) else told
    assert 0 < told["samples"] < 60000 and told["warnings"], told


@case
def the_limit_that_is_named_is_enough():
    out = scratch("limit.bdf")
    words = ["run", recording(), "highpass", "hz=1", "!", "lowpass", "hz=70", "!", "write", out]
    said = limpid(*words, "--memory", "1K", code=MEMORY).stderr
    named = said.split("--memory ")[1].split()[0]
    limpid(*words, "--memory", named)


# ---- Outputs appear whole or not at all ---------------------------------------------------------------------------


def huge_run(out):
    """A run that takes far longer than any test waits."""
    source = write_sparse_npy("huge.npy", 16, 10 ** 8)
    return subprocess.Popen([check.LIMPID, "run", source, "--rate", "1000", "highpass", "hz=1", "!", "write", out, "--progress", "none"],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def interrupt(number, name):
    folder = disk_scratch(name)
    os.mkdir(folder)
    run = huge_run(os.path.join(folder, "out.npy"))
    time.sleep(0.7)
    assert run.poll() is None, run.communicate()
    run.send_signal(number)
    began = time.monotonic()
    run.wait(timeout=60)
    return run, time.monotonic() - began, folder


def cancelled_by(number):
    run, took_s, folder = interrupt(number, "cancel-%d" % number)
    said = run.communicate()[1]
    assert run.returncode == CANCELLED, (run.returncode, said)
    assert said.startswith("limpid: ") and said.count("\n") == 1, said
    assert os.listdir(folder) == [], os.listdir(folder)
    assert took_s < 5, "took %.1f s to stop" % took_s


add("Ctrl-C ends with 130 and leaves nothing", cancelled_by, signal.SIGINT)
add("SIGTERM ends with 130 and leaves nothing", cancelled_by, signal.SIGTERM)


@case
def a_killed_run_leaves_no_output():
    run, _, folder = interrupt(signal.SIGKILL, "killed")
    run.communicate()
    assert run.returncode == -signal.SIGKILL
    assert not os.path.exists(os.path.join(folder, "out.npy")), os.listdir(folder)
    shutil.rmtree(folder)


def full_disk(folder, **options):
    out = os.path.join(folder, "out.bdf")
    done = limpid("run", recording(), "highpass", "!", "write", out, "--scratch", scratch(), code=IO, **options)
    assert done.stderr.startswith("limpid: ") and done.stderr.count("\n") == 1, done.stderr
    assert not os.path.exists(out)
    return done


@case
def a_full_disk_leaves_no_output():
    folder = scratch("full")
    os.mkdir(folder)
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", folder]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        raise Skip("a small file system cannot be mounted here")
    try:
        full_disk(folder)
        assert os.listdir(folder) == [], os.listdir(folder)
    finally:
        subprocess.run(["umount", folder], check=True)


@case
def a_file_size_limit_leaves_no_output():
    folder = scratch("limited")
    os.mkdir(folder)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))

    recording()
    full_disk(folder, preexec_fn=limit)
    assert os.listdir(folder) == [], os.listdir(folder)


@case
def overwrite_replaces_and_nothing_else_remains():
    folder = scratch("again")
    os.mkdir(folder)
    out = os.path.join(folder, "out.bdf")
    limpid("run", recording(), "highpass", "!", "write", out)
    first = read_bytes(out)
    limpid("run", recording(), "highpass", "hz=2", "!", "write", out, "--overwrite")
    assert read_bytes(out) != first
    limpid("run", recording(), "highpass", "!", "write", out, "--overwrite")
    assert read_bytes(out) == first
    assert sorted(os.listdir(folder)) == ["out.bdf", "out.bdf.limpid.json"] or \
        sorted(os.listdir(folder)) == ["out.bdf", "out.limpid.json"], os.listdir(folder)


@case
def verify_finds_one_flipped_bit():
    out = scratch("bit.bdf")
    limpid("run", recording(), "highpass", "!", "write", out)
    limpid("verify", out)
    with open(out, "r+b") as file:
        file.seek(-1000, os.SEEK_END)
        byte = file.read(1)[0]
        file.seek(-1000, os.SEEK_END)
        file.write(bytes([byte ^ 1]))
    done = limpid("verify", out, code=CHECK)
    assert done.stderr.startswith("limpid: "), done.stderr


def movie(name, n_frames):
    """uint8 frames of 8 by 8 pixels."""
    header = ("{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 8, 8), }" % n_frames).ljust(117) + "\n"
    path = scratch(name)
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        file.write(bytes(i % 251 for i in range(n_frames * 64)))
    return path


@case
def says_that_a_given_rate_has_no_effect():
    source = movie("rate.npy", 12)
    assert "own rate" not in limpid("info", source, "--rate", "20").stdout
    files = [recording()]
    for ending in ("tif", "zarr"):
        files.append(scratch("rate." + ending))
        limpid("run", source, "--rate", "20", "frames", "range=:", "!", "write", files[-1], "--overwrite")
    for file in files:
        rate = json.loads(limpid("info", file, "--json").stdout)["rate_hz"]
        for given, is_told in ((rate, False), (rate + 10, True)):
            warnings = json.loads(limpid("info", file, "--rate", "%g" % given, "--json").stdout)["warnings"]
            said = "own rate of %g Hz is kept, not the %g Hz given" % (rate, given)
            assert (said in warnings) == is_told, (file, given, warnings)


@case
def verify_says_that_the_input_has_no_digest():
    source = movie("frames.npy", 20)
    for chosen, reads_little in ((":4", True), (":15", False)):
        out = scratch("some.npy")
        limpid("run", source, "frames", "range=" + chosen, "!", "write", out, "--overwrite")
        with open(out + ".limpid.json") as file:
            told = json.load(file)["input"]
        assert ("digest" in told) == (not reads_little), told
        assert ("no_digest" in told) == reads_little, told
        said = limpid("verify", out).stdout
        assert ("no digest" in said and "frames were read" in said) == reads_little, said
        assert ("no_input_digest" in json.loads(limpid("verify", "--json", out).stdout)) == reads_little


# ---- What is printed ----------------------------------------------------------------------------------------------


@case
def usage_without_words():
    done = limpid(code=USAGE)
    assert "limpid run" in done.stderr and done.stdout == ""
    assert "limpid run" in limpid("--help").stdout
    assert limpid("--version").stdout.startswith("limpid ")


def registry(words):
    return json.loads(limpid(*words).stdout)


@case
def every_step_has_help():
    steps = registry(["steps", "--json"])
    assert len(steps) > 10
    for step in steps:
        page = limpid("help", step["name"]).stdout
        assert step["name"] in page and step["summary"] in page, step["name"]
        for parameter in step["params" if "params" in step else "parameters"]:
            assert parameter["name"] in page and parameter["help"] in page, (step["name"], parameter["name"])


@case
def every_command_has_help():
    for command in "info run plan eeg-fmri motion score report simulate verify bench steps formats schema".split():
        assert "usage: limpid " + command in limpid(command, "--help").stdout


@case
def registry_is_json():
    assert registry(["formats", "--json"])
    assert registry(["schema"])["$schema"]


@case
def info_is_json():
    told = json.loads(limpid("info", recording(), "--json").stdout)
    told = told[0] if isinstance(told, list) else told
    assert told["n_channels"] == len(told["channels"]) == 4
    assert told["samples"] == 60000 and told["rate_hz"] == 5000
    assert told["events"]["S  1"]["count"] > 50


@case
def plan_prints_and_runs_nothing():
    out = scratch("planned.bdf")
    words = ["plan", recording(), "highpass", "hz=1", "!", "write", out]
    assert "highpass" in limpid(*words).stdout
    told = json.loads(limpid(*words, "--json").stdout)
    assert told["memory_expected"] <= told["memory_limit"]
    assert not os.path.exists(out)


@case
def bench_measures_and_leaves_nothing():
    folder = scratch("bench")
    os.mkdir(folder)
    told = json.loads(limpid("bench", recording(), "highpass", "!", "write", os.path.join(folder, "out.npy"), "--json").stdout)
    assert told[0]["threads"] == 1 and told[0]["wall_s"] > 0 and told[0]["peak_bytes"] > 0, told
    sparse = write_sparse_npy("bench.npy", 2, 50000)  # says no rate: bench must pass it on
    limpid("bench", sparse, "--rate", "5000", "--threads", "1", "highpass", "!", "write", os.path.join(folder, "out.npy"))
    refuse(USAGE, ["bench", "{in}", "write", os.path.join(folder, "out.png")], "many files")
    assert os.listdir(folder) == [], os.listdir(folder)


@case
def quiet_is_quiet():
    done = limpid("run", recording(), "highpass", "!", "write", scratch("quiet.bdf"), "--quiet")
    assert done.stdout == "" and done.stderr == "", done


@case
def progress_is_json_when_asked():
    done = limpid("simulate", "eeg-fmri", scratch("progress.edf"), "channels=4", "seconds=30", "--progress", "json")
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert told and all(0 <= t["fraction"] <= 1 for t in told), done.stderr


@case
def a_chain_from_a_file_is_the_chain_of_the_command_line():
    chain = scratch("chain.yaml")
    with open(chain, "w") as file:
        file.write("- {step: highpass, hz: 2}\n- step: lowpass\n  hz: 40\n")
    limpid("run", recording(), "--chain", chain, "--out", scratch("yaml.bdf"))
    limpid("run", recording(), "highpass", "hz=2", "!", "lowpass", "hz=40", "!", "write", scratch("words.bdf"))
    assert read_bytes(scratch("yaml.bdf")) == read_bytes(scratch("words.bdf"))


def refuse_chain(name, text, *said):
    path = scratch(name + ".yaml")
    with open(path, "w") as file:
        file.write(text)
    done = limpid("run", recording(), "--chain", path, "--out", scratch(name + ".bdf"), code=USAGE)
    for word in said:
        assert word in done.stderr, done.stderr


add("refuses a chain file with an unknown step", refuse_chain, "step", "- {step: highpas, hz: 2}\n", "highpass")
add("refuses a chain file with an unknown key", refuse_chain, "key", "- highpass\n- {step: lowpass, herz: 2}\n", "herz")
add("refuses a chain file that is no YAML", refuse_chain, "yaml", "- {step: highpass\n", "line")
add("refuses a chain file that is no list", refuse_chain, "list", "step: highpass\n", "list")


@case
def the_printed_chain_of_the_preset_does_the_same():
    import shlex
    printed = limpid("eeg-fmri", recording(), "--print").stdout.strip()
    limpid("run", recording(), *shlex.split(printed), "!", "write", scratch("printed.bdf"))
    limpid("eeg-fmri", recording(), scratch("preset.bdf"))
    assert read_bytes(scratch("printed.bdf")) == read_bytes(scratch("preset.bdf"))


@case
def preset_reports_and_scores_against_the_truth():
    out, page = scratch("scored.bdf"), scratch("scored.html")
    source = simulate("truth.edf", "channels=4", "seconds=40")
    limpid("eeg-fmri", source, out, "--report", page)
    assert "<html" in open(page).read()
    told = json.loads(limpid("score", out, "--truth", scratch("truth.truth.bdf"), "--json").stdout)
    assert told["with_truth"]["correlation"] > 0.9, told


@case
def every_number_type_and_format_keeps_the_values():
    """EDF to BDF to BrainVision to EDF and .npy: the samples stay what the first file says."""
    source, previous = recording(), None
    for name in ["a.bdf", "b.vhdr", "c.edf", "d.npy"]:
        limpid("run", previous or source, "write", scratch(name))
        previous = scratch(name)
    limpid("run", source, "write", scratch("direct.npy"))
    far, near = read_bytes(scratch("d.npy")), read_bytes(scratch("direct.npy"))
    assert len(far) == len(near)
    offset = 10 + int.from_bytes(near[8:10], "little")
    kind = "d" if b"f8" in near[:offset] else "f"
    a, b = array.array(kind, far[offset:]), array.array(kind, near[offset:])
    worst = max(abs(x - y) for x, y in zip(a, b))
    assert worst < 0.06, "differ by %g uV, more than half a step" % worst


@case
def tells_how_to_use_a_command():
    told = limpid("help", "run").stdout
    assert told.startswith("usage: limpid run IN STEP"), told
    assert told == limpid("run", "--help").stdout


check.main()
