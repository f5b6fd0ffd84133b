/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bench.c: limpid bench: this recording, this chain, on this machine: seconds and peak memory over threads.
 *
 * Each measurement is a process of its own, so that its peak of resident memory is its own. What the chain writes is
 * removed afterwards, so it must not exist before.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct measurement {
    int64_t threads;
    double wall_s, cpu_s, peak_bytes;
} measurement;

enum { MOST = 8, REPEATS = 3 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* Runs `argv` (this program again) and waits; false if it failed. */
static bool run_once(char **argv, measurement *m)
{
    const double begun_s = now_s();
    const pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        execv("/proc/self/exe", argv);
        _exit(127);
    }
    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) return false;
    m->wall_s = now_s() - begun_s;
    m->cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    m->peak_bytes = (double)usage.ru_maxrss * 1024;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Words that an option of bench's own takes on the command line, its value included; 0: `run` takes it as well. */
static int own_words(const char *word)
{
    static const struct {
        const char *name;
        bool has_value;
    } own[] = {{"--threads", true}, {"--progress", true}, {"--plot", true}, {"--json", false}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const size_t n = strlen(own[i].name);
        if (strncmp(word, own[i].name, n) != 0) continue;
        if (word[n] == '=') return 1;
        if (word[n] == '\0') return own[i].has_value ? 2 : 1;
    }
    return 0;
}

/* "limpid run --threads N ... IN STEP ...": what was said to bench, said to run. `threads` must outlive it. */
static char **build_argv(const cli *c, char *threads)
{
    const char *const start[] = {"limpid", "run", "--quiet", "--progress", "none", "--no-record", "--threads", threads};
    enum { N_START = sizeof start / sizeof *start };
    char **argv = calloc((size_t)c->argc + N_START, sizeof *argv);
    if (argv == NULL) return NULL;
    int n = 0;
    for (; n < N_START; n++) argv[n] = (char *)(uintptr_t)start[n];
    for (int i = 2; i < c->argc;) {
        if (strcmp(c->argv[i], "--") == 0) {
            while (i < c->argc) argv[n++] = c->argv[i++];
            break;
        }
        const int skipped = own_words(c->argv[i]);
        if (skipped == 0) argv[n++] = c->argv[i];
        i += skipped == 0 ? 1 : skipped;
    }
    return argv;
}

/* The i-th file the chain writes: the words behind "write" and "tee", then --out; NULL past the last. */
static const char *output_path(const cli *c, int64_t i)
{
    for (int64_t k = 1; k + 1 < c->n_words; k++) {
        if (strcmp(c->words[k], "write") != 0 && strcmp(c->words[k], "tee") != 0) continue;
        const char *path = c->words[k + 1];
        if (i-- == 0) return strncmp(path, "path=", 5) == 0 ? path + 5 : path;
    }
    return i == 0 ? c->out : NULL;
}

/* Images are many files: which of a folder they were is not known here. */
static bool is_removable(const char *path)
{
    static const char *const others[] = {".png", ".jpg", ".jpeg", ".bmp", ".zarr"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof others / sizeof *others; i++)
        if (strcasecmp(dot, others[i]) == 0) return false;
    return true;
}

/* BrainVision writes three files of one name. */
static void remove_output(const char *path)
{
    const char *dot = strrchr(path, '.');
    static const char *const others[] = {".eeg", ".vmrk"};
    (void)unlink(path);
    for (size_t i = 0; i < 2 && dot != NULL && strcmp(dot, ".vhdr") == 0; i++) {
        char *other = NULL;
        if (asprintf(&other, "%.*s%s", (int)(dot - path), path, others[i]) >= 0) (void)unlink(other);
        free(other);
    }
}

static void remove_outputs(const cli *c)
{
    const char *path;
    for (int64_t i = 0; (path = output_path(c, i)) != NULL; i++) remove_output(path);
}

static int measure(const cli *c, int64_t threads, measurement *best)
{
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)threads);
    char **argv = build_argv(c, number);
    if (argv == NULL) return cli_usage("the system has no memory left");
    bool ok = true;
    for (int i = 0; i < REPEATS && ok; i++) {
        measurement m = {.threads = threads};
        ok = run_once(argv, &m);
        remove_outputs(c);
        if (i == 0 || m.wall_s < best->wall_s) *best = m;
    }
    free(argv);
    return ok ? 0 : 3; /* the child has said what was wrong */
}

/* ---- Result ---- */

