/* SPDX-License-Identifier: BSD-3-Clause
 *
 * routes.c: the tables of all features.
 */
#include "ask.h"

route_tables all_routes(void)
{
    static const route *const tables[] = {session_routes, recording_routes, frame_routes, zone_routes,
                                          signal_routes,  job_routes,       NULL};
    return tables;
}
