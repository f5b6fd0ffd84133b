/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_lines_body.h: Fourier transform of LANES lines at once, in place. Included once for each set of instructions,
 * with LANES, NAME() and TARGET defined.
 *
 * Number t of all lines is a pair of vectors, its real and imaginary parts. Every line gets the same operations,
 * whatever LANES is, and none is fused: the same bits on every machine.
 */

#if LANES == 1
typedef float NAME(lanes);
#else
typedef float NAME(lanes) __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));
#endif

typedef struct NAME(number) {
    NAME(lanes) re, im;
} NAME(number);

/* Where numbers that are only read are: number t at re + t * step and im + t * step. */
typedef struct NAME(source) {
    const float *re, *im;
    int64_t step;
} NAME(source);

#define LANES_T       NAME(lanes)
#define NUMBER        NAME(number)
#define SOURCE        NAME(source)
#define PAIR          ((int64_t)(2 * LANES))
#define AT(address)   (*(LANES_T *)(void *)(address))
#define AT_C(address) (*(const LANES_T *)(const void *)(address))

INLINE TARGET void NAME(turn)(const float *w, NUMBER *x)
{
    const LANES_T re = x->re * w[0] - x->im * w[1];
    x->im = x->re * w[1] + x->im * w[0];
    x->re = re;
}

/* a + b, a - b. */
INLINE TARGET void NAME(mix_2)(NUMBER *a, NUMBER *b)
{
    const NUMBER sum = {a->re + b->re, a->im + b->im}, difference = {a->re - b->re, a->im - b->im};
    *a = sum;
    *b = difference;
}

INLINE TARGET void NAME(mix_3)(NUMBER v[3])
{
    const float sine = 0.866025403784438647F;
    NUMBER s = v[1], d = v[2];
    NAME(mix_2)(&s, &d);
    const NUMBER c = {v[0].re - s.re * 0.5F, v[0].im - s.im * 0.5F}, e = {d.im * sine, d.re * sine};
    v[0] = (NUMBER){v[0].re + s.re, v[0].im + s.im};
    v[1] = (NUMBER){c.re + e.re, c.im - e.im};
    v[2] = (NUMBER){c.re - e.re, c.im + e.im};
}

INLINE TARGET void NAME(mix_4)(NUMBER *a, NUMBER *b, NUMBER *c, NUMBER *d)
{
    NAME(mix_2)(a, c);
    NAME(mix_2)(b, d);
    NAME(mix_2)(a, b);
    const NUMBER p = *c, q = *d, second = *b;
    *b = (NUMBER){p.re + q.im, p.im - q.re};
    *c = second;
    *d = (NUMBER){p.re - q.im, p.im + q.re};
}

/* With cos(2 pi/5) and cos(4 pi/5) as -1/4 +- sqrt(5)/4. */
INLINE TARGET void NAME(mix_5)(NUMBER v[5])
{
    const float root = 0.559016994374947424F, s1 = 0.951056516295153572F, s2 = 0.587785252292473129F;
    NUMBER a = v[1], d = v[4], b = v[2], c = v[3];
    NAME(mix_2)(&a, &d);
    NAME(mix_2)(&b, &c);
    const NUMBER sum = {a.re + b.re, a.im + b.im};
    const NUMBER far = {(a.re - b.re) * root, (a.im - b.im) * root};
    const NUMBER mean = {v[0].re - sum.re * 0.25F, v[0].im - sum.im * 0.25F};
    const NUMBER p = {mean.re + far.re, mean.im + far.im}, q = {mean.re - far.re, mean.im - far.im};
    const NUMBER e = {d.im * s1 + c.im * s2, d.re * s1 + c.re * s2}, f = {d.im * s2 - c.im * s1, d.re * s2 - c.re * s1};
    v[0] = (NUMBER){v[0].re + sum.re, v[0].im + sum.im};
    v[1] = (NUMBER){p.re + e.re, p.im - e.im};
    v[4] = (NUMBER){p.re - e.re, p.im + e.im};
    v[2] = (NUMBER){q.re + f.re, q.im - f.im};
    v[3] = (NUMBER){q.re - f.re, q.im + f.im};
}

INLINE TARGET void NAME(mix_8)(NUMBER v[8])
{
    const float half = 0.707106781186547524F;
    UNROLL for (int q = 0; q < 4; q++) NAME(mix_2)(&v[q], &v[q + 4]);
    v[5] = (NUMBER){(v[5].re + v[5].im) * half, (v[5].im - v[5].re) * half};
    v[6] = (NUMBER){v[6].im, -v[6].re};
    v[7] = (NUMBER){(v[7].im - v[7].re) * half, (v[7].re + v[7].im) * -half};
    NAME(mix_4)(&v[0], &v[1], &v[2], &v[3]);
    NAME(mix_4)(&v[4], &v[5], &v[6], &v[7]);
    const NUMBER second = v[1], fourth = v[3], fifth = v[4], sixth = v[5], seventh = v[6];
    v[1] = fifth;
    v[3] = sixth;
    v[4] = v[2];
    v[2] = second;
    v[5] = seventh;
    v[6] = fourth;
}

