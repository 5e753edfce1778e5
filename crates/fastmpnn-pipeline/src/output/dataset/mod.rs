//! A dataset of designs: part files with a row for each design, which a later run of the same command continues.
//!
//! ```text
//! DIR/dataset.json                    what all rows have in common: the request, the network, the version
//! DIR/parts/designs-00001.parquet     rows, in the order of the inputs
//! DIR/manifest/designs-00001.json     what is in a part: its rows, its SHA-256, its structures with theirs
//! DIR/failures.csv                    a row for each input that could not be used
//! DIR/summary.json                    made when all inputs are done
//! DIR/.fastmpnn-unfinished-designs    the finished structures that are in no part yet
//! ```
//!
//! The file of a part gets its name once, when it is on the disk as a whole, and then its file of the manifest does; only
//! then does the journal begin anew. So whenever the process ends, each finished structure is in a part of the manifest or
//! in the journal, and the parts depend on the order of the inputs and on nothing else. Shards have names of their own
//! (`designs-2of4-00001.parquet`), and so any number of processes fill one folder.

mod address;
mod journal;
mod layout;
mod manifest;
#[cfg(feature = "object-store")]
mod object_store;
mod rows;
mod settings;
mod store;
mod tables;

use std::io::{self, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use fastmpnn::Engine;
use serde::Serialize;
use sha2::{Digest, Sha256};

use self::journal::{Finished, Journal, Taken};
use self::layout::Layout;
use self::manifest::{FinishedStructure, FinishedStructures, PartRecord, Streamed};
use self::rows::DesignRows;
use self::settings::DatasetRecord;
pub(crate) use self::settings::FILE as DATASET_FILE;
use self::store::Store;
pub(crate) use self::tables::DesignTables;
use super::{DesignOutput, DesignResult, DesignTarget, FinishedInputs, NativeOutcome, OutputFailure, State, WritingTo};
use crate::error::{PipelineError, refusal};
use crate::input::{Input, ResolvedDesign};
use crate::message::Field;
use crate::request::{DesignRequest, Resume};
use crate::run::FailedInput;
use crate::selection::{SelectionCounts, SelectionReport};
use crate::table::{Column, Kind, Schema, TableFormat, TableWriter, Value};

/// A dataset on its way.
pub(crate) struct DesignDataset {
    store: Box<dyn Store>,
    layout: Layout,
    format: TableFormat,
    /// A part is complete with this number of rows; it ends with the structure that reaches it.
    part_rows: u64,
    rows: DesignRows,
    journal: Journal,
    finished: Arc<FinishedStructures>,
    /// The parts of this run and the ones that it continues.
    structures: u64,
    designs: u64,
    /// Which step of the selection removed how many designs of all finished structures.
    selection: SelectionReport,
    /// The same of the structure that is worked on.
    selected: SelectionCounts,
}

/// `summary.json`
#[derive(Serialize)]
struct SummaryRecord {
    parts: u64,
    structures: u64,
    designs: u64,
    failed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<SelectionReport>,
}

impl DesignDataset {
    /// Begins or continues a dataset in a folder.
    pub(crate) fn open(
        path: &Path,
        request: &DesignRequest,
        resolved: &ResolvedDesign,
        engine: &Engine,
    ) -> Result<DesignDataset, PipelineError> {
        let format = request.dataset.table.unwrap_or(TableFormat::Parquet);
        let store = address::open(path).writing_to(path.display())?;
        let layout = Layout::new(request.dataset.shard, format);
        let record = DatasetRecord::new(request, resolved, engine);
        let rows = DesignRows::new(request, resolved, &record, engine.model().config().context_atoms.is_some())?;
        // First the lock: what is there may be another process's.
        let shown = path.display().to_string();
        let mut journal = take(&store.local().join(layout.journal()), &rows.schema().columns, &shown)?;
        if request.folder.overwrite {
            remove_all(&*store)?;
            journal.restart(0).writing_to(&shown)?;
        }
        layout.unfinished().iter().try_for_each(|prefix| store.remove_staged(prefix)).writing_to(&shown)?;
        let beginning = Beginning { store: &*store, layout, record: &record, shown: &shown };
        if let Err(error) = beginning.make(request.dataset.resume) {
            journal.withdraw();
            return Err(error);
        }
        let (mut finished, mut selection) = (FinishedStructures::default(), SelectionReport::default());
        let parts = manifest::parts(&*store, |structure, file| {
            finished.add(structure);
            if layout.is_own(file) {
                selection.merge(&(&structure.selection).into());
            }
        });
        let parts = parts.writing_to(store.shown(manifest::FOLDER))?;
        let own = |number: u64| parts.iter().find(|part| part.file == layout.part(number));
        let mut dataset_parts = 0;
        let (mut structures, mut designs) = (0, 0);
        while let Some(part) = own(dataset_parts) {
            structures += part.structures;
            designs += part.rows;
            dataset_parts += 1;
        }
        if journal.part() != dataset_parts {
            // Its rows are in a part: the process was killed before it emptied the journal.
            journal.restart(dataset_parts).writing_to(&shown)?;
        }
        let mut of_journal = || -> io::Result<()> {
            for structure in journal.structures()? {
                let structure = structure?;
                finished.add(&structure);
                selection.merge(&(&structure.selection).into());
            }
            Ok(())
        };
        of_journal().writing_to(&shown)?;
        let mut dataset = DesignDataset {
            store,
            layout,
            format,
            part_rows: request.dataset.part_rows,
            rows,
            journal,
            finished: Arc::new(finished),
            structures,
            designs,
            selection,
            selected: SelectionCounts::default(),
        };
        // The process was killed between the last structure of a part and the part.
        dataset.end_full_part()?;
        Ok(dataset)
    }

    fn end_full_part(&mut self) -> Result<(), OutputFailure> {
        if self.journal.finished().rows >= self.part_rows { self.end_part() } else { Ok(()) }
    }

    /// What messages call the journal.
    fn journal_shown(&self) -> String {
        self.store.shown(&self.layout.journal())
    }

    /// Makes the part of the journal's rows.
    fn end_part(&mut self) -> Result<(), OutputFailure> {
        let Finished { structures, rows } = self.journal.finished();
        let number = self.journal.part();
        let file = self.layout.part(number);
        let shown = self.store.shown(&file);
        let schema = self.rows.schema().clone();
        let write = || -> io::Result<(u64, String)> {
            let staged = self.store.stage(&self.layout.staged())?;
            let mut writer = TableWriter::new(io::BufWriter::new(staged), self.format, schema)?;
            self.journal.rows(|row| writer.write(row))?;
            let mut staged = writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
            staged.rewind()?;
            let mut digest = Sha256::new();
            let bytes = io::copy(&mut staged, &mut digest)?;
            self.store.create(&file, staged)?;
            Ok((bytes, format!("{:x}", digest.finalize())))
        };
        let (bytes, sha256) = write().writing_to(&shown)?;
        self.structures += structures;
        self.designs += rows;
        let shown = self.store.shown(&self.layout.record(number));
        let described = || -> io::Result<()> {
            let structures = Streamed::new(self.journal.structures()?);
            let mut staged = io::BufWriter::new(self.store.stage(&self.layout.staged())?);
            serde_json::to_writer(&mut staged, &PartRecord { file, rows, bytes, sha256, structures })?;
            staged.write_all(b"\n")?;
            let staged = staged.into_inner().map_err(io::IntoInnerError::into_error)?;
            self.store.create(&self.layout.record(number), staged)
        };
        described().writing_to(shown)?;
        self.journal.restart(number + 1).writing_to(self.journal_shown())
    }
}

impl DesignOutput for DesignDataset {
    fn finished_inputs(&self) -> Option<Arc<dyn FinishedInputs>> {
        Some(self.finished.clone())
    }

    fn begin(&mut self, _: &NativeOutcome<'_>) -> Result<(), OutputFailure> {
        self.selected = SelectionCounts::default();
        let shown = self.journal_shown();
        self.journal.drop_unfinished().writing_to(shown)
    }

    fn add(&mut self, target: &DesignTarget<'_>, designs: &[DesignResult]) -> Result<(), PipelineError> {
        let shown = self.journal_shown();
        for row in self.rows.of(target, designs) {
            self.journal.add(&row).writing_to(&shown)?;
        }
        Ok(())
    }

    fn selected(&mut self, report: &SelectionReport) {
        self.selected = report.into();
    }

    fn end(&mut self, target: &DesignTarget<'_>) -> Result<(), OutputFailure> {
        let identity = target.identity;
        let selection = std::mem::take(&mut self.selected);
        self.selection.merge(&(&selection).into());
        let structure = FinishedStructure {
            name: target.structure.name.clone(),
            content: identity.map_or_else(String::new, |identity| identity.content.clone()),
            settings: identity.map_or_else(String::new, |identity| identity.settings.clone()),
            rows: 0,
            selection,
        };
        let shown = self.journal_shown();
        self.journal.end_structure(structure).writing_to(shown)?;
        self.end_full_part()
    }

    fn cut_short(&mut self, _: &DesignTarget<'_>) -> Result<(), OutputFailure> {
        let shown = self.journal_shown();
        self.journal.drop_unfinished().writing_to(shown)
    }

    fn fail(&mut self, _: &Input, _: &FailedInput) -> Result<(), OutputFailure> {
        let shown = self.journal_shown();
        self.journal.drop_unfinished().writing_to(shown)
    }

    fn finish(mut self: Box<Self>, failed: &[FailedInput], state: State) -> Result<(), OutputFailure> {
        let failures = self.layout.failures();
        failures_table(failed)
            .and_then(|table| self.store.replace(&failures, &table))
            .writing_to(self.store.shown(&failures))?;
        if state != State::Finished {
            // The journal keeps what is finished, and the same command goes on from there.
            return Ok(());
        }
        if self.journal.finished().structures > 0 {
            self.end_part()?;
        }
        let DesignDataset { store, layout, journal, structures, designs, selection, .. } = *self;
        let selects = selection.steps().next().is_some();
        let selection = selects.then_some(selection);
        let record = SummaryRecord { parts: journal.part(), structures, designs, failed: failed.len(), selection };
        let summary = serde_json::to_vec_pretty(&record).map_err(io::Error::other).and_then(|mut bytes| {
            bytes.push(b'\n');
            store.replace(&layout.summary(), &bytes)
        });
        summary.writing_to(store.shown(&layout.summary()))?;
        journal.end().writing_to(store.shown(&layout.journal()))
    }
}

fn take(path: &Path, columns: &[Column], shown: &str) -> Result<Journal, PipelineError> {
    match Journal::take(path.to_owned(), columns).writing_to(path.display())? {
        Taken::Ours(journal) => Ok(journal),
        Taken::InUse(process) => {
            let process = process.map_or_else(String::new, |process| format!(" (process {process})"));
            Err(refusal(format!(
                "{shown} is in use: another process{process} is writing the same designs there; wait until it has ended"
            )))
        }
    }
}

/// What a dataset begins with.
struct Beginning<'a> {
    store: &'a dyn Store,
    layout: Layout,
    record: &'a DatasetRecord,
    /// What messages call the folder.
    shown: &'a str,
}

