//! Side chains onto a backbone, by denoising their torsions (published `pack_side_chains`).
//!
//! Torsions start at random. In each step the network sees the resulting atom positions and predicts a distribution for
//! each torsion; several angles are drawn from it, and the most likely one is kept.

mod draws;
mod packed;
mod prepared;
mod run;
mod settings;
mod torsion_mixture;

use std::sync::Arc;

pub use self::draws::{ComponentSample, PackId, PackingDraws, ResidueDraws, StreamDraws, TorsionSample};
pub use self::packed::{FIXED_LOG_DENSITY, Packing};
use self::prepared::{PreparedPacking, Site};
pub use self::run::PackingRun;
pub use self::settings::{LigandSight, MAX_PACKING_COUNT, PackingChoice, PackingSettings, PackingStep};
pub use self::torsion_mixture::{Acceptance, COMPONENTS, TorsionMixture};
use super::observer::{Observer, Progress};
use crate::chemistry::{Letter, MAX_ATOMS, MAX_TORSIONS, SideChain};
use crate::error::EngineError;
use crate::featurize::{ContextAtoms, Graph, angle_of, backbone_frame, psi, side_chain_angles};
use crate::model::{PackerNetwork, PackingOperations};
use crate::spec::Environment;
use crate::structure::{Point, Structure};

/// A backbone with its letters, prepared for any number of packings. It owns its data; clones share it.
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

    /// Indexes of residues that should keep their side chains but are packed, because atoms are missing or their letter
    /// changed.
    pub fn incomplete(&self) -> &[usize] {
        &self.prepared.incomplete
    }

    /// The number of packed residues.
    pub fn packed_residues(&self) -> usize {
        self.prepared.sites.iter().filter(|site| site.free).count()
    }

    /// The number of multiply-adds of a packing.
    pub fn operations(&self) -> PackingOperations {
        self.prepared.network.model.operations(&self.prepared.encoding)
    }

    /// Begins a packing: sets its torsions to random angles.
    pub fn begin(&self, draws: &impl PackingDraws) -> PackingRun {
        PackingRun::new(&self.prepared, draws)
    }

    /// Reports every step to an observer, which can stop the work: see [`EngineError::Cancelled`].
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> PackingTask {
        self.observer = Some(observer);
        self
    }

    /// Makes one packing.
    ///
    /// # Errors
    /// [`EngineError::Setting`] if a count is out of range, [`EngineError::Cancelled`] if the observer stopped the
    /// work.
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
