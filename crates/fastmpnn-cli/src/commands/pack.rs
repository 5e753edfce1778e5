//! `fastmpnn pack`: side chains for a backbone and a sequence.

use std::io::{self, Write};
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use fastmpnn::Packer;
use fastmpnn::chemistry::{Letter, SideChain};
use fastmpnn::decode::{Design, Packing, PackingChoice, StreamDraws};
use fastmpnn::error::SpecError;
use fastmpnn::score::clashes;
use fastmpnn::spec::{DesignPlan, Environment};
use fastmpnn::structure::{BackboneAtoms, Residue, Structure};
use fastmpnn::write::{PackRow, StructureFormat, WrittenStructure, chains_joined, write_packs};
use serde::Serialize;

use super::structure_format::chosen_format;
use super::{
    STANDARD_OUTPUT, about, check_protein, counted, for_each_structure, name_failures, native_sequence, shown,
};
use crate::failure::WritingTo;
use crate::interrupt::{self, Interrupted};
use crate::printer::Printer;
use crate::settings::DesignSettings;
use crate::settings::pack::{DesignPacking, PackSettings, PackingPlan};
use fastmpnn_pipeline::event::Context;
use fastmpnn_pipeline::input::Input;
use fastmpnn_pipeline::input::{Record, read_fasta};
use fastmpnn_pipeline::output::GrowingTable;
use fastmpnn_pipeline::output::{Numbered, NumberedRecords, Sample};
use fastmpnn_pipeline::output::{ResultsFolder, State};

/// Residues that a warning names before it counts.
const NAMED: usize = 5;

pub(super) fn run(settings: &PackSettings) -> Result<usize> {
    let mut printer = Printer::of(&settings.run);
    let taken = match &settings.out {
        Some(path) => Some(settings.folder.take(path, "pack", (&settings.run.inputs, settings.fasta.as_deref()))?),
        None => None,
    };
    if taken.is_some() {
        interrupt::watch()?;
    }
    let packer = settings.plan.packer(&settings.run)?;
    let record = SettingsRecord::new(settings, &packer);
    let mut folder = taken.map(|taken| PackFolder::new(Rc::new(taken), Some(&record)));
    printer.start_progress(settings.run.inputs.len() as u64, "structures");
    let started = Instant::now();
    let (mut made, mut done) = (0, 0);
    let failed = for_each_structure(&settings.run, BackboneAtoms::All, &mut printer, |input, structure, printer| {
        made += pack_structure(settings, &packer, (input, &structure), folder.as_mut(), printer)?;
        printer.advance(1);
        done += usize::from(!interrupt::requested());
        Ok(())
    })?;
    let interrupted = interrupt::requested() && done + failed.len() < settings.run.inputs.len();
    if let Some(folder) = folder {
        folder.finish(if interrupted { State::Interrupted } else { State::Finished })?;
    }
    if let (true, Some(out)) = (interrupted, &settings.out) {
        return Err(Interrupted(format!("{} written to {}", counted(made, "packing"), out.display())).into());
    }
    if made > 0 {
        let (packs, seconds) = (counted(made, "packing"), started.elapsed().as_secs_f64());
        printer.note(format_args!("{packs} in {seconds:.2} s"));
    }
    Ok(name_failures(&failed, &settings.run, &printer))
}

