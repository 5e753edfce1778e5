//! Side chains onto a backbone, by denoising their torsions (published `pack_side_chains`).
//!
//! Torsions start at random. A step shows the network where that puts the atoms, takes from it a distribution of each
//! torsion, draws several angles of each, and keeps the likeliest.

use std::sync::Arc;

use rayon::prelude::*;

use super::observer::{Observer, Progress};
use super::packing_draws::{PackingDraws, ResidueDraws};
use super::torsion_mixture::{Acceptance, COMPONENTS, TorsionMixture};
use crate::chemistry::{FIRST_SIDE_CHAIN_GROUP, Frame, Letter, MAX_ATOMS, MAX_TORSIONS, SideChain};
use crate::error::EngineError;
use crate::featurize::{
    Angle, ContextAtoms, Graph, SideChainAngles, angle_of, backbone_frame, place_atoms, psi, side_chain_angles,
};
use crate::model::{PackerEncoding, PackerMemory, PackerNetwork, PackingOperations, TorsionHead};
use crate::spec::Environment;
use crate::structure::{Point, Structure};

/// What the published code writes for the log density of a torsion that was not drawn.
pub const FIXED_LOG_DENSITY: f32 = 2.0;

/// How side chains are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackingSettings {
    /// Denoising steps (`sc_num_denoising_steps`), 1 or more.
    pub steps: usize,
    /// Angles drawn of each torsion in each step (`sc_num_samples`), 1 or more.
    pub samples: usize,
}

/// The most steps, and the most angles of a torsion in a step.
pub const MAX_PACKING_COUNT: usize = 1 << 20;

impl PackingSettings {
    fn check(&self) -> Result<(), EngineError> {
        check_count("steps", self.steps)?;
        check_count("samples", self.samples)
    }
}

fn check_count(setting: &'static str, count: usize) -> Result<(), EngineError> {
    if (1..=MAX_PACKING_COUNT).contains(&count) {
        return Ok(());
    }
    Err(EngineError::Setting { setting, value: count.to_string(), allowed: format!("1 to {MAX_PACKING_COUNT}") })
}

/// A denoising step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackingStep {
    /// Which one, from 0.
    pub step: usize,
    /// Angles drawn of each torsion, 1 or more.
    pub samples: usize,
}

impl Default for PackingSettings {
    /// The published ones.
    fn default() -> PackingSettings {
        PackingSettings { steps: 3, samples: 16 }
    }
}

/// What a packing sees of the atoms of ligands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LigandSight {
    /// Everything.
    #[default]
    Seen,
    /// Which elements are nearest to each residue, and not where they are: what the published code leaves of ligands that
    /// are to be hidden (`pack_with_ligand_context` 0).
    Elements,
    /// Nothing.
    Hidden,
}

impl From<bool> for LigandSight {
    /// Whether they are seen.
    fn from(seen: bool) -> LigandSight {
        if seen { LigandSight::Seen } else { LigandSight::Hidden }
    }
}

/// What is packed.
#[derive(Clone, Debug, Default)]
pub struct PackingChoice {
    /// The letter of each residue. `[N]`
    pub sequence: Vec<Letter>,
    /// The residues that are packed; the others keep their side chains where all atoms are there. `[N]`
    pub packed: Vec<bool>,
    /// What is seen of ligand atoms.
    pub ligands: LigandSight,
    /// The residues of cyclic chains, as in [`Environment::cyclic`]. `[N]`, or empty
    pub cyclic: Vec<bool>,
}

/// A backbone with its letters, ready to be packed as often as wanted. It owns what it needs; clones share it.
#[derive(Clone)]
pub struct PackingTask {
    pub(crate) prepared: Arc<PreparedPacking>,
    observer: Option<Arc<dyn Observer>>,
}

impl std::fmt::Debug for PackingTask {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PackingTask").field("prepared", &self.prepared).finish_non_exhaustive()
    }
}

