/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording.h: an open source with its name.
 */
#ifndef LIMPID_CORE_RECORDING_H
#define LIMPID_CORE_RECORDING_H

#include "core/engine.h"
#include "core/param.h"

struct lmp_recording {
    lmp_engine *engine;
    lmp_source source;
    char *path;                     /* "" if simulated */
    const lmp_simulator *simulator; /* NULL if from a file */
    param_set settings;             /* of the simulator */
};

#endif