/// Packs every sequence of a structure; says how many packings were made.
fn pack_structure(
    settings: &PackSettings,
    packer: &Packer,
    (input, structure): (&Input, &Structure),
    mut folder: Option<&mut PackFolder<'_>>,
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
        Some(path) => read_fasta(path, structure, &settings.spec)?,
        None => vec![Record { name: "native".to_owned(), sequence: native_sequence(structure) }],
    };
    if folder.is_none() && records.len() > 1 {
        bail!("{file}: the packings of {} sequences do not fit standard output; add --out FOLDER", records.len());
    }
    let format = format_of(structure, &records, &plan, (settings.format, &file, printer));
    let environment = Environment { ligands: settings.ligands, ..Environment::default() };
    printer.context(&file, structure, &Context::of(structure, &environment, true));
    let numbered = NumberedRecords::of(records.iter().map(|record| record.name.as_str()));
    if let Some((first, second)) = numbered.repeated {
        let message = format!("records {first} and {second} are the same sample; records are numbered by their places");
        printer
            .warn(settings.fasta.as_ref().map_or_else(|| file.clone(), |fasta| fasta.display().to_string()), message);
    }
    let mut made = 0;
    for (record, &Numbered { sample, stream }) in records.iter().zip(&numbered.records) {
        if folder.is_some() && interrupt::requested() {
            break;
        }
        let choice = PackingChoice {
            sequence: record.sequence.clone(),
            packed: plan.designed.clone(),
            ligands: settings.ligands.into(),
            cyclic: plan.environment.cyclic.clone(),
        };
        let separator = settings.folder.chain_separator;
        let job = PackJob {
            packer,
            plan: &settings.plan,
            structure,
            record: &record.name,
            sample: (sample, stream),
            separator,
        };
        let ranked = job.run(&choice, (&file, printer))?;
        made += ranked.len();
        match &mut folder {
            Some(folder) => {
                let stem = sample.stem(&structure.name, numbered.several_temperatures);
                about(printer.undisturbed(|| folder.add((structure, format), ranked, &stem)), input)?;
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
    /// The sample, and what keys its random numbers beside the pack.
    sample: (Sample, u64),
    /// What stands between chains in the table.
    separator: char,
}

/// A packing and its row of the table.
struct Ranked {
    packing: Packing,
    row: PackRow,
}

impl PackJob<'_> {
    /// All packings, fewest clashes first, equal ones by log density.
    fn run(&self, choice: &PackingChoice, (file, printer): (&str, &Printer)) -> Result<Vec<Ranked>> {
        let PackJob { structure, sample: (sample, stream), .. } = *self;
        let task = self.packer.prepare(structure, choice)?;
        // Once a structure is enough.
        if stream <= 1 && !task.incomplete().is_empty() {
            let names: Vec<String> =
                task.incomplete().iter().take(NAMED).map(|&index| structure.residues[index].id.to_string()).collect();
            let more = task.incomplete().len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let message = format!("{}{more}: atoms or letters differ, so the side chains are packed", names.join(", "));
            printer.warn(file, message);
        }
        let mut ranked: Vec<Ranked> = (1..=self.plan.packs)
            .take_while(|_| !interrupt::requested())
            .map(|pack| {
                let draws = StreamDraws::new(structure, self.plan.seed, (stream, pack));
                let mut packing = task.pack(self.plan.settings, &draws)?;
                packing.keep_side_chains(structure);
                let row = PackRow {
                    name: structure.name.clone(),
                    sample: sample.number,
                    temperature: sample.temperature,
                    record: self.record.to_owned(),
                    pack,
                    seed: self.plan.seed,
                    clashes: clashes(structure, &packing).len(),
                    log_density: f64::from(packing.mean_log_density()),
                    residues: task.packed_residues(),
                    file: None,
                    sequence: chains_joined(structure, &packing.sequence, self.separator),
                };
                Ok(Ranked { packing, row })
            })
            .collect::<Result<_>>()?;
        ranked.sort_by(|a, b| a.row.clashes.cmp(&b.row.clashes).then(b.row.log_density.total_cmp(&a.row.log_density)));
        Ok(ranked)
    }
}

/// What `design --pack` does with its designs.
pub(super) struct DesignPacker<'a> {
    settings: &'a DesignPacking,
    packer: Packer,
    folder: PackFolder<'a>,
    several_temperatures: bool,
    separator: char,
}

