//! The denoising of a packing, step by step.

use std::sync::Arc;

use rayon::prelude::*;

use super::draws::{ComponentSample, PackingDraws, ResidueDraws, TorsionSample};
use super::packed::{FIXED_LOG_DENSITY, Packing};
use super::prepared::{PreparedPacking, Site};
use super::settings::{PackingStep, check_count};
use super::torsion_mixture::{Acceptance, COMPONENTS, TorsionMixture};
use crate::chemistry::{MAX_ATOMS, MAX_TORSIONS, SideChain};
use crate::error::EngineError;
use crate::featurize::angle_of;
use crate::model::{PackerMemory, PackerNetwork, TorsionHead};
use crate::structure::Point;

/// The torsions of a residue after a step.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    angles: [f32; MAX_TORSIONS],
    log_density: [f32; MAX_TORSIONS],
}

/// A packing in progress. Call [`PackingRun::step`] once for each denoising step, then [`PackingRun::finish`].
pub struct PackingRun {
    task: Arc<PreparedPacking>,
    atoms: Vec<[Point; MAX_ATOMS]>,
    drawn: Vec<Drawn>,
    /// The network's prediction for `atoms`. `[N]`
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
    pub(super) fn new(task: &Arc<PreparedPacking>, draws: &impl PackingDraws) -> PackingRun {
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

    /// Predicts the distributions of all torsions from the current atom positions.
    pub fn predict(&mut self) {
        let PreparedPacking { network: PackerNetwork { model, workers }, encoding, .. } = &*self.task;
        self.heads = model.denoise(encoding, &self.atoms, workers, &mut self.memory);
    }

    /// The number of rounds that rejection sampling takes over all components of all torsions, including unused
    /// components.
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
                    let of = ComponentSample { torsion, sample, component };
                    most = most.max(mixture.rounds(component, |round| source.proposal(of, round)).unwrap_or(0));
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

    /// Draws angles from the distributions of [`PackingRun::predict`], keeps the most likely angle of each torsion and
    /// places the atoms.
    ///
    /// # Errors
    /// [`EngineError::NotPredicted`] if the atoms were placed since the last prediction, and [`EngineError::Setting`]
    /// if the number of samples is 0, or the draws name a component that there is not. The run is then as it was.
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
        let of_residue = |(residue, ((&drawn, head), site)): (usize, ((&Drawn, &TorsionHead), &Site))| {
            if !site.free {
                return Ok(drawn);
            }
            // χ1 is drawn of glycine and alanine as well: its density is the B-factor of their atoms.
            let head = &head[..SideChain::of(site.letter).torsions().max(1)];
            let choose = |torsion: usize, densities: &[f32]| choose(residue, torsion, densities);
            draw(head, samples, draws.residue(step, residue).as_mut(), acceptance, choose)
        };
        let (sites, heads, drawn) = (&self.task.sites, &self.heads, &self.drawn);
        let residues = || drawn.par_iter().zip(heads).zip(sites).enumerate().map(of_residue).collect();
        let drawn: Result<Vec<Drawn>, EngineError> = self.task.network.workers.install(residues);
        self.drawn = drawn?;
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

    /// The current atom positions, Å. `[N, 14]`
    #[cfg(test)]
    pub(crate) fn atoms(&self) -> &[[Point; MAX_ATOMS]] {
        &self.atoms
    }

    /// The current side chains, as the result.
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
    source: &mut dyn ResidueDraws,
    acceptance: Acceptance,
    choose: impl Fn(usize, &[f32]) -> usize,
) -> Result<Drawn, EngineError> {
    let mut drawn = Drawn { angles: [0.0; MAX_TORSIONS], log_density: [0.0; MAX_TORSIONS] };
    let (mut angles, mut densities) = (Vec::with_capacity(samples), Vec::with_capacity(samples));
    for (torsion, head) in heads.iter().enumerate() {
        let mixture = TorsionMixture::from_head(head);
        angles.clear();
        densities.clear();
        for sample in 0..samples {
            let component = source.component(TorsionSample { torsion, sample }, &mixture);
            let of = ComponentSample { torsion, sample, component };
            let angle = mixture.sample(component, acceptance, |round| source.proposal(of, round));
            let angle = angle.ok_or_else(|| EngineError::Setting {
                setting: "component",
                value: component.to_string(),
                allowed: format!("0 to {}", COMPONENTS - 1),
            })?;
            angles.push(angle);
            densities.push(mixture.log_density(angle));
        }
        let best = choose(torsion, &densities);
        drawn.angles[torsion] = angles[best];
        drawn.log_density[torsion] = densities[best];
    }
    Ok(drawn)
}
