/* SPDX-License-Identifier: BSD-3-Clause
 *
 * options.c: options may stand anywhere after the sub-command; whatever is not one stays in order.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum option_type { IS_TEXT, IS_FLAG, IS_COUNT, IS_SIZE, IS_NUMBER, IS_PLUGIN, IS_ROOT } option_type;

typedef struct option {
    const char *name;
    option_type type;
    size_t offset;
    const char *commands; /* those that take it; "" is all */
} option;

#define RUNS   "run plan eeg-fmri motion simulate bench"
#define SCORES "score report"

static const option options[] = {
    {"threads", IS_COUNT, offsetof(cli, threads), ""},
    {"memory", IS_SIZE, offsetof(cli, memory), ""},
    {"scratch", IS_TEXT, offsetof(cli, scratch), ""},
    {"overwrite", IS_FLAG, offsetof(cli, overwrite), RUNS " " SCORES},
    {"json", IS_FLAG, offsetof(cli, json), ""},
    {"quiet", IS_FLAG, offsetof(cli, quiet), ""},
    {"help", IS_FLAG, offsetof(cli, help), ""},
    {"progress", IS_TEXT, offsetof(cli, progress), ""},
    {"plugin", IS_PLUGIN, 0, ""},
    {"rate", IS_NUMBER, offsetof(cli, rate_hz), ""},
    {"events", IS_TEXT, offsetof(cli, events), ""},
    {"scale-uv", IS_NUMBER, offsetof(cli, scale_uv), ""},
    {"salvage", IS_FLAG, offsetof(cli, salvage), ""},
    {"grey", IS_FLAG, offsetof(cli, grey), ""},
    {"size", IS_NUMBER, offsetof(cli, size_ratio), ""},
    {"kind", IS_TEXT, offsetof(cli, kind), ""},
    {"dataset", IS_TEXT, offsetof(cli, dataset), ""},
    {"group", IS_TEXT, offsetof(cli, group), ""},
    {"broken", IS_TEXT, offsetof(cli, broken), ""},
    {"sizes", IS_TEXT, offsetof(cli, sizes), ""},
    {"chain", IS_TEXT, offsetof(cli, chain), "run plan bench"},
    {"out", IS_TEXT, offsetof(cli, out), "run plan bench"},
    {"block", IS_COUNT, offsetof(cli, block_length), RUNS},
    {"no-record", IS_FLAG, offsetof(cli, no_record), RUNS},
    {"report", IS_TEXT, offsetof(cli, report), "eeg-fmri motion score"},
    {"print", IS_FLAG, offsetof(cli, print), "eeg-fmri motion"},
    {"truth", IS_TEXT, offsetof(cli, truth), SCORES " eeg-fmri motion"},
    {"shifts", IS_TEXT, offsetof(cli, shifts), "score motion"},
    {"prepare", IS_TEXT, offsetof(cli, prepare), "motion"},
    {"apply-to", IS_TEXT, offsetof(cli, apply_to), "motion"},
    {"before", IS_TEXT, offsetof(cli, before), SCORES},
    {"record", IS_TEXT, offsetof(cli, record), SCORES},
    {"pattern", IS_TEXT, offsetof(cli, pattern), SCORES},
    {"bands", IS_TEXT, offsetof(cli, bands), SCORES},
    {"tones", IS_TEXT, offsetof(cli, tones), SCORES},
    {"port", IS_COUNT, offsetof(cli, port), "view"},
    {"root", IS_ROOT, 0, "view"},
    {"no-browser", IS_FLAG, offsetof(cli, no_browser), "view"},
    {"scratch-limit", IS_SIZE, offsetof(cli, scratch_limit), "view"},
    {"api", IS_FLAG, offsetof(cli, api), "schema"},
    {"plot", IS_TEXT, offsetof(cli, plot), "bench"},
};

enum { N_OPTIONS = sizeof options / sizeof *options };

/* Options that take one of a few words. */
static const struct {
    const char *name, *words;
} choices[] = {
    {"progress", "auto plain json none"},
    {"kind", "signals movie"},
    {"broken", "refuse skip"},
    {"sizes", "refuse crop"},
};

enum { N_CHOICES = sizeof choices / sizeof *choices };

int cli_usage(const char *sentence, ...)
{
    va_list values;
    va_start(values, sentence);
    fputs("limpid: ", stderr);
    vfprintf(stderr, sentence, values);
    fputc('\n', stderr);
    va_end(values);
    return 2;
}

int cli_fail(const lmp_error *err)
{
    fprintf(stderr, "limpid: %s\n", err->text);
    return err->status == LMP_ERR_RANGE ? 3 : -(int)err->status;
}

