/* SPDX-License-Identifier: BSD-3-Clause
 *
 * flip.c: mirror frames, or exchange their rows and columns.
 */
#include "movie/turn.h"

typedef struct flip_params {
    int64_t axis;
} flip_params;

static const lmp_param params[] = {
    {"axis", LMP_PARAM_CHOICE, offsetof(flip_params, axis), "x", 0, 0, "", "x|y|both|diagonal",
     "x: left and right change places; y: top and bottom; both: a half turn; diagonal: rows become columns."},
    {0},
};

static const turn turns[] = {TURN_MIRROR_X, TURN_MIRROR_Y, TURN_HALF, TURN_TRANSPOSE};

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)in, (void)err;
    turn_format(turns[((const flip_params *)values)->axis], &plan->out.format);
    plan->shared_bytes = sizeof(turn);
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)in, (void)plan_made;
    const lmp_status status = lmp_take(budget, sizeof(turn), shared, err);
    if (status == LMP_OK) *(turn *)*shared = turns[((const flip_params *)values)->axis];
    return status;
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    turn_frames(*(const turn *)shared, in, out);
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_flip = {
    .struct_size = sizeof(lmp_step),
    .name = "flip",
    .summary = "Mirror frames, or exchange rows and columns.",
    .doc = "Moves pixels, changes none; in any number type.\n\n"
           "- `x`: column `i` goes to `width - 1 - i`\n"
           "- `y`: row `j` goes to `height - 1 - j`\n"
           "- `both`: the two together, which is a half turn\n"
           "- `diagonal`: the pixel at column `i`, row `j` goes to column `j`, row `i`: the transpose, which exchanges "
           "width and height\n",
    .known_as =
        "Flip Horizontally, Flip Vertically (ImageJ), Flip X, Flip Y, Transpose (BLITZ), flip, transpose (OpenCV, "
        "NumPy)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(flip_params),
    .plan = plan,
    .open = open_shared,
    .close = close_shared,
    .takes_any_type = true,
    .process_images = process_images,
};
