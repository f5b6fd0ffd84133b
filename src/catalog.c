/* SPDX-License-Identifier: BSD-3-Clause
 *
 * catalog.c: the one file that knows all lists, and hands them to the engine.
 */
#include "core/engine.h"
#include "common/list.h"
#include "io/list.h"
#include "movie/list.h"
#include "signal/list.h"
#include "simulate/list.h"

lmp_status lmp_engine_new(const lmp_engine_options *options, lmp_engine **engine, lmp_error *err)
{
    const engine_catalog catalog = {
        .steps = {common_steps, signal_steps, movie_steps},
        .formats = io_formats,
        .simulators = simulators,
        .presets = signal_presets,
    };
    return engine_new(options, &catalog, engine, err);
}
