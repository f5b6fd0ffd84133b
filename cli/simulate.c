/* SPDX-License-Identifier: BSD-3-Clause
 *
 * simulate.c: limpid simulate: a recording, and beside it what is true about it:
 * OUT.truth.bdf or, of movies, OUT.truth.npy (the same without artifacts) and OUT.truth.json (parameters, exact times);
 * where each frame has a truth of its own, OUT.truth.csv.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "a/sim.edf" and ".truth.bdf" give "a/sim.truth.bdf"; caller frees. */
static char *beside(const char *path, const char *ending)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    const size_t stem = dot != NULL && (slash == NULL || dot > slash + 1) ? (size_t)(dot - path) : strlen(path);
    char *made = NULL;
    return asprintf(&made, "%.*s%s", (int)stem, path, ending) < 0 ? NULL : made;
}

static int write_recording(const cli *c, lmp_engine *engine, lmp_recording *recording, const char *path,
                           const char *command)
{
    lmp_error err = {0};
    lmp_chain *chain = NULL;
    const char *const words[] = {"write", path};
    lmp_status status = lmp_chain_new(engine, &chain, &err);
    if (status == LMP_OK) status = lmp_chain_parse(chain, 2, words, &err);
    const int code = status == LMP_OK ? cli_run_chain(c, engine, recording, chain, command) : cli_fail(&err);
    lmp_chain_free(chain);
    return code;
}

static int write_facts(const lmp_recording *recording, const char *path)
{
    char *facts = lmp_recording_facts(recording);
    FILE *file = facts == NULL ? NULL : fopen(path, "wbe");
    bool ok = file != NULL && fputs(facts, file) >= 0 && fputc('\n', file) != EOF;
    if (file != NULL && fclose(file) != 0) ok = false;
    lmp_text_free(facts);
    if (ok) return 0;
    fprintf(stderr, "limpid: %s cannot be written: %s\n", path, strerror(errno));
    (void)unlink(path);
    return 4;
}

static int check_free(const cli *c, const char *path)
{
    if (c->overwrite || access(path, F_OK) != 0) return 0;
    return cli_usage("%s exists already: choose another name or add --overwrite", path);
}

/* What one call makes. */
typedef struct simulation {
    lmp_recording *recording, *truth;
    char *truth_path, *facts_path, *table_path; /* table_path: NULL if there is none */
} simulation;

static void close_simulation(simulation *s)
{
    lmp_recording_close(s->truth);
    lmp_recording_close(s->recording);
    free(s->truth_path);
    free(s->facts_path);
    free(s->table_path);
}

static int open_simulation(const cli *c, lmp_engine *engine, simulation *s)
{
    lmp_error err = {0};
    lmp_status status = lmp_recording_simulate(engine, c->words[0], c->words + 2, c->n_words - 2, &s->recording, &err);
    if (status == LMP_OK) status = lmp_recording_truth(s->recording, &s->truth, &err);
    if (status != LMP_OK) return cli_fail(&err);
    const bool is_movie = lmp_recording_get_format(s->recording)->kind == LMP_MOVIE;
    s->truth_path = beside(c->words[1], is_movie ? ".truth.npy" : ".truth.bdf");
    s->facts_path = beside(c->words[1], ".truth.json");
    const bool has_table = lmp_recording_has_truth_table(s->recording);
    if (has_table) s->table_path = beside(c->words[1], ".truth.csv");
    if (s->truth_path == NULL || s->facts_path == NULL || (has_table && s->table_path == NULL))
        return cli_usage("the system has no memory left");
    int code = check_free(c, s->truth_path);
    if (code == 0) code = check_free(c, s->facts_path);
    return code == 0 && has_table ? check_free(c, s->table_path) : code;
}

static int write_table(const cli *c, const simulation *s)
{
    lmp_error err = {0};
    if (s->table_path == NULL) return 0;
    if (lmp_recording_write_truth_table(s->recording, s->table_path, c->overwrite, &err) != LMP_OK)
        return cli_fail(&err);
    if (!c->quiet && !c->json) printf("%s: what is true of each frame\n", s->table_path);
    return 0;
}

static int write_simulation(const cli *c, lmp_engine *engine, const simulation *s, const char *command)
{
    int code = write_recording(c, engine, s->recording, c->words[1], command);
    if (code == 0) code = write_recording(c, engine, s->truth, s->truth_path, command);
    if (code == 0) code = write_table(c, s);
    if (code == 0) code = write_facts(s->recording, s->facts_path);
    if (code == 0 && !c->quiet && !c->json) printf("%s: parameters and exact times\n", s->facts_path);
    return code;
}

int cmd_simulate(cli *c)
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    simulation s = {0};
    if (c->n_words < 2)
        return cli_usage("limpid simulate needs what to simulate and a file: limpid simulate eeg-fmri OUT.edf, "
                         "or limpid simulate miniscope OUT.npy");
    int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    char *command = cli_join("simulate", c);
    code = open_simulation(c, engine, &s);
    if (code == 0) code = write_simulation(c, engine, &s, command);
    close_simulation(&s);
    free(command);
    lmp_engine_free(engine);
    return code;
}
