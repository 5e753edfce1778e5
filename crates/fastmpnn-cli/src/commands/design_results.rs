//! Where designs go: FASTA on standard output, or a folder with sequences, table, settings and structures.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Result;
use fastmpnn::Engine;
use fastmpnn::chemistry::Letter;
use fastmpnn::decode::Design;
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::Structure;
use fastmpnn::write::{DesignRow, StructureFormat, chains_joined, write_designs, write_record};
use serde::Serialize;

use super::design_structures::StateStructures;
use super::pack::DesignPackingRecord;
use super::{Failed, Measures, STANDARD_OUTPUT, four_decimals, shown, write_json};
use crate::atomic_file::AtomicFile;
use crate::failure::WritingTo;
use crate::inputs::Input;
use crate::settings::DesignSettings;

/// A place for designs.
pub(super) enum Results {
    StandardOutput,
    Folder(Box<Folder>),
}

/// A folder of results.
pub(super) struct Folder {
    path: PathBuf,
    structures: bool,
    rows: Vec<DesignRow>,
    settings: SettingsRecord,
}

/// One structure on its way through: what its records say, and its open FASTA file.
pub(super) struct Task<'a> {
    settings: &'a DesignSettings,
    checkpoint: &'a str,
    structure: &'a Structure,
    states: &'a StateStructures<'a>,
    input: InputRecord,
    /// `A1-106`
    designed: String,
    fasta: Fasta,
    fasta_name: String,
}

enum Fasta {
    StandardOutput(BufWriter<io::Stdout>),
    /// It gets its name when the structure is done.
    File(AtomicFile),
}

impl<'a> Task<'a> {
    pub(super) fn new(
        settings: &'a DesignSettings,
        engine: &'a Engine,
        (input, structure, states): (&Input, &'a Structure, &'a StateStructures<'a>),
        (plan, summary): (&DesignPlan, &str),
    ) -> Result<Task<'a>> {
        let (fasta, fasta_name) = match &settings.out {
            None => (Fasta::StandardOutput(BufWriter::new(io::stdout())), STANDARD_OUTPUT.to_owned()),
            Some(folder) => {
                let path = folder.join("seqs").join(format!("{}.fa", structure.name));
                let file = AtomicFile::create(&path).writing_to(path.display())?;
                (Fasta::File(file), path.display().to_string())
            }
        };
        Ok(Task {
            settings,
            checkpoint: engine.checkpoint_name(),
            structure,
            states,
            input: InputRecord::new(input, structure, plan, summary),
            designed: designed_ranges(summary).to_owned(),
            fasta,
            fasta_name,
        })
    }

    fn record(&mut self, header: &str, sequence: &[Letter]) -> Result<()> {
        let written = match &mut self.fasta {
            Fasta::StandardOutput(out) => write_record(out, header, self.structure, sequence),
            Fasta::File(out) => write_record(out, header, self.structure, sequence),
        };
        written.writing_to(&self.fasta_name)?;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let written = match &mut self.fasta {
            Fasta::StandardOutput(out) => out.flush(),
            Fasta::File(out) => out.flush(),
        };
        written.writing_to(&self.fasta_name)?;
        Ok(())
    }

    /// All designs of the structure are written.
    pub(super) fn finish(mut self) -> Result<()> {
        self.flush()?;
        if let Fasta::File(file) = self.fasta {
            file.commit().writing_to(&self.fasta_name)?;
        }
        Ok(())
    }
}

impl Results {
    pub(super) fn open(settings: &DesignSettings, engine: &Engine) -> Result<Results> {
        let Some(path) = &settings.out else { return Ok(Results::StandardOutput) };
        let mut folders = vec![path.clone(), path.join("seqs")];
        if settings.structures {
            folders.push(path.join("structures"));
        }
        for folder in folders {
            fs::create_dir_all(&folder).writing_to(folder.display())?;
        }
        let folder = Folder {
            path: path.clone(),
            structures: settings.structures,
            rows: Vec::new(),
            settings: SettingsRecord::new(settings, engine),
        };
        // Written now as well, so that a folder that takes no files is found out before the work, and a run that is
        // cut short has left its settings.
        folder.write_settings()?;
        Ok(Results::Folder(Box::new(folder)))
    }

    /// Adds to the settings how designs are packed.
    pub(super) fn describe_packing(&mut self, packing: DesignPackingRecord) -> Result<()> {
        let Results::Folder(folder) = self else { return Ok(()) };
        folder.settings.packing = Some(packing);
        folder.write_settings()
    }

