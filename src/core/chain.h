/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chain.h: steps with their parameters, in order.
 */
#ifndef LIMPID_CORE_CHAIN_H
#define LIMPID_CORE_CHAIN_H

#include "core/engine.h"
#include "core/param.h"

typedef struct chain_step {
    const lmp_step *step;
    param_set params;
} chain_step;

struct lmp_chain {
    lmp_engine *engine;
    chain_step *steps;
    int64_t n_steps;
};

/* Chain as JSON: [{"step": name, key: value, ...}] with every parameter. New reference; NULL if memory is out. */
json_t *chain_to_json(const lmp_chain *chain);

#endif
