/* SPDX-License-Identifier: BSD-3-Clause
 *
 * write.c: write and tee: the stream as it is here goes to a file.
 */
#include "core/source.h"

#include <limpid/step.h>
#include <math.h>
#include <stddef.h>

typedef struct write_params {
    char *path;
    int64_t type; /* index into types[] */
    double quality;
    int64_t compress;
} write_params;

static const lmp_type types[] = {(lmp_type)0, LMP_INT16, LMP_INT24, LMP_INT32, LMP_FLOAT32, LMP_FLOAT64};

static const lmp_param params[] = {
    {"path", LMP_PARAM_FILE, offsetof(write_params, path), NULL, 0, 0, "", NULL,
     "File to write; its ending says the format (limpid formats lists them)."},
    {"type", LMP_PARAM_CHOICE, offsetof(write_params, type), "auto", 0, 0, "", "auto|int16|int24|int32|float32|float64",
     "Number type of signals in the file, where the format has a choice; movies keep theirs (see convert)."},
    {"quality", LMP_PARAM_NUMBER, offsetof(write_params, quality), "auto", 1, 100, "", "auto",
     "Of formats that lose something (JPEG, MP4): 100 is best."},
    {"compress", LMP_PARAM_FLAG, offsetof(write_params, compress), "no", 0, 0, "", NULL,
     "Movies: smaller without loss, where the format can (TIFF, HDF5, Zarr)."},
    {0},
};

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const write_params *p = values;
    const bool is_movie = in->format.kind == LMP_MOVIE;
    if (!is_movie && in->format.n_channels == 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s would hold no channel: the recording has none at this point", p->path);
    if (p->path[0] == '\0') return lmp_fail(err, LMP_ERR_USAGE, "write needs the name of a file");
    if (is_movie && p->type != 0)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "write type= is for signals: a movie is written in the type it has, convert it before (convert "
                        "type=float32 ! write %s)",
                        p->path);
    lmp_write_options *options = lmp_plan_memory(plan, sizeof *options);
    if (options == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    options->type = types[p->type];
    options->quality = isnan(p->quality) ? 0 : p->quality;
    options->compress = p->compress;
    plan->sink_path = p->path;
    plan->sink_options = options;
    return LMP_OK;
}

#define WRITE_DOC                                                                                                      \
    "The file appears under its name only when it is complete, with a record of how it was made beside it "            \
    "(`OUT.limpid.json`; `limpid verify OUT` checks it). Existing files are kept unless `--overwrite` is given; the "  \
    "input is "                                                                                                        \
    "never overwritten.\n\n16- and 24-bit files get the finest resolution that holds the data without clipping. "      \
    "Where the "                                                                                                       \
    "input's own steps can be kept (for example EDF to BDF), samples that no step has touched come out "               \
    "bit-identical.\n\nA movie keeps its number type: `uint8` frames come out as `uint8`, the result of a step that "  \
    "computes as `float32`. One frame is written to .npy as (height, width), several as (frames, height, width). PNG " \
    "and JPEG take a number field (`OUT_%05d.png`), or number the files themselves.\n"

const lmp_step lmp_step_write = {
    .struct_size = sizeof(lmp_step),
    .name = "write",
    .summary = "Write the result to a file.",
    .doc = WRITE_DOC,
    .known_as = "Exporter, EDFExporter, BDFExporter, BrainVisionExporter (FACETpy), export_raw (MNE)",
    .kind = 0,
    .grain = LMP_GRAIN_SINK,
    .params = params,
    .params_size = sizeof(write_params),
    .plan = plan,
};

const lmp_step lmp_step_tee = {
    .struct_size = sizeof(lmp_step),
    .name = "tee",
    .summary = "Write what stands here to a file and go on.",
    .doc = "For looking between two steps without running the chain twice.\n\n    limpid run IN.edf highpass hz=1 ! "
           "tee FILTERED.bdf ! "
           "gradient ! write OUT.bdf\n\n" WRITE_DOC,
    .known_as = "",
    .kind = 0,
    .grain = LMP_GRAIN_SINK,
    .params = params,
    .params_size = sizeof(write_params),
    .plan = plan,
};
