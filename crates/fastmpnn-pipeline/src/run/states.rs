//! The states of a protein, from several files or from the models of one.

use std::collections::HashSet;

use fastmpnn::spec::States;

use super::batch::{Batch, Worker, check_protein};
use crate::error::{InFile, PipelineError};
use crate::event::NoteKind;
use crate::input::Input;

impl Batch<'_> {
    /// Reads the states of a protein; one that cannot be read leaves nothing to do.
    pub(super) fn states(&self, weights: Option<&[f32]>, worker: &mut Worker<'_, '_>) -> Result<States, PipelineError> {
        if let (Some(input), 1) = (self.run.inputs.get(0), self.run.inputs.len()) {
            return self.states_of_models(&input, weights, worker);
        }
        let options = self.options();
        let mut structures = Vec::with_capacity(self.run.inputs.len());
        for input in self.run.inputs.iter() {
            let structure = worker.sources.structure(&input, &options)?;
            let file = input.display_name();
            check_protein(&structure, &file)?;
            worker.reporter.structure_warnings(&file, &structure);
            structures.push(structure);
        }
        Ok(States::new(structures, weights)?)
    }

    /// Reads the models of a file as states.
    fn states_of_models(
        &self,
        input: &Input,
        weights: Option<&[f32]>,
        worker: &mut Worker<'_, '_>,
    ) -> Result<States, PipelineError> {
        let models = worker.sources.models(input, &self.options())?;
        let file = input.display_name();
        for model in &models {
            check_protein(model, &file)?;
        }
        if let [only] = &models[..] {
            worker.reporter.structure_warnings(&file, only);
            return States::new(models, weights).in_file(&file);
        }
        let count = models.len();
        worker.reporter.note(Some(&file), NoteKind::Models, format!("its {count} models are the states"));
        let states = States::of_models(models, weights).in_file(&file)?;
        // Models repeat each other's warnings.
        let mut said = HashSet::new();
        let mut first = states.structures()[0].clone();
        let all = states.structures().iter().flat_map(|state| &state.warnings);
        first.warnings =
            all.filter(|warning| said.insert((warning.residue.clone(), warning.message.clone()))).cloned().collect();
        worker.reporter.warnings_alone(&file, &first);
        Ok(states)
    }
}
