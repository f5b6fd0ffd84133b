/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pca_learn.h: principal components of a movie that is read band by band, several times over.
 *
 * A is frames x values (pixels and colours), minus the mean of each value over time. Matrices are as in dense.h; those
 * with a row per component are "components x values" (z) and "components x frames" (q).
 */
#ifndef LIMPID_MOVIE_PCA_LEARN_H
#define LIMPID_MOVIE_PCA_LEARN_H

#include <limpid/step.h>

typedef enum pca_method { PCA_AUTO, PCA_EXACT, PCA_RANDOMISED } pca_method;

enum {
    PCA_POWER_ITERATIONS = 2,
    PCA_EXTRA = 10,            /* more directions than asked for, in the sketch */
    PCA_EXACT_FRAMES = 2000,   /* auto: up to here */
    PCA_MOST_FRAMES = 30000,   /* exact */
    PCA_TILE = 128,            /* values whose products are added at once */
    PCA_HELD_BYTES = 192 << 20 /* exact: about what bands that are held at a time take */
};

/* What will be done, from the format alone. */
typedef struct pca_plan {
    pca_method method;
    bool centre;
    int64_t seed;
    int64_t n_frames, n_values, n_lanes, lane_values, values_in_row;
    int64_t k;       /* components wanted */
    int64_t n_work;  /* directions that are followed: k, or more */
    int64_t n_held;  /* exact: bands held at a time */
    int64_t n_grams; /* exact: passes for the products of frames */
    int64_t n_passes;
    lmp_type type;
} pca_plan;

typedef struct pca {
    pca_plan plan;
    lmp_format format; /* for the rows of bands alone */
    lmp_budget *budget;
    double *mean;           /* of each value; NaN: never valid */
    double *z, *q;          /* n_work x values, n_work x frames; in the end k x: components and scores */
    double *gram;           /* exact: frames x frames */
    double *band_gram;      /* of each band held */
    double *tile;           /* of each band held: frames x PCA_TILE */
    char *held;             /* of each band held: its frames */
    double *partial;        /* randomised: n_work x frames of each band */
    int64_t *n_nan;         /* of each band */
    double *strength;       /* k: length of the scores */
    double total;           /* sum of squares of A */
    int64_t *frame_numbers; /* NULL: from 0 on */
} pca;

pca_plan pca_decide(pca_method method, int64_t k, bool centre, int64_t seed, const lmp_format *f);
size_t pca_bytes(const pca_plan *plan);
LMP_CHECKED lmp_status pca_open(const pca_plan *plan, const lmp_format *f, lmp_budget *budget, pca **made,
                                lmp_error *err);
void pca_close(pca *p);

/* The next frames of one band, in the pass that runs; bands at the same time on different workers. */
void pca_learn_rows(pca *p, int64_t pass, int64_t lane, const lmp_frames *in);
/* Ends a pass. */
LMP_CHECKED lmp_status pca_learned(pca *p, int64_t pass, lmp_error *err);

#endif
