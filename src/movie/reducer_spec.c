/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reducer_spec.c: names and number types of statistics over time.
 */
#include "movie/reducer.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [REDUCER_MEAN] = "mean", [REDUCER_SUM] = "sum",       [REDUCER_MAX] = "max",       [REDUCER_MIN] = "min",
    [REDUCER_STD] = "std",   [REDUCER_ARGMAX] = "argmax", [REDUCER_MEDIAN] = "median",
};

static bool parse_stat(const char *text, size_t length, reducer_stat *stat)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && strncmp(names[i], text, length) == 0) {
            *stat = (reducer_stat){.kind = (reducer_kind)i};
            return true;
        }
    char number[32] = "", *end;
    if (length < 2 || length > sizeof number || text[0] != 'p' || strchr("0123456789.", text[1]) == NULL) return false;
    memcpy(number, text + 1, length - 1);
    const double percent = strtod(number, &end);
    *stat = (reducer_stat){.kind = REDUCER_PERCENTILE, .percent = percent};
    return *end == '\0' && percent >= 0 && percent <= 100;
}

/* ---- Types ---- */

static bool is_float(lmp_type type)
{
    return type == LMP_FLOAT32 || type == LMP_FLOAT64;
}

/* Every number of the type is also a float32. */
static bool fits_float32(lmp_type type)
{
    return type == LMP_FLOAT32 || lmp_type_bytes(type) <= 2;
}

static lmp_type stat_type(reducer_kind kind, lmp_type in)
{
    switch (kind) {
    case REDUCER_MAX:
    case REDUCER_MIN:
        return in;
    case REDUCER_SUM:
        return is_float(in) ? LMP_FLOAT64 : in == LMP_UINT64 ? LMP_UINT64 : LMP_INT64;
    case REDUCER_ARGMAX:
        return LMP_INT64;
    case REDUCER_MEAN:
    case REDUCER_STD:
    case REDUCER_MEDIAN:
    case REDUCER_PERCENTILE:
        break;
    }
    return fits_float32(in) ? LMP_FLOAT32 : LMP_FLOAT64;
}

static lmp_type common_type(lmp_type a, lmp_type b)
{
    if (a == b) return a;
    if (fits_float32(a) && fits_float32(b)) return LMP_FLOAT32;
    if (is_float(a) || is_float(b) || a == LMP_UINT64 || b == LMP_UINT64) return LMP_FLOAT64;
    return LMP_INT64;
}

lmp_status reducer_parse(const char *step, const char *list, lmp_type in, reducer_spec *spec, lmp_error *err)
{
    int64_t n = 0;
    for (const char *at = list; at != NULL; n++) {
        const size_t length = strcspn(at, ",");
        if (n == REDUCER_STATS)
            return lmp_fail(err, LMP_ERR_USAGE, "%s: stat=%s names more than %d statistics", step, list, REDUCER_STATS);
        if (!parse_stat(at, length, &spec->stats[n]))
            return lmp_fail(err, LMP_ERR_USAGE,
                            "%s: \"%.*s\" in stat=%s is not one of mean, sum, max, min, std, median, argmax or p0 to "
                            "p100",
                            step, (int)(length < 40 ? length : 40), at, list);
        const lmp_type type = stat_type(spec->stats[n].kind, in);
        spec->out = n == 0 ? type : common_type(spec->out, type);
        at = at[length] == '\0' ? NULL : at + length + 1;
    }
    spec->n_stats = n;
    spec->in = in;
    return LMP_OK;
}

bool reducer_gathers(const reducer_spec *spec)
{
    for (int64_t i = 0; i < spec->n_stats; i++)
        if (spec->stats[i].kind == REDUCER_MEDIAN || spec->stats[i].kind == REDUCER_PERCENTILE) return true;
    return false;
}
