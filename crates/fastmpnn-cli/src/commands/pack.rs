//! `fastmpnn pack`: side chains for a backbone and a sequence.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use fastmpnn::Packer;
use fastmpnn::chemistry::{Letter, SideChain};
use fastmpnn::decode::{Design, Packing, PackingChoice, StreamDraws};
use fastmpnn::error::SpecError;
use fastmpnn::score::clashes;
use fastmpnn::spec::{DesignPlan, Surroundings};
use fastmpnn::structure::{BackboneAtoms, Residue, Structure};
use fastmpnn::write::{PackRow, StructureFormat, WrittenStructure, write_packs};
use serde::Serialize;

use super::structure_format::chosen_format;
use super::{STANDARD_OUTPUT, about, check_protein, counted, for_each_structure, native_sequence, shown, write_json};
use crate::atomic_file::AtomicFile;
use crate::context::Context;
use crate::failure::WritingTo;
use crate::inputs::Input;
use crate::printer::Printer;
use crate::sequences::{Record, read_fasta};
use crate::settings::DesignSettings;
use crate::settings::pack::{DesignPacking, PackSettings, PackingPlan};

/// Residues that a warning names before it counts.
const NAMED: usize = 5;

pub(super) fn run(settings: &PackSettings) -> Result<usize> {
    let mut printer = Printer::new(settings.run.quiet);
    let packer = settings.plan.packer(&settings.run)?;
    let mut folder = match &settings.out {
        Some(path) => Some(PackFolder::open(path, "structures")?),
        None => None,
    };
    if let Some(folder) = &folder {
        write_settings(&folder.path, settings, &packer)?;
    }
    printer.start_progress(settings.run.inputs.len() as u64, "structures");
    let started = Instant::now();
    let mut made = 0;
    let failed = for_each_structure(&settings.run, BackboneAtoms::All, &mut printer, |input, structure, printer| {
        made += pack_structure(settings, &packer, (input, &structure), folder.as_mut(), printer)?;
        printer.advance(1);
        Ok(())
    })?;
    if let Some(folder) = folder {
        folder.finish()?;
    }
    if made > 0 {
        let (packs, seconds) = (counted(made, "packing"), started.elapsed().as_secs_f64());
        printer.note(format_args!("{packs} in {seconds:.2} s"));
    }
    Ok(failed.len())
}

/// Packs every sequence of a structure; says how many packings were made.
fn pack_structure(
    settings: &PackSettings,
    packer: &Packer,
    (input, structure): (&Input, &Structure),
    mut folder: Option<&mut PackFolder>,
    printer: &Printer,
) -> Result<usize> {
    check_protein(structure, input)?;
    let file = shown(input);
    printer.structure_warnings(&file, structure);
    let plan = match settings.spec.resolve(structure) {
        Err(SpecError::NothingDesigned { .. }) => bail!("{file}: --fix and --repack leave no residue to pack"),
        plan => about(plan, input)?,
    };
    for warning in &plan.warnings {
        printer.warn(&file, warning);
    }
    let records = match &settings.fasta {
        Some(path) => read_fasta(path, structure)?,
        None => vec![Record { name: "native".to_owned(), sequence: native_sequence(structure) }],
    };
    if folder.is_none() && records.len() > 1 {
        bail!("{file}: the packings of {} sequences do not fit standard output; add --out FOLDER", records.len());
    }
    let format = format_of(structure, &records, &plan, (settings.format, &file, printer));
    let surroundings = Surroundings { ligands: settings.ligands, ..Surroundings::default() };
    printer.context(&file, structure, &Context::of(structure, &surroundings, true));
    let sequences = settings.fasta.is_some();
    let mut made = 0;
    for (index, record) in records.iter().enumerate() {
        let choice =
            PackingChoice { sequence: &record.sequence, packed: &plan.designed, ligands: settings.ligands.into() };
        let job = PackJob { packer, plan: &settings.plan, structure, record: &record.name, sample: index as u64 };
        let ranked = job.run(choice, (&file, printer))?;
        made += ranked.len();
        match &mut folder {
            Some(folder) => {
                let stem = |pack: u64| match sequences {
                    true => format!("{}_{}_{pack}", structure.name, index + 1),
                    false => format!("{}_{pack}", structure.name),
                };
                about(printer.undisturbed(|| folder.add((structure, format), ranked, stem)), input)?;
            }
            None => {
                let Some(best) = ranked.first() else { continue };
                let mut bytes = Vec::new();
                let written = about(WrittenStructure::of_packing(structure, &best.packing), input)?;
                about(written.write(&mut bytes, format), input)?;
                printer.undisturbed(|| io::stdout().write_all(&bytes)).writing_to(STANDARD_OUTPUT)?;
            }
        }
    }
    Ok(made)
}