/// What all packings have in common.
#[derive(Debug)]
pub(crate) struct PreparedPacking {
    network: PackerNetwork,
    pub(crate) encoding: PackerEncoding,
    sites: Vec<Site>,
    /// Residues that were to keep their side chains and do not have all of their atoms, or have another letter now: they
    /// are packed.
    incomplete: Vec<usize>,
}

/// What packing knows of a residue.
#[derive(Clone, Copy, Debug)]
struct Site {
    letter: Letter,
    /// Whether it has a backbone and a known letter: the others have no atoms.
    resolved: bool,
    /// Whether its torsions are drawn.
    free: bool,
    frame: Frame,
    psi: Angle,
    /// The torsions it has where they are not drawn.
    angles: SideChainAngles,
}

/// Side chains on a backbone. Every residue has ideal bond lengths and angles, those that were not packed as well.
#[derive(Clone, Debug)]
pub struct Packing {
    /// The letter of each residue. `[N]`
    pub sequence: Vec<Letter>,
    /// Whether a residue has atoms: a backbone and a known letter. `[N]`
    pub resolved: Vec<bool>,
    /// Whether its side chain was packed. `[N]`
    pub packed: Vec<bool>,
    /// Its heavy atoms in the order of [`SideChain::atoms`], Å; zeros past the last. `[N, 14]`
    pub atoms: Vec<[Point; MAX_ATOMS]>,
    /// χ1 … χ4, radians, −π … π; those it does not have mean nothing. `[N, 4]`
    pub angles: Vec<[f32; MAX_TORSIONS]>,
    /// ln of the density that the last step's distribution has at each, nats per radian; [`FIXED_LOG_DENSITY`] where the
    /// residue was not packed. `[N, 4]`
    pub log_density: Vec<[f32; MAX_TORSIONS]>,
}

impl Packing {
    /// The published B-factor of an atom: the log density of the torsion that places it, of χ1 for the backbone.
    pub fn b_factor(&self, residue: usize, atom: usize) -> f32 {
        let atoms = SideChain::of(self.sequence[residue]).atoms;
        let group = atoms.get(atom).map_or(0, |atom| usize::from(atom.group));
        self.log_density[residue][group.saturating_sub(FIRST_SIDE_CHAIN_GROUP)]
    }

    /// Puts the atoms of residues that were not packed back where the structure has them. Those it does not have stay where
    /// ideal geometry puts them.
    pub fn keep_side_chains(&mut self, structure: &Structure) {
        for (index, residue) in structure.residues.iter().enumerate().filter(|&(index, _)| !self.packed[index]) {
            for (position, ideal) in self.atoms[index].iter_mut().zip(SideChain::of(self.sequence[index]).atoms) {
                if let Some(atom) = residue.atom_in_place_of(ideal.name) {
                    *position = atom.position;
                }
            }
        }
    }

    /// The mean log density of all torsions that were packed, nats per radian; 0 where none was.
    pub fn mean_log_density(&self) -> f32 {
        let (mut sum, mut count) = (0.0_f64, 0_u32);
        for ((letter, density), &packed) in self.sequence.iter().zip(&self.log_density).zip(&self.packed) {
            for &value in &density[..if packed { SideChain::of(*letter).torsions() } else { 0 }] {
                sum += f64::from(value);
                count += 1;
            }
        }
        if count == 0 { 0.0 } else { (sum / f64::from(count)) as f32 }
    }
}

