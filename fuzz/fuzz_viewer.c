/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_viewer.c: what a browser may send to `limpid view`: an address, channel lists, a body. The first line is the
 * method and the address ("GET /api/v1/..."), the rest the body. What is refused is refused with a sentence.
 */
#include "ask.h"
#include "channel_list.h"
#include "job_request.h"

#include "replay.h"

static void read_channels(const char *text)
{
    enum { N = 70 };
    int64_t *channels = NULL, n = 0;
    lmp_error err = {0};
    if (channel_list_parse(text, N, &channels, &n, &err) != LMP_OK) {
        if (err.text[0] == '\0' || channels != NULL) abort();
        return;
    }
    bool is_there[N] = {false};
    if (n < 1 || n > N) abort();
    for (int64_t i = 0; i < n; i++) {
        if (channels[i] < 0 || channels[i] >= N || is_there[channels[i]]) abort();
        is_there[channels[i]] = true;
    }
    free(channels);
}

/* Every value that is handed to a route is within what its table says. */
static void check_values(const ask *a)
{
    for (int i = 0; a->route->params != NULL && a->route->params[i].name != NULL; i++) {
        const route_param *p = &a->route->params[i];
        const ask_value *v = &a->values[i];
        if (v->text == NULL) abort();
        if (!v->is_set) continue;
        if (p->type == ROUTE_INTEGER && !((double)v->integer >= p->min && (double)v->integer <= p->max)) abort();
        if (p->type == ROUTE_NUMBER && !(v->number >= p->min && v->number <= p->max)) abort();
        if (p->type == ROUTE_TEXT && (double)strlen(v->text) > p->max) abort();
        if (p->type == ROUTE_TEXT && strpbrk(v->text, "\n\r\t") != NULL) abort();
        if (strcmp(p->name, "channels") == 0) read_channels(v->text);
    }
}

static void read_address(const char *method, const char *target)
{
    ask a;
    char sentence[ASK_SENTENCE] = "", methods[64];
    const int code = ask_read(&a, method, target, all_routes(), sentence);
    if ((code == 0) != (sentence[0] == '\0')) abort();
    if (code == 0) check_values(&a);
    if (code == 405) {
        ask_methods(target, all_routes(), methods);
        if (methods[0] == '\0') abort();
    }
    ask_clear(&a);
}

static void read_job(const json_t *body, bool for_plan)
{
    job_request q = {0};
    lmp_error err = {0};
    const lmp_status status = job_request_parse(body, for_plan, &q, &err);
    if ((status == LMP_OK) != (err.text[0] == '\0')) abort();
    if (status != LMP_OK) return;
    if (!json_is_array(q.chain) || q.recording == NULL || q.part_first < 0 || q.part_count < 0) abort();
    job_request_clear(&q);
}

static void read_body(const char *text, size_t size)
{
    json_t *body = NULL;
    char sentence[ASK_SENTENCE] = "";
    const int code = ask_body(text, size, &body, sentence);
    if ((code == 0) != (sentence[0] == '\0') || (code == 0) != json_is_object(body)) abort();
    for (int for_plan = 0; for_plan < 2 && body != NULL; for_plan++) read_job(body, for_plan);
    json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL) return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    char *body = memchr(text, '\n', size);
    if (body != NULL) *body++ = '\0';
    char *target = strchr(text, ' ');
    if (target != NULL) {
        *target++ = '\0';
        read_address(text, target);
    }
    read_channels(text);
    if (body != NULL) read_body(body, size - (size_t)(body - text));
    free(text);
    return 0;
}
