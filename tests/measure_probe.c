/* SPDX-License-Identifier: BSD-3-Clause
 *
 * measure_probe.c: shows programs in Python what the library measures without a run.
 *
 *     measure_probe PATH part FIRST COUNT X Y WIDTH HEIGHT
 *     measure_probe PATH zones JSON STAT FIRST COUNT STEP
 *     measure_probe PATH spectrum RATE CHANNEL FIRST COUNT SEGMENT
 *
 * prints the raw numbers: of the movie's type, else float64. What fails is said on stderr, with exit code 3.
 */
#include <limpid/limpid.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAILED = 3, MOST_NUMBERS = 8 };

typedef struct asked {
    const char *path, *what, *json, *stat;
    double rate_hz;
    long long n[MOST_NUMBERS];
} asked;

static bool read_words(int argc, char **argv, asked *a)
{
    if (argc < 3) return false;
    a->path = argv[1];
    a->what = argv[2];
    int first = 3;
    if (strcmp(a->what, "zones") == 0 && argc > 5) {
        a->json = argv[3];
        a->stat = argv[4];
        first = 5;
    } else if (strcmp(a->what, "spectrum") == 0 && argc > 4) {
        a->rate_hz = strtod(argv[3], NULL);
        first = 4;
    }
    for (int i = first; i < argc && i < first + MOST_NUMBERS; i++) a->n[i - first] = strtoll(argv[i], NULL, 10);
    return argc - first == (strcmp(a->what, "part") == 0 ? 6 : strcmp(a->what, "zones") == 0 ? 3 : 4);
}

static lmp_status measure_zones(lmp_recording *r, const asked *a, void **values, size_t *size, lmp_error *err)
{
    lmp_zones *zones = NULL;
    lmp_status status = lmp_zones_new(r, a->json, 1, &zones, err);
    if (status != LMP_OK) return status;
    *size = (size_t)(lmp_zones_count(zones) * lmp_recording_get_format(r)->n_colours * a->n[1]) * sizeof(double);
    *values = malloc(*size + 1);
    status = lmp_recording_measure_zones(r, zones, a->stat, a->n[0], a->n[1], a->n[2], *values, NULL, NULL, err);
    lmp_zones_free(zones);
    return status;
}

static lmp_status measure(lmp_recording *r, const asked *a, void **values, size_t *size, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(r);
    const long long *n = a->n;
    if (strcmp(a->what, "zones") == 0) return measure_zones(r, a, values, size, err);
    if (strcmp(a->what, "spectrum") == 0) {
        *size = (size_t)(n[3] / 2 + 1) * sizeof(double);
        *values = malloc(*size);
        return lmp_recording_spectrum(r, n[0], n[1], n[2], n[3], *values, NULL, NULL, err);
    }
    *size = (size_t)(n[1] * n[4] * n[5] * f->n_colours) * lmp_type_bytes(f->type);
    *values = malloc(*size + 1);
    memset(*values, 0xA5, *size); /* what is left unwritten shows */
    return lmp_recording_read_part(r, n[0], n[1], n[2], n[3], n[4], n[5], *values, err);
}

int main(int argc, char **argv)
{
    asked a = {0};
    if (!read_words(argc, argv, &a)) {
        fprintf(stderr, "measure_probe PATH part|zones|spectrum ...\n");
        return 2;
    }
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    lmp_recording *recording = NULL;
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    options.rate_hz = a.rate_hz;
    void *values = NULL;
    size_t size = 0;
    lmp_status status = lmp_engine_new(NULL, &engine, &err);
    if (status == LMP_OK) status = lmp_recording_open(engine, a.path, &options, &recording, &err);
    if (status == LMP_OK) status = measure(recording, &a, &values, &size, &err);
    if (status == LMP_OK && fwrite(values, 1, size, stdout) != size) status = LMP_ERR_IO;
    if (status != LMP_OK) fprintf(stderr, "%s\n", err.text);
    free(values);
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    return status == LMP_OK ? 0 : FAILED;
}
