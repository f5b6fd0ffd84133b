/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli.h: what the sub-commands share: options, opening things, telling the user.
 */
#ifndef LIMPID_CLI_H
#define LIMPID_CLI_H

#include <limpid/limpid.h>
#include <stdbool.h>

enum { MOST_PLUGINS = 16, MOST_ROOTS = 16 };

/* What stands on a command line, options taken out. */
typedef struct cli {
    int argc;
    char **argv; /* as given to main() */
    const char *command;
    const char **words; /* what is left, in order */
    int64_t n_words;

    int64_t threads, block_length;
    uint64_t memory, scratch_limit;
    const char *scratch, *chain, *out, *report, *truth, *before, *record, *pattern, *bands, *tones, *progress, *plot,
        *events, *shifts, *apply_to, *prepare;
    const char *plugins[MOST_PLUGINS];
    int64_t n_plugins;
    const char *roots[MOST_ROOTS];
    int64_t n_roots, port;
    const char *kind, *dataset, *group, *broken, *sizes; /* how inputs are opened; NULL: not said */
    double rate_hz, scale_uv, size_ratio;
    bool json, quiet, overwrite, salvage, grey, print, help, no_record, no_browser, api;
} cli;

/* Splits argv; unknown options and options of another command are refused. Returns an exit code, 0 if fine. */
int cli_parse(int argc, char **argv, cli *c);
void cli_clear(cli *c);

/* Prints "limpid: ..." to stderr and returns the exit code of the status. */
int cli_fail(const lmp_error *err);
int cli_usage(const char *sentence, ...) LMP_PRINTF(1, 2);

int cli_new_engine(const cli *c, lmp_engine **engine, lmp_error *err);
/* How the options say that inputs are opened. */
lmp_open_options cli_open_options(const cli *c);
lmp_status cli_open(const cli *c, lmp_engine *engine, const char *path, lmp_recording **recording, lmp_error *err);

/* Runs a chain to its end with progress, Ctrl-C and a closing line; exit code. `what`: what the progress line says. */
int cli_run_chain(const cli *c, lmp_engine *engine, lmp_recording *recording, const lmp_chain *chain,
                  const char *command);

/* Prints how a sub-command is used; false if there is none of this name. */
bool cli_print_command(const char *name);

/* The page that shows a report; NULL if there is none in this build. */
const char *cli_report_page(void);

/* Prints the description of the viewer's interface; exit code. */
int cli_print_api(void);

/* The words of a command line as one text; caller frees. */
char *cli_join(const char *command, const cli *c);

/* "1 h 02 min 03 s", "300 s"; "1.5 GB". */
const char *cli_seconds(double seconds, char text[32]);
const char *cli_bytes(double bytes, char text[32]);

/* Sub-commands; exit codes. */
int cmd_info(cli *c);
int cmd_run(cli *c);
int cmd_plan(cli *c);
int cmd_eeg_fmri(cli *c);
int cmd_motion(cli *c);
int cmd_simulate(cli *c);
int cmd_score(cli *c);
int cmd_score_motion(cli *c);
int cmd_report(cli *c);
int cmd_verify(cli *c);
int cmd_bench(cli *c);
int cmd_view(cli *c);
int cmd_steps(cli *c);
int cmd_formats(cli *c);
int cmd_schema(cli *c);
int cmd_help(cli *c);

#endif