static void print_table(const measurement *m, int n, double values)
{
    char memory[32];
    printf("threads     wall s      CPU s   ns/value     speed-up   peak memory\n");
    for (int i = 0; i < n; i++)
        printf("%7lld %10.3f %10.3f %11.2f %10.2fx %13s\n", (long long)m[i].threads, m[i].wall_s, m[i].cpu_s,
               1e9 * m[i].wall_s / values, m[0].wall_s / m[i].wall_s, cli_bytes(m[i].peak_bytes, memory));
    printf("(best of %d runs each, whole process; %.3g values, of all channels or pixels)\n", REPEATS, values);
}

static void print_json(const measurement *m, int n, double values)
{
    printf("[");
    for (int i = 0; i < n; i++)
        printf("%s\n {\"threads\": %lld, \"wall_s\": %.6f, \"cpu_s\": %.6f, \"ns_per_value\": %.4f, \"peak_bytes\": "
               "%.0f}",
               i > 0 ? "," : "", (long long)m[i].threads, m[i].wall_s, m[i].cpu_s, 1e9 * m[i].wall_s / values,
               m[i].peak_bytes);
    printf("\n]\n");
}

/* Bars of wall time per thread count, as SVG. */
static int write_plot(const char *path, const measurement *m, int n)
{
    FILE *out = fopen(path, "we");
    if (out == NULL) {
        fprintf(stderr, "limpid: %s cannot be written: %s\n", path, strerror(errno));
        return 4;
    }
    double most = 0;
    for (int i = 0; i < n; i++) most = m[i].wall_s > most ? m[i].wall_s : most;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"520\" height=\"%d\" font-family=\"sans-serif\" "
            "font-size=\"13\">\n",
            40 + 34 * n);
    fprintf(out,
            "<text x=\"10\" y=\"20\" font-weight=\"bold\">seconds over threads (dashed: perfect scaling)</text>\n");
    for (int i = 0; i < n; i++) {
        const double y = 34 + 34 * i, width = 340 * m[i].wall_s / most;
        const double ideal = 340 * m[0].wall_s * (double)m[0].threads / (double)m[i].threads / most;
        fprintf(out,
                "<text x=\"70\" y=\"%g\" text-anchor=\"end\">%lld thread%s</text>"
                "<rect x=\"80\" y=\"%g\" width=\"%.1f\" height=\"22\" fill=\"#3b6ea5\"/>"
                "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%g\" y2=\"%g\" stroke=\"#b5541c\" stroke-dasharray=\"4 3\"/>"
                "<text x=\"%.1f\" y=\"%g\">%.3f s</text>\n",
                y + 16, (long long)m[i].threads, m[i].threads == 1 ? "" : "s", y, width, 80 + ideal, 80 + ideal, y - 3,
                y + 25, 88 + width, y + 16, m[i].wall_s);
    }
    fprintf(out, "</svg>\n");
    return fclose(out) == 0 ? 0 : 4;
}

static int count_values(const cli *c, double *values)
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    lmp_recording *recording = NULL;
    int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    if (cli_open(c, engine, c->words[0], &recording, &err) != LMP_OK) {
        code = cli_fail(&err);
    } else {
        const lmp_format *f = lmp_recording_get_format(recording);
        *values = (double)f->n_times *
                  (f->kind == LMP_MOVIE ? (double)(f->height * f->width * f->n_colours) : (double)f->n_channels);
    }
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    return code;
}

int cmd_bench(cli *c)
{
    if (c->n_words < 1) return cli_usage("limpid bench needs a recording and a chain, as for limpid run");
    const char *output = output_path(c, 0);
    if (output == NULL) return cli_usage("the chain writes nothing: end it with ! write OUT (removed afterwards)");
    for (int64_t i = 0; (output = output_path(c, i)) != NULL; i++) {
        if (access(output, F_OK) == 0)
            return cli_usage("%s exists: bench writes and removes its outputs, name files that do not exist", output);
        if (!is_removable(output))
            return cli_usage("%s is many files, which bench would have to remove: write one, for example .npy", output);
    }
    double values = 1;
    int code = count_values(c, &values);
    const int64_t cores = c->threads > 0 ? c->threads : (int64_t)sysconf(_SC_NPROCESSORS_ONLN);
    measurement m[MOST];
    int n = 0;
    for (int64_t threads = 1; code == 0 && n < MOST; threads *= 2) {
        if (threads > cores) threads = cores;
        code = measure(c, threads, &m[n]);
        if (code == 0) n++;
        if (threads == cores) break;
    }
    if (code != 0) return code;
    if (c->json)
        print_json(m, n, values);
    else
        print_table(m, n, values);
    return c->plot != NULL ? write_plot(c->plot, m, n) : 0;
}
