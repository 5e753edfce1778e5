//! Side chains for the designs of a structure, with torch's random numbers.
//!
//! Each packing of a batch draws for all its sequences together. So the sequences of a batch take each step together,
//! and one that needs many rounds of rejection changes the random numbers of the others.
//!
//! # The order in which the published code draws
//!
//! For N residues of B sequences packed together, from torch's default generator on the CPU:
//!
//! 1. `torch.rand([B, N, 4])`, f32: the torsions start at 2π times these. Numbers are drawn for all residues, packed or
//!    not, and for all four torsions, whether the residue has them or not; the same holds in every step.
//! 2. In each denoising step, `torch.multinomial(probabilities [B·N·4, 3], S, replacement)`: for each row, sequences
//!    outermost and torsions innermost, S doubles in 0 ≤ u < 1 of 53 bits; the component is the first whose cumulative
//!    probability, an f32, is not below u ([`TorsionMixture::component`]). With S = 1 torch draws three numbers for
//!    each row instead, and the largest p / q chooses the component ([`multinomial_of_one_f32`]).
//! 3. Then, until every element is accepted, `torch.rand([3, S, B, N, 4, 3])`, f64: u1 of all elements, then u2, then
//!    u3. The rejection is run for all three components of every torsion, chosen or not, and a round is drawn in full
//!    as long as any element is not accepted. An element that was accepted before is overwritten when a later round
//!    accepts it too (`x = where(accept, …, x)`, without regard to `done`): the last accepted round counts, not the
//!    first.
//!
//! So [`Drawn`] holds each round's tensor. A step of all B packings calls [`PackingRun::predict`], then
//! [`PackingRun::rounds`], whose largest value over the B is the number of tensors that the step uses, then
//! [`PackingRun::draw`] with [`Acceptance::LastOf`] that number.
//!
//! Fixed residues keep their torsions, not their atoms: they are rebuilt with ideal geometry. An atom that the file
//! lacks is placed at the origin, and gives the torsion of that position, as in the published script.

use std::collections::HashSet;
use std::fs;
use std::io::{BufWriter, Write};

use anyhow::Result;
use fastmpnn::chemistry::{Letter, MAX_TORSIONS, SideChain};
use fastmpnn::decode::{
    Acceptance, COMPONENTS, ComponentSample, LigandSight, Packing, PackingChoice, PackingDraws, PackingRun,
    PackingStep, PackingTask, ResidueDraws, TorsionMixture, TorsionSample,
};
use fastmpnn::error::EngineError;
use fastmpnn::structure::{Atom, Point, Structure};

use super::pdb_text::{self, WrittenAtom};
use super::records::PdbAtom;
use super::selection::NUCLEIC;
use super::target::{Run, Sample, Target};
use crate::console::Console;
use crate::outcome::WritingTo;
use crate::python::torch_random::{TorchRandom, multinomial_of_one_f32, uniform_of};

/// Rounds of rejection that are drawn at a time. They are drawn ahead; the stream then continues after the rounds that
/// were needed.
const ROUNDS_AHEAD: usize = 4;

/// All packings of the samples. `[packs, samples]`
pub(super) fn pack(
    run: &Run<'_>,
    target: &Target<'_>,
    samples: &[Sample],
    random: &mut TorchRandom,
    console: &mut dyn Console,
) -> Result<Vec<Vec<Packing>>> {
    let Some(packer) = run.packer else { return Ok(Vec::new()) };
    let values = &run.settings.values;
    run.settings.run.say(console, "Packing side chains...");
    let everything = values.truth("--repack_everything");
    let packed: Vec<bool> = target.plan.chosen.iter().map(|&chosen| chosen || everything).collect();
    let structure = with_missing_atoms(&target.parsed.structure, &packed);
    let ligands = if values.truth("--pack_with_ligand_context") { LigandSight::Seen } else { LigandSight::Elements };
    let task = |sample: &Sample| {
        let (sequence, packed) = (sample.sequence.clone(), packed.clone());
        packer.prepare(
            &structure,
            &PackingChoice::default().with_sequence(sequence).with_packed(packed).with_ligands(ligands),
        )
    };
    let tasks: Vec<PackingTask> = samples.iter().map(task).collect::<Result<_, _>>()?;
    let (steps, angles) = (values.int("--sc_num_denoising_steps") as usize, values.int("--sc_num_samples") as usize);
    let packs = values.int("--number_of_packs_per_design").max(0);
    let pack = |_| {
        let mut packings = Vec::with_capacity(samples.len());
        for tasks in tasks.chunks(run.settings.run.copies) {
            let mut drawn = Drawn::start(random, tasks.len(), target.native.len(), angles);
            let mut runs: Vec<PackingRun> =
                (0..tasks.len()).map(|copy| tasks[copy].begin(&drawn.of_copy(copy))).collect();
            for step in 0..steps {
                runs.iter_mut().for_each(PackingRun::predict);
                let at = PackingStep { step, samples: angles };
                let rounds = drawn.step(random, |drawn| {
                    let of = |(copy, run): (usize, &PackingRun)| run.rounds(at, &drawn.of_copy(copy));
                    let rounds: Result<Vec<usize>, EngineError> = runs.iter().enumerate().map(of).collect();
                    Ok(rounds?.into_iter().max().unwrap_or(0))
                })?;
                for (copy, run) in runs.iter_mut().enumerate() {
                    run.draw(at, &drawn.of_copy(copy), Acceptance::LastOf(rounds))?;
                }
            }
            packings.extend(runs.into_iter().map(PackingRun::finish));
        }
        Ok(packings)
    };
    (0..packs).map(pack).collect()
}

