//! The states of a protein, from several files or from the models of one.

use std::collections::HashSet;

use fastmpnn::spec::States;

use super::{Batch, check_protein};
use crate::error::{InFile, PipelineError};
use crate::event::{NoteKind, Reporter};
use crate::input::Input;

impl Batch<'_> {
    /// Reads the states of a protein; one that cannot be read leaves nothing to do.
    pub(in crate::run) fn states(
        &self,
        weights: Option<&[f32]>,
        reporter: &mut Reporter<'_>,
    ) -> Result<States, PipelineError> {
        if let (Some(input), 1) = (self.run.inputs.get(0), self.run.inputs.len()) {
            return self.states_of_models(&input, weights, reporter);
        }
        let options = self.options();
        let mut structures = Vec::with_capacity(self.run.inputs.len());
        for input in self.run.inputs.iter() {
            let structure = self.sources.structure(&input, &options)?;
            let file = input.display_name();
            check_protein(&structure, &file)?;
            reporter.structure_warnings(&file, &structure);
            structures.push(structure);
        }
        Ok(States::new(structures, weights)?)
    }

    /// Reads the models of a file as states.
    fn states_of_models(
        &self,
        input: &Input,
        weights: Option<&[f32]>,
        reporter: &mut Reporter<'_>,
    ) -> Result<States, PipelineError> {
        let models = self.sources.models(input, &self.options())?;
        let file = input.display_name();
        for model in &models {
            check_protein(model, &file)?;
        }
        if let [only] = &models[..] {
            reporter.structure_warnings(&file, only);
            return States::new(models, weights).in_file(&file);
        }
        let count = models.len();
        reporter.note(Some(&file), NoteKind::Models, format!("its {count} models are the states"));
        let states = States::of_models(models, weights).in_file(&file)?;
        // Models repeat each other's warnings.
        let mut said = HashSet::new();
        let mut first = states.structures()[0].clone();
        let all = states.structures().iter().flat_map(|state| &state.warnings);
        first.warnings =
            all.filter(|warning| said.insert((warning.residue.clone(), warning.message.clone()))).cloned().collect();
        reporter.warnings_alone(&file, &first);
        Ok(states)
    }
}
