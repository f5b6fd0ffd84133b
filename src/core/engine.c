/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine.c: the engine object, look-ups in the registry, plug-ins.
 */
#include "core/engine.h"

#include "core/param.h"
#include "core/path.h"
#include "os/os.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

lmp_status engine_new(const lmp_engine_options *options, const engine_catalog *catalog, lmp_engine **engine,
                      lmp_error *err)
{
    lmp_engine_options o = {0};
    if (options != NULL) {
        if (options->struct_size == 0)
            return lmp_fail(err, LMP_ERR_USAGE,
                            "lmp_engine_options.struct_size is 0: start from LMP_OPTIONS(lmp_engine_options)");
        memcpy(&o, options, options->struct_size < sizeof o ? options->struct_size : sizeof o);
    }
    if (o.threads < 0 || o.threads > 1024)
        return lmp_fail(err, LMP_ERR_USAGE, "%lld threads were asked for: give 0 (one per core) to 1024",
                        (long long)o.threads);
    lmp_engine *e = calloc(1, sizeof *e);
    if (e != NULL) e->plugin_steps = calloc(1, sizeof *e->plugin_steps);
    if (e != NULL && o.scratch_dir != NULL) e->scratch_dir = strdup(o.scratch_dir);
    if (e == NULL || e->plugin_steps == NULL || (o.scratch_dir != NULL && e->scratch_dir == NULL)) {
        lmp_engine_free(e);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for an engine");
    }
    e->threads = o.threads > 0 ? o.threads : os_core_count();
    e->memory_limit = o.memory_limit > 0 ? o.memory_limit : os_memory_bytes() / 2;
    e->block_length = o.block_length;
    e->catalog = *catalog;
    *engine = e;
    return LMP_OK;
}

void lmp_engine_free(lmp_engine *engine)
{
    if (engine == NULL) return;
    for (int64_t i = 0; i < engine->n_libraries; i++) os_library_close(engine->libraries[i]);
    free(engine->libraries);
    free(engine->plugin_steps);
    free(engine->scratch_dir);
    free(engine);
}

const lmp_step *engine_step_at(const lmp_engine *engine, int64_t i)
{
    for (int k = 0; k < MOST_STEP_LISTS && engine->catalog.steps[k] != NULL; k++) {
        int64_t n = 0;
        while (engine->catalog.steps[k][n] != NULL) n++;
        if (i < n) return engine->catalog.steps[k][i];
        i -= n;
    }
    return i < engine->n_plugin_steps ? engine->plugin_steps[i] : NULL;
}

static lmp_status unknown_name(const char *what, const char *name, const char **names, lmp_error *err)
{
    const char *nearest = names == NULL ? NULL : param_nearest(name, names);
    free(names);
    if (nearest != NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "there is no %s \"%s\": did you mean %s?", what, name, nearest);
    return lmp_fail(err, LMP_ERR_USAGE, "there is no %s \"%s\": limpid steps lists what there is", what, name);
}

/* True if `name` is one of the comma-separated names elsewhere ("AASCorrection (FACETpy), FASTR"). */
static bool known_as(const lmp_step *step, const char *name)
{
    const char *at = step->known_as != NULL && name[0] != '\0' ? strstr(step->known_as, name) : NULL;
    return at != NULL && (at == step->known_as || at[-1] == ' ') && !isalnum((unsigned char)at[strlen(name)]);
}

lmp_status engine_find_step(const lmp_engine *engine, const char *name, const lmp_step **step, lmp_error *err)
{
    int64_t n = 0;
    for (const lmp_step *s; (s = engine_step_at(engine, n)) != NULL; n++)
        if (strcmp(s->name, name) == 0) {
            *step = s;
            return LMP_OK;
        }
    for (int64_t i = 0; i < n; i++) {
        const lmp_step *s = engine_step_at(engine, i);
        if (known_as(s, name))
            return lmp_fail(err, LMP_ERR_USAGE, "there is no step \"%s\": in limpid it is called %s", name, s->name);
    }
    if (strchr(name, '/') != NULL || strchr(name, '.') != NULL)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "there is no step \"%s\": several files as one movie are a folder or a pattern in quotes",
                        name);
    const char **names = calloc((size_t)n + 1, sizeof *names);
    for (int64_t i = 0; i < n && names != NULL; i++) names[i] = engine_step_at(engine, i)->name;
    return unknown_name("step", name, names, err);
}

/* Entries of both lists begin alike: struct_size, then the name. */
typedef struct named {
    size_t struct_size;
    const char *name;
} named;

static const void *find_named(const char *what, const void *const *all, const char *name, lmp_error *err)
{
    int64_t n = 0;
    for (; all[n] != NULL; n++)
        if (strcmp(((const named *)all[n])->name, name) == 0) return all[n];
    const char **names = calloc((size_t)n + 1, sizeof *names);
    for (int64_t i = 0; i < n && names != NULL; i++) names[i] = ((const named *)all[i])->name;
    (void)unknown_name(what, name, names, err);
    return NULL;
}

