/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_turn_body.h: rows become columns, LANES by LANES; parts become pairs. After fft_lines_body.h, with PICK()
 * defined.
 */

#if LANES == 4
#define LOW_SINGLES  0, 4, 1, 5
#define HIGH_SINGLES 2, 6, 3, 7
#define LOW_DOUBLES  0, 1, 4, 5
#define HIGH_DOUBLES 2, 3, 6, 7
#define FIRST_PAIRS  0, 4, 1, 5
#define LAST_PAIRS   2, 6, 3, 7
#define FIRST_BACK   3, 7, 2, 6
#define LAST_BACK    1, 5, 0, 4
#elif LANES == 8
#define LOW_SINGLES  0, 8, 1, 9, 4, 12, 5, 13
#define HIGH_SINGLES 2, 10, 3, 11, 6, 14, 7, 15
#define LOW_DOUBLES  0, 1, 8, 9, 4, 5, 12, 13
#define HIGH_DOUBLES 2, 3, 10, 11, 6, 7, 14, 15
#define LOW_FOURS    0, 1, 2, 3, 8, 9, 10, 11
#define HIGH_FOURS   4, 5, 6, 7, 12, 13, 14, 15
#define FIRST_PAIRS  0, 8, 1, 9, 2, 10, 3, 11
#define LAST_PAIRS   4, 12, 5, 13, 6, 14, 7, 15
#define FIRST_BACK   7, 15, 6, 14, 5, 13, 4, 12
#define LAST_BACK    3, 11, 2, 10, 1, 9, 0, 8
#elif LANES == 16
#define LOW_SINGLES  0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define HIGH_SINGLES 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define LOW_DOUBLES  0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH_DOUBLES 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define EVEN_FOURS   0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27
#define ODD_FOURS    4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31
#define FIRST_PAIRS  0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define LAST_PAIRS   8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define FIRST_BACK   15, 31, 14, 30, 13, 29, 12, 28, 11, 27, 10, 26, 9, 25, 8, 24
#define LAST_BACK    7, 23, 6, 22, 5, 21, 4, 20, 3, 19, 2, 18, 1, 17, 0, 16
#endif

/* Fours of numbers of fours of rows change places: v[4 g + c] holds, for each L, column 4 L + c of rows 4 g to 4 g + 3
 * and becomes row 4 g + c of the result. */
INLINE TARGET void NAME(turn_fours)(LANES_T v[LANES])
{
#if LANES == 8
    UNROLL for (int c = 0; c < 4; c++)
    {
        const LANES_T a = v[c], b = v[4 + c];
        v[c] = PICK(a, b, LOW_FOURS);
        v[4 + c] = PICK(a, b, HIGH_FOURS);
    }
#elif LANES == 16
    UNROLL for (int c = 0; c < 4; c++)
    {
        const LANES_T even_a = PICK(v[c], v[4 + c], EVEN_FOURS), odd_a = PICK(v[c], v[4 + c], ODD_FOURS);
        const LANES_T even_b = PICK(v[8 + c], v[12 + c], EVEN_FOURS), odd_b = PICK(v[8 + c], v[12 + c], ODD_FOURS);
        v[c] = PICK(even_a, even_b, EVEN_FOURS);
        v[4 + c] = PICK(odd_a, odd_b, EVEN_FOURS);
        v[8 + c] = PICK(even_a, even_b, ODD_FOURS);
        v[12 + c] = PICK(odd_a, odd_b, ODD_FOURS);
    }
#else
    (void)v;
#endif
}

/* Element i of v[k] and element k of v[i] change places. */
INLINE TARGET void NAME(transpose)(LANES_T v[LANES])
{
#if LANES > 1
    UNROLL for (int g = 0; g < LANES; g += 4)
    {
        const LANES_T a = PICK(v[g], v[g + 1], LOW_SINGLES), b = PICK(v[g], v[g + 1], HIGH_SINGLES);
        const LANES_T c = PICK(v[g + 2], v[g + 3], LOW_SINGLES), d = PICK(v[g + 2], v[g + 3], HIGH_SINGLES);
        v[g] = PICK(a, c, LOW_DOUBLES);
        v[g + 1] = PICK(a, c, HIGH_DOUBLES);
        v[g + 2] = PICK(b, d, LOW_DOUBLES);
        v[g + 3] = PICK(b, d, HIGH_DOUBLES);
    }
#endif
    NAME(turn_fours)(v);
}

/* Pairs (re, im) in their order. */
INLINE TARGET void NAME(store_pairs)(const NUMBER *x, float *to)
{
#if LANES == 1
    to[0] = x->re;
    to[1] = x->im;
#else
    AT(to) = PICK(x->re, x->im, FIRST_PAIRS);
    AT(to + LANES) = PICK(x->re, x->im, LAST_PAIRS);
#endif
}

/* The last pair first. */
INLINE TARGET void NAME(store_pairs_back)(const NUMBER *x, float *to)
{
#if LANES == 1
    to[0] = x->re;
    to[1] = x->im;
#else
    AT(to) = PICK(x->re, x->im, FIRST_BACK);
    AT(to + LANES) = PICK(x->re, x->im, LAST_BACK);
#endif
}

/* Copies count < 2 LANES floats; steps of sizes that are known. */
INLINE TARGET void NAME(copy_part)(const float *from, float *to, int64_t count)
{
    UNROLL for (int64_t size = LANES; size >= 1; size /= 2) if (count & size)
    {
        memcpy(to, from, (size_t)size * sizeof *to);
        to += size;
        from += size;
    }
}

#undef LOW_SINGLES
#undef HIGH_SINGLES
#undef LOW_DOUBLES
#undef HIGH_DOUBLES
#undef LOW_FOURS
#undef HIGH_FOURS
#undef EVEN_FOURS
#undef ODD_FOURS
#undef FIRST_PAIRS
#undef LAST_PAIRS
#undef FIRST_BACK
#undef LAST_BACK