impl PackingTask {
    /// Prepares a structure: ideal backbones, context, encoder.
    pub(crate) fn new(network: &PackerNetwork, structure: &Structure, choice: &PackingChoice) -> PackingTask {
        let PackerNetwork { model, workers } = network;
        let mut incomplete = Vec::new();
        let sites: Vec<Site> = structure
            .residues
            .iter()
            .enumerate()
            .map(|(index, residue)| {
                let letter = choice.sequence[index];
                let backbone = residue.backbone().filter(|_| letter != Letter::X);
                let keeps = !choice.packed[index] && residue.letter == letter;
                let kept = if keeps { side_chain_angles(residue, letter) } else { None };
                if backbone.is_some() && !choice.packed[index] && kept.is_none() {
                    incomplete.push(index);
                }
                let [n, ca, c, o] = backbone.unwrap_or_default();
                Site {
                    letter,
                    resolved: backbone.is_some(),
                    free: backbone.is_some() && kept.is_none(),
                    frame: backbone_frame([n, ca, c]),
                    psi: psi([n, ca, c, o]),
                    angles: kept.unwrap_or([angle_of(0.0); MAX_TORSIONS]),
                }
            })
            .collect();
        let atoms: Vec<[Point; MAX_ATOMS]> = sites.iter().map(Site::atoms).collect();
        let environment = Environment {
            ligands: choice.ligands != LigandSight::Hidden,
            cyclic: choice.cyclic.clone(),
            ..Environment::default()
        };
        let (mut graph, mut context) = workers.install(|| {
            let graph = |structure: &Structure| Graph::new(model.kernels, structure, &environment, &model.config);
            let given = graph(&with_backbones(structure, &sites, None));
            // Context atoms are those nearest to the backbone as it is given; all else is seen from the ideal one.
            (graph(&with_backbones(structure, &sites, Some(&atoms))), given.context)
        });
        let mut elements = None;
        if choice.ligands == LigandSight::Elements {
            elements = context.replace(ContextAtoms::none(graph.len()));
        }
        graph.context = context;
        let encoding = model.encode(graph, elements, choice.sequence.clone(), &atoms, workers);
        let prepared = PreparedPacking { network: network.clone(), encoding, sites, incomplete };
        PackingTask { prepared: Arc::new(prepared), observer: None }
    }

    /// Residues that were to keep their side chains and are packed all the same: atoms of theirs are missing, or they
    /// have another letter.
    pub fn incomplete(&self) -> &[usize] {
        &self.prepared.incomplete
    }

    /// How many residues are packed.
    pub fn packed_residues(&self) -> usize {
        self.prepared.sites.iter().filter(|site| site.free).count()
    }

    /// The multiply-adds of its packings.
    pub fn operations(&self) -> PackingOperations {
        self.prepared.network.model.operations(&self.prepared.encoding)
    }

    /// A packing whose torsions have been set to random angles, to be stepped.
    pub fn begin(&self, draws: &impl PackingDraws) -> PackingRun {
        PackingRun::new(self, draws)
    }

    /// Followed by an observer, step by step. Its answer can stop the work: see [`EngineError::Cancelled`].
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> PackingTask {
        self.observer = Some(observer);
        self
    }

    /// One packing.
    ///
    /// # Errors
    /// [`EngineError::Setting`] for counts out of range, [`EngineError::Cancelled`] where the observer says so.
    pub fn pack(&self, settings: PackingSettings, draws: &impl PackingDraws) -> Result<Packing, EngineError> {
        settings.check()?;
        let mut run = self.begin(draws);
        for step in 0..settings.steps {
            run.step(PackingStep { step, samples: settings.samples }, draws)?;
            let progress = Progress::PackingStep { step: step + 1, steps: settings.steps };
            if self.observer.as_ref().is_some_and(|observer| observer.progress(progress).is_break()) {
                return Err(EngineError::Cancelled);
            }
        }
        Ok(run.finish())
    }
}

/// The structure with the letters that are packed; without the backbones of residues that are not; and, given atoms, with
/// those in place of its own.
fn with_backbones(structure: &Structure, sites: &[Site], atoms: Option<&[[Point; MAX_ATOMS]]>) -> Structure {
    let mut structure = structure.clone();
    for (index, (residue, site)) in structure.residues.iter_mut().zip(sites).enumerate() {
        residue.letter = site.letter;
        let keep = |name: &str| site.resolved && SideChain::of(site.letter).atoms[..4].iter().any(|a| a.name == name);
        residue.atoms.retain(|atom| keep(&atom.name));
        for atom in &mut residue.atoms {
            let place = SideChain::of(site.letter).atoms.iter().position(|ideal| ideal.name == atom.name);
            if let (Some(atoms), Some(place)) = (atoms, place) {
                atom.position = atoms[index][place];
            }
        }
    }
    structure
}

