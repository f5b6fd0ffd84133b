/* SPDX-License-Identifier: BSD-3-Clause
 *
 * on_demand.c: the first caller loads, the others wait for it.
 */
#include "io/on_demand.h"

#include "os/os.h"

#include <stdlib.h>

static lmp_status load(const char *what, const on_demand_library *l, lmp_error *err)
{
    const char *why = "";
    void **found = calloc(l->n, sizeof *found);
    if (found == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", l->soname);
    const bool is_there = os_library_load(l->soname, l->names, found, l->n, &why);
    for (size_t i = 0; i < l->n && is_there; i++) *l->places[i] = found[i];
    free(found);
    if (is_there) return LMP_OK;
    return lmp_fail(err, LMP_ERR_IO, "%s needs the library %s, which cannot be used (%s): install the package %s", what,
                    l->soname, why, l->package);
}

lmp_status on_demand_load(on_demand_once *once, const char *what, const on_demand_library *libraries, size_t n,
                          void (*prepare)(void), lmp_error *err)
{
    if (atomic_load_explicit(&once->is_loaded, memory_order_acquire)) return LMP_OK;
    bool nobody = false;
    while (!atomic_compare_exchange_weak(&once->is_busy, &nobody, true)) {
        nobody = false;
        os_thread_yield();
    }
    lmp_status status = LMP_OK;
    if (!atomic_load(&once->is_loaded)) {
        for (size_t i = 0; i < n && status == LMP_OK; i++) status = load(what, &libraries[i], err);
        if (status == LMP_OK && prepare != NULL) prepare();
        if (status == LMP_OK) atomic_store_explicit(&once->is_loaded, true, memory_order_release);
    }
    atomic_store(&once->is_busy, false);
    return status;
}
