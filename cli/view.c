/* SPDX-License-Identifier: BSD-3-Clause
 *
 * view.c: limpid view: recordings in the browser.
 */
#include "cli.h"

#ifdef LIMPID_HAS_VIEWER

#include <stdio.h>
#include <stdlib.h>
#include <viewer.h>

int cmd_view(cli *c)
{
    lmp_error err = {0};
    const lmp_open_options open = cli_open_options(c);
    if (c->port > 65535)
        return cli_usage("--port %lld is no port: give 0 (any that is free) to 65535", (long long)c->port);
    if (c->n_words < 1 && c->n_roots < 1) return cli_usage("limpid view needs a recording, or a folder by --root");
    const viewer_options options = {
        .paths = c->words,
        .n_paths = c->n_words,
        .port = c->port,
        .threads = c->threads,
        .memory_limit = c->memory,
        .scratch_dir = c->scratch,
        .scratch_limit = c->scratch_limit,
        .roots = c->roots,
        .n_roots = c->n_roots,
        .open = &open,
        .events = c->events,
        .plugins = c->plugins,
        .n_plugins = c->n_plugins,
        .open_browser = !c->no_browser,
        .quiet = c->quiet,
    };
    return viewer_serve(&options, &err) == LMP_OK ? 0 : cli_fail(&err);
}

int cli_print_api(void)
{
    char *text = viewer_api();
    if (text == NULL) return cli_usage("the system has no memory left");
    puts(text);
    free(text);
    return 0;
}

const char *cli_report_page(void)
{
    return viewer_report_page();
}

#else

static int not_built(void)
{
    return cli_usage("this limpid was built without its viewer, as " LIMPID_VIEWER_LEFT_OUT);
}

int cmd_view(cli *c)
{
    (void)c;
    return not_built();
}

int cli_print_api(void)
{
    return not_built();
}

const char *cli_report_page(void)
{
    return NULL;
}

#endif
