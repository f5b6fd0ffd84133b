/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pca.c: principal component images of a movie, and how strong they are in each frame.
 */
#include "movie/pca_learn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pca_params {
    int64_t components, method, seed, centre;
    char *scores;
} pca_params;

static const lmp_param params[] = {
    {"components", LMP_PARAM_INTEGER, offsetof(pca_params, components), "10", 1, 1000, "", NULL,
     "How many components to give, strongest first."},
    {"method", LMP_PARAM_CHOICE, offsetof(pca_params, method), "auto", 0, 0, "", "auto|exact|randomised",
     "exact: from the products of all pairs of frames; randomised: seven passes, any length; auto: exact up to 2000 "
     "frames."},
    {"seed", LMP_PARAM_INTEGER, offsetof(pca_params, seed), "42", 0, 1e15, "", NULL,
     "Of the random start (randomised)."},
    {"centre", LMP_PARAM_FLAG, offsetof(pca_params, centre), "yes", 0, 0, "", NULL,
     "Take the mean over time away from each pixel."},
    {"scores", LMP_PARAM_FILE, offsetof(pca_params, scores), "", 0, 0, "", NULL,
     "CSV file for the scores: a row for each frame, a column for each component."},
    {0},
};

/* learn_rows is not told the pass. */
typedef struct pca_shared {
    pca *p;
    int64_t pass;
} pca_shared;

static pca_plan decide(const pca_params *v, const lmp_format *f)
{
    return pca_decide((pca_method)v->method, v->components, v->centre != 0, v->seed, f);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const pca_params *v = values;
    const lmp_format *f = &in->format;
    const pca_plan p = decide(v, f);
    const int64_t rank = p.n_frames < p.n_values ? p.n_frames : p.n_values;
    if (v->components > rank)
        return lmp_fail(err, LMP_ERR_USAGE, "pca: components=%lld of %lld frames of %lld values: at most %lld will do",
                        (long long)v->components, (long long)p.n_frames, (long long)p.n_values, (long long)rank);
    if (p.method == PCA_EXACT && p.n_frames > PCA_MOST_FRAMES)
        return lmp_fail(err, LMP_ERR_USAGE, "pca: method=exact takes up to %d frames, not %lld: use method=randomised",
                        PCA_MOST_FRAMES, (long long)p.n_frames);
    plan->out.format.type = LMP_FLOAT32;
    plan->out.format.n_times = v->components;
    plan->out.format.rate_hz = 0;
    plan->shared_bytes = sizeof(pca_shared) + pca_bytes(&p);
    plan->learn_bytes = (size_t)(2 * p.n_work * p.n_work + 66 * p.n_work) * sizeof(double);
    plan->learn_passes = p.n_passes;
    if (v->scores[0] != '\0') plan->table_path = v->scores;
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)made;
    const pca_plan p = decide(values, &in->format);
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(pca_shared), &memory, err);
    if (status != LMP_OK) return status;
    pca_shared *s = memory;
    status = pca_open(&p, &in->format, budget, &s->p, err);
    if (status == LMP_OK)
        *shared = s;
    else
        lmp_give(budget, s);
    return status;
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    (void)err;
    const pca_shared *s = shared;
    pca_learn_rows(s->p, s->pass, lane, in);
    return LMP_OK;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)out;
    pca_shared *s = shared;
    s->pass = pass + 1;
    return pca_learned(s->p, pass, err);
}

static lmp_status generate(const void *shared, const lmp_frames *frames, const lmp_block *signals, lmp_error *err)
{
    (void)signals, (void)err;
    const pca *p = ((const pca_shared *)shared)->p;
    const int64_t k = p->plan.k, base = frames->row * p->plan.values_in_row, n = frames->rows * p->plan.values_in_row;
    for (int64_t f = 0; f < frames->count; f++) {
        float *to = (float *)(void *)((char *)frames->data + (size_t)f * frames->stride);
        for (int64_t i = 0; i < n; i++)
            to[i] = isnan(p->mean[base + i]) ? NAN : (float)p->z[(base + i) * k + frames->first + f];
    }
    return LMP_OK;
}

