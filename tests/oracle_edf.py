# SPDX-License-Identifier: BSD-3-Clause
"""EDF and BDF through the command, against two readers that are not ours: MNE, and a struct parser of a page.

Recordings are read by limpid and written as .npy (float64); the parser computes scale * digital + offset as EDF readers
do, so samples agree to the bit, and slower signals are held. What limpid writes as EDF or BDF is read by both. Copies
keep the grid of integers they came from: every sample reads back as the same double.
"""
import itertools
import os
import re
import warnings

import numpy as np

from check import Skip, add, case, limpid, main, scratch, shared_data

try:
    import mne
except ImportError:
    mne = None

MICROVOLTS = {"uV": 1.0, "µV": 1.0, "mV": 1e3, "V": 1e6}
MEASURED = r"EEG|EOG|ECG|EMG"
FILES = [("pyedflib", "data", name) for name in
         ["test_generator.edf", "test_legacy.edf", "test_subsecond.edf", "test_utf8.edf", "test_generator.bdf",
          "test_generator_datarec_generator_0_5.bdf", "test_generator_datarec_generator_2.bdf"]]
FILES += [("edfio", "TEST_DATA", name) for name in
          ["mne_test.edf", "mne_test.bdf", "short_psg.edf", "short_psg.bdf", "test_subsecond.edf", "test_subsecond.bdf"]]
FILES += [("mne_io", "edf", "tests", "data", name) for name in
          ["test.edf", "test.bdf", "test_uneven_samp.edf", "test_stim_channel.edf", "test_edf_stim_channel.edf",
           "test_bdf_stim_channel.bdf", "duplicate_channel_labels.edf"]]


# ---- The parser ----------------------------------------------------------------------------------------------------