    /// Writes the native sequence.
    pub(super) fn begin(&mut self, task: &mut Task, native: &[Letter], measures: &Measures) -> Result<()> {
        let Measures { score, global_score, .. } = *measures;
        let header = format!(
            "{}, native, score={}, global_score={}{}, designed={}, seed={}, model={}",
            task.structure.name,
            four_decimals(score),
            four_decimals(global_score),
            confidences(measures),
            task.designed,
            task.settings.seed,
            task.checkpoint
        );
        task.record(&header, native)?;
        task.flush()?;
        if let Results::Folder(folder) = self {
            folder.settings.inputs.push(task.input.clone());
        }
        Ok(())
    }

    /// Writes a wave of designs.
    pub(super) fn write(&mut self, task: &mut Task, designs: &[(Design, Measures)]) -> Result<()> {
        for (design, measures) in designs {
            let header = format!(
                "{}, sample={}, T={}, score={}, global_score={}, recovery={}{}{}, seed={}",
                task.structure.name,
                design.sample + 1,
                design.temperature,
                four_decimals(measures.score),
                four_decimals(measures.global_score),
                four_decimals(measures.recovery),
                confidences(measures),
                measures.ligand.map_or_else(String::new, |ligand| {
                    format!(", ligand_recovery={}", four_decimals(ligand.ligand_recovery))
                }),
                task.settings.seed
            );
            task.record(&header, &design.sequence)?;
            if let Results::Folder(folder) = self {
                folder.add(task, design, measures)?;
            }
        }
        task.flush()
    }

    /// Writes what covers all inputs.
    pub(super) fn finish(self, failed: &[Failed]) -> Result<()> {
        let Results::Folder(mut folder) = self else { return Ok(()) };
        folder.settings.failed = failed
            .iter()
            .map(|failed| FailedRecord { input: failed.input.clone(), error: failed.error.clone() })
            .collect();
        folder.write_settings()?;
        let key = |row: &DesignRow| row.score.unwrap_or(f64::INFINITY);
        // Stable: equal scores stay in the order of inputs, temperatures and samples.
        folder.rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
        let path = folder.path.join("designs.csv");
        let written = AtomicFile::create(&path).and_then(|mut file| {
            write_designs(&mut file, &folder.rows)?;
            file.commit()
        });
        written.writing_to(path.display())?;
        Ok(())
    }
}

impl Folder {
    fn add(&mut self, task: &Task, design: &Design, measures: &Measures) -> Result<()> {
        self.rows.push(DesignRow {
            name: task.structure.name.clone(),
            sample: design.sample + 1,
            temperature: design.temperature,
            seed: task.settings.seed,
            score: measures.score,
            global_score: measures.global_score,
            recovery: measures.recovery,
            ligand: measures.ligand,
            sequence: chains_joined(task.structure, &design.sequence),
        });
        if self.structures {
            for (state, format) in task.states.iter() {
                // What fails here does not fit the format: the input's fault, not the disk's.
                let bytes = task.states.file_of(design, (state, format))?;
                let path = self.structure_path(task, design, (&state.name, format));
                AtomicFile::write(&path, &bytes).writing_to(path.display())?;
            }
        }
        Ok(())
    }

    fn structure_path(&self, task: &Task, design: &Design, (name, format): (&str, StructureFormat)) -> PathBuf {
        let (sample, ending) = (design.sample + 1, format.ending());
        let file = match task.settings.temperatures.len() {
            1 => format!("{name}_{sample}.{ending}"),
            _ => format!("{name}_T{}_{sample}.{ending}", design.temperature),
        };
        self.path.join("structures").join(file)
    }

    fn write_settings(&self) -> Result<()> {
        let path = self.path.join("settings.json");
        write_json(&path, &self.settings).writing_to(path.display())?;
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
    gaps: String,
    leave_out_unoccupied: bool,
    structures: bool,
    /// The format asked for; `null` is PDB where it has room, else mmCIF.
    structure_format: Option<&'static str>,
    /// How designs were packed; `null` where they were not.
    packing: Option<DesignPackingRecord>,
    ligand_cutoff: f32,
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
            program: env!("CARGO_BIN_NAME"),
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
            gaps: settings.run.read.gaps.to_string(),
            leave_out_unoccupied: settings.run.read.leave_out_unoccupied,
            structures: settings.structures,
            structure_format: settings.format.map(StructureFormat::ending),
            packing: None,
            ligand_cutoff: settings.ligand_cutoff,
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
