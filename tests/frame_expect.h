/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_expect.h: movies of a few values, and what a step must make of them with every cut into blocks.
 */
#ifndef LIMPID_TESTS_FRAME_EXPECT_H
#define LIMPID_TESTS_FRAME_EXPECT_H

#include "drive_movie.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Values of a movie, one after the other. */
static inline drive_movie movie_of(lmp_type type, int64_t n_times, int64_t height, int64_t width, int64_t n_colours,
                                   const double *values)
{
    drive_movie made = drive_movie_new(type, n_times, height, width, n_colours);
    for (int64_t i = 0; i < n_times * height * width * n_colours; i++) drive_movie_set(&made, i, values[i]);
    return made;
}

static inline drive_movie ramp(lmp_type type, int64_t n_times, int64_t height, int64_t width, int64_t n_colours)
{
    drive_movie made = drive_movie_new(type, n_times, height, width, n_colours);
    for (int64_t i = 0; i < n_times * height * width * n_colours; i++) drive_movie_set(&made, i, (double)(i % 120));
    return made;
}

static inline void expect(const lmp_step *step, const char *settings, const drive_movie *in, lmp_type type, int64_t n,
                          const double *values)
{
    drive_movie out;
    drive_movie_all_cuts(step, settings, in, &out);
    assert_int_equal(out.type, type);
    assert_int_equal(out.n_times * out.height * out.width * out.n_colours, n);
    for (int64_t i = 0; i < n; i++) {
        const double got = drive_movie_get(&out, i);
        if (got != values[i] && !(fabs(got - values[i]) < 1e-6) && !(isnan(got) && isnan(values[i])))
            fail_msg("%s %s: value %lld is %.9g, not %.9g", step->name, settings, (long long)i, got, values[i]);
    }
    drive_movie_free(&out);
}

static inline void expect_record(const lmp_step *step, const char *settings, const drive_movie *in, const char *part)
{
    char *record = drive_movie_record(step, settings, in);
    if (strstr(record, part) == NULL) fail_msg("%s %s: %s is not in %s", step->name, settings, part, record);
    free(record);
}

static inline void expect_refusal(const lmp_step *step, const char *settings, const drive_movie *in, const char *part)
{
    const char *text = drive_movie_refusal(step, settings, in);
    if (strstr(text, part) == NULL) fail_msg("%s %s: \"%s\" does not say %s", step->name, settings, text, part);
}

#endif