/* True if `word` is one of the words of a list that are separated by spaces. */
static bool is_listed(const char *list, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = list; *at != '\0';) {
        const size_t length = strcspn(at, " ");
        if (length == n && strncmp(at, word, n) == 0) return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

static bool takes(const option *o, const char *command)
{
    return o->commands[0] == '\0' || is_listed(o->commands, command);
}

static int check_choice(const option *o, const char *value)
{
    const char *words = NULL;
    for (int i = 0; i < N_CHOICES; i++)
        if (strcmp(choices[i].name, o->name) == 0) words = choices[i].words;
    if (words == NULL || is_listed(words, value)) return 0;
    fprintf(stderr, "limpid: --%s %s is not one of ", o->name, value);
    for (const char *c = words; *c != '\0'; c++) {
        if (*c == ' ') fputc(',', stderr);
        fputc(*c, stderr);
    }
    fputc('\n', stderr);
    return 2;
}

/* "256M", "1.5G", "67108864". */
static bool parse_size(const char *text, uint64_t *bytes)
{
    char *end;
    double value = strtod(text, &end);
    static const char units[] = "KMGT";
    const char *unit = *end != '\0' ? strchr(units, toupper((unsigned char)*end)) : NULL;
    for (const char *u = units; unit != NULL && u <= unit; u++) value *= 1024;
    if (unit != NULL) end++;
    if (*end == 'i') end++;
    if (*end == 'B') end++;
    *bytes = value >= 1 && value < 1e18 ? (uint64_t)value : 0;
    return end != text && *end == '\0' && *bytes > 0;
}

static bool parse_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value) && *value > 0;
}

static bool parse_count(const char *text, int64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *value >= 0;
}

static int set_option(const option *o, const char *value, cli *c)
{
    void *field = (char *)c + o->offset;
    switch (o->type) {
    case IS_TEXT:
        *(const char **)field = value;
        return check_choice(o, value);
    case IS_FLAG:
        *(bool *)field = true;
        return 0;
    case IS_COUNT:
        if (parse_count(value, field)) return 0;
        return cli_usage("--%s %s is not a whole number from 0 up", o->name, value);
    case IS_SIZE:
        if (parse_size(value, field)) return 0;
        return cli_usage("--%s %s is not a size of memory: give for example 256M or 2G", o->name, value);
    case IS_NUMBER:
        if (parse_number(value, field)) return 0;
        return cli_usage("--%s %s is not a number above 0", o->name, value);
    case IS_PLUGIN:
        if (c->n_plugins == MOST_PLUGINS) return cli_usage("at most %d plug-ins can be loaded", MOST_PLUGINS);
        c->plugins[c->n_plugins++] = value;
        return 0;
    case IS_ROOT:
        if (c->n_roots == MOST_ROOTS) return cli_usage("at most %d folders can be given by --root", MOST_ROOTS);
        c->roots[c->n_roots++] = value;
        return 0;
    }
    return 2;
}

static int unknown_option(const char *name, const char *command)
{
    for (int i = 0; i < N_OPTIONS; i++) {
        const size_t n = strlen(options[i].name), common = strspn(name, "abcdefghijklmnopqrstuvwxyz-");
        if (takes(&options[i], command) && strncmp(options[i].name, name, n < common ? n : common) == 0)
            return cli_usage("limpid %s has no option --%s: did you mean --%s?", command, name, options[i].name);
    }
    return cli_usage("limpid %s has no option --%s: limpid help lists them", command, name);
}

/* One option at argv[*i]; moves *i past its value. */
static int parse_option(int argc, char **argv, int *i, cli *c)
{
    const char *text = argv[*i] + 2, *equals = strchr(text, '=');
    const size_t n = equals != NULL ? (size_t)(equals - text) : strlen(text);
    for (int k = 0; k < N_OPTIONS; k++) {
        const option *o = &options[k];
        if (strlen(o->name) != n || strncmp(o->name, text, n) != 0) continue;
        if (!takes(o, c->command)) break;
        if (o->type == IS_FLAG)
            return equals != NULL ? cli_usage("--%s takes no value", o->name) : set_option(o, NULL, c);
        if (equals != NULL) return set_option(o, equals + 1, c);
        if (*i + 1 >= argc) return cli_usage("--%s needs a value", o->name);
        return set_option(o, argv[++*i], c);
    }
    return unknown_option(text, c->command);
}

int cli_parse(int argc, char **argv, cli *c)
{
    *c = (cli){.argc = argc, .argv = argv, .command = argv[1], .progress = "auto"};
    c->words = calloc((size_t)argc + 4, sizeof *c->words);
    if (c->words == NULL) return cli_usage("the system has no memory left");
    bool all_words = false;
    int code = 0;
    for (int i = 2; i < argc && code == 0; i++) {
        if (!all_words && strcmp(argv[i], "--") == 0)
            all_words = true;
        else if (!all_words && strcmp(argv[i], "-h") == 0)
            c->help = true;
        else if (!all_words && strncmp(argv[i], "--", 2) == 0)
            code = parse_option(argc, argv, &i, c);
        else
            c->words[c->n_words++] = argv[i];
    }
    return code;
}

void cli_clear(cli *c)
{
    free(c->words);
    c->words = NULL;
}