lmp_status engine_find_simulator(const lmp_engine *engine, const char *name, const lmp_simulator **simulator,
                                 lmp_error *err)
{
    _Static_assert(offsetof(lmp_simulator, name) == offsetof(named, name), "simulators begin like named");
    *simulator = find_named("simulator", (const void *const *)engine->catalog.simulators, name, err);
    return *simulator != NULL ? LMP_OK : LMP_ERR_USAGE;
}

lmp_status engine_find_preset(const lmp_engine *engine, const char *name, const lmp_preset **preset, lmp_error *err)
{
    _Static_assert(offsetof(lmp_preset, name) == offsetof(named, name), "presets begin like named");
    *preset = find_named("preset", (const void *const *)engine->catalog.presets, name, err);
    return *preset != NULL ? LMP_OK : LMP_ERR_USAGE;
}

static const char *kind_name(lmp_kind kind)
{
    return kind == LMP_SIGNALS ? "signals" : "movies";
}

static bool writes(const lmp_io *io, lmp_kind kind)
{
    return io->can_write && (kind == 0 || io->kind == 0 || io->kind == kind);
}

lmp_status engine_find_writer(const lmp_engine *engine, const char *path, lmp_kind kind, const lmp_io **io,
                              lmp_error *err)
{
    char known[240] = "";
    const lmp_io *other = NULL;
    for (const lmp_io *const *all = engine->catalog.formats; *all != NULL; all++) {
        const bool fits = path_has_extension(path, (*all)->extensions);
        if (fits && writes(*all, kind)) {
            *io = *all;
            return LMP_OK;
        }
        if (fits && (*all)->can_write) other = *all;
        if (!writes(*all, kind)) continue;
        const size_t used = strlen(known);
        const size_t first = strcspn((*all)->extensions, "|");
        snprintf(known + used, sizeof known - used, "%s.%.*s", used > 0 ? ", " : "", (int)first, (*all)->extensions);
    }
    if (other != NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: %s files hold %s, the data are %s: use one of %s", path, other->name,
                        kind_name(other->kind), kind == LMP_SIGNALS ? "signals" : "a movie", known);
    return lmp_fail(err, LMP_ERR_USAGE, "%s: the name's ending does not say what to write: use one of %s", path, known);
}

/* ---- Plug-ins ---- */

static lmp_status check_plugin_step(const lmp_engine *engine, const char *path, const lmp_step *step, lmp_error *err)
{
    if (step->struct_size != sizeof(lmp_step))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s was compiled against another version of limpid/step.h: compile it again", path);
    const lmp_step *same = NULL;
    if (engine_find_step(engine, step->name, &same, NULL) == LMP_OK)
        return lmp_fail(err, LMP_ERR_USAGE, "%s defines a step \"%s\", which exists already: rename it", path,
                        step->name);
    if (step->plan == NULL || step->params == NULL || step->doc == NULL || step->summary == NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: step \"%s\" lacks plan, params, doc or summary", path, step->name);
    return LMP_OK;
}

static lmp_status add_plugin_step(lmp_engine *engine, const lmp_step *step, lmp_error *err)
{
    const lmp_step **grown = realloc(engine->plugin_steps, (size_t)(engine->n_plugin_steps + 2) * sizeof *grown);
    if (grown == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plug-in");
    engine->plugin_steps = grown;
    grown[engine->n_plugin_steps++] = step;
    grown[engine->n_plugin_steps] = NULL;
    return LMP_OK;
}

lmp_status lmp_engine_load(lmp_engine *engine, const char *shared_object, lmp_error *err)
{
    const char *why = "";
    /* dlopen searches the system's folders for a bare name; a plug-in is a file the user named. */
    char *path = NULL;
    if (asprintf(&path, "%s%s", strchr(shared_object, '/') == NULL ? "./" : "", shared_object) < 0)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plug-in");
    void *library = os_library_open(path, &why);
    free(path);
    if (library == NULL) return lmp_fail(err, LMP_ERR_IO, "the plug-in cannot be loaded: %s", why);
    void **grown = realloc(engine->libraries, (size_t)(engine->n_libraries + 1) * sizeof *grown);
    if (grown == NULL) {
        os_library_close(library);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plug-in");
    }
    engine->libraries = grown;
    engine->libraries[engine->n_libraries++] = library;
    const lmp_step *const *steps = os_library_symbol(library, "lmp_plugin_steps");
    if (steps == NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "%s exports no lmp_plugin_steps: see limpid/step.h", shared_object);
    for (; *steps != NULL; steps++) {
        lmp_status status = check_plugin_step(engine, shared_object, *steps, err);
        if (status == LMP_OK) status = add_plugin_step(engine, *steps, err);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}
