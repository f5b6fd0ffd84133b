/* SPDX-License-Identifier: BSD-3-Clause
 *
 * simulator.h: a simulator is a recording without a file: any stretch of any lane is generated on demand, the same
 * bits however stretches are cut.
 */
#ifndef LIMPID_CORE_SIMULATOR_H
#define LIMPID_CORE_SIMULATOR_H

#include "core/source.h"

typedef struct lmp_simulator {
    size_t struct_size;
    const char *name, *summary, *doc;
    const lmp_param *params;
    size_t params_size;
    /* truth: the same recording without artifacts, unrounded, with the true event times. */
    lmp_status (*open)(const void *params, bool truth, lmp_source *source, lmp_error *err);
    /* Fills a table of what is true (of each frame); `state` is the source's. NULL: there is none. */
    void (*tabulate)(void *state, lmp_table *table);
} lmp_simulator;

#endif
