/* SPDX-License-Identifier: BSD-3-Clause
 *
 * preset.c: chains that look at the recording before they decide.
 */
#include "core/chain.h"
#include "core/recording.h"

#include <stdlib.h>

lmp_status lmp_chain_preset(lmp_chain *chain, const char *preset, lmp_recording *recording, const char *const *settings,
                            int64_t n, char **why, lmp_error *err)
{
    const lmp_preset *found = NULL;
    param_set set;
    lmp_status status = engine_find_preset(chain->engine, preset, &found, err);
    if (status == LMP_OK) status = param_set_new(found->params, found->params_size, found->name, &set, err);
    if (status != LMP_OK) return status;
    char *reasons = NULL;
    for (int64_t i = 0; i < n && status == LMP_OK; i++) status = param_set_word(&set, settings[i], err);
    if (status == LMP_OK) status = param_set_check(&set, err);
    if (status == LMP_OK) status = found->build(set.values, &recording->source.stream, chain, &reasons, err);
    param_set_clear(&set);
    if (status == LMP_OK && why != NULL)
        *why = reasons;
    else
        free(reasons);
    return status;
}
