/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_results.h: what lanes have to tell at their end, gathered for the record.
 *
 * Lanes end in any order on any thread; what is kept does not depend on the order.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_RESULTS_H
#define LIMPID_SIGNAL_GRADIENT_RESULTS_H

#include "signal/gradient_lane.h"

typedef struct gradient_results gradient_results;

size_t gradient_results_bytes(const gradient_model *model);
LMP_CHECKED lmp_status gradient_results_open(const gradient_model *model, lmp_budget *budget,
                                             gradient_results **results, lmp_error *err);
void gradient_results_close(gradient_results *results, lmp_budget *budget);

/* Any thread. */
void gradient_results_add(gradient_results *results, const gradient_report *report);

/* Writes the record of the step; `names`: of all lanes. */
void gradient_results_record(const gradient_results *results, const char *const *names, lmp_record *record);

#endif
