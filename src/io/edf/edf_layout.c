/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_layout.c: how a recording is cut into data records.
 *
 * A file does not hold a rate, but samples per record and the seconds of a record in 8 characters. With the rate as a
 * fraction p / q, S samples take S q / p seconds; written with 6 decimals that is a whole number of microseconds if and
 * only if S is a multiple of p / gcd(p, 10^6). All such S are tried. A good one, in this order:
 *   - 0.1 s to 10 s (or the whole recording, if that is shorter) and at most 61440 bytes, the record that EDF
 * recommends; else up to 1 MiB, else up to 10 MB, which some readers have as their limit; else the smallest there is;
 *   - the last record is full, or lacks as little as possible: a file has whole records only, so what lacks is filled;
 *   - whole seconds, as EDF+ recommends; nearest to 1 s.
 */
#include "io/edf/edf_layout.h"

#include <limpid/step.h>

#include <math.h>

enum {
    MICROS = 1000000,
    MOST_DENOMINATOR = 10000000,
    MOST_SAMPLES = 99999999,
    MOST_RECORDS = 99999999,
    TRIES = 1 << 20
};

/* Continued fraction: its convergents are the best fractions for their denominators. */
bool edf_layout_find_fraction(double rate_hz, int64_t *numerator, int64_t *denominator)
{
    if (!(rate_hz > 0 && rate_hz < 1e9)) return false;
    int64_t p0 = 0, q0 = 1, p1 = 1, q1 = 0;
    double rest = rate_hz;
    for (int i = 0; i < 40; i++) {
        const double whole = floor(rest);
        if (!(whole < 1e9)) return false;
        const int64_t a = (int64_t)whole;
        int64_t p, q;
        if (__builtin_mul_overflow(a, p1, &p) || __builtin_add_overflow(p, p0, &p) ||
            __builtin_mul_overflow(a, q1, &q) || __builtin_add_overflow(q, q0, &q) || q > MOST_DENOMINATOR)
            return false;
        if ((double)p / (double)q == rate_hz) {
            *numerator = p;
            *denominator = q;
            return true;
        }
        p0 = p1, q0 = q1, p1 = p, q1 = q;
        rest = 1 / (rest - whole);
    }
    return false;
}

/* ---- How good a candidate is ------------------------------------------------------------------------------ */

typedef struct merit {
    int tier;
    double lacking; /* samples to fill in; of records of more than 10 MB their bytes */
    int not_whole;
    double distance; /* from 1 s, in octaves */
} merit;

static merit judge(int64_t samples, double record_s, int64_t n_times, double bytes_per_time)
{
    const double bytes = (double)samples * bytes_per_time;
    const bool fits_time = (record_s >= 0.1 || samples >= n_times) && record_s <= 10;
    merit m = {.tier = 4, .lacking = bytes};
    if (bytes <= 10e6) {
        m.tier = !fits_time ? 3 : bytes <= 61440 ? 0 : bytes <= 1048576 ? 1 : 2;
        m.lacking = fits_time ? (double)((samples - n_times % samples) % samples) : 0;
    }
    m.not_whole = record_s != floor(record_s);
    m.distance = fabs(log2(record_s));
    return m;
}

static bool is_better(merit a, merit b)
{
    if (a.tier != b.tier) return a.tier < b.tier;
    if (a.lacking != b.lacking) return a.lacking < b.lacking;
    if (a.not_whole != b.not_whole) return a.not_whole < b.not_whole;
    return a.distance < b.distance;
}

/* ---- The search ------------------------------------------------------------------------------------------- */

/* The record of j * unit samples; false if it cannot be written exactly. */
static bool make_record(int64_t samples, int64_t p, int64_t q, double rate_hz, edf_decimal *record)
{
    int64_t micros;
    if (__builtin_mul_overflow(samples, q, &micros)) return false;
    const int64_t common = edf_decimal_gcd(micros, p), divisor = p / common;
    if (MICROS % divisor != 0 || __builtin_mul_overflow(micros / common, MICROS / divisor, &micros)) return false;
    char text[EDF_FIELD_ROOM];
    *record = edf_decimal_trim((edf_decimal){micros, 6});
    return edf_field_print(*record, text) && (double)samples / edf_decimal_value(*record) == rate_hz;
}

lmp_status edf_layout_choose(double rate_hz, int64_t n_times, int64_t multiple, double bytes_per_time,
                             edf_layout *layout, lmp_error *err)
{
    int64_t p = 0, q = 0;
    bool found = false;
    merit best = {0};
    *layout = (edf_layout){0};
    const bool is_fraction = edf_layout_find_fraction(rate_hz, &p, &q);
    const int64_t exact = is_fraction ? p / edf_decimal_gcd(p, MICROS) : 1;
    int64_t unit;
    if (__builtin_mul_overflow(exact / edf_decimal_gcd(exact, multiple), multiple, &unit)) unit = INT64_MAX;
    for (int64_t j = 1; is_fraction && j <= TRIES && j <= MOST_SAMPLES / unit; j++) {
        edf_decimal record;
        if (found && best.tier < 3 && (double)(j * unit) > 10 * rate_hz) break; /* longer ones are no better */
        if (!make_record(j * unit, p, q, rate_hz, &record)) continue;
        const merit m = judge(j * unit, edf_decimal_value(record), n_times, bytes_per_time);
        if (found && !is_better(m, best)) continue;
        found = true;
        best = m;
        *layout = (edf_layout){j * unit, record, (n_times - 1) / (j * unit) + 1};
    }
    if (!found)
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "EDF and BDF have no data record of 8 characters that gives %.12g Hz exactly; resample to a whole "
            "number of Hz before writing, or write BrainVision",
            rate_hz);
    if (layout->n_records > MOST_RECORDS)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "a recording this long makes more than the %d data records that EDF can count; "
                        "write parts of it, or BrainVision",
                        MOST_RECORDS);
    return LMP_OK;
}