INLINE TARGET void NAME(mix)(int radix, NUMBER *v)
{
    switch (radix) {
    case 2:
        NAME(mix_2)(&v[0], &v[1]);
        break;
    case 3:
        NAME(mix_3)(v);
        break;
    case 4:
        NAME(mix_4)(&v[0], &v[1], &v[2], &v[3]);
        break;
    case 5:
        NAME(mix_5)(v);
        break;
    default:
        NAME(mix_8)(v);
    }
}

/* One number of each part, `step` floats apart, becomes that of the parts of the result. With constant radix. */
INLINE TARGET void NAME(split_at)(int radix, const float *re, const float *im, int64_t step, float *to, int64_t to_step,
                                  bool is_turned, const float *w)
{
    NUMBER v[8];
    UNROLL for (int q = 0; q < radix; q++) v[q] = (NUMBER){AT_C(re + q * step), AT_C(im + q * step)};
    NAME(mix)(radix, v);
    UNROLL for (int q = 1; is_turned && q < radix; q++) NAME(turn)(w + 2 * (q - 1), &v[q]);
    UNROLL for (int q = 0; q < radix; q++)
    {
        AT(to + q * to_step) = v[q].re;
        AT(to + q * to_step + LANES) = v[q].im;
    }
}

INLINE TARGET void NAME(split)(int radix, const fft_lines_stage *stage, int64_t blocks, float *x)
{
    const int64_t m = stage->m, step = m * PAIR;
    for (int64_t b = 0; b < blocks; b++, x += radix * step) {
        const float *w = stage->turns;
        NAME(split_at)(radix, x, x + LANES, step, x, step, false, w);
        for (float *at = x + PAIR; at < x + step; at += PAIR, w += 2 * (radix - 1))
            NAME(split_at)(radix, at, at + LANES, step, at, step, true, w);
    }
}

INLINE TARGET void NAME(split_from)(int radix, const fft_lines_stage *stage, const SOURCE *from, float *x)
{
    const int64_t m = stage->m, step = from->step;
    const float *re = from->re, *im = from->im, *w = stage->turns;
    NAME(split_at)(radix, re, im, m * step, x, m * PAIR, false, w);
    for (int64_t j = 1; j < m; j++, w += 2 * (radix - 1))
        NAME(split_at)(radix, re + j * step, im + j * step, m * step, x + j * PAIR, m * PAIR, true, w);
}

/* ---- Odd primes ---- */

enum { NAME(MOST_HALF) = (FFT_LINES_LARGEST_PRIME - 1) / 2 };

/* x[q] + x[p - q] and x[q] - x[p - q]. */
typedef struct NAME(halves) {
    NUMBER first, sum[NAME(MOST_HALF)], difference[NAME(MOST_HALF)];
} NAME(halves);

#define HALVES NAME(halves)

/* Outputs k to k + group - 1 and their mirror images. Returns the constants of the next. */
INLINE TARGET const float *NAME(sum_group)(int group, const HALVES *x, int64_t p, int64_t k, const float *c,
                                           NUMBER *out)
{
    NUMBER even[4], odd[4];
    const int64_t half = (p - 1) / 2;
    UNROLL for (int i = 0; i < group; i++) even[i] = x->first;
    for (int64_t q = 0; q < half; q++, c += group) UNROLL for (int i = 0; i < group; i++)
        {
            even[i].re += x->sum[q].re * c[i];
            even[i].im += x->sum[q].im * c[i];
        }
    UNROLL for (int i = 0; i < group; i++) odd[i] = (NUMBER){x->difference[0].im * c[i], x->difference[0].re * c[i]};
    c += group;
    for (int64_t q = 1; q < half; q++, c += group) UNROLL for (int i = 0; i < group; i++)
        {
            odd[i].re += x->difference[q].im * c[i];
            odd[i].im += x->difference[q].re * c[i];
        }
    UNROLL for (int i = 0; i < group; i++)
    {
        out[k + i] = (NUMBER){even[i].re + odd[i].re, even[i].im - odd[i].im};
        out[p - k - i] = (NUMBER){even[i].re - odd[i].re, even[i].im + odd[i].im};
    }
    return c;
}

