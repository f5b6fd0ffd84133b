/* SPDX-License-Identifier: BSD-3-Clause
 *
 * convolve_body.h: the work of convolve.c, included once for each set of instructions, with NAME() and TARGET defined.
 */

/* x becomes w x, or conj(w) x. */
INLINE TARGET void NAME(turn)(const numbers *w, numbers *x)
{
    four re = w->re * x->re - w->im * x->im;
    x->im = w->re * x->im + w->im * x->re;
    x->re = re;
}

INLINE TARGET void NAME(turn_back)(const numbers *w, numbers *x)
{
    four re = w->re * x->re + w->im * x->im;
    x->im = w->re * x->im - w->im * x->re;
    x->re = re;
}

/* a, b, c, d become a + b + c + d, a + i b - c - i d, a - b + c - d, a - i b - c + i d. */
INLINE TARGET void NAME(mix)(numbers v[4])
{
    numbers p = {v[0].re + v[2].re, v[0].im + v[2].im}, q = {v[0].re - v[2].re, v[0].im - v[2].im};
    numbers r = {v[1].re + v[3].re, v[1].im + v[3].im}, s = {v[1].re - v[3].re, v[1].im - v[3].im};
    v[0] = (numbers){p.re + r.re, p.im + r.im};
    v[1] = (numbers){q.re - s.im, q.im + s.re};
    v[2] = (numbers){p.re - r.re, p.im - r.im};
    v[3] = (numbers){q.re + s.im, q.im - s.re};
}

/* Back, times 4. */
INLINE TARGET void NAME(unmix)(numbers v[4])
{
    numbers p = {v[0].re + v[2].re, v[0].im + v[2].im}, q = {v[0].re - v[2].re, v[0].im - v[2].im};
    numbers r = {v[1].re + v[3].re, v[1].im + v[3].im}, s = {v[1].re - v[3].re, v[1].im - v[3].im};
    v[0] = (numbers){p.re + r.re, p.im + r.im};
    v[1] = (numbers){q.re + s.im, q.im - s.re};
    v[2] = (numbers){p.re - r.re, p.im - r.im};
    v[3] = (numbers){q.re - s.im, q.im + s.re};
}

/* Residues of a + b Z^q + c Z^2q + d Z^3q for the four roots w[0], i w[0], -w[0], -i w[0] that Z^q can be; and back. */
INLINE TARGET void NAME(split_four)(const numbers w[3], numbers v[4])
{
    UNROLL for (int k = 0; k < 3; k++) NAME(turn)(&w[k], &v[k + 1]);
    NAME(mix)(v);
}

INLINE TARGET void NAME(merge_four)(const numbers w[3], numbers v[4])
{
    NAME(unmix)(v);
    UNROLL for (int k = 0; k < 3; k++) NAME(turn_back)(&w[k], &v[k + 1]);
}

/* Rows become columns. */
INLINE TARGET void NAME(transpose)(four *a, four *b, four *c, four *d)
{
    four ab_even = PICK(*a, *b, 0, 4, 2, 6), ab_odd = PICK(*a, *b, 1, 5, 3, 7);
    four cd_even = PICK(*c, *d, 0, 4, 2, 6), cd_odd = PICK(*c, *d, 1, 5, 3, 7);
    *a = PICK(ab_even, cd_even, 0, 1, 4, 5);
    *b = PICK(ab_odd, cd_odd, 0, 1, 4, 5);
    *c = PICK(ab_even, cd_even, 2, 3, 6, 7);
    *d = PICK(ab_odd, cd_odd, 2, 3, 6, 7);
}

INLINE TARGET void NAME(load)(const double *re, const double *im, int64_t stride, numbers v[4])
{
    UNROLL for (int k = 0; k < 4; k++) v[k] = (numbers){LOAD(re + k * stride), LOAD(im + k * stride)};
}

INLINE TARGET void NAME(store)(const numbers v[4], double *re, double *im, int64_t stride)
{
    UNROLL for (int k = 0; k < 4; k++)
    {
        STORE(re + k * stride, v[k].re);
        STORE(im + k * stride, v[k].im);
    }
}

/* A root with its square and cube, each in all four places. */
INLINE TARGET void NAME(spread_root)(const double *constants, numbers w[3])
{
    UNROLL for (int k = 0; k < 3; k++) w[k] = (numbers){SPREAD(constants[2 * k]), SPREAD(constants[2 * k + 1])};
}

/* Splits 4 q numbers of `from` into four quarters of re, im. */
TARGET static void NAME(split)(const double *from_re, const double *from_im, double *re, double *im, int64_t q,
                               const double *constants)
{
    numbers v[4], w[3];
    NAME(spread_root)(constants, w);
    for (int64_t t = 0; t < q; t += 4) {
        NAME(load)(from_re + t, from_im + t, q, v);
        NAME(split_four)(w, v);
        NAME(store)(v, re + t, im + t, q);
    }
}

TARGET static void NAME(merge)(double *re, double *im, int64_t q, const double *constants)
{
    numbers v[4], w[3];
    NAME(spread_root)(constants, w);
    for (int64_t t = 0; t < q; t += 4) {
        NAME(load)(re + t, im + t, q, v);
        NAME(merge_four)(w, v);
        NAME(store)(v, re + t, im + t, q);
    }
}