class Parsed:
    """Samples (channels x times, microvolts), annotations [(onset, duration, text)], labels, rate, records."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        n_signals = int(data[252:256])
        fields, at = {}, 256
        for name, width in [("label", 16), ("transducer", 80), ("unit", 8), ("low", 8), ("high", 8), ("least", 8),
                            ("most", 8), ("filtering", 80), ("samples", 8), ("reserved", 32)]:
            fields[name] = [data[at + i * width:at + (i + 1) * width].decode("latin-1").strip() for i in range(n_signals)]
            at += width * n_signals
        self.fields, self.header = fields, data[:256]
        self.is_bdf, self.reserved = data[0] == 255, data[192:236].strip().decode()
        self.record_s, width = float(data[244:252]), 3 if data[0] == 255 else 2
        samples = [int(x) for x in fields["samples"]]
        self.record_bytes = sum(samples) * width
        self.n_records = (len(data) - at) // self.record_bytes
        body = np.frombuffer(data, np.uint8, self.n_records * self.record_bytes, at).reshape(self.n_records, -1)
        ends = np.cumsum(samples) * width
        is_notes = [label.endswith("Annotations") for label in fields["label"]]
        self.fastest = max([s for s, notes in zip(samples, is_notes) if not notes], default=0)
        self.rate = self.fastest / self.record_s if self.record_s else 0
        self.labels, self.samples, notes = [], [], [[] for _ in range(self.n_records)]
        for i in range(n_signals):
            raw = np.ascontiguousarray(body[:, ends[i] - samples[i] * width:ends[i]])
            if is_notes[i]:
                for record in range(self.n_records):
                    notes[record].append(raw[record].tobytes())
            else:
                self.labels.append(fields["label"][i])
                self.samples.append(self.physical(i, self.integers(raw, width), samples[i]))
        self.samples = np.array(self.samples)
        self.read_notes(notes)

    @staticmethod
    def integers(raw, width):
        if width == 2:
            return raw.view("<i2").astype(float)
        wide = np.zeros((*raw.shape[:1], raw.shape[1] // 3, 4), np.uint8)
        wide[..., 1:] = raw.reshape(raw.shape[0], -1, 3)
        return (wide.view("<i4")[..., 0] >> 8).astype(float)

    def physical(self, i, digital, samples):
        field = {key: self.fields[key][i] for key in self.fields}
        if not (self.is_bdf and "+" not in self.reserved and re.match("status", field["label"], re.I)):
            factor = MICROVOLTS.get(field["unit"], 1.0)
            low, high, least, most = [float(field[key].replace(",", ".")) for key in ("low", "high", "least", "most")]
            low, high = low * factor, high * factor
            scale = (high - low) / (most - least)
            digital = scale * digital + (low - scale * least)
        return digital[:, np.arange(self.fastest) * samples // self.fastest].ravel()

    def read_notes(self, notes):
        self.annotations, self.first_s = [], 0.0
        for record, signals in enumerate(notes):
            for k, raw in enumerate(signals):
                for n, tal in enumerate(t for t in raw.split(b"\0") if t):
                    time, *texts = tal.split(b"\x14")
                    onset, _, duration = time.partition(b"\x15")
                    if record == 0 and k == 0 and n == 0 and texts[0] == b"":
                        self.first_s = float(onset)
                    self.annotations += [(float(onset) - self.first_s, float(duration or 0), text.decode("utf-8"))
                                         for text in texts if text]
        self.annotations.sort(key=lambda a: a[0])


def as_array(path, *options):
    out = scratch("out.npy")
    limpid("run", *options, path, "write", out, "--overwrite")
    return np.load(out)


def write(path, name, *steps, options=()):
    out = scratch(name)
    limpid("run", *options, path, *steps, "write", out, "--overwrite")
    return out


def check_annotations(got, wanted, within_s=1e-9):
    assert [a[2] for a in got] == [a[2] for a in wanted], (got[:5], wanted[:5])
    for column in 0, 1:
        np.testing.assert_allclose([a[column] for a in got], [a[column] for a in wanted], rtol=0, atol=within_s)


def mne_read(path):
    """Channel names, microvolts and annotations as MNE has them; stim channels as any other."""
    if mne is None:
        raise Skip("MNE is not installed")
    reader = mne.io.read_raw_bdf if path.endswith(".bdf") else mne.io.read_raw_edf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = reader(path, stim_channel=None, preload=True, verbose="error")
    per_unit = [1e-6 if raw._orig_units[name] in ("uV", "µV") else 1.0 for name in raw.ch_names]
    notes = [(a["onset"], a["duration"], a["description"]) for a in raw.annotations]
    return raw, raw.get_data() / np.array(per_unit)[:, None], notes


# ---- Shared recordings ---------------------------------------------------------------------------------------------

def reads(*parts):
    path = shared_data(*parts)
    np.testing.assert_array_equal(as_array(path), Parsed(path).samples)


def copies(extension, *parts):
    """What fits is kept to the bit; annotations, names, times are those of the original; MNE reads the same."""
    path = shared_data(*parts)
    before, got = Parsed(path), as_array(path)
    out = write(path, "copy." + extension)
    after, n_times = Parsed(out), got.shape[1]
    assert after.reserved == ("BDF+C" if extension == "bdf" else "EDF+C")
    assert after.rate == before.rate
    # Rates without a common record are written as the fastest; the last record is filled up.
    assert n_times <= after.samples.shape[1] < n_times + after.fastest
    copied = after.samples[:, :n_times]
    if before.is_bdf and extension == "edf":
        for i in range(len(got)):
            step = (copied[i].max() - copied[i].min() or 1) / 65535
            assert np.abs(copied[i] - got[i]).max() <= 0.6 * step, (i, np.abs(copied[i] - got[i]).max(), step)
    else:
        np.testing.assert_array_equal(copied, got)
    np.testing.assert_array_equal(as_array(out), after.samples)
    check_annotations(after.annotations, before.annotations)
    check_mne(out, after)


def check_mne(path, parsed):
    raw, got, notes = mne_read(path)
    assert raw.info["sfreq"] == parsed.rate
    assert raw.n_times == parsed.samples.shape[1]
    assert raw.ch_names == [label for label in parsed.labels]
    # MNE resamples slow channels instead of holding them.
    full = [int(s) == parsed.fastest for s, label in zip(parsed.fields["samples"], parsed.fields["label"])
            if not label.endswith("Annotations")]
    scale = np.abs(parsed.samples).max(axis=1, initial=1)[:, None]
    assert (np.abs(got - parsed.samples) / scale)[full].max(initial=0) < 1e-14
    # It leaves out annotations beyond the end, cuts durations there, and rounds onsets to microseconds.
    end_s = parsed.samples.shape[1] / parsed.rate
    check_annotations(notes, [(onset, min(duration, end_s - onset), text)
                              for onset, duration, text in parsed.annotations if onset <= end_s], within_s=2e-6)


for parts in FILES:
    add("reads_" + parts[-1], reads, *parts)
    for extension in "edf", "bdf":
        add("copies_%s_to_%s" % (parts[-1], extension), copies, extension, *parts)


@case
def reads_hypnograms():
    """Annotations without a signal: limpid info lists them."""
    for name in "SC4001EC-Hypnogram.edf", "SC4001EC-Hypnogram.bdf":
        path = shared_data("edfio", "TEST_DATA", name)
        said = limpid("info", path).stdout
        stages = [a[2] for a in Parsed(path).annotations]
        for stage in set(stages):
            assert re.search(r"\b%d\s+\"%s\"" % (stages.count(stage), re.escape(stage)), said), (stage, said)


# ---- Recordings made here ------------------------------------------------------------------------------------------

def field(text, width):
    return text.encode("latin-1").ljust(width)


def made(name, signals, n_records, record_s="1", reserved="EDF+C", notes=(), said=None):
    """signals: (label, unit, low, high, samples); 16 bits, random numbers; notes: bytes per record."""
    rng = np.random.default_rng(11)
    if notes:
        signals = signals + [("EDF Annotations", "", "-1", "1", max(map(len, notes)) // 2 + 1)]
    n = len(signals)
    head = field("0", 8) + field("X X X X", 80) + field("Startdate 24-JAN-2020 X X X", 80) + b"24.01.2004.05.56"
    head += field(str(256 * (n + 1)), 8) + field(reserved, 44) + field(str(n_records if said is None else said), 8)
    head += field(record_s, 8) + field(str(n), 4)
    for column, width in [(0, 16), (None, 80), (1, 8), (2, 8), (3, 8), ("-32768", 8), ("32767", 8), (None, 80), (4, 8),
                          (None, 32)]:
        for signal in signals:
            text = "" if column is None else column if isinstance(column, str) else str(signal[column])
            head += field(text, width)
    path = scratch(name)
    with open(path, "wb") as file:
        file.write(head)
        for record in range(n_records):
            for signal in signals:
                if signal[0] == "EDF Annotations":
                    file.write(notes[record].ljust(2 * signal[4], b"\0"))
                else:
                    # An eighth of the range, so that finer steps are possible.
                    file.write(rng.integers(-4096, 4096, signal[4]).astype("<i2").tobytes())
    return path


RATES = {"256": ("1", 256), "5000": ("1", 5000), "2048.5": ("2", 4097), "333.3": ("3", 1000), "128.05": ("9.59", 1228),
         "12.8": ("10", 128)}


def rate(record_s, samples):
    path = made("rate.edf", [("Fz", "uV", "-3276.8", "3276.7", samples)], 7, record_s)
    for extension in "edf", "bdf":
        out = write(path, "copy." + extension)
        after = Parsed(out)
        assert after.rate == samples / float(record_s)
        np.testing.assert_array_equal(after.samples[:, :7 * samples], Parsed(path).samples)
        check_mne(out, after)


for name, (record_s, samples) in RATES.items():
    add("keeps_rate_" + name, rate, record_s, samples)


@case
def keeps_grids_of_common_headers():
    """Physical ranges as amplifiers and converters write them: untouched samples come back to the bit, as MNE computes
    them too."""
    ranges = [("-3276.8", "3276.7"), ("-1000", "1000"), ("8711", "-8711"), ("-16384", "16383.5"), ("-16384", "16384"),
              ("-187.5", "187.5"), ("-3200", "3200"), ("175921", "175946"), ("-327.68", "327.67"), ("-5000", "5000")]
    path = made("grids.edf", [("C%d" % i, "uV", *r, 500) for i, r in enumerate(ranges)], 4)
    wanted = mne_read(path)[1] if mne else None
    for extension in "edf", "bdf":
        out = write(path, "copy." + extension)
        np.testing.assert_array_equal(Parsed(out).samples, Parsed(path).samples)
        if mne:
            np.testing.assert_array_equal(mne_read(out)[1], wanted)


@case
def keeps_many_events():
    """64 a second: the number at which writers with fixed room lose some."""
    notes, n_records = [], 60
    for r in range(n_records):
        tal = b"+%d.25\x14\x14\0" % r
        tal += b"".join(b"+%.9f\x15%.3f\x14R128\x14\0" % (r + 0.25 + k / 64 + 1e-7, 0.5) for k in range(64))
        notes.append(tal)
    path = made("events.edf", [("Fz", "uV", "-100", "100", 250)], n_records, notes=notes)
    wanted = Parsed(path).annotations
    assert len(wanted) == 64 * 60
    for extension in "edf", "bdf":
        out = write(path, "copy." + extension)
        after = Parsed(out)
        check_annotations(after.annotations, wanted)
        assert after.first_s == 0.25
        check_mne(out, after)


@case
def same_bytes_whatever_the_blocks():
    path = made("blocks.edf", [("C%d" % i, "uV", "-1000", "1000", 400) for i in range(5)] + [("slow", "uV", "-1", "1", 8)], 9)
    files = []
    for options in itertools.product((1, 2), ("1M", "64M")):
        out = write(path, "blocks.bdf", "highpass", "hz=1", "!", options=("--threads", options[0], "--memory", options[1]))
        with open(out, "rb") as file:
            files.append(file.read())
    assert all(data == files[0] for data in files[1:])


@case
def refuses_and_salvages_cut_files():
    path = made("cut.edf", [("Fz", "uV", "-100", "100", 100)], 5, said=8)
    done = limpid("info", path, code=3)
    assert "8 data records, 5 are complete" in done.stderr and "--salvage" in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    got = as_array(path, "--salvage")
    np.testing.assert_array_equal(got, Parsed(path).samples)


@case
def reads_unended_files():
    path = made("unended.edf", [("Fz", "uV", "-100", "100", 100)], 5, said=-1)
    np.testing.assert_array_equal(as_array(path), Parsed(path).samples)


@case
def lays_gapped_files_end_to_end():
    starts = [0, 1, 10, 11, 20.5]
    notes = [b"+%g\x14\x14\0+%g\x14here\x14\0" % (s, s + 0.5) for s in starts]
    path = made("gaps.edf", [("Fz", "uV", "-100", "100", 100)], 5, reserved="EDF+D", notes=notes)
    out = write(path, "gaps.bdf")
    after = Parsed(out)
    np.testing.assert_array_equal(after.samples, Parsed(path).samples)
    wanted = sorted([(r + 0.5, 0, "here") for r in range(5)] + [(2.0, 0, "BAD_ACQ_SKIP"), (4.0, 0, "BAD_ACQ_SKIP")])
    check_annotations(after.annotations, wanted)


@case
def refuses_codes_that_do_not_fit():
    """Codes of 17 bits: exact in BDF, refused in EDF rather than rounded."""
    n = 200
    head = b"\xffBIOSEMI" + field("", 160) + b"24.01.2004.05.56" + field("768", 8) + field("24BIT", 44) + field("1", 8)
    head += field("1", 8) + field("2", 4) + field("Fz", 16) + field("Status", 16) + field("", 160)
    head += field("uV", 8) + field("Boolean", 8) + (field("-8388608", 8) * 2 + field("8388607", 8) * 2) * 2
    head += field("", 160) + field(str(n), 8) * 2 + field("", 64)
    codes = np.arange(2 * n) * 400
    path = scratch("codes.bdf")
    with open(path, "wb") as file:
        file.write(head + b"".join(int(c).to_bytes(3, "little") for c in codes))
    np.testing.assert_array_equal(Parsed(write(path, "copy.bdf")).samples[1], codes[n:])
    done = limpid("run", path, "write", scratch("codes.edf"), code=2)
    assert "Status" in done.stderr and not os.path.exists(scratch("codes.edf")), done.stderr


@case
def refuses_what_is_not_a_number():
    path = scratch("nan.npy")
    numbers = np.random.default_rng(5).normal(0, 50, (3, 4000))
    numbers[1, 1234] = np.nan
    np.save(path, numbers)
    for extension in "edf", "bdf":
        done = limpid("run", "--rate", 1000, path, "write", scratch("nan." + extension), code=None)
        assert done.returncode != 0 and "1234" in done.stderr, done.stderr
        assert not os.path.exists(scratch("nan." + extension))


@case
def floats_are_within_half_a_step():
    path = scratch("noise.npy")
    numbers = np.random.default_rng(3).normal(0, 50, (5, 4000)) * np.array([[1], [10], [1e3], [1e-3], [1e-12]])
    numbers[1] += 1e5
    np.save(path, numbers)
    for extension, bits in ("edf", 16), ("bdf", 24):
        out = write(path, "noise." + extension, options=("--rate", 1000))
        after = Parsed(out)
        steps = [(float(h) - float(l)) / (2**bits - 1) for l, h in zip(after.fields["low"], after.fields["high"])][:5]
        error = np.abs(after.samples - numbers).max(axis=1)
        assert (error <= 0.5001 * np.array(steps)).all(), (error, steps)
        # At most half of the integers are unused, but where 8 characters cannot say the range better.
        extent = np.ptp(numbers, axis=1)
        assert (np.array(steps) * 2**bits <= 2 * extent + 0.11).all(), (steps, extent)
        check_mne(out, after)


main()
