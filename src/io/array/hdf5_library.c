/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5_library.c: libhdf5 as Debian names its serial build.
 */
#include "io/array/hdf5_library.h"

hdf5_library hdf5;

#define HDF5_PLACE(name) (void **)(void *)&hdf5.name##_at,

static const char *const names[] = {HDF5_FUNCTIONS(ON_DEMAND_NAME) HDF5_VARIABLES(ON_DEMAND_NAME)};
static void **const places[] = {HDF5_FUNCTIONS(HDF5_PLACE) HDF5_VARIABLES(HDF5_PLACE)};

lmp_status hdf5_load(lmp_error *err)
{
    static on_demand_once once;
    static const on_demand_library library = {"libhdf5_serial.so.103", "libhdf5-103-1", names, places,
                                              sizeof names / sizeof *names};
    return on_demand_load(&once, "HDF5", &library, 1, NULL, err);
}