impl<'a> DesignPacker<'a> {
    /// `None` where designs are not packed.
    pub(super) fn open(
        settings: &'a DesignSettings,
        folder: Option<Rc<ResultsFolder>>,
    ) -> Result<Option<DesignPacker<'a>>> {
        let (Some(packing), Some(folder)) = (&settings.packing, folder) else { return Ok(None) };
        Ok(Some(DesignPacker {
            settings: packing,
            packer: packing.plan.packer(&settings.run)?,
            folder: PackFolder::new(folder, None),
            several_temperatures: settings.temperatures.len() > 1,
            separator: settings.folder.chain_separator,
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

    /// Packs a design. The random numbers are those that `pack --fasta` takes for it.
    pub(super) fn add(
        &mut self,
        (input, structure, format): (&Input, &Structure, StructureFormat),
        (plan, design): (&DesignPlan, &Design),
        printer: &Printer,
    ) -> Result<()> {
        let choice = PackingChoice {
            sequence: design.sequence.clone(),
            packed: plan.designed.iter().map(|&designed| designed || self.settings.everything).collect(),
            ligands: self.settings.ligands.into(),
            cyclic: plan.environment.cyclic.clone(),
        };
        let sample = Sample::of(design);
        let number = design.sample + 1;
        let record = format!("sample={number}, T={}", design.temperature);
        let (packer, plan, separator) = (&self.packer, &self.settings.plan, self.separator);
        let job = PackJob { packer, plan, structure, record: &record, sample: (sample, number), separator };
        let ranked = job.run(&choice, (&shown(input), printer))?;
        let stem = sample.stem(&structure.name, self.several_temperatures);
        about(self.folder.add((structure, format), ranked, &stem), input)
    }

    /// No more designs come.
    pub(super) fn finish(mut self) -> Result<()> {
        if !self.folder.folder.is_untouched() {
            self.folder.table()?;
        }
        Ok(())
    }
}

/// The packings in a folder of results.
struct PackFolder<'a> {
    folder: Rc<ResultsFolder>,
    /// The settings of the run, unless the designs' come with them.
    settings: Option<&'a SettingsRecord<'a>>,
    /// None before the first packing.
    table: Option<GrowingTable>,
}

impl<'a> PackFolder<'a> {
    fn new(folder: Rc<ResultsFolder>, settings: Option<&'a SettingsRecord<'a>>) -> PackFolder<'a> {
        PackFolder { folder, settings, table: None }
    }

    /// Writes the packings of a sequence, named by their number.
    fn add(
        &mut self,
        (structure, format): (&Structure, StructureFormat),
        ranked: Vec<Ranked>,
        stem: &str,
    ) -> Result<()> {
        self.table()?;
        let mut rows = Vec::with_capacity(ranked.len());
        for Ranked { packing, row } in ranked {
            let mut bytes = Vec::new();
            // What fails here does not fit the format: the input's fault, not the disk's.
            WrittenStructure::of_packing(structure, &packing)?.write(&mut bytes, format)?;
            let file = format!("packed/{stem}_{}.{}", row.pack, format.ending());
            self.folder.write(&file, &bytes)?;
            rows.push(PackRow { file: Some(file), ..row });
        }
        let table = self.table()?;
        let mut bytes = Vec::new();
        write_packs(&mut bytes, false, &rows).and_then(|()| table.append(&bytes)).writing_to(table.path().display())?;
        Ok(())
    }

    /// The table, begun where it is not.
    fn table(&mut self) -> Result<&mut GrowingTable> {
        if self.table.is_none() {
            if let Some(settings) = self.settings {
                self.folder.begin(settings)?;
            }
            let path = self.folder.claim("packs.csv")?;
            let mut header = Vec::new();
            let begun = write_packs(&mut header, true, &[]).and_then(|()| GrowingTable::create(path.clone(), &header));
            self.table = Some(begun.writing_to(path.display())?);
        }
        self.table.as_mut().context("the table was begun")
    }

    /// Writes what covers all packings of `fastmpnn pack`.
    fn finish(mut self, state: State) -> Result<()> {
        if self.folder.is_untouched() {
            // Nothing was packed, and the results that would have been overwritten stay.
            return Ok(());
        }
        self.table()?;
        if let Some(settings) = self.settings {
            self.folder.finish(settings, state)?;
        }
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
    cyclic: Option<&'a str>,
    chains: Option<&'a str>,
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

impl<'a> SettingsRecord<'a> {
    fn new(settings: &'a PackSettings, packer: &'a Packer) -> SettingsRecord<'a> {
        SettingsRecord {
            program: crate::PROGRAM,
            version: env!("CARGO_PKG_VERSION"),
            instruction_set: packer.isa().to_string(),
            packing: PackingRecord::new(&settings.plan, packer),
            ligands: settings.ligands,
            cyclic: settings.spec.cyclic.as_deref(),
            chains: settings.spec.chains.as_deref(),
            structure_format: settings.format.map(StructureFormat::ending),
            fix: &settings.spec.fix,
            repack: &settings.spec.redesign,
            inputs: settings.run.inputs.iter().map(shown).collect(),
        }
    }
}
