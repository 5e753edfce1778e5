//! Where designs go: FASTA on standard output, or a folder with sequences, table, settings and structures.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::Result;
use fastmpnn::Engine;
use fastmpnn::chemistry::Letter;
use fastmpnn::decode::Design;
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::Structure;
use fastmpnn::write::{DesignColumns, DesignRow, StructureFormat, chains_by_id, chains_joined, write_record};
use serde::Serialize;

use super::design_structures::StateStructures;
use super::pack::DesignPackingRecord;
use super::{Failed, Measures, STANDARD_OUTPUT, four_decimals, shown};
use crate::failure::WritingTo;
use crate::settings::{DEFAULT_LIGAND_CUTOFF, DesignSettings};
use fastmpnn_pipeline::input::Input;
use fastmpnn_pipeline::output::AtomicFile;
use fastmpnn_pipeline::output::GrowingTable;
use fastmpnn_pipeline::output::{ResultsFolder, State};
use fastmpnn_pipeline::output::{Sample, first_word};

/// A place for designs.
pub(super) enum Results {
    StandardOutput(BufWriter<io::Stdout>),
    Folder(Box<Folder>),
}

/// A folder of results.
pub(super) struct Folder {
    folder: Rc<ResultsFolder>,
    structures: bool,
    settings: SettingsRecord,
    columns: DesignColumns,
    rows: Vec<DesignRow>,
    /// None before the first structure.
    table: Option<GrowingTable>,
    /// The sequences of the structure that is designed on; the file gets its name when they are complete.
    fasta: Option<(AtomicFile, PathBuf)>,
}

/// One structure on its way through: what its records say.
pub(super) struct Task<'a> {
    settings: &'a DesignSettings,
    checkpoint: &'a str,
    structure: &'a Structure,
    states: &'a StateStructures<'a>,
    input: InputRecord,
    /// `A1-106`
    designed: String,
}

/// A design and what is said of it.
pub(super) struct Drawn {
    pub(super) design: Design,
    pub(super) measures: Measures,
    /// The mean of its scores in random orders, where that is asked for.
    pub(super) rescored: Option<f64>,
}

impl<'a> Task<'a> {
    pub(super) fn new(
        settings: &'a DesignSettings,
        engine: &'a Engine,
        (input, structure, states): (&Input, &'a Structure, &'a StateStructures<'a>),
        (plan, summary): (&DesignPlan, &str),
    ) -> Task<'a> {
        Task {
            settings,
            checkpoint: engine.checkpoint_name(),
            structure,
            states,
            input: InputRecord::new(input, structure, plan, summary),
            designed: designed_ranges(summary).to_owned(),
        }
    }

    /// What a sample is called in file names and at the beginning of a header.
    fn stem(&self, sample: Sample) -> String {
        sample.stem(&self.structure.name, self.settings.temperatures.len() > 1)
    }

    /// `5L33_3 5L33`: the first word is the record's own.
    fn title(&self, sample: Sample) -> String {
        format!("{} {}", first_word(&self.stem(sample)), self.structure.name)
    }

    /// `score=0.8123, rescored=0.8342, global_score=0.8123`
    fn scores(&self, measures: &Measures, rescored: Option<f64>) -> String {
        let (score, global_score) = (four_decimals(measures.score), four_decimals(measures.global_score));
        let rescored = match self.settings.rescore_orders {
            Some(_) => format!(", rescored={}", four_decimals(rescored)),
            None => String::new(),
        };
        format!("score={score}{rescored}, global_score={global_score}")
    }

    fn write_record(&self, out: &mut impl Write, header: &str, sequence: &[Letter]) -> io::Result<()> {
        write_record(out, header, (self.structure, sequence), self.settings.folder.chain_separator)
    }
}