static lmp_status tabulate(const void *shared, lmp_table *table, lmp_error *err)
{
    const pca *p = ((const pca_shared *)shared)->p;
    const int64_t k = p->plan.k;
    char *names = calloc((size_t)k + 1, 24), *end = names;
    if (names == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a table");
    end += sprintf(end, "frame");
    for (int64_t j = 0; j < k; j++) end += sprintf(end, ",pc%lld", (long long)j + 1);
    lmp_table_columns(table, names);
    free(names);
    for (int64_t t = 0; t < p->plan.n_frames; t++) {
        lmp_table_number(table, (double)(p->frame_numbers != NULL ? p->frame_numbers[t] : t));
        for (int64_t j = 0; j < k; j++) lmp_table_number(table, p->q[t * k + j]);
        lmp_table_end_row(table);
    }
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    const pca *p = ((const pca_shared *)shared)->p;
    const int64_t k = p->plan.k, n = p->plan.n_frames;
    double *ratios = calloc(2 * (size_t)k, sizeof *ratios);
    double n_nan = 0;
    for (int64_t i = 0; i < p->plan.n_lanes; i++) n_nan += (double)p->n_nan[i];
    lmp_record_text(record, "method", "%s", p->plan.method == PCA_EXACT ? "exact" : "randomised");
    lmp_record_number(record, "total_variance", p->total / (double)(n > 1 ? n - 1 : 1));
    lmp_record_number(record, "nan_values_as_mean", n_nan);
    if (ratios == NULL) return;
    for (int64_t j = 0; j < k; j++) {
        const double squares = p->strength[j] * p->strength[j];
        ratios[j] = p->total > 0 ? squares / p->total : 0;
        ratios[k + j] = squares / (double)(n > 1 ? n - 1 : 1);
    }
    lmp_record_numbers(record, "explained_variance_ratio", ratios, k);
    lmp_record_numbers(record, "explained_variance", ratios + k, k);
    free(ratios);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    pca_close(((pca_shared *)shared)->p);
    lmp_give(budget, shared);
}

const lmp_step lmp_step_pca = {
    .struct_size = sizeof(lmp_step),
    .name = "pca",
    .summary = "Principal components: the images that explain most of how pixels vary over time.",
    .doc =
        "With A the movie as a matrix, a row for each frame, and the mean over time of each pixel taken away "
        "(`centre=no`: not), A = U S V^T. The result is a movie of `components` images, the first columns of V, "
        "strongest first, each of length 1; the scores U S go to the CSV file `scores` (columns frame, pc1, pc2, ...). "
        "The largest entry of an image in magnitude is positive.\n\n"
        "The record holds `explained_variance_ratio`, s_i^2 / sum of *all* s^2, the sum being taken from the movie "
        "itself, so the ratios add up to less than 1 unless nothing is left out; `explained_variance`, s_i^2 / (frames "
        "- 1); and `total_variance`.\n\n"
        "`method=exact`: eigenvectors of A A^T (frames x frames; Sirovich 1987, the method of snapshots). It holds "
        "that matrix, frames^2 x 8 bytes, and a part of the movie (192 MB for two of them) through each of as many "
        "passes as needed. Products of 8-bit numbers are summed as integers, exactly, and centred afterwards. "
        "`method=randomised`: Halko, Martinsson & Tropp 2011, algorithms 4.4 and 5.1, with 10 to 13 directions more "
        "than asked for and two power iterations: seven passes, memory in proportion to pixels x components. "
        "Components that stand out are those of the exact method; of those that hardly differ in strength only the "
        "space they span is. `auto` is exact up to 2000 frames.\n\n"
        "Products and sums are in double precision. A NaN counts as the mean of its pixel; a pixel that is NaN in "
        "every "
        "frame is NaN in the components. Directions of no variance give images and scores of 0. Takes every number "
        "type; the images are float32. Colours are values of their own.\n",
    .known_as = "PCA (BLITZ), sklearn.decomposition.PCA, princomp (MATLAB)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_BLOCK,
    .params = params,
    .params_size = sizeof(pca_params),
    .plan = plan,
    .open = open_shared,
    .learn_rows = learn_rows,
    .learned = learned,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .generate = generate,
    .tabulate = tabulate,
};