/// The structure with missing atoms of kept side chains placed at the origin.
fn with_missing_atoms(structure: &Structure, packed: &[bool]) -> Structure {
    let mut structure = structure.clone();
    for (residue, _) in structure.residues.iter_mut().zip(packed).filter(|(_, packed)| !**packed) {
        for ideal in SideChain::of(residue.letter).atoms.iter().skip(4) {
            if residue.atom(ideal.name).is_none() {
                residue.atoms.push(Atom {
                    name: ideal.name.to_owned(),
                    element: ideal.element().to_owned(),
                    position: [0.0; 3],
                    occupancy: 1.0,
                    b_factor: 0.0,
                    charge: 0,
                });
            }
        }
    }
    structure
}

/// The numbers that the copies of a batch have drawn for the current step.
struct Drawn {
    copies: usize,
    residues: usize,
    samples: usize,
    /// `[copies, N, 4]`
    start: Vec<f32>,
    /// Numbers that choose components: one for each sample, or with one sample the three of its race. `[copies, N, 4,
    /// samples or 3]`
    components: Vec<u64>,
    /// `[rounds, 3, samples, copies, N, 4, 3]`
    proposals: Vec<f64>,
}

impl Drawn {
    fn start(random: &mut TorchRandom, copies: usize, residues: usize, samples: usize) -> Drawn {
        let start = (0..copies * residues * MAX_TORSIONS).map(|_| random.uniform_f32()).collect();
        Drawn { copies, residues, samples, start, components: Vec::new(), proposals: Vec::new() }
    }

    /// Draws a step's numbers; `needed` says after some rounds how many the step needs.
    fn step(
        &mut self,
        random: &mut TorchRandom,
        needed: impl Fn(&Drawn) -> Result<usize, EngineError>,
    ) -> Result<usize, EngineError> {
        let rows = self.copies * self.residues * MAX_TORSIONS;
        self.components = (0..rows * self.numbers_a_row()).map(|_| random.bits64()).collect();
        self.proposals.clear();
        let round = 3 * self.samples * rows * COMPONENTS;
        let mut ahead = random.clone();
        let mut drawn = 0;
        loop {
            self.proposals.extend((0..ROUNDS_AHEAD * round).map(|_| ahead.uniform_f64()));
            drawn += ROUNDS_AHEAD;
            let rounds = needed(self)?;
            // A network whose numbers are not finite accepts no proposal: the rounds end here.
            if rounds <= drawn || drawn >= MOST_ROUNDS {
                random.skip(2 * (rounds.min(drawn) * round) as u64);
                return Ok(rounds.min(drawn));
            }
        }
    }

    /// Torch draws a single sample with three numbers, and several samples with one number each.
    fn numbers_a_row(&self) -> usize {
        if self.samples == 1 { COMPONENTS } else { self.samples }
    }

    fn of_copy(&self, copy: usize) -> OfCopy<'_> {
        OfCopy { drawn: self, copy }
    }
}

/// The most rounds. Torch's rejection continues until all elements are accepted; each round accepts about two in three.
const MOST_ROUNDS: usize = 200;

/// The numbers of one copy.
#[derive(Clone, Copy)]
struct OfCopy<'a> {
    drawn: &'a Drawn,
    copy: usize,
}

impl OfCopy<'_> {
    /// `[copies, N]`
    fn row(&self, residue: usize) -> usize {
        self.copy * self.drawn.residues + residue
    }
}

impl PackingDraws for OfCopy<'_> {
    fn start(&self, residue: usize) -> [f32; MAX_TORSIONS] {
        let first = self.row(residue) * MAX_TORSIONS;
        std::array::from_fn(|torsion| self.drawn.start[first + torsion])
    }

    fn residue(&self, _step: usize, residue: usize) -> Box<dyn ResidueDraws + '_> {
        Box::new(OfResidue { of: *self, residue })
    }
}

/// The numbers of one residue.
struct OfResidue<'a> {
    of: OfCopy<'a>,
    residue: usize,
}

