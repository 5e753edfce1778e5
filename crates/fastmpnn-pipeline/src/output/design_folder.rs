//! A folder of designs: sequences, table, settings and structures.

use std::path::PathBuf;
use std::rc::Rc;

use fastmpnn::Engine;
use fastmpnn::decode::Design;
use fastmpnn::model::StoredPrecision;
use fastmpnn::structure::Structure;
use fastmpnn::write::{DesignColumns, DesignRow, chains_by_id, chains_joined};

use super::design_settings::{DesignSettings, FailedRecord};
use super::design_table::DesignTable;
use super::pack_folder::DesignPackingRecord;
use super::{
    AtomicFile, DesignOutput, DesignResult, DesignTarget, NativeOutcome, OutputFailure, ResultsFolder, Sample, State,
    WritingTo,
};
use crate::error::PipelineError;
use crate::input::{Input, ResolvedDesign};
use crate::request::DesignRequest;
use crate::run::FailedInput;
use crate::selection::SelectionReport;

/// A folder of designs.
pub(crate) struct DesignFolder {
    folder: Rc<ResultsFolder>,
    settings: DesignSettings,
    columns: DesignColumns,
    /// None before the first structure.
    table: Option<DesignTable>,
    /// The sequences of the structure that is designed on; the file gets its name when they are complete.
    fasta: Option<OpenFile>,
}

/// A file on its way, and where it will be.
struct OpenFile {
    file: AtomicFile,
    path: PathBuf,
}

impl DesignFolder {
    pub(crate) fn open(
        request: &DesignRequest,
        resolved: &ResolvedDesign,
        engine: &Engine,
        folder: Rc<ResultsFolder>,
        packing: Option<DesignPackingRecord>,
    ) -> DesignFolder {
        let sees_ligands = engine.model().config().context_atoms.is_some();
        DesignFolder {
            settings: DesignSettings::new(request, resolved, engine, packing, folder.path()),
            folder,
            columns: DesignColumns::new(sees_ligands, resolved.is_rescored(request))
                .with_goals(resolved.has_goals(request)),
            table: None,
            fasta: None,
        }
    }

    /// Says in the settings what encodings are rounded to, where they are.
    pub(crate) fn with_rounded_encodings(mut self, rounded: Option<StoredPrecision>) -> DesignFolder {
        self.settings.rounded_encodings = rounded.map(|rounded| rounded.to_string());
        self
    }

    fn add_rows(&mut self, target: &DesignTarget<'_>, designs: &[DesignResult]) -> Result<(), PipelineError> {
        let mut rows = Vec::with_capacity(designs.len());
        for DesignResult { design, measures, rescored } in designs {
            let file = match target.request.structures {
                true => self.write_structures(target, design)?,
                false => None,
            };
            let separator = target.request.folder.chain_separator;
            rows.push(DesignRow {
                name: target.structure.name.clone(),
                sample: design.sample + 1,
                temperature: design.temperature,
                seed: target.request.sampling.seed,
                score: measures.score,
                rescored: *rescored,
                global_score: measures.global_score,
                recovery: measures.recovery,
                ligand: measures.ligand,
                goals: target.goals(design),
                file,
                sequence: chains_joined(target.structure, &design.sequence, separator),
                chains: chains_by_id(target.structure, &design.sequence, separator),
            });
        }
        if let Some(table) = &mut self.table {
            table.add(&rows).writing_to(table.path().display())?;
        }
        Ok(())
    }

    /// Writes a design on each state; says where it is on the first.
    fn write_structures(&self, target: &DesignTarget<'_>, design: &Design) -> Result<Option<String>, PipelineError> {
        let mut first = None;
        for state in target.states.iter() {
            let bytes = target.states.file_of(design, state)?;
            let several = target.request.several_temperatures();
            let stem = Sample::of(design).stem(&state.structure.name, several);
            let file = format!("structures/{stem}.{}", state.format.ending());
            self.folder.write(&file, &bytes)?;
            first.get_or_insert(file);
        }
        Ok(first)
    }

    /// Gives the sequences of the structure their name.
    fn close(&mut self) -> Result<(), OutputFailure> {
        match self.fasta.take() {
            Some(OpenFile { file, path }) => file.commit().writing_to(path.display()),
            None => Ok(()),
        }
    }
}

impl DesignOutput for DesignFolder {
    fn begin(&mut self, native: &NativeOutcome<'_>) -> Result<(), OutputFailure> {
        self.close()?;
        if self.table.is_none() {
            self.folder.begin(&self.settings)?;
        }
        let target = native.target;
        self.settings.inputs.push(&target.input).writing_to(self.folder.path().display())?;
        let path = self.folder.claim(&format!("seqs/{}.fa", target.structure.name))?;
        let file = AtomicFile::create(&path).writing_to(path.display())?;
        let fasta = self.fasta.insert(OpenFile { file, path });
        match &mut self.table {
            Some(table) => table.widen(target.structure).writing_to(table.path().display())?,
            empty => *empty = Some(begin_table(&self.folder, &self.columns, Some(target.structure))?),
        }
        native.write_fasta(&mut fasta.file).writing_to(fasta.path.display())
    }

    fn add(&mut self, target: &DesignTarget<'_>, designs: &[DesignResult]) -> Result<(), PipelineError> {
        // First the table: its rows are on the disk at once, and what is cut short keeps them.
        self.add_rows(target, designs)?;
        if let Some(OpenFile { file, path }) = &mut self.fasta {
            for design in designs {
                target.write_design(file, design).writing_to(path.display())?;
            }
        }
        Ok(())
    }

    fn selected(&mut self, report: &SelectionReport) {
        self.settings.selection.get_or_insert_default().merge(report);
    }

    fn end(&mut self, _: &DesignTarget<'_>) -> Result<(), OutputFailure> {
        self.close()
    }

    fn cut_short(&mut self, _: &DesignTarget<'_>) -> Result<(), OutputFailure> {
        // What there is is whole designs.
        self.close()
    }

    fn fail(&mut self, _: &Input, _: &FailedInput) -> Result<(), OutputFailure> {
        // They are listed in the settings at the end.
        Ok(())
    }

    fn finish(mut self: Box<Self>, failed: &[FailedInput], state: State) -> Result<(), OutputFailure> {
        self.close()?;
        if self.folder.is_untouched() {
            // Nothing was designed, and the results that would have been overwritten stay.
            return Ok(());
        }
        let record = |failed: &FailedInput| FailedRecord { input: failed.input.clone(), error: failed.error.clone() };
        self.settings.failed = failed.iter().map(record).collect();
        let table = match &mut self.table {
            Some(table) => table,
            empty => {
                // No input could be used.
                self.folder.begin(&self.settings)?;
                empty.insert(begin_table(&self.folder, &self.columns, None)?)
            }
        };
        table.sort().writing_to(table.path().display())?;
        self.folder.finish(&self.settings, state)
    }
}

/// Begins the table with the columns of a structure.
fn begin_table(
    folder: &ResultsFolder,
    columns: &DesignColumns,
    first: Option<&Structure>,
) -> Result<DesignTable, OutputFailure> {
    let path = folder.claim("designs.csv")?;
    DesignTable::create(&path, columns.clone(), first).writing_to(path.display())
}
