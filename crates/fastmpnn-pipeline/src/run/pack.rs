//! `pack`: side chains for a backbone and a sequence, and those of designs.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use fastmpnn::Packer;
use fastmpnn::chemistry::{Letter, MAX_ATOMS, SideChain};
use fastmpnn::decode::{Design, PackId, PackingChoice, PackingSettings, StreamDraws};
use fastmpnn::error::SpecError;
use fastmpnn::score::clashes;
use fastmpnn::spec::{DesignPlan, DesignSpec, Environment};
use fastmpnn::structure::{BackboneAtoms, Point, Residue, Structure};
use fastmpnn::write::{PackRow, StructureFormat, WrittenStructure, chains_joined};

use super::batch::{Batch, BatchEnd, Ended, Worker, check_protein, note_inputs};
use super::lanes::Size;
use super::stopwatch::Stopwatch;
use super::watched::watched;
use super::{PackSummary, Resources, Summary};
use crate::error::{InFile, PipelineError, unusable};
use crate::event::{LigandReport, Observer, Outcome, PackOutcome, RankedPacking, Reporter, Unit, WarningKind};
use crate::input::{Input, Naming, ResolvedInputs, SequenceRecord, Sources, read_fasta, with_files};
use crate::measure::native_sequence;
use crate::message::Field;
use crate::output::{
    DesignPackingRecord, FolderRequest, FormattedState, Numbered, NumberedRecords, PackFolder, ResultsFolder, Sample,
    State, chosen_format,
};
use crate::request::{DesignRequest, PackRequest, Request, SideChainSettings};

/// Residues that a warning names before it counts.
const NAMED: usize = 5;

/// Places side chains on each structure of a request. If it names a folder, packings are written there as they are
/// made.
///
/// An input that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends
/// the run: a request that cannot be carried out, or a result that cannot be written.
pub fn pack(
    request: &PackRequest,
    resources: &mut Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<PackSummary, PipelineError> {
    request.check()?;
    let inputs = ResolvedInputs::new(request, &request.input, Naming::Distinct, &resources.sources)?;
    inputs.check_fasta(request.fasta.as_deref())?;
    let spec = with_files(request.spec(), &resources.sources)?;
    let mut reporter = Reporter::new(observer);
    note_inputs(&inputs, &mut reporter);
    let count = inputs.inputs.len();
    if reporter.stops() {
        let run = Summary { inputs: count, stopped: true, ..Summary::default() };
        return Ok(PackSummary { run, ..PackSummary::default() });
    }
    let folder = match &request.folder.out {
        Some(path) => Some(Rc::new(ResultsFolder::take(&FolderRequest {
            path,
            command: PackRequest::NAME,
            overwrite: request.folder.overwrite,
            inputs: &inputs.inputs,
            fasta: request.fasta.as_deref(),
        })?)),
        None => None,
    };
    let packer = resources.engines.packer(&request.side_chains.packer)?;
    let folder = folder.map(|folder| PackFolder::of_packing(folder, request, &inputs.inputs, &packer));
    reporter.start(count as u64, Unit::Structures);
    let started = Stopwatch::start();
    let run = PackRun { request, inputs: &inputs, spec, sources: &resources.sources };
    let batch = Batch { run: &inputs, sources: &resources.sources, needs: BackboneAtoms::All };
    let work =
        |input: &Input, structure, worker: &PackWorker<'_, '_>| run.structure(input, Arc::new(structure), worker);
    let mut packings = Packings { folder, made: 0 };
    let deliver = |packed: PackedRecord, reporter: &mut Reporter<'_>| packings.add(&packed, reporter);
    let BatchEnd { failed, stopped } = batch.work(&packer, &mut reporter, work, deliver)?;
    let Packings { folder, made } = packings;
    if let Some(folder) = folder {
        folder.finish(if stopped { State::Interrupted } else { State::Finished })?;
    }
    let run = Summary { inputs: count, failed, stopped, results: made };
    Ok(PackSummary { run, elapsed: started.elapsed() })
}

/// Hands over one sequence with side chains after the other.
type PackWorker<'w, 'l> = Worker<'w, 'l, PackedRecord, Packer>;

/// A sequence of a FASTA file, or the native one, with side chains.
struct PackedRecord {
    /// What messages call the input.
    file: String,
    structure: Arc<Structure>,
    format: StructureFormat,
    packed: PackedDesign,
}

/// The packings of `pack` on their way to the folder, where there is one.
struct Packings {
    folder: Option<PackFolder>,
    /// How many packings there are.
    made: usize,
}

impl Packings {
    fn add(&mut self, packed: &PackedRecord, reporter: &mut Reporter<'_>) -> Result<(), PipelineError> {
        let PackedRecord { file, structure, format, packed: PackedDesign { record, sample, stem, ranked } } = packed;
        self.made += ranked.len();
        let state = FormattedState { structure, format: *format };
        let best = match &mut self.folder {
            Some(folder) => {
                folder.add(state, ranked, stem).in_file(file)?;
                None
            }
            None => best_file(state, ranked).in_file(file)?,
        };
        let best = best.as_deref();
        let outcome = PackOutcome { structure, record, sample: *sample, ranked, format: *format, best };
        reporter.result(&Outcome::Packing(outcome));
        Ok(())
    }
}

/// A run of `pack` on its way.
struct PackRun<'a> {
    request: &'a PackRequest,
    inputs: &'a ResolvedInputs,
    spec: DesignSpec,
    sources: &'a Sources,
}

