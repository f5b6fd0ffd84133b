/* SPDX-License-Identifier: BSD-3-Clause
 *
 * viewer.h: the viewer's server: recordings shown in a browser on this machine.
 *
 * It sees limpid through its public header alone. One listening socket on the loopback interface; a thread for each
 * connection; background work (scans, pyramids, jobs) in threads of its own. Everything is below one address that
 * holds a random token: http://127.0.0.1:PORT/TOKEN/.
 */
#ifndef LIMPID_VIEWER_H
#define LIMPID_VIEWER_H

#include <limpid/limpid.h>

typedef struct viewer_options {
    const char *const *paths; /* recordings to open at once, or one session (JSON saved by the page) */
    int64_t n_paths;
    int64_t port;             /* 0: any that is free */
    int64_t threads;          /* of jobs and loading; 0: one per core */
    uint64_t memory_limit;    /* bytes for everything that is kept or computed; 0: half of the machine's memory */
    const char *scratch_dir;  /* results of previews; NULL: a folder of its own where such files usually are */
    uint64_t scratch_limit;   /* bytes of such results; 0: half of what is free there */
    const char *const *roots; /* folders whose files may be opened or written from the page, beside those of `paths` */
    int64_t n_roots;
    const lmp_open_options *open; /* how recordings are opened */
    const char *events;           /* a BIDS events.tsv for those of `paths`; NULL: none */
    const char *const *plugins;   /* shared objects with steps */
    int64_t n_plugins;
    int open_browser; /* 1: starts the desktop's browser with the address */
    int quiet;        /* 1: prints only the address */
} viewer_options;

/* Serves until SIGINT or SIGTERM, or until the page asks to end. Prints one line with the address to stdout once
 * requests are answered. */
LMP_CHECKED lmp_status viewer_serve(const viewer_options *options, lmp_error *err);

/* The OpenAPI 3.1 description of what the server answers; from malloc, NULL if memory is out. */
char *viewer_api(void);

/* The page of reports, for lmp_score_options; NULL if the page was built without one. */
const char *viewer_report_page(void);

#endif
