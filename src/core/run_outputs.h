/* SPDX-License-Identifier: BSD-3-Clause
 *
 * run_outputs.h: the files that a run makes.
 */
#ifndef LIMPID_CORE_RUN_OUTPUTS_H
#define LIMPID_CORE_RUN_OUTPUTS_H

#include "core/run.h"

/* Refuses, before anything is computed: outputs, tables and records that are or would change the input, that stand for
 * another output of the run, that exist and may not be replaced, or whose folder does not exist. */
LMP_CHECKED lmp_status run_check_outputs(const lmp_run *run, lmp_error *err);

/* Completes and names the sinks, then the tables, then the records; all of them or none: what has its name already goes
 * when a later one fails. cpu_before_s: as the run began. */
LMP_CHECKED lmp_status run_finish_outputs(lmp_run *run, double cpu_before_s, lmp_error *err);

#endif
