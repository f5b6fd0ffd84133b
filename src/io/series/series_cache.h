/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_cache.h: a bounded number of open members of a series, for readers of many threads.
 */
#ifndef LIMPID_IO_SERIES_CACHE_H
#define LIMPID_IO_SERIES_CACHE_H

#include "core/source.h"

typedef struct series_cache series_cache;

/* Opens member i into `source`. */
typedef lmp_status series_opener(const void *user, int64_t i, lmp_source *source, lmp_error *err);

/* At most n_slots members are open at a time; NULL if memory is out. */
series_cache *series_cache_new(int64_t n_slots, series_opener *open, const void *user);
void series_cache_free(series_cache *cache);

/* Lends member i, opened if need be, until it is returned. Any thread; waits while all slots are lent, so nobody may
 * hold two. */
LMP_CHECKED lmp_status series_cache_borrow(series_cache *cache, int64_t i, const lmp_source **source, lmp_error *err);
void series_cache_return(series_cache *cache, const lmp_source *source);

#endif