TARGET static void NAME(split_prime_at)(const fft_lines_stage *stage, const SOURCE *from, float *to, const float *w)
{
    const int64_t p = stage->radix, half = (p - 1) / 2, step = stage->m * from->step;
    const float *c = stage->sums;
    HALVES x __attribute__((aligned(64))); /* a vector in two lines of a cache costs two loads */
    NUMBER out[FFT_LINES_LARGEST_PRIME] __attribute__((aligned(64)));
    x.first = out[0] = (NUMBER){AT_C(from->re), AT_C(from->im)};
    int64_t q = 1;
    do {
        const int64_t near = q * step, far = (p - q) * step;
        NUMBER a = {AT_C(from->re + near), AT_C(from->im + near)}, b = {AT_C(from->re + far), AT_C(from->im + far)};
        NAME(mix_2)(&a, &b);
        x.sum[q - 1] = a;
        x.difference[q - 1] = b;
        out[0] = (NUMBER){out[0].re + a.re, out[0].im + a.im};
    } while (++q <= half);
    int64_t k = 1;
    for (; k + 3 <= half; k += 4) c = NAME(sum_group)(4, &x, p, k, c, out);
    if (k + 1 <= half) c = NAME(sum_group)(2, &x, p, k, c, out), k += 2;
    if (k <= half) NAME(sum_group)(1, &x, p, k, c, out);
    for (q = 1; w != NULL && q < p; q++) NAME(turn)(w + 2 * (q - 1), &out[q]);
    for (q = 0; q < p; q++, to += stage->m * PAIR) {
        AT(to) = out[q].re;
        AT(to + LANES) = out[q].im;
    }
}

TARGET static void NAME(split_prime)(const fft_lines_stage *stage, int64_t blocks, const SOURCE *from, float *x)
{
    const int64_t p = stage->radix, m = stage->m;
    for (int64_t b = 0; b < blocks; b++)
        for (int64_t j = 0; j < m; j++) {
            const int64_t at = b * m * p + j;
            const SOURCE one = {from->re + at * from->step, from->im + at * from->step, from->step};
            NAME(split_prime_at)(stage, &one, x + at * PAIR, j > 0 ? stage->turns + 2 * (j - 1) * (p - 1) : NULL);
        }
}

/* ---- Stages ---- */

TARGET static void NAME(do_stage)(const fft_lines_stage *stage, int64_t blocks, float *x)
{
    const SOURCE same = {x, x + LANES, PAIR};
    switch (stage->radix) {
    case 2:
        NAME(split)(2, stage, blocks, x);
        break;
    case 3:
        NAME(split)(3, stage, blocks, x);
        break;
    case 4:
        NAME(split)(4, stage, blocks, x);
        break;
    case 5:
        NAME(split)(5, stage, blocks, x);
        break;
    case 8:
        NAME(split)(8, stage, blocks, x);
        break;
    default:
        NAME(split_prime)(stage, blocks, &same, x);
    }
}

/* The first stage, from elsewhere. */
TARGET static void NAME(do_stage_from)(const fft_lines_stage *stage, const SOURCE *from, float *x)
{
    switch (stage->radix) {
    case 2:
        NAME(split_from)(2, stage, from, x);
        break;
    case 3:
        NAME(split_from)(3, stage, from, x);
        break;
    case 4:
        NAME(split_from)(4, stage, from, x);
        break;
    case 5:
        NAME(split_from)(5, stage, from, x);
        break;
    case 8:
        NAME(split_from)(8, stage, from, x);
        break;
    default:
        NAME(split_prime)(stage, 1, from, x);
    }
}

/* Stages from `first` on of a block of numbers, part by part while it is larger than half of a core's nearest
 * cache. */
TARGET static void NAME(do_stages)(const fft_lines *lines, int first, float *x)
{
    const int64_t most = (16 << 10) / (PAIR * (int64_t)sizeof(float));
    const fft_lines_stage *stage = &lines->stage[first];
    if (first >= lines->stages) return;
    if (stage->m * stage->radix > most) {
        NAME(do_stage)(stage, 1, x);
        for (int64_t q = 0; q < stage->radix; q++) NAME(do_stages)(lines, first + 1, x + q * stage->m * PAIR);
        return;
    }
    for (int64_t s = first, blocks = 1; s < lines->stages; blocks *= lines->stage[s++].radix)
        NAME(do_stage)(&lines->stage[s], blocks, x);
}

TARGET static void NAME(transform)(const fft_lines *lines, float *x)
{
    NAME(do_stages)(lines, 0, x);
}

TARGET static void NAME(transform_from)(const fft_lines *lines, const SOURCE *from, float *x)
{
    if (lines->stages == 0) {
        AT(x) = AT_C(from->re);
        AT(x + LANES) = AT_C(from->im);
        return;
    }
    const fft_lines_stage *stage = &lines->stage[0];
    NAME(do_stage_from)(stage, from, x);
    for (int64_t q = 0; q < stage->radix; q++) NAME(do_stages)(lines, 1, x + q * stage->m * PAIR);
}