impl PackRun<'_> {
    /// Packs every sequence of a structure.
    fn structure(&self, input: &Input, structure: Arc<Structure>, worker: &PackWorker<'_, '_>) -> Result<(), Ended> {
        let own = self.inputs.request_of(self.request, input);
        let (request, file) = (&*own, &*input.display_name());
        let spec = match own {
            Cow::Borrowed(_) => &self.spec,
            Cow::Owned(_) => &with_files(request.spec(), self.sources).in_file(file)?,
        };
        let mut told = worker.told();
        let reporter = &mut Reporter::new(&mut told);
        check_protein(&structure, file)?;
        reporter.structure_warnings(file, &structure);
        let plan = match spec.resolve(&structure) {
            Err(SpecError::NothingDesigned { .. }) => {
                let (fix, repack) = (Field("fix"), Field("repack"));
                return Err(unusable(format!("{file}: {fix} and {repack} leave no residue to pack")).into());
            }
            plan => plan.in_file(file)?,
        };
        reporter.plan_warnings(file, &plan.warnings);
        let records = match &request.fasta {
            Some(path) => read_fasta(path, self.sources, &structure, spec)?,
            None => vec![SequenceRecord { name: "native".to_owned(), sequence: native_sequence(&structure) }],
        };
        reporter.sequences(records.len());
        if reporter.stops() {
            return Err(Ended::Stopped);
        }
        let format = format_of(&structure, &records, &plan, request.folder.structure_format, file, reporter);
        let ligands = !request.no_ligand;
        let environment = Environment::default().with_ligands(ligands);
        reporter.ligands(file, &structure, &LigandReport::of(&structure, &environment, true));
        let numbered = NumberedRecords::of(records.iter().map(|record| record.name.as_str()));
        if let Some((first, second)) = numbered.repeated {
            let fasta = request.fasta.as_ref().map_or_else(|| file.to_owned(), |fasta| fasta.display().to_string());
            let message =
                format!("records {first} and {second} are the same sample; records are numbered by their places");
            reporter.warn(&fasta, WarningKind::Sequences, message);
        }
        let residues = structure.residues.len();
        let packings = request.side_chains.num_packs.saturating_mul(records.len() as u64);
        let results = packings.saturating_mul(bytes_a_packing(&structure));
        let packer = worker.admit(Size { residues, results, kept: 0 })?;
        for (record, &Numbered { sample, stream }) in records.iter().zip(&numbered.records) {
            if reporter.stops() {
                return Err(Ended::Stopped);
            }
            let choice = PackingChoice::default()
                .with_sequence(record.sequence.clone())
                .with_packed(plan.designed.clone())
                .with_ligands(ligands.into())
                .with_cyclic(plan.environment.cyclic.clone());
            let job = PackJob {
                packer,
                side_chains: &request.side_chains,
                seed: request.seed,
                structure: &structure,
                record: &record.name,
                sample: Numbered { sample, stream },
                separator: request.folder.chain_separator,
            };
            let ranked = job.run(&choice, file, reporter)?;
            let whole = ranked.len() as u64 == request.side_chains.num_packs;
            let stem = sample.stem(&structure.name, numbered.several_temperatures);
            let packed = PackedDesign { record: record.name.clone(), sample, stem, ranked };
            worker.made(PackedRecord { file: file.to_owned(), structure: structure.clone(), format, packed });
            if !whole {
                return Err(Ended::Stopped);
            }
        }
        reporter.advance(1);
        Ok(())
    }
}

