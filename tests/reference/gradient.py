# SPDX-License-Identifier: BSD-3-Clause
"""An executable specification of the step `gradient`: what it computes, in NumPy and in double precision, without the
order of work that lets the step run in bounded memory. Nothing here is fast.

    correct(x, starts, rate) -> (corrected, report)

x: channels x samples; starts: of epochs, in samples, fractional. Names follow src/signal/gradient_*.c.
"""
import numpy as np

MARGIN, TAPS, STEP, CELLS, REACH = 20, np.arange(-15, 17), 4, 16, 20


def kernel(d):
    """Kaiser-windowed sinc for a delay of d samples."""
    u = TAPS - d
    h = np.sinc(u) * np.i0(8 * np.sqrt(np.maximum(0, 1 - (u / 16) ** 2)))
    return h / h.sum()


def advance(x, at, count):
    """x(at + m), m = 0 .. count - 1; `at` counts from the first sample of x."""
    whole = int(np.floor(at))
    return np.lib.stride_tricks.sliding_window_view(x, 32, axis=-1)[..., whole - 15:whole - 15 + count, :] @ kernel(at - whole)


def retard(x, first, d, count):
    """x(first + m - d)"""
    return np.lib.stride_tricks.sliding_window_view(x, 32, axis=-1)[..., first - 16:first - 16 + count, :] @ kernel(d)[::-1]


# ---- epochs, blocks, sections ------------------------------------------------------------------------------------


