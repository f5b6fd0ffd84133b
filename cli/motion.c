/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion.c: limpid motion: shifts of a movie, the movie freed of them, a report.
 *
 * Without --prepare and --apply-to that is one chain: motion ... ! write OUT. With them it is two: the shifts are found
 * in one movie (prepared by steps that help to find them), and another, or the untouched one, is moved by them.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was asked for. */
typedef struct request {
    const char *in, *out;     /* out: NULL if only shifts are wanted */
    const char *moved;        /* what is moved: --apply-to, else in */
    char *shifts;             /* table of them; NULL: none */
    const char *const *words; /* key=value */
    int64_t n_words;
    bool is_split; /* found in one run, applied in another */
} request;

static int read_request(const cli *c, request *r)
{
    *r = (request){.in = c->n_words > 0 ? c->words[0] : NULL};
    if (r->in == NULL) return cli_usage("limpid motion needs a movie: limpid motion IN OUT, or IN --shifts SHIFTS.csv");
    int64_t n_files = 1;
    if (c->n_words > 1 && strchr(c->words[1], '=') == NULL) r->out = c->words[n_files++];
    r->words = c->words + n_files;
    r->n_words = c->n_words - n_files;
    for (int64_t i = 0; i < r->n_words; i++)
        if (strchr(r->words[i], '=') == NULL)
            return cli_usage(
                "limpid motion takes one movie, one output and settings key=value: \"%s\" is none of them; "
                "several files are one movie as a folder or a pattern in quotes",
                r->words[i]);
    r->moved = c->apply_to != NULL ? c->apply_to : r->in;
    r->is_split = c->prepare != NULL || c->apply_to != NULL;
    if (r->out == NULL && c->shifts == NULL && !c->print)
        return cli_usage("limpid motion needs something to make: limpid motion IN OUT, or IN --shifts SHIFTS.csv");
    if (r->out == NULL && (c->apply_to != NULL || c->report != NULL))
        return cli_usage("--%s needs an output: limpid motion IN OUT", c->apply_to != NULL ? "apply-to" : "report");
    /* The second run and the report read the table: it is kept beside the output. */
    const bool needs_table = r->is_split || c->report != NULL;
    if (c->shifts != NULL)
        r->shifts = strdup(c->shifts);
    else if (needs_table && asprintf(&r->shifts, "%s.shifts.csv", r->out != NULL ? r->out : r->in) < 0)
        r->shifts = NULL;
    return r->shifts == NULL && (needs_table || c->shifts != NULL) ? cli_usage("no memory is left") : 0;
}

/* Settings of moving frames go where frames are moved. */
static bool is_of_moving(const char *word)
{
    static const char *const keys[] = {"interpolation=", "border=", "fill="};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strncmp(word, keys[i], strlen(keys[i])) == 0) return true;
    return false;
}

static int add_step(lmp_chain *chain, const char *step, const request *r, bool finds, bool moves)
{
    lmp_error err = {0};
    lmp_status status = lmp_chain_add(chain, step, &err);
    for (int64_t i = 0; i < r->n_words && status == LMP_OK; i++) {
        if (is_of_moving(r->words[i]) ? !moves : !finds) continue;
        const char *value = strchr(r->words[i], '=');
        char *key = strndup(r->words[i], (size_t)(value - r->words[i]));
        status = key == NULL ? LMP_ERR_MEMORY : lmp_chain_set(chain, key, value + 1, &err);
        free(key);
    }
    if (status == LMP_OK && r->shifts != NULL) status = lmp_chain_set(chain, "shifts", r->shifts, &err);
    return status == LMP_OK ? 0 : cli_fail(&err);
}

static int add_words(lmp_chain *chain, const char *first, const char *second)
{
    lmp_error err = {0};
    const char *const words[] = {first, second};
    return lmp_chain_parse(chain, second != NULL ? 2 : 1, words, &err) == LMP_OK ? 0 : cli_fail(&err);
}

