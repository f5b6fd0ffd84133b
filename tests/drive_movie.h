/* SPDX-License-Identifier: BSD-3-Clause
 *
 * drive_movie.h: runs one step on a movie over arrays, without files, threads or chains, the way the engine would:
 * converts to float32 and back where the step asks for it, cuts the movie into blocks of frames and bands of rows,
 * feeds learning (through learn_through too), and checks what step.h promises, as drive.h does for signals.
 */
#ifndef LIMPID_TESTS_DRIVE_MOVIE_H
#define LIMPID_TESTS_DRIVE_MOVIE_H

#include <limpid/step.h>

typedef struct drive_movie {
    lmp_kind kind; /* of a result: a movie, or the signals that measure_images and generate may give */
    lmp_type type;
    double rate_hz;
    int64_t n_times, height, width, n_colours;
    void *data;             /* a movie: n_times x height x width x n_colours numbers */
    int64_t n_lanes;        /* signals */
    double **lanes;         /* signals */
    char (*lane_names)[64]; /* signals */
} drive_movie;

/* Zeros. */
drive_movie drive_movie_new(lmp_type type, int64_t n_times, int64_t height, int64_t width, int64_t n_colours);
void drive_movie_free(drive_movie *movie);

/* Number i of the array as a double; sets it, rounded to the type. */
double drive_movie_get(const drive_movie *movie, int64_t i);
void drive_movie_set(drive_movie *movie, int64_t i, double value);

/* `settings`: "key=value" texts separated by spaces. `cuts`: lengths of blocks, ended by 0, repeated. Fails
 * as the step does; a broken promise fails the test. */
lmp_status drive_movie_step(const lmp_step *step, const char *settings, const drive_movie *in, const int64_t *cuts,
                            drive_movie *out, lmp_error *err);

/* With blocks of 1, 3, 7, a mixture, and the whole; checks that the results are the same bytes. */
void drive_movie_all_cuts(const lmp_step *step, const char *settings, const drive_movie *in, drive_movie *out);

/* What the step tells the provenance record, as compact JSON with sorted keys; free() it. A table is written to its
 * path by every run. */
char *drive_movie_record(const lmp_step *step, const char *settings, const drive_movie *in);

/* Plans only; the text of the refusal, "" if there is none. Lives until the next call. */
const char *drive_movie_refusal(const lmp_step *step, const char *settings, const drive_movie *in);

/* Lets the 1st, 2nd, ... allocation fail until the step succeeds; checks that each failure is reported. */
void drive_movie_all_faults(const lmp_step *step, const char *settings, const drive_movie *in);

#endif