class Plan:
    """Which samples belong to which epoch, and how they are grouped. All of it follows from the triggers."""

    def __init__(self, starts, n, rate, window=None, smoothing=None, use_gain=True, slices=None):
        t = np.sort(np.asarray(starts, float))
        self.rate, self.n = rate, n
        self.period = P = np.sort(np.diff(t))[(len(t) - 2) // 2]
        self.t = t = t[(t >= -0.5) & (t + P / 2 < n)]
        self.L = L = int(np.ceil(P))
        self.whole = np.floor(t).astype(int)
        self.fraction = t - self.whole
        self.is_long = P > 0.5 * rate
        self.lag = min(max(1, int(0.0008 * rate + 0.5)), L // 4, 64)
        self.reference_epochs = min(30 if self.is_long else 60, len(t))
        self.regime = 3 if self.is_long else 15
        self.window, self.smoothing, self.use_gain, self.slices = window, smoothing, use_gain, slices
        first = lambda time: np.ceil(time - 0.1).astype(int)
        self.begin, over = first(t), first(t + P)
        following = np.append(first(t[1:]), n + 10 ** 9)
        self.is_last = following > over + 1
        self.end = np.minimum(np.where(self.is_last, over, following), n)
        self.is_first = np.append(True, self.is_last[:-1])
        self.inside = (self.whole >= 35) & (self.whole + L + 36 <= n)
        size = 1 if self.is_long or (window and window < 32) else 4
        pause = np.append(self.begin[1:] - self.end[:-1], 10 ** 12)
        ends_section = pause > max(2 * rate, P)
        ends_section[-1] = True
        self.blocks, self.sections, b = [], [], 0  # (first, end) epochs; (first epoch, end, first block, end)
        start = start_block = 0
        for i in range(len(t)):
            if i + 1 - b == size or self.is_last[i]:
                self.blocks.append((b, i + 1))
                b = i + 1
            if ends_section[i]:
                self.sections.append((start, i + 1, start_block, len(self.blocks)))
                start, start_block = i + 1, len(self.blocks)
        self.block_epochs = size
        self.look = 60 if not self.is_long else int(np.clip(round(120 * rate / P), 8, 60))
        self.forget = 120 if self.is_long else max(240, int(60 * rate / P))


def grid(x, plan):
    """All epochs less their mean, at the fractions of their starts: epochs x (L + 2 MARGIN); and which are finite."""
    L, o = plan.L, 200 + plan.L
    padded = np.pad(x, o)
    E, ok = np.zeros((len(plan.t), L + 2 * MARGIN)), np.zeros(len(plan.t), bool)
    for i, n in enumerate(plan.whole):
        window = padded[n - 35 + o:n + L + 36 + o]
        ok[i] = plan.inside[i] and np.all(np.isfinite(window))
        if ok[i]:
            E[i] = advance(window - x[n:n + L].mean(), 15 + plan.fraction[i], L + 2 * MARGIN)
    return E, ok


def whiten(v, plan):
    return v[..., MARGIN + plan.lag:MARGIN + plan.L] - v[..., MARGIN:MARGIN + plan.L - plan.lag]


# ---- gain --------------------------------------------------------------------------------------------------------


def fit(E, R, plan):
    """Gain, energy of what is left, correlation."""
    d, r = whiten(E, plan), whiten(R, plan)
    both, own = (d * r).sum(-1), (d * d).sum(-1)
    gain = both / (r * r).sum()
    left = E[..., MARGIN:-MARGIN] - np.asarray(gain)[..., None] * R[MARGIN:-MARGIN]
    return gain, (left ** 2).sum(-1), both / np.sqrt(np.where(own > 0, own, 1) * (r * r).sum())


def make_reference(E, ok, plan, repeatability=0.3, threshold=8.0):
    """Mean of the epochs, then of those that fit it. None if odd and even epochs have little in common."""
    used = ok.copy()
    for final in (False, True):
        if used.sum() < 4:
            return None
        means = [E[q::2][used[q::2]].sum(0) for q in (0, 1)]
        R = (means[0] + means[1]) / used.sum()
        if final:
            a, b = whiten(means[0], plan), whiten(means[1], plan)
            norm = np.sqrt((a * a).sum() * (b * b).sum())
            if not norm > 0 or (a * b).sum() / norm < repeatability:
                return None
        if not (whiten(R, plan) ** 2).sum() > 0:
            return None
        _, energy, correlation = fit(E, R, plan)
        level = np.median(energy[ok])
        used = ok & (energy <= threshold * level)
    return R, level, np.median(correlation[used])


def judge(energy, ok, plan, level, first, n_reference, section_end, threshold=8.0):
    """Which epochs to trust, and the usual energy around each."""
    valid, usual = np.zeros(len(energy), bool), np.full(len(energy), level)
    for i in range(first, len(energy)):
        if i >= first + n_reference:
            recent = slice(max(first, i - plan.reference_epochs + 1), i + 1)
            usual[i] = np.median(energy[recent][ok[recent]]) if ok[recent].any() else 0
        ahead = slice(i, min(i + plan.regime + 1, section_end[i]))
        coming = energy[ahead][ok[ahead]]
        new_regime = 2 * len(coming) > plan.regime + 1 and energy[i] <= threshold * np.median(coming)
        valid[i] = ok[i] and (energy[i] <= threshold * usual[i] or new_regime)
    return valid, usual


def smooth(gain, valid, S, previous=1.0):
    """Of one section: running median over S (from 7 on), then a Hann window."""
    n, half = len(gain), S // 2
    values, good = gain, valid
    if S >= 7:
        values, good = np.zeros(n), np.zeros(n, bool)
        for i in range(n):
            s = slice(max(0, i - half), i + half + 1)
            if valid[s].any():
                values[i], good[i] = np.median(gain[s][valid[s]]), True
    width = half | 1 if S >= 7 else S
    k = np.arange(-(width // 2), width // 2 + 1)
    hann = 0.5 + 0.5 * np.cos(2 * np.pi * k / (width + 1))
    out = np.empty(n)
    for i in range(n):
        at = i + k
        inside = (at >= 0) & (at < n)
        w = hann[inside] * good[at[inside]]
        out[i] = (w @ values[at[inside]]) / w.sum() if w.sum() > 0 else (out[i - 1] if i else 1.0)
    return out


# ---- template ----------------------------------------------------------------------------------------------------


def find_barriers(num, den, plan, first, sections):
    """Blocks where the shape changes: seen up to the end of each section, with the changes known by then."""
    change, barrier, known = np.zeros(len(num)), np.zeros(len(num), bool), []
    for _, _, start, end in sections:
        for b in range(start, end):
            left, right = den[b - STEP:b].sum() if b - STEP >= first else 0, den[b:b + STEP].sum()
            if b + STEP <= end and left > 0 and right > 0:
                d = num[b:b + STEP].sum(0) / right - num[b - STEP:b].sum(0) / left
                change[b] = (whiten(d, plan) ** 2).sum()
        measured = 0
        for b in range(start, end):
            stop = min(b + STEP + 1, end)
            # a verdict comes as soon as STEP blocks later are measured, each STEP - 1 blocks after it came in
            last = end if min(b + 2 * STEP, end) == end else stop
            for c in range(start + measured, last):
                known += [change[c]] if change[c] > 0 else []
                measured += 1
            around = change[max(b - STEP, first):stop]
            barrier[b] = (len(known) >= 8 and change[b] > 0 and change[b] == around.max()
                          and change[b] > 4 * np.median(known[-63:]))
    return barrier


def make_templates(num, den, count, barrier, plan, first):
    """One per block; and the number of epochs that each rests on."""
    n, T, rests = len(num), np.zeros_like(num), np.zeros(len(num))
    for start_epoch, end_epoch, start, end in plan.sections:
        for b in range(max(start, first), end):
            stop = b + 1
            while stop < end and not barrier[stop] and (stop - b) * plan.block_epochs <= reach_after(plan):
                stop += 1
            low = b
            while low > first and not barrier[low] and (plan.window is None or (b - low + 1) * plan.block_epochs <= plan.window / 2):
                low -= 1
            c = np.arange(low, stop)
            distance = (c - b) * plan.block_epochs
            if plan.window is None:
                w = np.exp(np.minimum(distance, 0) / plan.forget)
            else:
                w = np.where(2 * np.abs(distance) < plan.window, 0.5 + 0.5 * np.cos(2 * np.pi * distance / plan.window), 0)
            total = w @ den[low:stop]
            if total > 0:
                T[b] = np.tensordot(w, num[low:stop], 1) / total
                part = plan.period - (plan.L - 1)
                body = T[b, MARGIN:MARGIN + plan.L]
                T[b] -= (body[:-1].sum() + part * body[-1]) / plan.period
                rests[b] = w @ count[low:stop]
    return T, rests


def reach_after(plan):
    return (plan.look if plan.window is None else plan.window // 2) // plan.block_epochs * plan.block_epochs


# ---- slices ------------------------------------------------------------------------------------------------------


def slice_average(T, period, matches, plan):
    """T with the cells that match replaced by their mean over slices; the mask of what was replaced."""
    count, length = len(matches), int(np.ceil(period))
    edge = length * np.arange(CELLS + 1) // CELLS
    padded = np.pad(T, 64, mode="edge")
    cell = np.searchsorted(edge, np.clip(np.arange(-REACH, length + REACH), 0, length - 1), "right") - 1
    use = matches | (matches.sum(0) == 0)
    S = np.stack([advance(padded, k * period - REACH + 64 + MARGIN, length + 2 * REACH) for k in range(count)])
    mean = (S * use[:, cell]).sum(0) / use[:, cell].sum(0)
    out, mask = T.copy(), np.zeros(len(T), bool)
    for k in range(count):
        a, b = int(np.ceil(k * period)), min(int(np.ceil((k + 1) * period)), plan.L)
        whole = int(np.floor(k * period))
        m = np.arange(a, b)
        inside = matches[k, np.searchsorted(edge, np.minimum((m - k * period).astype(int), length - 1), "right") - 1]
        value = retard(mean, REACH + a - whole, k * period - whole, b - a)
        out[MARGIN + m[inside]], mask[MARGIN + m[inside]] = value[inside], True
    return out, mask


def mean_templates(x, plan):
    """Of one channel: the template of all its epochs, and half the difference of those of odd and even blocks."""
    E, ok = grid(x, plan)
    made = make_reference(E[:plan.reference_epochs], ok[:plan.reference_epochs], plan)
    if made is None:
        return None
    gain, energy, _ = fit(E, made[0], plan)
    valid, _ = judge(energy, ok, plan, made[1], 0, plan.reference_epochs, np.full(len(E), len(E)))
    g = smooth(gain, valid, plan.smoothing) * valid
    block = np.repeat(np.arange(len(plan.blocks)), [e - s for s, e in plan.blocks])
    sums = [((g * (block % 2 == q))[:, None] * E).sum(0) for q in (0, 1)]
    dens = [(g ** 2 * (block % 2 == q)).sum() for q in (0, 1)]
    return sum(sums) / sum(dens), (sums[1] / dens[1] - sums[0] / dens[0]) / 2


def find_period(z, rate):
    """First high peak of the autocorrelation, followed along its multiples. z: channels x samples, energy 1 each."""
    n = z.shape[1]
    r = np.fft.irfft((np.abs(np.fft.rfft(z, 2 * n, axis=1)) ** 2).sum(0), 2 * n)[:n]
    c = np.append(0, np.cumsum((z ** 2).sum(0)))
    overlap = np.sqrt(c[n - np.arange(n)] * (c[n] - c[np.arange(n)]))
    r = np.where(overlap > 1e-3 * c[n], r / np.maximum(overlap, 1e-300), 0)
    low, high = int(0.02 * rate), n // 3
    top = lambda q: q + 0.5 * (r[q - 1] - r[q + 1]) / (r[q - 1] - 2 * r[q] + r[q + 1])
    highest = r[low:high].max()
    if highest < 0.7:
        return None
    period, k = top(next(q for q in range(low, high) if r[q] >= highest - 0.1 and r[q] >= max(r[q - 1], r[q + 1]))), 1
    while True:
        following = k + max(1, k // 4)
        if following * period > n - 1.5 * period:
            return period
        around = max(2, int(0.01 * period)) if k == 1 else 2
        q = int(following * period + 0.5)
        q += np.argmax(r[q - around:q + around + 1]) - around
        if r[q] < 0.5:
            return period
        period, k = top(q) / following, following


def find_slices(x, plan):
    """(period, matching cells, weight of the template itself), or None."""
    made = [q for q in (mean_templates(lane, plan) for lane in x) if q is not None]
    if not made:
        return None
    T, noise = (np.stack(q) for q in zip(*made))
    scale = 1 / np.sqrt((whiten(T, plan) ** 2).sum(1, keepdims=True))
    period = find_period(whiten(T, plan) * scale, plan.rate)
    if period is None:
        return None
    padded = np.pad(T, ((0, 0), (64, 64)), mode="edge")
    for final in (0, 0, 0, 1):
        count, length = int((plan.period + 0.5) / period), int(np.ceil(period))
        S = np.stack([advance(padded, k * period + 64 + MARGIN, length + plan.lag) for k in range(count)], 1)
        S = (S[..., plan.lag:] - S[..., :-plan.lag]) * scale[:, None]
        M = np.median(S, 1, keepdims=True)
        if not final:
            slope = (M[..., 2:] - M[..., :-2]) / 2
            late = -((S - M)[..., 1:-1] * slope).sum((0, 2)) / (slope ** 2).sum()
            k = np.arange(1, count - 1)
            pairs = np.subtract.outer(k, k) > 0
            period += np.median(np.subtract.outer(late[k], late[k])[pairs] / np.subtract.outer(k, k)[pairs])
    edge = length * np.arange(CELLS + 1) // CELLS
    distance = np.add.reduceat(((S - M) ** 2).sum(0), edge[:-1], axis=1)
    expected = ((whiten(noise, plan) * scale) ** 2).sum(0).mean() * np.diff(edge)
    matches = distance <= 2 * expected
    matches[:, matches.sum(0) < 4] = False
    if not matches.any():
        return None
    w = int(plan.rate / 250 + 0.5)
    weight = 0.0
    for rising in (False, True):
        energies = []
        for shapes in (T, noise):
            left = np.stack([(t - slice_average(t, period, matches, plan)[0])[MARGIN:-MARGIN] for t in shapes])
            left = np.stack([np.convolve(q, np.ones(w) / w, "valid") for q in left])
            energies.append(((left[:, w:] - left[:, :-w] if rising else left) ** 2).sum())
        share = 1 - energies[1] / energies[0] if energies[0] > 0 else 0
        weight = max(weight, share if share >= 0.25 else 0)
    return period, matches, weight


# ---- all of it ---------------------------------------------------------------------------------------------------


def correct_lane(x, plan):
    """One channel; `failed`, `unreliable` ... per epoch, and the smoothed gain."""
    n, out = len(plan.t), x.copy()
    status, gains = np.full(n, "failed", dtype="<U10"), np.ones(n)
    E, ok = grid(x, plan)
    first, made, tried = None, None, False
    for s, e, _, _ in plan.sections:  # the first section that shows an artifact; the step tries on in later epochs, too
        stop = min(e, s + plan.reference_epochs)
        made = make_reference(E[s:stop], ok[s:stop], plan, 0.6 if tried else 0.3)
        tried = True
        if made is not None:
            first, n_reference = s, stop - s
            break
    if made is None:
        return out, status, gains
    R, level, usual_correlation = made
    gain, energy, correlation = fit(E, R, plan)
    ends = np.concatenate([np.full(e - s, e) for s, e, _, _ in plan.sections])
    valid, usual = judge(energy, ok, plan, level, first, n_reference, ends)
    for s, e, _, _ in plan.sections:
        if s >= first:
            gains[s:e] = smooth(gain[s:e], valid[s:e], plan.smoothing) if plan.use_gain else 1.0
    num, den = np.zeros((len(plan.blocks), E.shape[1])), np.zeros(len(plan.blocks))
    count = np.zeros(len(plan.blocks))
    for b, (s, e) in enumerate(plan.blocks):
        v = valid[s:e]
        num[b], den[b], count[b] = (gains[s:e][v, None] * E[s:e][v]).sum(0), (gains[s:e][v] ** 2).sum(), v.sum()
    first_block = next(q for q, (s, _) in enumerate(plan.blocks) if s >= first)
    barrier = find_barriers(num, den, plan, first_block, [q for q in plan.sections if q[0] >= first])
    T, rests = make_templates(num, den, count, barrier, plan, first_block)
    average, since = None, 0
    for b, (s, e) in enumerate(plan.blocks):
        if b < first_block:
            continue
        shape = T[b]
        if plan.slices is not None:  # (period, matches, weight); the mean over slices is made anew every fourth block
            since = 0 if barrier[b] else since
            if since < 8 or b % 4 == 0:
                average, mask = slice_average(shape, plan.slices[0], plan.slices[1], plan)
            since += 1
            shape = np.where(mask, shape + (1 - plan.slices[2]) * (average - shape), shape)
        for i in range(s, e):
            telling = ok[i] and usual_correlation >= 0.5
            if rests[b] < 3.5 or (telling and correlation[i] < 0.5 * usual_correlation and gain[i] < 0.5 * gains[i]):
                continue
            full = plan.look if plan.window is None else plan.window
            status[i] = ("unreliable" if not valid[i] and plan.inside[i] else "edge" if not valid[i] else
                         "watch" if energy[i] > 4 * usual[i] or (telling and correlation[i] < 0.8 * usual_correlation) else
                         "edge" if plan.is_first[i] or plan.is_last[i] or rests[b] < full / 2 else "corrected")
            subtract(x, out, shape, gains, i, first, level / plan.L, plan)
    return out, status, gains


def subtract(x, out, shape, gains, i, first, energy, plan):
    k0, k1, d = plan.begin[i] - plan.whole[i], plan.end[i] - plan.whole[i], plan.fraction[i]
    if k1 <= k0:
        return
    u = (np.arange(k0, k1) - d) / plan.period - 0.5
    rise = 0.0 if plan.is_first[i] or i == first else gains[i] - gains[i - 1]
    fall = 0.0 if plan.is_last[i] else gains[i + 1] - gains[i]
    a = retard(shape, MARGIN + k0, d, k1 - k0) * (gains[i] + np.where(u < 0, rise, fall) * u)
    s = x[plan.begin[i]:plan.end[i]]
    change = np.nan_to_num((s - a) ** 2 - s ** 2, nan=0.0, posinf=0.0, neginf=0.0)
    cut = lambda c: max(((c[:q].sum(), q) for q in (1, 2) if c[:q].sum() > 16 * energy), default=(0, 0))[1]
    head = cut(change) if plan.is_first[i] else 0
    tail = cut(change[::-1]) if plan.is_last[i] else 0
    finite = np.isfinite(s)
    finite[:head] = False
    finite[len(finite) - tail:] = False
    out[plan.begin[i]:plan.end[i]][finite] = (s - a)[finite]


def correct(x, starts, rate, **choice):
    """choice: smoothing (epochs); window (epochs of a Hann window; None: exponential); use_gain; slices: "find", or
    None. The step chooses what is not given by leaving epochs out, see src/signal/gradient_learn.c."""
    plan = Plan(starts, x.shape[1], rate, **choice)
    if plan.slices == "find":
        plan.slices = find_slices(np.atleast_2d(x), plan)
    lanes = [correct_lane(lane, plan) for lane in np.atleast_2d(x)]
    return np.stack([q[0] for q in lanes]), {"plan": plan, "status": np.stack([q[1] for q in lanes]),
                                             "gain": np.stack([q[2] for q in lanes])}
