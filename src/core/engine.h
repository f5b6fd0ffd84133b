/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine.h: the engine object and the registry: which steps, formats, simulators and presets there are.
 *
 * The core knows no EEG and no movies: catalog.c hands it the lists.
 */
#ifndef LIMPID_CORE_ENGINE_H
#define LIMPID_CORE_ENGINE_H

#include "core/simulator.h"
#include "core/source.h"

/* A ready-made chain that looks at the recording before it decides. */
typedef struct lmp_preset {
    size_t struct_size;
    const char *name, *summary, *doc;
    const lmp_param *params;
    size_t params_size;
    /* Adds steps to `chain`; `*why` collects the decisions, one sentence a line (malloc'd, may stay NULL). */
    lmp_status (*build)(const void *params, const lmp_stream *stream, lmp_chain *chain, char **why, lmp_error *err);
} lmp_preset;

enum { MOST_STEP_LISTS = 4 };

/* Every list ends with NULL. */
typedef struct engine_catalog {
    const lmp_step *const *steps[MOST_STEP_LISTS]; /* NULL: no more lists */
    const lmp_io *const *formats;
    const lmp_simulator *const *simulators;
    const lmp_preset *const *presets;
} engine_catalog;

struct lmp_engine {
    int64_t threads;
    uint64_t memory_limit;
    int64_t block_length; /* 0: the plan decides */
    char *scratch_dir;    /* NULL: beside the output */
    engine_catalog catalog;
    const lmp_step **plugin_steps; /* ended by NULL */
    int64_t n_plugin_steps;
    void **libraries;
    int64_t n_libraries;
};

LMP_CHECKED lmp_status engine_new(const lmp_engine_options *options, const engine_catalog *catalog, lmp_engine **engine,
                                  lmp_error *err);

/* Step i of the catalog and the plug-ins; NULL past the end. */
const lmp_step *engine_step_at(const lmp_engine *engine, int64_t i);

/* By name; the error names the nearest one there is. */
LMP_CHECKED lmp_status engine_find_step(const lmp_engine *engine, const char *name, const lmp_step **step,
                                        lmp_error *err);
LMP_CHECKED lmp_status engine_find_simulator(const lmp_engine *engine, const char *name,
                                             const lmp_simulator **simulator, lmp_error *err);
LMP_CHECKED lmp_status engine_find_preset(const lmp_engine *engine, const char *name, const lmp_preset **preset,
                                          lmp_error *err);

/* The format that writes recordings of this kind (0: any) to paths of this extension. */
LMP_CHECKED lmp_status engine_find_writer(const lmp_engine *engine, const char *path, lmp_kind kind, const lmp_io **io,
                                          lmp_error *err);

#endif