impl Site {
    fn atoms(&self) -> [Point; MAX_ATOMS] {
        self.atoms_at(&self.angles)
    }

    fn atoms_at(&self, angles: &SideChainAngles) -> [Point; MAX_ATOMS] {
        if self.resolved { place_atoms(self.letter, &self.frame, self.psi, angles) } else { [[0.0; 3]; MAX_ATOMS] }
    }
}

/// The torsions of a residue after a step.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    angles: [f32; MAX_TORSIONS],
    log_density: [f32; MAX_TORSIONS],
}

/// A packing while it is denoised. [`PackingRun::step`] as often as there are steps, then [`PackingRun::finish`].
pub struct PackingRun {
    task: Arc<PreparedPacking>,
    atoms: Vec<[Point; MAX_ATOMS]>,
    drawn: Vec<Drawn>,
    /// What the network made of `atoms`. `[N]`
    heads: Vec<TorsionHead>,
    memory: PackerMemory,
}

impl std::fmt::Debug for PackingRun {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PackingRun").field("residues", &self.drawn.len()).finish_non_exhaustive()
    }
}

impl PackingRun {
    /// Sets every torsion that is packed to a random angle.
    fn new(task: &PackingTask, draws: &impl PackingDraws) -> PackingRun {
        let task = &task.prepared;
        let drawn: Vec<Drawn> = task
            .sites
            .iter()
            .enumerate()
            .map(|(residue, site)| Drawn {
                angles: if site.free {
                    draws.start(residue).map(|u| 2.0 * std::f32::consts::PI * u)
                } else {
                    site.angles.map(|[sine, cosine]| sine.atan2(cosine))
                },
                log_density: [FIXED_LOG_DENSITY; MAX_TORSIONS],
            })
            .collect();
        let mut run = PackingRun {
            task: task.clone(),
            atoms: Vec::new(),
            drawn,
            heads: Vec::new(),
            memory: PackerMemory::default(),
        };
        run.place();
        run
    }

    /// One denoising step.
    ///
    /// # Errors
    /// Those of [`PackingRun::draw`].
    pub fn step(&mut self, step: PackingStep, draws: &impl PackingDraws) -> Result<(), EngineError> {
        self.predict();
        self.draw(step, draws, Acceptance::First)
    }

    /// Asks the network for the distributions of all torsions, with the atoms as they are now.
    pub fn predict(&mut self) {
        let PreparedPacking { network: PackerNetwork { model, workers }, encoding, .. } = &*self.task;
        self.heads = model.denoise(encoding, &self.atoms, workers, &mut self.memory);
    }

    /// How many rounds the rejection of every component of every torsion takes, those that are not needed as well.
    ///
    /// # Errors
    /// [`EngineError::NotPredicted`] before [`PackingRun::predict`].
    pub fn rounds(&self, step: PackingStep, draws: &impl PackingDraws) -> Result<usize, EngineError> {
        let PackingStep { step, samples } = step;
        self.check_predicted()?;
        let of_residue = |(residue, head): (usize, &TorsionHead)| {
            let mut source = draws.residue(step, residue);
            let mut most = 0;
            for (torsion, numbers) in head.iter().enumerate() {
                let mixture = TorsionMixture::from_head(numbers);
                for (sample, component) in (0..samples).flat_map(|s| (0..COMPONENTS).map(move |c| (s, c))) {
                    let of = (torsion, sample, component);
                    most = most.max(mixture.rounds(component, |round| source.proposal(of, round)));
                }
            }
            most
        };
        let workers = &self.task.network.workers;
        Ok(workers.install(|| self.heads.par_iter().enumerate().map(of_residue).max().unwrap_or(0)))
    }

    fn check_predicted(&self) -> Result<(), EngineError> {
        if self.heads.len() == self.drawn.len() { Ok(()) } else { Err(EngineError::NotPredicted) }
    }

