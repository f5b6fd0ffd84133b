/* SPDX-License-Identifier: BSD-3-Clause
 *
 * run.c: limpid run, plan, eeg-fmri: a recording through a chain.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct job {
    lmp_engine *engine;
    lmp_recording *recording;
    lmp_chain *chain;
} job;

static void close_job(job *j)
{
    lmp_chain_free(j->chain);
    lmp_recording_close(j->recording);
    lmp_engine_free(j->engine);
}

/* Engine, recording words[0], and an empty chain. */
static int open_job(const cli *c, job *j)
{
    lmp_error err = {0};
    *j = (job){0};
    if (c->n_words < 1) return cli_usage("limpid %s needs a recording: see limpid %s --help", c->command, c->command);
    const int code = cli_new_engine(c, &j->engine, &err);
    if (code != 0) {
        j->engine = NULL;
        return code;
    }
    lmp_status status = cli_open(c, j->engine, c->words[0], &j->recording, &err);
    if (status == LMP_OK) status = lmp_chain_new(j->engine, &j->chain, &err);
    return status == LMP_OK ? 0 : cli_fail(&err);
}

static int add_write(lmp_chain *chain, const char *path)
{
    lmp_error err = {0};
    const char *const words[] = {"write", path};
    return lmp_chain_parse(chain, 2, words, &err) == LMP_OK ? 0 : cli_fail(&err);
}

static int fill_chain(const cli *c, lmp_chain *chain)
{
    lmp_error err = {0};
    lmp_status status = c->chain != NULL ? lmp_chain_load(chain, c->chain, &err) : LMP_OK;
    if (status == LMP_OK) status = lmp_chain_parse(chain, c->n_words - 1, c->words + 1, &err);
    if (status != LMP_OK) return cli_fail(&err);
    if (c->out != NULL) return add_write(chain, c->out);
    if (lmp_chain_count(chain) == 0)
        return cli_usage("no step is given: limpid %s IN STEP [key=value ...] ! ... ! write OUT", c->command);
    return 0;
}

int cmd_run(cli *c)
{
    job j;
    int code = open_job(c, &j);
    if (code == 0) code = fill_chain(c, j.chain);
    char *command = cli_join("run", c);
    if (code == 0) code = cli_run_chain(c, j.engine, j.recording, j.chain, command);
    free(command);
    close_job(&j);
    return code;
}

static int print_plan(const cli *c, const job *j)
{
    lmp_error err = {0};
    lmp_run_options options = LMP_OPTIONS(lmp_run_options);
    options.overwrite = 1; /* a plan writes nothing */
    lmp_run *run = NULL;
    if (lmp_run_new(j->engine, j->recording, j->chain, &options, &run, &err) != LMP_OK) return cli_fail(&err);
    char *text = c->json ? lmp_run_plan_json(run) : lmp_run_plan_text(run);
    if (text != NULL) fputs(text, stdout);
    if (c->json) fputc('\n', stdout);
    lmp_text_free(text);
    lmp_run_free(run);
    return 0;
}

int cmd_plan(cli *c)
{
    job j;
    int code = open_job(c, &j);
    if (code == 0) code = fill_chain(c, j.chain);
    if (code == 0) code = print_plan(c, &j);
    close_job(&j);
    return code;
}

/* ---- The preset ---- */

static int write_report(const cli *c, lmp_engine *engine, const char *before, const char *result)
{
    lmp_error err = {0};
    lmp_score_options options = LMP_OPTIONS(lmp_score_options);
    options.before = before;
    options.truth = c->truth;
    options.page = cli_report_page();
    if (lmp_report(engine, result, &options, c->report, c->overwrite, &err) != LMP_OK) return cli_fail(&err);
    if (!c->quiet && !c->json) printf("%s: the report\n", c->report);
    return 0;
}

static int print_chain(const job *j)
{
    char *text = lmp_chain_to_text(j->chain);
    if (text != NULL) puts(text);
    lmp_text_free(text);
    return 0;
}

static int build_preset(const cli *c, const job *j, int64_t n_files)
{
    lmp_error err = {0};
    char *why = NULL;
    const lmp_status status =
        lmp_chain_preset(j->chain, "eeg-fmri", j->recording, c->words + n_files, c->n_words - n_files, &why, &err);
    if (status == LMP_OK && why != NULL && !c->quiet && !c->json) fputs(why, stderr);
    lmp_text_free(why);
    return status == LMP_OK ? 0 : cli_fail(&err);
}

int cmd_eeg_fmri(cli *c)
{
    job j;
    /* --print needs no output: then the second word may already be a setting. */
    const bool has_output = c->n_words >= 2 && strchr(c->words[1], '=') == NULL;
    const int64_t n_files = has_output ? 2 : 1;
    if (!has_output && !c->print)
        return cli_usage("limpid eeg-fmri needs a recording and a name for the result: limpid eeg-fmri IN OUT");
    int code = open_job(c, &j);
    if (code == 0) code = build_preset(c, &j, n_files);
    if (code == 0 && has_output) code = add_write(j.chain, c->words[1]);
    if (code == 0 && c->print) {
        code = print_chain(&j);
        close_job(&j);
        return code;
    }
    char *command = cli_join("eeg-fmri", c);
    if (code == 0) code = cli_run_chain(c, j.engine, j.recording, j.chain, command);
    if (code == 0 && c->report != NULL) code = write_report(c, j.engine, c->words[0], c->words[1]);
    free(command);
    close_job(&j);
    return code;
}
