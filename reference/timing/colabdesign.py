"""ColabDesign's JAX model as a peer: `python -m timing.colabdesign --threads 2`."""

import os

from timing.serving import parse_arguments, serve, timed, versions_of

TEMPERATURE = 0.1


class ColabDesign:
    def __init__(self, threads: int) -> None:
        # XLA takes as many threads as the process may use processors; it has no other switch. So before it is imported:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
        import jax

        # ColabDesign 1.1.1 calls it by the name it had before JAX 0.6. This is the only change made to it.
        jax.tree_map = jax.tree_util.tree_map
        from colabdesign.mpnn import mk_mpnn_model

        self.make = mk_mpnn_model
        self.models: dict = {}

    def about(self) -> dict:
        return {"versions": versions_of("jax", "jaxlib", "colabdesign", "dm-haiku", "numpy")}

    def forward(self, structure: str, warmups: int, repeats: int) -> dict:
        """Features, encoder and teacher-forced decoder on the native sequence."""
        times, results = timed(self._model(structure).score, warmups, repeats)
        return times | {"score": float(sum(result["score"] for result in results) / repeats)}

    def sample(self, structure: str, batch: int, warmups: int, repeats: int) -> dict:
        """A batch as `sample_parallel` draws it."""
        model = self._model(structure)
        times, results = timed(lambda: model.sample_parallel(batch, temperature=TEMPERATURE), warmups, repeats)
        return times | {"recovery": float(sum(result["seqid"].mean() for result in results) / repeats)}

    def residues(self, structure: str) -> int:
        return int(self._model(structure)._inputs["mask"].sum())

    def _model(self, structure: str):
        if structure not in self.models:
            model = self.make("v_48_020", seed=37)
            model.prep_inputs(pdb_filename=structure)
            self.models[structure] = model
        return self.models[structure]


if __name__ == "__main__":
    arguments = parse_arguments()
    serve(ColabDesign(arguments.threads), arguments.once)
