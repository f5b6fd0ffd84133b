/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zone_list.h: what the public object holds.
 */
#ifndef LIMPID_MOVIE_ZONE_LIST_H
#define LIMPID_MOVIE_ZONE_LIST_H

#include "movie/zones.h"

struct lmp_zones {
    zones set;
    int64_t width, height; /* of the images they were cut to */
};

#endif