/// The bytes of a packing of a structure.
pub(super) fn bytes_a_packing(structure: &Structure) -> u64 {
    (size_of::<RankedPacking>() + structure.residues.len() * MAX_ATOMS * size_of::<Point>()) as u64
}

/// The file of the best packing, where there is one.
fn best_file(state: FormattedState<'_>, ranked: &[RankedPacking]) -> Result<Option<Vec<u8>>, PipelineError> {
    let Some(best) = ranked.first() else { return Ok(None) };
    let mut bytes = Vec::new();
    WrittenStructure::of_packing(state.structure, &best.packing)
        .and_then(|written| written.write(&mut bytes, state.format))
        .map_err(PipelineError::Unwritable)?;
    Ok(Some(bytes))
}

/// A sequence on a structure, to be packed.
struct PackJob<'a> {
    packer: &'a Packer,
    side_chains: &'a SideChainSettings,
    seed: u64,
    structure: &'a Structure,
    /// What the table calls the sequence.
    record: &'a str,
    /// The sample, and what keys its random numbers beside the pack.
    sample: Numbered,
    /// What stands between chains in the table.
    separator: char,
}

impl PackJob<'_> {
    /// All packings, fewest clashes first, equal ones by log density.
    fn run(
        &self,
        choice: &PackingChoice,
        file: &str,
        reporter: &mut Reporter<'_>,
    ) -> Result<Vec<RankedPacking>, PipelineError> {
        let PackJob { structure, seed, sample: Numbered { sample, stream }, .. } = *self;
        let task = self.packer.prepare(structure, choice)?;
        // Once a structure is enough.
        if stream <= 1 && !task.incomplete().is_empty() {
            let names: Vec<String> =
                task.incomplete().iter().take(NAMED).map(|&index| structure.residues[index].id.to_string()).collect();
            let more = task.incomplete().len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let message = format!("{}{more}: atoms or letters differ, so the side chains are packed", names.join(", "));
            reporter.warn(file, WarningKind::SideChains, message);
        }
        let settings = PackingSettings::default()
            .with_steps(self.side_chains.denoising_steps as usize)
            .with_samples(self.side_chains.num_samples as usize);
        let mut ranked = Vec::new();
        for pack in 1..=self.side_chains.num_packs {
            if reporter.stops() {
                break;
            }
            let draws = StreamDraws::new(structure, PackId { seed, sample: stream, pack });
            let packed = watched(reporter, |observer| task.clone().with_observer(observer).pack(settings, &draws));
            let Some(mut packing) = packed? else { break };
            packing.keep_side_chains(structure)?;
            let row = PackRow {
                name: structure.name.clone(),
                sample: sample.number,
                temperature: sample.temperature,
                record: self.record.to_owned(),
                pack,
                seed,
                clashes: clashes(structure, &packing)?.len(),
                log_density: f64::from(packing.mean_log_density()),
                residues: task.packed_residues(),
                file: None,
                sequence: chains_joined(structure, &packing.sequence, self.separator),
            };
            ranked.push(RankedPacking { packing, row });
        }
        ranked.sort_by(|a, b| a.row.clashes.cmp(&b.row.clashes).then(b.row.log_density.total_cmp(&a.row.log_density)));
        Ok(ranked)
    }
}