impl Results {
    /// In a folder that was taken, or on standard output.
    pub(super) fn open(settings: &DesignSettings, engine: &Engine, folder: Option<Rc<ResultsFolder>>) -> Results {
        let Some(folder) = folder else { return Results::StandardOutput(BufWriter::new(io::stdout())) };
        let sees_ligands = engine.model().config().context_atoms.is_some();
        Results::Folder(Box::new(Folder {
            folder,
            structures: settings.structures,
            settings: SettingsRecord::new(settings, engine),
            columns: DesignColumns::new(sees_ligands, settings.rescore_orders.is_some()),
            rows: Vec::new(),
            table: None,
            fasta: None,
        }))
    }

    /// Adds to the settings how designs are packed.
    pub(super) fn describe_packing(&mut self, packing: DesignPackingRecord) {
        if let Results::Folder(folder) = self {
            folder.settings.packing = Some(packing);
        }
    }

    /// Begins a structure and writes its native sequence.
    pub(super) fn begin(
        &mut self,
        task: &Task,
        native: &[Letter],
        (measures, rescored): (&Measures, Option<f64>),
    ) -> Result<()> {
        if let Results::Folder(folder) = self {
            folder.begin(task)?;
        }
        let header = format!(
            "{}, native, {}{}, designed={}, seed={}, model={}",
            task.title(Sample::NATIVE),
            task.scores(measures, rescored),
            confidences(measures),
            task.designed,
            task.settings.seed,
            task.checkpoint
        );
        self.record(task, &header, native)?;
        self.flush()
    }

    /// Writes a wave of designs.
    pub(super) fn write(&mut self, task: &Task, designs: &[Drawn]) -> Result<()> {
        // First the table: its rows are on the disk at once, and what is cut short keeps them.
        if let Results::Folder(folder) = self {
            folder.add(task, designs)?;
        }
        for Drawn { design, measures, rescored } in designs {
            let header = format!(
                "{}, sample={}, T={}, {}, recovery={}{}{}, seed={}",
                task.title(Sample::of(design)),
                design.sample + 1,
                design.temperature,
                task.scores(measures, *rescored),
                four_decimals(measures.recovery),
                confidences(measures),
                measures.ligand.map_or_else(String::new, |ligand| {
                    format!(", ligand_recovery={}", four_decimals(ligand.ligand_recovery))
                }),
                task.settings.seed
            );
            self.record(task, &header, &design.sequence)?;
        }
        self.flush()
    }

