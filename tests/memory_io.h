/* SPDX-License-Identifier: BSD-3-Clause
 *
 * memory_io.h: a recording and a file format that live in memory, and steps that are easy to check: the engine without
 * files and without signal processing.
 */
#ifndef LIMPID_TESTS_MEMORY_IO_H
#define LIMPID_TESTS_MEMORY_IO_H

#include "core/engine.h"

/* What the last run wrote under the name "NAME.mem": lane after lane. */
typedef struct memory_file {
    char name[32];
    int64_t n_lanes, n_times;
    double *values;
    bool is_finished;
} memory_file;

enum { MOST_MEMORY_FILES = 4 };

typedef struct memory_world {
    memory_file files[MOST_MEMORY_FILES];
    int64_t n_files;
    int64_t n_reads;  /* calls of read */
    bool wants_range; /* writers need the range first */
    bool wants_all_lanes;
    double refuses_above;   /* write: LMP_ERR_RANGE above this unless the range was given; 0: never */
    int64_t read_fails_at;  /* sample at which reading fails; -1: never */
    double lowest, highest; /* of lane 0, as set_range got them */
    const char *table_path; /* where "note" writes its table */
} memory_world;

/* One world at a time: formats have no other way to find it. */
extern memory_world memory;

void memory_reset(void);
const memory_file *memory_find(const char *name);

/* The value of a lane at a time, exactly representable. */
double memory_value(int64_t lane, int64_t time);

lmp_engine *memory_engine(int64_t threads, uint64_t limit, int64_t block_length);
lmp_recording *memory_recording(lmp_engine *engine, int64_t n_lanes, int64_t n_times);

/* Runs a chain given as words in one text; returns the status. */
lmp_status memory_run(int64_t threads, uint64_t limit, int64_t block_length, int64_t n_lanes, int64_t n_times,
                      const char *chain, lmp_error *err);

#endif
