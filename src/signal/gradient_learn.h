/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_learn.h: choosing windows from the data: a pass over the beginning of the first scan, on a few lanes.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_LEARN_H
#define LIMPID_SIGNAL_GRADIENT_LEARN_H

#include "signal/gradient_model.h"

enum { LEARN_LANES = 8, LEARN_SMOOTHINGS = 4, LEARN_WINDOWS = 3 };

/* What may be chosen. The first of each list is the choice if nothing can be learned. */
typedef struct gradient_options {
    bool use_gain;
    int64_t smoothings[LEARN_SMOOTHINGS];
    int64_t n_smoothings;
    gradient_window windows[LEARN_WINDOWS];
    int64_t n_windows;
    bool find_slices;
    int64_t wanted_slices; /* 0: unknown */
} gradient_options;

/* What is chosen without looking at data. */
gradient_choice gradient_options_first(const gradient_options *options);
bool gradient_options_need_learning(const gradient_options *options);

/* Samples to learn from, from 0 on. */
int64_t gradient_learn_count(const gradient_model *model);
size_t gradient_learn_bytes(const gradient_model *model, const gradient_options *options, int64_t n_lanes);

typedef struct gradient_learner gradient_learner;

/* The model, with any choice, must not change while it learns. */
LMP_CHECKED lmp_status gradient_learn_open(const gradient_model *model, const gradient_options *options,
                                           int64_t n_lanes, lmp_budget *budget, gradient_learner **learner,
                                           lmp_error *err);

/* Samples of a learning lane (0 .. n_lanes - 1) in order; different lanes from different threads. */
void gradient_learn_take(gradient_learner *learner, int64_t lane, int64_t first, const double *in, int64_t n_in);

/* The choice of all lanes together, and the slices if there are any (else NULL). */
LMP_CHECKED lmp_status gradient_learn_finish(const gradient_learner *learner, gradient_choice *choice,
                                             gradient_slices **slices, lmp_error *err);
void gradient_learn_close(gradient_learner *learner);

#endif