impl ResidueDraws for OfResidue<'_> {
    fn component(&mut self, of: TorsionSample, mixture: &TorsionMixture) -> usize {
        let TorsionSample { torsion, sample } = of;
        let drawn = self.of.drawn;
        let row = self.of.row(self.residue) * MAX_TORSIONS + torsion;
        let bits = &drawn.components[row * drawn.numbers_a_row()..][..drawn.numbers_a_row()];
        match drawn.samples {
            1 => multinomial_of_one_f32(&mixture.log_weight.map(f32::exp), bits),
            _ => mixture.component(uniform_of(bits[sample])),
        }
    }

    fn proposal(&mut self, of: ComponentSample, round: usize) -> [f64; 3] {
        let ComponentSample { torsion, sample, component } = of;
        let drawn = self.of.drawn;
        let rows = drawn.copies * drawn.residues;
        let place = (sample * rows + self.of.row(self.residue)) * MAX_TORSIONS + torsion;
        let numbers = drawn.samples * rows * MAX_TORSIONS * COMPONENTS;
        let number = |which: usize| {
            let at = (3 * round + which) * numbers + place * COMPONENTS + component;
            // A number that is not drawn yet is never accepted.
            drawn.proposals.get(at).copied().unwrap_or(f64::NAN)
        };
        std::array::from_fn(number)
    }
}

/// The index of a packing and of its sample, both from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct PackingPlace {
    pub(super) sample: usize,
    pub(super) pack: usize,
}

/// Writes a packing, and everything that is not protein.
pub(super) fn write(run: &Run<'_>, target: &Target<'_>, place: PackingPlace, packing: &Packing) -> Result<()> {
    let (parsed, values) = (&target.parsed, &run.settings.values);
    let path = format!(
        "{}packed/{}{}_{}_{}{}.pdb",
        run.settings.run.folder,
        parsed.name,
        values.text("--packed_suffix"),
        run.number(place.sample),
        place.pack + 1,
        values.text("--file_ending")
    );
    let mut lines: Vec<(PdbAtom, f32)> = Vec::new();
    for (index, residue) in parsed.structure.residues.iter().enumerate().filter(|&(index, _)| packing.resolved[index]) {
        let letter: Letter = packing.sequence[index];
        for (atom, (ideal, &position)) in SideChain::of(letter).atoms.iter().zip(&packing.atoms[index]).enumerate() {
            let line = PdbAtom {
                residue_name: letter.residue_name().to_owned(),
                insertion: residue.id.insertion,
                element: ideal.element().to_owned(),
                occupancy: 1.0,
                ..pdb_atom(ideal.name, &residue.id.chain, residue.id.number, position)
            };
            lines.push((line, packing.b_factor(index, atom).unwrap_or_default()));
        }
    }
    let force = values.truth("--force_hetatm");
    let plain = parsed
        .structure
        .residues
        .iter()
        .zip(&packing.resolved)
        .filter(|(residue, resolved)| **resolved && residue.id.insertion.is_none());
    let residues: HashSet<(&str, i32)> = plain.map(|(residue, _)| (&*residue.id.chain, residue.id.number)).collect();
    for &index in &parsed.others.atoms {
        let atom = &parsed.group.atoms[index];
        let (residue_name, element) = (atom.residue_name.clone(), atom.element.clone());
        // ProDy writes as HETATM every atom that it takes neither for protein nor for nucleic acid; an atom with a
        // residue's chain and number is protein, unless it is an ion.
        let in_protein = !parsed.kinds.ion[index] && residues.contains(&(&*atom.chain, atom.number));
        let known = in_protein || NUCLEIC.contains(&&*residue_name);
        let hetatm = if force { atom.hetatm } else { !known };
        let line = PdbAtom {
            hetatm,
            residue_name,
            element,
            occupancy: atom.occupancy,
            ..pdb_atom(&atom.name, &atom.chain, atom.number, atom.position)
        };
        lines.push((line, 0.0));
    }
    let atoms: Vec<WrittenAtom<'_>> = lines
        .iter()
        .map(|(line, b_factor)| WrittenAtom {
            line,
            residue_name: &line.residue_name,
            b_factor: *b_factor,
            ends_chain: false,
            positions: vec![line.position],
            anisotropy: None,
        })
        .collect();
    let title = if parsed.others.atoms.is_empty() { "AtomGroup Unnamed" } else { "AtomGroup Unnamed + Unnamed" };
    let mut out = BufWriter::new(fs::File::create(&path).writing_to(&path)?);
    pdb_text::write(&mut out, title, &atoms).writing_to(&path)?;
    out.flush().writing_to(&path)?;
    Ok(())
}

/// An atom with only a name and a position.
fn pdb_atom(name: &str, chain: &str, number: i32, position: Point) -> PdbAtom {
    PdbAtom {
        hetatm: false,
        name: name.to_owned(),
        altloc: None,
        residue_name: String::new(),
        chain: chain.to_owned(),
        number,
        insertion: None,
        position,
        occupancy: 1.0,
        b_factor: 0.0,
        segment: String::new(),
        element: String::new(),
        charge: 0,
    }
}