/* Splits `count` tiles of 16 numbers twice, multiplies, merges twice. If `values` is not NULL, the real parts of the
 * values go there and nothing else happens. */
TARGET static void NAME(convolve_tiles)(double *re, double *im, int64_t count, const double *constants,
                                        const double *spectrum, double *values)
{
    for (int64_t i = 0; i < count; i++, re += TILE, im += TILE, constants += TILE_CONSTANTS) {
        numbers v[4], outer[3], inner[3];
        NAME(spread_root)(constants, outer);
        NAME(load)(re, im, 4, v);
        NAME(split_four)(outer, v);
        NAME(transpose)(&v[0].re, &v[1].re, &v[2].re, &v[3].re);
        NAME(transpose)(&v[0].im, &v[1].im, &v[2].im, &v[3].im);
        UNROLL for (int k = 0; k < 3; k++) inner[k] = (numbers){LOAD(constants + 8), LOAD(constants + 12)};
        NAME(turn)(&inner[0], &inner[1]);
        inner[2] = inner[1];
        NAME(turn)(&inner[0], &inner[2]);
        NAME(split_four)(inner, v);
        if (values) {
            UNROLL for (int k = 0; k < 4; k++) STORE(values + i * TILE + 4 * k, v[k].re);
            continue;
        }
        UNROLL for (int k = 0; k < 4; k++)
        {
            v[k].re *= LOAD(spectrum + i * TILE + 4 * k);
            v[k].im *= LOAD(spectrum + i * TILE + 4 * k);
        }
        NAME(merge_four)(inner, v);
        NAME(transpose)(&v[0].re, &v[1].re, &v[2].re, &v[3].re);
        NAME(transpose)(&v[0].im, &v[1].im, &v[2].im, &v[3].im);
        NAME(merge_four)(outer, v);
        NAME(store)(v, re, im, 4);
    }
}

/* Block b of the `nodes` of its level: m numbers from `from` (which may be re and im themselves), whose place among the
 * spectrum (or values) is b m. */
TARGET static void NAME(convolve_block)(const double *from_re, const double *from_im, double *re, double *im, int64_t m,
                                        const double *level, int64_t nodes, int64_t b, const double *spectrum,
                                        double *values)
{
    if (m == TILE) {
        memmove(re, from_re, TILE * sizeof *re);
        memmove(im, from_im, TILE * sizeof *im);
        const double *constants = level + b * TILE_CONSTANTS;
        NAME(convolve_tiles)(re, im, 1, constants, spectrum + b * m, values ? values + b * m : NULL);
        return;
    }
    const double *constants = level + b * SPLIT_CONSTANTS, *below = level + nodes * SPLIT_CONSTANTS;
    int64_t q = m / 4;
    NAME(split)(from_re, from_im, re, im, q, constants);
    if (q == TILE) {
        const double *tiles = below + 4 * b * TILE_CONSTANTS;
        NAME(convolve_tiles)(re, im, 4, tiles, spectrum + b * m, values ? values + b * m : NULL);
    } else {
        for (int64_t j = 0; j < 4; j++) {
            double *r = re + j * q, *i = im + j * q;
            NAME(convolve_block)(r, i, r, i, q, below, 4 * nodes, 4 * b + j, spectrum, values);
        }
    }
    if (!values) NAME(merge)(re, im, q, constants);
}

/* Splits 2 h numbers in two, for the roots w and -w of Z^h; and back, times 2. */
TARGET static void NAME(split_two)(const double *in, double *re, double *im, int64_t h, const double *constants)
{
    numbers w = {SPREAD(constants[0]), SPREAD(constants[1])};
    for (int64_t t = 0; t < h; t += 4) {
        numbers a = {LOAD(in + t), LOAD(in + 2 * h + t)}, b = {LOAD(in + h + t), LOAD(in + 3 * h + t)};
        NAME(turn)(&w, &b);
        STORE(re + t, a.re + b.re);
        STORE(im + t, a.im + b.im);
        STORE(re + h + t, a.re - b.re);
        STORE(im + h + t, a.im - b.im);
    }
}

TARGET static void NAME(merge_two)(double *re, double *im, int64_t h, const double *constants)
{
    numbers w = {SPREAD(constants[0]), SPREAD(constants[1])};
    for (int64_t t = 0; t < h; t += 4) {
        numbers r = {LOAD(re + t), LOAD(im + t)}, s = {LOAD(re + h + t), LOAD(im + h + t)};
        numbers b = {r.re - s.re, r.im - s.im};
        NAME(turn_back)(&w, &b);
        STORE(re + t, r.re + s.re);
        STORE(im + t, r.im + s.im);
        STORE(re + h + t, b.re);
        STORE(im + h + t, b.im);
    }
}

TARGET static void NAME(convolve)(int64_t n, const double *constants, const double *spectrum, const double *in,
                                  double *low, double *high, double *values)
{
    int64_t m = first_block(n);
    const double *level = constants + 2;
    if (m == n / 2) {
        NAME(convolve_block)(in, in + m, low, high, m, level, 1, 0, spectrum, values);
        return;
    }
    NAME(split_two)(in, low, high, m, constants);
    for (int64_t b = 0; b < 2; b++) {
        double *r = low + b * m, *i = high + b * m;
        NAME(convolve_block)(r, i, r, i, m, level, 2, b, spectrum, values);
    }
    if (!values) NAME(merge_two)(low, high, m, constants);
}