/// Packs the designs of a structure.
pub(super) struct DesignPacker<'a> {
    request: &'a DesignRequest,
    packer: Packer,
}

/// A design with side chains.
pub(super) struct PackedDesign {
    record: String,
    sample: Sample,
    /// What its files are called, without the number of the packing and the ending.
    stem: String,
    ranked: Vec<RankedPacking>,
}

impl<'a> DesignPacker<'a> {
    pub(super) fn new(request: &'a DesignRequest, packer: Packer) -> DesignPacker<'a> {
        DesignPacker { request, packer }
    }

    /// What `settings.json` says of packing.
    pub(super) fn record(request: &DesignRequest, packer: &Packer) -> DesignPackingRecord {
        DesignPackingRecord::new(request, packer)
    }

    /// Packs a design. The random numbers are those that `pack` takes for it.
    pub(super) fn pack(
        &self,
        file: &str,
        structure: &Structure,
        plan: &DesignPlan,
        design: &Design,
        reporter: &mut Reporter<'_>,
    ) -> Result<PackedDesign, PipelineError> {
        let request = self.request;
        let packed = if request.repack_everything { vec![true; plan.designed.len()] } else { plan.designed.clone() };
        let choice = PackingChoice::default()
            .with_sequence(design.sequence.clone())
            .with_packed(packed)
            .with_ligands((!request.context.no_ligand).into())
            .with_cyclic(plan.environment.cyclic.clone());
        let sample = Sample::of(design);
        let number = design.sample + 1;
        let record = format!("sample={number}, T={}", design.temperature);
        let job = PackJob {
            packer: &self.packer,
            side_chains: &request.side_chains,
            seed: request.sampling.seed,
            structure,
            record: &record,
            sample: Numbered { sample, stream: number },
            separator: request.folder.chain_separator,
        };
        let ranked = job.run(&choice, file, reporter)?;
        let stem = sample.stem(&structure.name, request.several_temperatures());
        Ok(PackedDesign { record, sample, stem, ranked })
    }
}

/// The packings of designs on their way to the folder, where there is one.
pub(super) struct DesignPackings(Option<PackFolder>);

impl DesignPackings {
    pub(super) fn new(folder: Option<Rc<ResultsFolder>>) -> DesignPackings {
        DesignPackings(folder.map(PackFolder::of_designs))
    }

    /// Writes the packings of a design on a state.
    pub(super) fn add<'p>(
        &mut self,
        file: &str,
        state: FormattedState<'p>,
        packed: &'p PackedDesign,
    ) -> Result<PackOutcome<'p>, PipelineError> {
        let PackedDesign { record, sample, stem, ranked } = packed;
        if let Some(folder) = &mut self.0 {
            folder.add(state, ranked, stem).in_file(file)?;
        }
        let FormattedState { structure, format } = state;
        Ok(PackOutcome { structure, record, sample: *sample, ranked, format, best: None })
    }

    /// No more designs come.
    pub(super) fn finish(self) -> Result<(), PipelineError> {
        match self.0 {
            // The designs' folder ends with them.
            Some(folder) => Ok(folder.finish(State::Finished)?),
            None => Ok(()),
        }
    }
}

/// The format of a structure's packings, known before they are made.
fn format_of(
    structure: &Structure,
    records: &[SequenceRecord],
    plan: &DesignPlan,
    asked: Option<StructureFormat>,
    file: &str,
    reporter: &mut Reporter<'_>,
) -> StructureFormat {
    let ligands = structure.ligand_atoms.len();
    let atoms = |record: &SequenceRecord| {
        let residues = record.sequence.iter().zip(&plan.designed).zip(&structure.residues);
        let of_residue = |((letter, &packed), residue): ((&Letter, &bool), &Residue)| {
            let heavy = SideChain::of(*letter).atoms.len();
            if packed { heavy } else { heavy.max(residue.atoms.len()) }
        };
        ligands + residues.map(of_residue).sum::<usize>()
    };
    let most = records.iter().map(atoms).max().unwrap_or(0);
    chosen_format(asked, structure, most, file, &mut |file, why| reporter.warn(file, WarningKind::Format, why))
}