    /// Draws angles from what [`PackingRun::predict`] found, keeps the likeliest of each torsion and places the atoms.
    ///
    /// # Errors
    /// [`EngineError::NotPredicted`] where the atoms have been placed anew since, and [`EngineError::Setting`] without
    /// samples.
    pub fn draw(
        &mut self,
        step: PackingStep,
        draws: &impl PackingDraws,
        acceptance: Acceptance,
    ) -> Result<(), EngineError> {
        self.draw_by(step, draws, acceptance, |_, _, densities| {
            let best = densities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            densities.iter().position(|&density| density == best).unwrap_or(0)
        })
    }

    /// [`PackingRun::draw`] with the angle of (residue, torsion) chosen among densities.
    pub(crate) fn draw_by(
        &mut self,
        step: PackingStep,
        draws: &impl PackingDraws,
        acceptance: Acceptance,
        choose: impl Fn(usize, usize, &[f32]) -> usize + Sync,
    ) -> Result<(), EngineError> {
        let PackingStep { step, samples } = step;
        self.check_predicted()?;
        check_count("samples", samples)?;
        let (sites, heads, drawn) = (&self.task.sites, &self.heads, &mut self.drawn);
        self.task.network.workers.install(|| {
            drawn.par_iter_mut().zip(heads).zip(sites).enumerate().for_each(|(residue, ((drawn, head), site))| {
                if site.free {
                    // χ1 is drawn of glycine and alanine as well: its density is the B-factor of their atoms.
                    let head = &head[..SideChain::of(site.letter).torsions().max(1)];
                    let choose = |torsion: usize, densities: &[f32]| choose(residue, torsion, densities);
                    *drawn = draw(head, samples, (draws.residue(step, residue).as_mut(), acceptance), choose);
                }
            });
        });
        self.place();
        Ok(())
    }

    /// The head's numbers that [`PackingRun::predict`] found.
    #[cfg(test)]
    pub(crate) fn heads(&self) -> &[TorsionHead] {
        &self.heads
    }

    fn place(&mut self) {
        let place = |(site, drawn): (&Site, &Drawn)| {
            // What is not drawn keeps its sines and cosines, not the angle made of them.
            if site.free { site.atoms_at(&drawn.angles.map(angle_of)) } else { site.atoms() }
        };
        self.atoms = self.task.sites.iter().zip(&self.drawn).map(place).collect();
        self.heads.clear();
    }

    /// Where the atoms are now.
    #[cfg(test)]
    pub(crate) fn atoms(&self) -> &[[Point; MAX_ATOMS]] {
        &self.atoms
    }

    /// The side chains as they are.
    pub fn finish(self) -> Packing {
        let sites = &self.task.sites;
        Packing {
            sequence: sites.iter().map(|site| site.letter).collect(),
            resolved: sites.iter().map(|site| site.resolved).collect(),
            packed: sites.iter().map(|site| site.free).collect(),
            angles: self.drawn.iter().map(|drawn| drawn.angles).collect(),
            log_density: self.drawn.iter().map(|drawn| drawn.log_density).collect(),
            atoms: self.atoms,
        }
    }
}

/// Draws angles of each torsion and keeps one of each.
fn draw(
    heads: &[[f32; 3 * COMPONENTS]],
    samples: usize,
    (source, acceptance): (&mut dyn ResidueDraws, Acceptance),
    choose: impl Fn(usize, &[f32]) -> usize,
) -> Drawn {
    let mut drawn = Drawn { angles: [0.0; MAX_TORSIONS], log_density: [0.0; MAX_TORSIONS] };
    let (mut angles, mut densities) = (Vec::with_capacity(samples), Vec::with_capacity(samples));
    for (torsion, head) in heads.iter().enumerate() {
        let mixture = TorsionMixture::from_head(head);
        angles.clear();
        densities.clear();
        for sample in 0..samples {
            let component = source.component((torsion, sample), &mixture);
            let of = (torsion, sample, component);
            let angle = mixture.sample(component, acceptance, |round| source.proposal(of, round));
            angles.push(angle);
            densities.push(mixture.log_density(angle));
        }
        let best = choose(torsion, &densities);
        drawn.angles[torsion] = angles[best];
        drawn.log_density[torsion] = densities[best];
    }
    drawn
}