/* The steps of --prepare, as a command line has them. */
static int add_prepared(lmp_chain *chain, const char *steps)
{
    enum { MOST_WORDS = 256 };
    lmp_error err = {0};
    const char *words[MOST_WORDS];
    int64_t n = 0;
    char *text = strdup(steps), *rest = NULL;
    for (char *w = text != NULL ? strtok_r(text, " ", &rest) : NULL; w != NULL; w = strtok_r(NULL, " ", &rest)) {
        if (n == MOST_WORDS) {
            free(text);
            return cli_usage("--prepare has more than %d words: write a shorter chain", MOST_WORDS);
        }
        words[n++] = w;
    }
    const lmp_status status = lmp_chain_parse(chain, n, words, &err);
    free(text);
    return status == LMP_OK ? 0 : cli_fail(&err);
}

static int fill_finding(const cli *c, const request *r, lmp_chain *chain)
{
    lmp_error err = {0};
    const bool moves = !r->is_split && r->out != NULL;
    int code = c->prepare != NULL ? add_prepared(chain, c->prepare) : 0;
    if (code == 0) code = add_step(chain, "motion", r, true, moves);
    if (code == 0 && !moves && lmp_chain_set(chain, "apply", "no", &err) != LMP_OK) code = cli_fail(&err);
    return code == 0 && moves ? add_words(chain, "write", r->out) : code;
}

static int fill_moving(const request *r, lmp_chain *chain)
{
    const int code = add_step(chain, "motion-apply", r, false, true);
    return code == 0 ? add_words(chain, "write", r->out) : code;
}

/* One of the two chains over its movie. */
static int run_part(const cli *c, lmp_engine *engine, const request *r, bool finds)
{
    lmp_error err = {0};
    lmp_recording *movie = NULL;
    lmp_chain *chain = NULL;
    lmp_status status = cli_open(c, engine, finds ? r->in : r->moved, &movie, &err);
    if (status == LMP_OK) status = lmp_chain_new(engine, &chain, &err);
    int code = status == LMP_OK ? 0 : cli_fail(&err);
    if (code == 0) code = finds ? fill_finding(c, r, chain) : fill_moving(r, chain);
    if (code == 0 && c->print) {
        char *text = lmp_chain_to_text(chain);
        if (text != NULL) puts(text);
        lmp_text_free(text);
    } else if (code == 0) {
        char *command = cli_join("motion", c);
        code = cli_run_chain(c, engine, movie, chain, command);
        free(command);
    }
    lmp_chain_free(chain);
    lmp_recording_close(movie);
    return code;
}

static int write_report(const cli *c, lmp_engine *engine, const request *r)
{
    lmp_error err = {0};
    lmp_motion_score_options options = LMP_OPTIONS(lmp_motion_score_options);
    options.before = r->moved;
    options.after = r->out;
    options.shifts = r->shifts;
    options.truth = c->truth;
    options.page = cli_report_page();
    if (lmp_report_motion(engine, &options, c->report, c->overwrite, &err) != LMP_OK) return cli_fail(&err);
    if (!c->quiet && !c->json) printf("%s: the report\n", c->report);
    return 0;
}

int cmd_motion(cli *c)
{
    request r;
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    c->grey = true; /* motion is found in one colour */
    int code = read_request(c, &r);
    if (code == 0 && c->report != NULL && !c->overwrite && !c->print && access(c->report, F_OK) == 0)
        code = cli_usage("%s exists already: choose another name or add --overwrite", c->report);
    if (code == 0) code = cli_new_engine(c, &engine, &err);
    if (code == 0) code = run_part(c, engine, &r, true);
    if (code == 0 && r.is_split && r.out != NULL) code = run_part(c, engine, &r, false);
    if (code == 0 && c->report != NULL && !c->print) code = write_report(c, engine, &r);
    lmp_engine_free(engine);
    free(r.shifts);
    return code;
}
