/* SPDX-License-Identifier: BSD-3-Clause
 *
 * on_demand.h: libraries that are loaded when the first file needs them.
 *
 * Linked, they would cost every start of the command their own start and that of all they bring along. So limpid is
 * compiled against their headers and finds their functions (and variables) by name. A header such as ffmpeg.h lists
 * what is used, as an X macro: ON_DEMAND_POINTER makes the fields of a struct of pointers, NAME_at for NAME;
 * ON_DEMAND_NAME and the addresses of these fields make the tables that fill it; and each NAME is defined as what its
 * field points at.
 */
#ifndef LIMPID_IO_ON_DEMAND_H
#define LIMPID_IO_ON_DEMAND_H

#include <limpid/step.h>
#include <stdatomic.h>

#define ON_DEMAND_POINTER(name) __typeof__(name) *name##_at;
#define ON_DEMAND_NAME(name)    #name,

typedef struct on_demand_library {
    const char *soname, *package; /* the package that brings it */
    const char *const *names;
    void **const *places; /* where the address of each name goes */
    size_t n;
} on_demand_library;

/* Of a set of libraries: starts as {0}. */
typedef struct on_demand_once {
    atomic_bool is_loaded, is_busy;
} on_demand_once;

/* Loads the set once, then calls `prepare` (may be NULL). `what` needs them: "video". The error names the package to
 * install. Any thread. */
LMP_CHECKED lmp_status on_demand_load(on_demand_once *once, const char *what, const on_demand_library *libraries,
                                      size_t n, void (*prepare)(void), lmp_error *err);

#endif