impl Beginning<'_> {
    /// Begins the dataset, or checks that the one that is there has the same settings.
    fn make(&self, resume: Resume) -> Result<(), PipelineError> {
        let Beginning { store, record, shown, .. } = *self;
        let file = store.shown(settings::FILE);
        let Some(former) = store.read(settings::FILE).writing_to(&file)? else {
            let of_other_runs = ["settings.json", "designs.csv", ".fastmpnn-unfinished"];
            if let Some(other) = of_other_runs.into_iter().find(|file| matches!(store.read(file), Ok(Some(_)))) {
                return Err(refusal(format!(
                    "{shown} holds {other}, the results of another kind of run; name another folder for the dataset"
                )));
            }
            return match self.describe() {
                // Another shard was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.make(resume),
                described => Ok(described.writing_to(&file)?),
            };
        };
        let former: DatasetRecord = serde_json::from_slice(&former)
            .map_err(|error| refusal(format!("{file} does not describe a dataset: {error}; name another folder")))?;
        if resume == Resume::Off {
            let (resume, overwrite) = (Field("resume"), Field("overwrite"));
            return Err(refusal(format!(
                "{shown} holds a dataset, and {resume} is off; name another folder, or add {overwrite}"
            )));
        }
        record.check_same(&former, shown)
    }

    fn describe(&self) -> io::Result<()> {
        let mut staged = self.store.stage(&self.layout.staged())?;
        serde_json::to_writer_pretty(&mut staged, self.record)?;
        staged.write_all(b"\n")?;
        self.store.create(settings::FILE, staged)
    }
}

/// Removes the files of a dataset, and no others.
fn remove_all(store: &dyn Store) -> Result<(), OutputFailure> {
    let remove = || -> io::Result<()> {
        for part in manifest::parts(store, |_, _| {})? {
            store.remove(&part.file)?;
        }
        for name in store.list(manifest::FOLDER)? {
            store.remove(&format!("{}/{name}", manifest::FOLDER))?;
        }
        for name in store.list("")? {
            let ours = (name.starts_with("failures") && name.ends_with(".csv"))
                || (name.starts_with("summary") && name.ends_with(".json"));
            if ours && store.read(settings::FILE)?.is_some() {
                store.remove(&name)?;
            }
        }
        store.remove(settings::FILE)
    };
    remove().writing_to(store.shown(""))
}

/// `failures.csv`
fn failures_table(failed: &[FailedInput]) -> io::Result<Vec<u8>> {
    let schema = Schema::new(vec![Column::new("input", Kind::Text), Column::new("error", Kind::Text)]);
    let mut writer = TableWriter::new(Vec::new(), TableFormat::Csv, schema)?;
    for FailedInput { input, error } in failed {
        writer.write(vec![Value::from(input.as_str()), Value::from(error.as_str())])?;
    }
    writer.finish()
}
