# SPDX-License-Identifier: BSD-3-Clause
"""peer.py TASK IN OUT: a task as one does it with NumPy, SciPy and MNE. Prints, as JSON, the seconds it took without the
imports. Written to be fast in its own terms: whole arrays, FFT convolution, running sums."""
import json
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import mne
import numpy as np

mne.set_log_level("ERROR")


def read(path):
    raw = mne.io.read_raw_edf(path, preload=True)
    return raw, raw.get_data() * 1e6


def save(path, values):
    np.save(path, values.astype(np.float32))


def task_read(source, _):
    return float(read(source)[1].sum())


def task_filter(source, out):
    """High-pass at 1 Hz, then low-pass at 70 Hz: zero-phase FIR filters by overlap-add."""
    raw, values = read(source)
    rate = raw.info["sfreq"]
    values = mne.filter.filter_data(values, rate, 1.0, None)
    values = mne.filter.filter_data(values, rate, None, 70.0)
    save(out, values)


def fractional_shift(epochs, samples):
    """Each row moved earlier by its own fraction of a sample."""
    frequency = np.fft.rfftfreq(epochs.shape[1])
    return np.fft.irfft(np.fft.rfft(epochs, axis=1) * np.exp(2j * np.pi * frequency * samples[:, None]), epochs.shape[1], axis=1)


def subtract_templates(channel, times, window, margin=80):
    """Averaged artifact subtraction at the native rate: epochs are shifted to a common fraction of a sample, averaged over
    a sliding window by cumulative sums, shifted back and subtracted."""
    starts = np.round(times).astype(int)
    fraction = times - starts
    length = int(np.ceil(np.median(np.diff(times))))
    columns = np.arange(-margin, length + margin)
    inside = (starts >= margin) & (starts + length + margin <= len(channel))
    starts, fraction = starts[inside], fraction[inside]
    aligned = fractional_shift(channel[starts[:, None] + columns], fraction)
    sums = np.vstack([np.zeros(aligned.shape[1]), np.cumsum(aligned, axis=0)])
    n = len(starts)
    first = np.clip(np.arange(n) - window // 2, 0, max(n - window, 0))
    template = (sums[np.minimum(first + window, n)] - sums[first]) / min(window, n)
    template = fractional_shift(template, -fraction)
    ends = np.append(np.minimum(starts[1:], starts[:-1] + length), starts[-1] + length)
    cleaned = channel.copy()
    for start, end, row in zip(starts, ends, template):
        cleaned[start:end] -= row[margin:margin + end - start]
    return cleaned


def task_gradient(source, out):
    """High-pass, template subtraction over 30 epochs, low-pass. Trigger times: a straight line through those recorded."""
    raw, values = read(source)
    rate = raw.info["sfreq"]
    onsets = raw.annotations.onset[raw.annotations.description == "S  1"] * rate
    times = np.polyval(np.polyfit(np.arange(len(onsets)), onsets, 1), np.arange(len(onsets)))
    values = mne.filter.filter_data(values, rate, 1.0, None)
    for channel in values:
        channel[:] = subtract_templates(channel, times, 30)
    values = mne.filter.filter_data(values, rate, None, 70.0)
    save(out, values)


def main():
    task, source, out = sys.argv[1:]
    began = time.perf_counter()
    {"read": task_read, "filter": task_filter, "gradient": task_gradient}[task](source, out)
    print(json.dumps({"seconds": time.perf_counter() - began}))


main()