/// A sequence on a structure, to be packed.
struct PackJob<'a> {
    packer: &'a Packer,
    plan: &'a PackingPlan,
    structure: &'a Structure,
    /// What the table calls the sequence.
    record: &'a str,
    /// What keys the random numbers beside the pack: 0 for the native sequence, the number of a sample or record.
    sample: u64,
}

/// A packing and its row of the table.
struct Ranked {
    packing: Packing,
    row: PackRow,
}

impl PackJob<'_> {
    /// All packings, fewest clashes first, equal ones by log density.
    fn run(&self, choice: PackingChoice<'_>, (file, printer): (&str, &Printer)) -> Result<Vec<Ranked>> {
        let structure = self.structure;
        let task = self.packer.prepare(structure, choice)?;
        // Once a structure is enough.
        if self.sample <= 1 && !task.incomplete().is_empty() {
            let names: Vec<String> =
                task.incomplete().iter().take(NAMED).map(|&index| structure.residues[index].id.to_string()).collect();
            let more = task.incomplete().len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let message = format!("{}{more}: atoms or letters differ, so the side chains are packed", names.join(", "));
            printer.warn(file, message);
        }
        let mut ranked: Vec<Ranked> = (1..=self.plan.packs)
            .map(|pack| {
                let draws = StreamDraws::new(structure, self.plan.seed, (self.sample, pack));
                let mut packing = self.packer.pack(&task, self.plan.settings, &draws);
                packing.keep_side_chains(structure);
                let row = PackRow {
                    name: structure.name.clone(),
                    record: self.record.to_owned(),
                    pack,
                    seed: self.plan.seed,
                    clashes: clashes(structure, &packing).len(),
                    log_density: f64::from(packing.mean_log_density()),
                    residues: task.packed_residues(),
                    sequence: fastmpnn::write::chains_joined(structure, &packing.sequence),
                };
                Ranked { packing, row }
            })
            .collect();
        ranked.sort_by(|a, b| a.row.clashes.cmp(&b.row.clashes).then(b.row.log_density.total_cmp(&a.row.log_density)));
        Ok(ranked)
    }
}

/// What `design --pack` does with its designs.
pub(super) struct DesignPacker<'a> {
    settings: &'a DesignPacking,
    packer: Packer,
    folder: PackFolder,
    several_temperatures: bool,
}

impl<'a> DesignPacker<'a> {
    /// `None` where designs are not packed.
    pub(super) fn open(settings: &'a DesignSettings) -> Result<Option<DesignPacker<'a>>> {
        let (Some(packing), Some(out)) = (&settings.packing, &settings.out) else { return Ok(None) };
        Ok(Some(DesignPacker {
            settings: packing,
            packer: packing.plan.packer(&settings.run)?,
            folder: PackFolder::open(out, "packed")?,
            several_temperatures: settings.temperatures.len() > 1,
        }))
    }

    /// What `settings.json` says of it.
    pub(super) fn record(&self) -> DesignPackingRecord {
        DesignPackingRecord {
            packing: PackingRecord::new(&self.settings.plan, &self.packer),
            repack_everything: self.settings.everything,
            ligands: self.settings.ligands,
        }
    }

    /// Packs a design. The random numbers are those that `pack --fasta` takes for it: sample 1 is the record after the
    /// native sequence.
    pub(super) fn add(
        &mut self,
        (input, structure, format): (&Input, &Structure, StructureFormat),
        (plan, design): (&DesignPlan, &Design),
        printer: &Printer,
    ) -> Result<()> {
        let everything = vec![true; plan.designed.len()];
        let packed = if self.settings.everything { &everything } else { &plan.designed };
        let choice = PackingChoice { sequence: &design.sequence, packed, ligands: self.settings.ligands.into() };
        let sample = design.sample + 1;
        let record = format!("sample={sample}, T={}", design.temperature);
        let job = PackJob { packer: &self.packer, plan: &self.settings.plan, structure, record: &record, sample };
        let ranked = job.run(choice, (&shown(input), printer))?;
        let name = &structure.name;
        let stem = |pack| match self.several_temperatures {
            true => format!("{name}_T{}_{sample}_{pack}", design.temperature),
            false => format!("{name}_{sample}_{pack}"),
        };
        about(self.folder.add((structure, format), ranked, stem), input)
    }

    /// Writes the table.
    pub(super) fn finish(self) -> Result<()> {
        self.folder.finish()
    }
}

/// A folder of packings.
struct PackFolder {
    path: PathBuf,
    structures: PathBuf,
    rows: Vec<PackRow>,
}

impl PackFolder {
    /// `structures` is the folder inside for the structures.
    fn open(path: &Path, structures: &str) -> Result<PackFolder> {
        let structures = path.join(structures);
        fs::create_dir_all(&structures).writing_to(structures.display())?;
        Ok(PackFolder { path: path.to_owned(), structures, rows: Vec::new() })
    }

