/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_piecewise_scratch.c: what one worker needs.
 */
#include "movie/motion_piecewise.h"

static size_t line_bytes(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Pieces of a worker's scratch, in order: sizes in bytes. */
enum {
    PIECE_TEMPLATE,
    PIECE_MOVER,
    PIECE_PATCHES,
    PIECE_STATE,
    PIECE_IMAGE,
    PIECE_MOVED,
    PIECE_NODES,
    PIECE_LINE,
    PIECE_TO,
    N_PIECES
};

typedef struct scratch_sizes {
    size_t bytes[N_PIECES];
} scratch_sizes;

/* Nodes: three times y, x and whether they are known. */
static size_t node_floats(const patch_layout *l)
{
    return line_bytes((size_t)((l->rows + 2) * (l->columns + 2)) * sizeof(float)) / sizeof(float);
}

static scratch_sizes scratch_of(size_t of_template, const image_shift_spec *mover, const patch_layout *l)
{
    const size_t image = line_bytes((size_t)(l->image_rows * l->image_columns) * sizeof(float));
    const int64_t width = mover->width > l->image_columns ? mover->width : l->image_columns;
    return (scratch_sizes){{[PIECE_TEMPLATE] = line_bytes(of_template),
                            [PIECE_MOVER] = line_bytes(image_shift_scratch_bytes(mover)),
                            [PIECE_PATCHES] = (size_t)patches_scratch_floats(l) * sizeof(float),
                            [PIECE_STATE] = 64,
                            [PIECE_IMAGE] = image,
                            [PIECE_MOVED] = image,
                            [PIECE_NODES] = 9 * node_floats(l) * sizeof(float),
                            [PIECE_LINE] = line_bytes((size_t)(l->columns + 2) * sizeof(float)),
                            [PIECE_TO] = 2 * line_bytes((size_t)width * sizeof(float))}};
}

size_t piecewise_scratch_bytes(size_t of_template, const image_shift_spec *mover, const patch_layout *l)
{
    const scratch_sizes sizes = scratch_of(of_template, mover, l);
    size_t total = 0;
    for (int i = 0; i < N_PIECES; i++) total += sizes.bytes[i];
    return total;
}

static field_nodes take_nodes(float *at, size_t floats)
{
    return (field_nodes){at, at + floats, (uint8_t *)(at + 2 * floats)};
}

piecewise_scratch piecewise_split(const piecewise *p, void *scratch)
{
    const scratch_sizes sizes = scratch_of(p->template_bytes, &p->move, &p->layout);
    char *at[N_PIECES], *next = scratch;
    for (int i = 0; i < N_PIECES; i++) {
        at[i] = next;
        next += sizes.bytes[i];
    }
    const size_t n = node_floats(&p->layout);
    float *nodes = (float *)(void *)at[PIECE_NODES], *to = (float *)(void *)at[PIECE_TO];
    return (piecewise_scratch){.of_template = at[PIECE_TEMPLATE],
                               .of_mover = at[PIECE_MOVER],
                               .of_patches = (float *)(void *)at[PIECE_PATCHES],
                               .note = (piecewise_note *)(void *)at[PIECE_STATE],
                               .image = (float *)(void *)at[PIECE_IMAGE],
                               .moved = (float *)(void *)at[PIECE_MOVED],
                               .field = take_nodes(nodes, n),
                               .found = take_nodes(nodes + 3 * n, n),
                               .work = take_nodes(nodes + 6 * n, n),
                               .line = (float *)(void *)at[PIECE_LINE],
                               .to_y = to,
                               .to_x = to + sizes.bytes[PIECE_TO] / sizeof(float) / 2};
}
