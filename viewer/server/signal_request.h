/* SPDX-License-Identifier: BSD-3-Clause
 *
 * signal_request.h: what addresses of signals have in common.
 */
#ifndef LIMPID_VIEWER_SIGNAL_REQUEST_H
#define LIMPID_VIEWER_SIGNAL_REQUEST_H

#include "server.h"

enum { MOST_SIGNAL_BYTES = 64 << 20 }; /* of one answer */

#define PARAM_FIRST                                                                                                    \
    {                                                                                                                  \
        "first", ROUTE_INTEGER, NULL, 0, 9e15, NULL, "First sample."                                                   \
    }
#define PARAM_CHANNELS                                                                                                 \
    {                                                                                                                  \
        "channels", ROUTE_TEXT, NULL, 1, 20000, NULL, "Numbers and ranges of channels, from 0: \"0-3,7\"."             \
    }
#define PARAM_CHANNEL                                                                                                  \
    {                                                                                                                  \
        "channel", ROUTE_INTEGER, NULL, 0, 1e9, NULL, "Number of the channel, from 0."                                 \
    }

/* False, and answered, if samples [first, first + count) are not in the recording. */
bool signal_request_is_inside(request *r, const opened *o);
/* False, and answered, if it has not this channel. */
bool signal_request_has_channel(request *r, const opened *o);

#endif