    /// Writes packings, named by their number.
    fn add(
        &mut self,
        (structure, format): (&Structure, StructureFormat),
        ranked: Vec<Ranked>,
        stem: impl Fn(u64) -> String,
    ) -> Result<()> {
        for Ranked { packing, row } in ranked {
            let mut bytes = Vec::new();
            // What fails here does not fit the format: the input's fault, not the disk's.
            WrittenStructure::of_packing(structure, &packing)?.write(&mut bytes, format)?;
            let file = format!("{}.{}", stem(row.pack), format.ending());
            let path = self.structures.join(file);
            AtomicFile::write(&path, &bytes).writing_to(path.display())?;
            self.rows.push(row);
        }
        Ok(())
    }

    /// Writes the table.
    fn finish(self) -> Result<()> {
        let path = self.path.join("packs.csv");
        let written = AtomicFile::create(&path).and_then(|mut file| {
            write_packs(&mut file, &self.rows)?;
            file.commit()
        });
        written.writing_to(path.display())?;
        Ok(())
    }
}

/// The format of a structure's packings, known before they are made.
fn format_of(
    structure: &Structure,
    records: &[Record],
    plan: &DesignPlan,
    (asked, file, printer): (Option<StructureFormat>, &str, &Printer),
) -> StructureFormat {
    let ligands = structure.ligand_atoms.len();
    let atoms = |record: &Record| {
        let residues = record.sequence.iter().zip(&plan.designed).zip(&structure.residues);
        let of_residue = |((letter, &packed), residue): ((&Letter, &bool), &Residue)| {
            let heavy = SideChain::of(*letter).atoms.len();
            if packed { heavy } else { heavy.max(residue.atoms.len()) }
        };
        ligands + residues.map(of_residue).sum::<usize>()
    };
    let most = records.iter().map(atoms).max().unwrap_or(0);
    chosen_format(asked, (structure, most), (file, printer))
}

/// `settings.json`.
#[derive(Serialize)]
struct SettingsRecord<'a> {
    program: &'static str,
    version: &'static str,
    instruction_set: String,
    #[serde(flatten)]
    packing: PackingRecord,
    ligands: bool,
    structure_format: Option<&'static str>,
    fix: &'a [String],
    repack: &'a [String],
    inputs: Vec<String>,
}

/// How side chains were drawn.
#[derive(Serialize)]
struct PackingRecord {
    packer: String,
    packer_sha256: String,
    seed: u64,
    packs: u64,
    denoising_steps: usize,
    samples: usize,
}

/// What `design` packed, and how.
#[derive(Serialize)]
pub(super) struct DesignPackingRecord {
    #[serde(flatten)]
    packing: PackingRecord,
    repack_everything: bool,
    ligands: bool,
}

impl PackingRecord {
    fn new(plan: &PackingPlan, packer: &Packer) -> PackingRecord {
        PackingRecord {
            packer: packer.checkpoint_name().to_owned(),
            packer_sha256: packer.checkpoint_sha256().to_owned(),
            seed: plan.seed,
            packs: plan.packs,
            denoising_steps: plan.settings.steps,
            samples: plan.settings.samples,
        }
    }
}

fn write_settings(folder: &Path, settings: &PackSettings, packer: &Packer) -> Result<()> {
    let record = SettingsRecord {
        program: env!("CARGO_BIN_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        instruction_set: packer.isa().to_string(),
        packing: PackingRecord::new(&settings.plan, packer),
        ligands: settings.ligands,
        structure_format: settings.format.map(StructureFormat::ending),
        fix: &settings.spec.fix,
        repack: &settings.spec.redesign,
        inputs: settings.run.inputs.iter().map(shown).collect(),
    };
    let path = folder.join("settings.json");
    write_json(&path, &record).writing_to(path.display())?;
    Ok(())
}
