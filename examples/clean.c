/* SPDX-License-Identifier: BSD-3-Clause */
#include <limpid/limpid.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 3) return fprintf(stderr, "usage: %s IN OUT\n", argv[0]), 2;
    lmp_engine *engine = NULL;
    lmp_recording *recording = NULL;
    lmp_chain *chain = NULL;
    lmp_run *run = NULL;
    lmp_error error = {0};
    lmp_status status = lmp_engine_new(NULL, &engine, &error);
    if (status == LMP_OK) status = lmp_recording_open(engine, argv[1], NULL, &recording, &error);
    if (status == LMP_OK) status = lmp_chain_new(engine, &chain, &error);
    if (status == LMP_OK) status = lmp_chain_preset(chain, "eeg-fmri", recording, NULL, 0, NULL, &error);
    if (status == LMP_OK) status = lmp_chain_add(chain, "write", &error);
    if (status == LMP_OK) status = lmp_chain_set(chain, "path", argv[2], &error);
    if (status == LMP_OK) status = lmp_run_new(engine, recording, chain, NULL, &run, &error);
    if (status == LMP_OK) status = lmp_run_go(run, NULL, NULL, &error);
    if (status != LMP_OK) fprintf(stderr, "clean: %s\n", error.text);
    lmp_run_free(run);
    lmp_chain_free(chain);
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    return -status;
}