    fn record(&mut self, task: &Task, header: &str, sequence: &[Letter]) -> Result<()> {
        match self {
            Results::StandardOutput(out) => task.write_record(out, header, sequence).writing_to(STANDARD_OUTPUT)?,
            Results::Folder(folder) => {
                if let Some((file, path)) = &mut folder.fasta {
                    task.write_record(file, header, sequence).writing_to(path.display())?;
                }
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if let Results::StandardOutput(out) = self {
            out.flush().writing_to(STANDARD_OUTPUT)?;
        }
        Ok(())
    }

    /// All designs of the structure are written.
    pub(super) fn end(&mut self) -> Result<()> {
        match self {
            Results::StandardOutput(_) => Ok(()),
            Results::Folder(folder) => folder.end(),
        }
    }

    /// Writes what covers all inputs.
    pub(super) fn finish(self, failed: &[Failed], state: State) -> Result<()> {
        let Results::Folder(mut folder) = self else { return Ok(()) };
        folder.end()?;
        if folder.folder.is_untouched() {
            // Nothing was designed, and the results that would have been overwritten stay.
            return Ok(());
        }
        folder.settings.failed = failed
            .iter()
            .map(|failed| FailedRecord { input: failed.input.clone(), error: failed.error.clone() })
            .collect();
        folder.finish(state)
    }
}

impl Folder {
    fn begin(&mut self, task: &Task) -> Result<()> {
        self.end()?;
        if self.table.is_none() {
            self.folder.begin(&self.settings)?;
        }
        self.settings.inputs.push(task.input.clone());
        let path = self.folder.claim(&format!("seqs/{}.fa", task.structure.name))?;
        let file = AtomicFile::create(&path).writing_to(path.display())?;
        self.fasta = Some((file, path));
        if self.columns.add_chains(task.structure) || self.table.is_none() {
            // Its rows so far get empty cells in the columns of new chains.
            self.write_table()?;
        }
        Ok(())
    }

    fn add(&mut self, task: &Task, designs: &[Drawn]) -> Result<()> {
        let begin = self.rows.len();
        for Drawn { design, measures, rescored } in designs {
            let file = match self.structures {
                true => self.write_structures(task, design)?,
                false => None,
            };
            let separator = task.settings.folder.chain_separator;
            self.rows.push(DesignRow {
                name: task.structure.name.clone(),
                sample: design.sample + 1,
                temperature: design.temperature,
                seed: task.settings.seed,
                score: measures.score,
                rescored: *rescored,
                global_score: measures.global_score,
                recovery: measures.recovery,
                ligand: measures.ligand,
                file,
                sequence: chains_joined(task.structure, &design.sequence, separator),
                chains: chains_by_id(task.structure, &design.sequence, separator),
            });
        }
        let mut bytes = Vec::new();
        if let Some(table) = &mut self.table {
            let written = self.columns.write_rows(&mut bytes, &self.rows[begin..]).and_then(|()| table.append(&bytes));
            written.writing_to(table.path().display())?;
        }
        Ok(())
    }

    /// Writes a design on each state; says where it is on the first.
    fn write_structures(&self, task: &Task, design: &Design) -> Result<Option<String>> {
        let mut first = None;
        for (state, format) in task.states.iter() {
            // What fails here does not fit the format: the input's fault, not the disk's.
            let bytes = task.states.file_of(design, (state, format))?;
            let stem = Sample::of(design).stem(&state.name, task.settings.temperatures.len() > 1);
            let file = format!("structures/{stem}.{}", format.ending());
            self.folder.write(&file, &bytes)?;
            first.get_or_insert(file);
        }
        Ok(first)
    }

    /// Gives the sequences of a structure their name.
    fn end(&mut self) -> Result<()> {
        if let Some((file, path)) = self.fasta.take() {
            file.commit().writing_to(path.display())?;
        }
        Ok(())
    }

    /// Writes the table as a whole.
    fn write_table(&mut self) -> Result<()> {
        let mut bytes = Vec::new();
        self.columns
            .write_header(&mut bytes)
            .and_then(|()| self.columns.write_rows(&mut bytes, &self.rows))
            .writing_to("designs.csv")?;
        match &mut self.table {
            Some(table) => table.replace(&bytes).writing_to(table.path().display())?,
            None => {
                let path = self.folder.claim("designs.csv")?;
                self.table = Some(GrowingTable::create(path.clone(), &bytes).writing_to(path.display())?);
            }
        }
        Ok(())
    }

    fn finish(mut self, state: State) -> Result<()> {
        if self.table.is_none() {
            // No input could be used.
            self.folder.begin(&self.settings)?;
        }
        let key = |row: &DesignRow| row.rescored.or(row.score).unwrap_or(f64::INFINITY);
        // Stable: equal scores stay in the order of inputs, temperatures and samples.
        self.rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
        self.write_table()?;
        self.folder.finish(&self.settings, state)?;
        Ok(())
    }
}

/// The fields of a header about ligands; none where the network does not see them.
fn confidences(measures: &Measures) -> String {
    measures.ligand.map_or_else(String::new, |ligand| {
        format!(
            ", overall_confidence={}, ligand_confidence={}",
            four_decimals(ligand.overall_confidence),
            four_decimals(ligand.ligand_confidence)
        )
    })
}

/// `A1-106` of `designs A1-106 (106 residues); fixes …`
fn designed_ranges(summary: &str) -> &str {
    let clause = summary.split(" (").next().unwrap_or_default();
    clause.strip_prefix("designs ").unwrap_or(clause)
}

/// `settings.json`.
#[derive(Serialize)]
struct SettingsRecord {
    program: &'static str,
    version: &'static str,
    instruction_set: String,
    precision: String,
    threads: usize,
    checkpoint: CheckpointRecord,
    seed: u64,
    temperatures: Vec<f32>,
    sequences_per_temperature: u64,
    model_number: Option<i32>,
    altloc: String,
    assembly: Option<String>,
    gaps: String,
    leave_out_unoccupied: bool,
    structures: bool,
    /// The format asked for; `null` is PDB where it has room, else mmCIF.
    structure_format: Option<&'static str>,
    /// How designs were packed; `null` where they were not.
    packing: Option<DesignPackingRecord>,
    rescore_orders: Option<u32>,
    chain_separator: char,
    ligand_cutoff: f32,
    /// The file of membrane labels.
    membrane_labels: Option<String>,
    /// The .trb file of fixed residues, or `beside each input`.
    trb: Option<String>,
    ligands: Vec<String>,
    /// Whether the inputs are states of one protein.
    states: bool,
    state_weights: Option<Vec<f32>>,
    spec: DesignSpec,
    inputs: Vec<InputRecord>,
    failed: Vec<FailedRecord>,
}

#[derive(Serialize)]
struct CheckpointRecord {
    name: String,
    family: &'static str,
    sha256: String,
}

/// A structure that was designed on.
#[derive(Clone, Serialize)]
struct InputRecord {
    input: String,
    name: String,
    model_number: i32,
    residues: usize,
    designed: usize,
    plan: String,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct FailedRecord {
    input: String,
    error: String,
}

impl SettingsRecord {
    fn new(settings: &DesignSettings, engine: &Engine) -> SettingsRecord {
        use fastmpnn::structure::AltlocChoice;
        SettingsRecord {
            program: crate::PROGRAM,
            version: env!("CARGO_PKG_VERSION"),
            instruction_set: engine.isa().to_string(),
            precision: engine.precision().to_string(),
            threads: engine.threads(),
            checkpoint: CheckpointRecord {
                name: engine.checkpoint_name().to_owned(),
                family: engine.model().config().family.name(),
                sha256: engine.checkpoint_sha256().to_owned(),
            },
            seed: settings.seed,
            temperatures: settings.temperatures.clone(),
            sequences_per_temperature: settings.sequences,
            model_number: settings.run.read.model_number,
            altloc: match settings.run.read.altloc {
                AltlocChoice::First => "first".to_owned(),
                AltlocChoice::Occupancy => "occupancy".to_owned(),
                AltlocChoice::Named(letter) => letter.to_string(),
            },
            assembly: settings.run.read.assembly.clone(),
            gaps: settings.run.read.gaps.to_string(),
            leave_out_unoccupied: settings.run.read.leave_out_unoccupied,
            structures: settings.structures,
            structure_format: settings.format.map(StructureFormat::ending),
            packing: None,
            rescore_orders: settings.rescore_orders,
            chain_separator: settings.folder.chain_separator,
            ligand_cutoff: settings.ligand_cutoff.unwrap_or(DEFAULT_LIGAND_CUTOFF),
            membrane_labels: settings.labels.as_ref().map(|file| file.path.display().to_string()),
            trb: settings.trb.as_ref().map(ToString::to_string),
            ligands: settings.run.read.ligands.iter().map(ToString::to_string).collect(),
            states: settings.states,
            state_weights: settings.state_weights.clone(),
            spec: settings.spec.clone(),
            inputs: Vec::new(),
            failed: Vec::new(),
        }
    }
}

impl InputRecord {
    fn new(input: &Input, structure: &Structure, plan: &DesignPlan, summary: &str) -> InputRecord {
        let of_structure = structure.warnings.iter().map(ToString::to_string);
        InputRecord {
            input: shown(input),
            name: structure.name.clone(),
            model_number: structure.model_number,
            residues: structure.residues.len(),
            designed: plan.designed_count(),
            plan: summary.to_owned(),
            warnings: of_structure.chain(plan.warnings.iter().cloned()).collect(),
        }
    }
}
