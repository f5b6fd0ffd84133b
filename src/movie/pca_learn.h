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

#include <stdatomic.h>

typedef enum pca_method { PCA_AUTO, PCA_EXACT, PCA_RANDOMISED } pca_method;

enum {
    PCA_POWER_ITERATIONS = 2,
    PCA_EXTRA = 10,          /* more directions than asked for, in the sketch */
    PCA_EXACT_FRAMES = 2000, /* auto: up to here */
    PCA_MOST_FRAMES = 30000, /* exact */
    PCA_VALUES = 256,        /* converted at once, of PCA_FRAMES frames: lines of memory that follow each other, */
    PCA_FRAMES = 16,
    PCA_AT_ONCE = 64,           /* and multiplied, with their part of z: what stays in a core's first cache */
    PCA_HELD_BYTES = 192 << 20, /* exact: about what the values that are held at a time take */
    PCA_BLOCK = 256,            /* exact: frames on either side of a product, */
    PCA_DEPTH = 512,            /* and values */
    PCA_SLOTS = 8               /* exact: products at the same time */
};

/* What will be done, from the format alone. */
typedef struct pca_plan {
    pca_method method;
    bool centre;
    int64_t seed;
    int64_t n_frames, n_values, n_lanes, lane_values, values_in_row;
    int64_t k;       /* components wanted */
    int64_t n_work;  /* directions that are followed: k, or more */
    bool is_bytes;   /* exact: 8-bit numbers, whose products are taken as integers */
    int64_t n_held;  /* exact: values held in a pass, of all frames, while those of the pass before are multiplied */
    int64_t n_parts; /* exact: passes until every value has been held */
    int64_t n_slots;
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
    char *held[2];          /* exact: frames x n_held values */
    char *slot;             /* exact: n_slots times what a product takes */
    atomic_flag *is_taken;  /* exact: of each slot */
    atomic_llong next;      /* exact: the next product of this pass */
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

/* ---- Inside ---- */

/* A few values of a few frames of a band. */
typedef struct pca_tile {
    int64_t frame, frames; /* of those that came in */
    int64_t first, values; /* of the band */
} pca_tile;

static inline int64_t pca_first_value(const pca *p, int64_t row)
{
    return row * p->plan.values_in_row;
}

static inline const void *pca_frame_at(const lmp_frames *in, int64_t i)
{
    return (const char *)in->data + (size_t)i * in->stride;
}

/* The tile after `tile`, which starts as zeros: all frames of the first values, then of the next. Its numbers, centred,
 * a row of PCA_VALUES for each frame. False: there is none. */
bool pca_next_tile(const pca *p, const lmp_frames *in, pca_tile *tile, double *x);

/* pca_exact.c */
void pca_exact_decide(pca_plan *p);
size_t pca_exact_bytes(const pca_plan *p);
LMP_CHECKED lmp_status pca_exact_open(pca *p, lmp_error *err);
void pca_exact_close(pca *p);
void pca_exact_learn_rows(pca *p, int64_t pass, const lmp_frames *in);
LMP_CHECKED lmp_status pca_exact_learned(pca *p, int64_t pass, lmp_error *err);

/* pca_randomised.c */
void pca_start_rows(pca *p, const lmp_frames *in);
void pca_project_rows(pca *p, int64_t lane, const lmp_frames *in);
LMP_CHECKED lmp_status pca_projected(pca *p, lmp_error *err);
LMP_CHECKED lmp_status pca_accumulated(pca *p, lmp_error *err);

#endif
