# Recordings with known samples for signals.test.mjs, and what NumPy says about them: signals_data.py FOLDER
import json
import sys
from pathlib import Path

import numpy as np

RATE, SECONDS = 1000, 100
NAMES = ["Fz", "Cz", "Pz", "Oz", "T7", "T8", "FLAT"]
N = RATE * SECONDS


def make_values():
    random = np.random.default_rng(7)
    t = np.arange(N) / RATE
    values = random.normal(0, 10, (len(NAMES), N))
    values[0] = 0
    values[0, 61234], values[0, 61235] = 80, -60
    values[1] = 20 * np.sin(2 * np.pi * 10 * t)
    values[1, 30000:34000] = np.nan
    values[6] = 3
    for onset in trigger_samples():
        values[2, onset : onset + 50] += 30 * np.hanning(50)
    return values.astype("<f4")


def trigger_samples():
    return [1000 * k for k in range(2, 98) if k != 50]


def write(folder, name, values, markers):
    (folder / f"{name}.eeg").write_bytes(values.T.tobytes())
    channels = "".join(f"Ch{i + 1}={n},,1,µV\n" for i, n in enumerate(NAMES))
    (folder / f"{name}.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={name}.eeg\nMarkerFile={name}.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
        f"NumberOfChannels={len(NAMES)}\nSamplingInterval={1e6 / RATE:g}\n\n[Binary Infos]\nBinaryFormat=IEEE_FLOAT_32\n\n"
        f"[Channel Infos]\n{channels}",
        encoding="utf-8",
    )
    lines = "".join(f"Mk{i + 1}={kind},{text},{at + 1},1,0\n" for i, (at, kind, text) in enumerate(markers))
    (folder / f"{name}.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={name}.eeg\n\n[Marker Infos]\n{lines}",
        encoding="utf-8",
    )


def main():
    folder = Path(sys.argv[1])
    values = make_values()
    triggers = [(s, "Response", "R128") for s in trigger_samples()]
    ticks = [(2 + 5 * k // 2, "Stimulus", "tick") for k in range(39900)]
    write(folder, "known", values, sorted(triggers + ticks))
    write(folder, "moved", values + np.float32(5), triggers)
    # Epochs from 0.1 s before to 0.3 s after events moved by 12 ms.
    rows = np.stack([values[2, s + 12 - 100 : s + 12 + 300] for s in trigger_samples()]).astype("f8")
    print(
        json.dumps(
            {
                "n_epochs": len(rows),
                "mean": rows.mean(0).tolist(),
                "std": rows.std(0).tolist(),
                "channel_std": np.nanstd(values.astype("f8"), axis=1).tolist(),
                "n_events": len(triggers) + len(ticks),
            }
        )
    )


main()
