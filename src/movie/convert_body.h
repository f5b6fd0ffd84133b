/* SPDX-License-Identifier: BSD-3-Clause
 *
 * convert_body.h: one run of values from one number type to another, computed in REAL: double, which holds every type
 * but 64-bit integers, or long double. Included by convert.c once for each.
 */

/* What lies outside the type's range after rounding does not fit. Returns the first value that was not taken, or n. */
static int64_t NAME(settle)(const conversion *c, REAL *x, int64_t n, int64_t *clipped, int64_t *empty)
{
    const REAL low = (REAL)c->low, high = NAME(highest)(c->type);
    int64_t outside = 0, nan = 0;
    for (int64_t i = 0; i < n; i++) {
        const REAL whole = NAME(whole)(x[i]);
        outside += !(whole >= low && whole <= high);
        x[i] = whole;
    }
    if (outside == 0) return n;
    for (int64_t i = 0; i < n; i++) {
        if (x[i] >= low && x[i] <= high) continue;
        if (!c->clip) return i;
        const bool missing = x[i] != x[i];
        nan += missing;
        x[i] = missing ? 0 : x[i] < low ? low : high;
    }
    *clipped += outside - nan;
    *empty += nan;
    return n;
}

/* The same for float32, which numbers of float64 may exceed. */
static int64_t NAME(narrow)(const conversion *c, REAL *x, int64_t n, int64_t *clipped)
{
    for (int64_t i = 0; i < n; i++) {
        if (!isinf((float)x[i]) || isinf(x[i])) continue;
        if (!c->clip) return i;
        x[i] = x[i] < 0 ? (REAL)-FLT_MAX : (REAL)FLT_MAX;
        *clipped += 1;
    }
    return n;
}

static void NAME(store)(lmp_type type, const REAL *x, int64_t n, void *to)
{
    switch (type) {
#define STORE(name, c)                                                                                                 \
    case name:                                                                                                         \
        for (int64_t i = 0; i < n; i++) ((c *)to)[i] = (c)x[i];                                                        \
        break;
        MOVIE_TYPES(STORE)
#undef STORE
    case LMP_INT24:
        break;
    }
}

static void NAME(load)(lmp_type type, const void *from, int64_t n, REAL *x)
{
    switch (type) {
#define LOAD(name, c)                                                                                                  \
    case name:                                                                                                         \
        for (int64_t i = 0; i < n; i++) x[i] = (REAL)((const c *)from)[i];                                             \
        break;
        MOVIE_TYPES(LOAD)
#undef LOAD
    case LMP_INT24:
        break;
    }
}

/* A run of at most RUN values; the number of the first that does not fit, or n. */
static int64_t NAME(convert)(const conversion *c, lmp_type type, const void *from, int64_t n, void *to,
                             int64_t *clipped, int64_t *empty)
{
    REAL x[RUN];
    NAME(load)(type, from, n, x);
    if (c->maps) {
        const REAL low = (REAL)c->from_low, span = NAME(span)(c->from_low, c->from_high);
        const REAL to_low = (REAL)c->to_low, to_span = NAME(span)(c->to_low, c->to_high);
        for (int64_t i = 0; i < n; i++) x[i] = (x[i] - low) * to_span / span + to_low;
    }
    int64_t done = n;
    if (!type_is_float(c->type)) done = NAME(settle)(c, x, n, clipped, empty);
    if (c->type == LMP_FLOAT32 && (c->maps || type == LMP_FLOAT64)) done = NAME(narrow)(c, x, n, clipped);
    if (done == n) NAME(store)(c->type, x, n, to);
    return done;
}
