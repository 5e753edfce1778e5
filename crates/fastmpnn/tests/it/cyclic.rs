//! Cyclic chains: the residue at which the numbering begins must not matter.

use fastmpnn::decode::{PackId, PackingChoice, PackingDraws, PackingSettings, ResidueDraws, StreamDraws};
use fastmpnn::spec::{DesignPlan, DesignSpec, Environment};
use fastmpnn::structure::{ReadOptions, Structure, read_bytes};
use fastmpnn::{Engine, EngineOptions, Packer};

use crate::published_checkpoint::published;

const LETTERS: [&str; 7] = ["ALA", "LYS", "GLU", "TRP", "SER", "LEU", "ASP"];

/// A closed ring of `count` residues, those of a straight chain laid around a circle and pushed out of its plane, numbered
/// from the one at `first`; beside it a chain that is not cyclic. O atoms are there if `oxygens`.
fn ring(count: usize, first: usize, oxygens: bool) -> Structure {
    let radius = 3.8 * count as f32 / std::f32::consts::TAU;
    let mut text = String::new();
    let mut atom = |name: &str, (residue_name, chain, number): (&str, char, usize), [x, y, z]: [f32; 3]| {
        let element = &name[..1];
        text += &format!(
            "ATOM      1  {name:<3} {residue_name} {chain}{number:>4}    {x:8.3}{y:8.3}{z:8.3}  1.00  0.00           {element}\n"
        );
    };
    let backbone = [("N", 0.0, 0.0), ("CA", 1.3, 0.7), ("C", 2.5, 0.0), ("O", 2.5, -1.23)];
    let backbone = if oxygens { &backbone[..] } else { &backbone[..3] };
    for place in 0..count {
        let index = (place + first) % count;
        for &(name, along, out) in backbone {
            let (sin, cos) = ((3.8 * index as f32 + along) / radius).sin_cos();
            // Such that no two residues are alike.
            let height = (1.3 * index as f32).sin() + 0.4 * (2.9 * index as f32 + along).cos();
            let site = (LETTERS[index * index % 7], 'A', place + 1);
            atom(name, site, [(radius + out) * cos, (radius + out) * sin, height]);
        }
    }
    for index in 0..6 {
        for &(name, along, out) in backbone {
            let y = 0.3 * (2.1 * index as f32).sin() + out;
            atom(name, (LETTERS[index % 7], 'B', index + 1), [3.8 * index as f32 + along - radius, y, 6.0]);
        }
    }
    read_bytes("ring.pdb", text.as_bytes(), &ReadOptions::default()).expect("a structure")
}

fn spec() -> DesignSpec {
    DesignSpec { cyclic: Some("A".to_owned()), ..DesignSpec::default() }
}

fn plan(structure: &Structure) -> DesignPlan {
    let plan = spec().resolve(structure).expect("a plan");
    assert_eq!(plan.warnings, Vec::<String>::new());
    plan
}

fn log_p(engine: &Engine, structure: &Structure, environment: &Environment) -> Vec<[f32; 21]> {
    engine.unconditional(&engine.encode_with(structure, environment).expect("an encoding")).expect("likelihoods")
}

fn largest_difference(turned: &[[f32; 21]], given: &[[f32; 21]], count: usize, first: usize) -> f32 {
    let of = |index: usize| if index < count { (index + first) % count } else { index };
    let rows = turned.iter().enumerate().map(|(index, row)| (row, &given[of(index)]));
    rows.flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a - b).abs())).fold(0.0, f32::max)
}

fn numbering_does_not_matter(engine: &Engine) {
    // Fewer residues than neighbors, with and without one opposite each other, and more than positions reach.
    for count in [7, 12, 80] {
        let given = ring(count, 0, true);
        let expected = log_p(engine, &given, &plan(&given).environment);
        let open = log_p(engine, &given, &Environment::default());
        assert!(largest_difference(&open, &expected, count, 0) > 1e-2, "{count}");
        for first in [1, count / 2, count - 2] {
            let turned = ring(count, first, true);
            let found = log_p(engine, &turned, &plan(&turned).environment);
            let difference = largest_difference(&found, &expected, count, first);
            assert!(difference < 1e-5, "{count} residues from {first}: {difference}");
            let open = log_p(engine, &turned, &Environment::default());
            assert!(largest_difference(&open, &expected, count, first) > 1e-2, "{count}");
        }
    }
}

#[test]
fn turning_the_numbers_of_a_ring_permutes_log_p() {
    numbering_does_not_matter(&Engine::embedded(&EngineOptions::default()).expect("an engine"));
}

#[test]
fn and_in_the_networks_of_ca_atoms_and_of_ligands() {
    for name in ["ca_proteinmpnn_v_48_020", "ligandmpnn_v_32_010_25"] {
        if let Some(checkpoint) = published(name) {
            let engine = Engine::with_checkpoint(&checkpoint, &EngineOptions::default()).expect("an engine");
            numbering_does_not_matter(&engine);
        }
    }
}

/// The numbers of a structure whose residues are numbered from another one.
struct Turned<'a> {
    draws: &'a StreamDraws,
    count: usize,
    first: usize,
}

impl Turned<'_> {
    fn given(&self, residue: usize) -> usize {
        if residue < self.count { (residue + self.first) % self.count } else { residue }
    }
}

impl PackingDraws for Turned<'_> {
    fn start(&self, residue: usize) -> [f32; 4] {
        self.draws.start(self.given(residue))
    }

    fn residue(&self, step: usize, residue: usize) -> Box<dyn ResidueDraws + '_> {
        self.draws.residue(step, self.given(residue))
    }
}

#[test]
fn and_in_the_packer() {
    let Some(checkpoint) = published("ligandmpnn_sc_v_32_002_16") else { return };
    let packer = Packer::with_checkpoint(&checkpoint, &EngineOptions::default()).expect("a packer");
    let (count, first) = (12, 5);
    let given = ring(count, 0, true);
    let draws = StreamDraws::new(&given, PackId { seed: 3, sample: 0, pack: 1 });
    let pack = |structure: &Structure, cyclic: &[bool], draws: &Turned<'_>| {
        let sequence: Vec<_> = structure.residues.iter().map(|residue| residue.letter).collect();
        let packed = vec![true; sequence.len()];
        let choice = PackingChoice::default()
            .with_sequence(sequence.clone())
            .with_packed(packed.clone())
            .with_ligands(true.into())
            .with_cyclic(cyclic.to_vec());
        let task = packer.prepare(structure, &choice).expect("a task");
        task.pack(PackingSettings::default().with_steps(2).with_samples(2), draws).expect("a packing")
    };
    let by_number = Turned { draws: &draws, count, first: 0 };
    let expected = pack(&given, &plan(&given).environment.cyclic, &by_number);
    let open = pack(&given, &[], &by_number);
    assert_ne!(open.atoms, expected.atoms);
    let turned = ring(count, first, true);
    let by_place = Turned { draws: &draws, count, first };
    let found = pack(&turned, &plan(&turned).environment.cyclic, &by_place);
    for (index, atoms) in found.atoms.iter().enumerate() {
        let pairs = atoms.iter().flatten().zip(expected.atoms[by_place.given(index)].iter().flatten());
        let difference = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(difference < 1e-3, "residue {index}: {difference} Å");
    }
}

#[test]
fn a_saved_encoding_of_a_ring_keeps_it() {
    let engine = Engine::embedded(&EngineOptions::default()).expect("an engine");
    let structure = ring(12, 0, true);
    let encoding = engine.encode_with(&structure, &plan(&structure).environment).expect("an encoding");
    let read = engine.load_encoding(&engine.save_encoding(&encoding).expect("bytes")).expect("an encoding");
    assert_eq!(
        engine.unconditional(&encoding).expect("likelihoods"),
        engine.unconditional(&read).expect("likelihoods")
    );
}

#[test]
fn the_last_oxygen_is_rebuilt_toward_the_first_nitrogen() {
    // All residues of a ring are in its middle: wherever the numbering begins, O has the place that it had in the
    // middle of the chain.
    let (given, turned) = (ring(12, 0, false), ring(12, 6, false));
    let oxygen = |structure: &Structure, index: usize| structure.residues[index].atom("O").expect("an O").position;
    for index in 0..12 {
        assert_eq!(oxygen(&given, (index + 6) % 12), oxygen(&turned, index), "{index}");
    }
}

#[test]
fn ends_that_do_not_meet_are_warned_of() {
    let mut structure = ring(12, 0, true);
    let warnings = |structure: &Structure, cyclic: &str| {
        let spec = DesignSpec { cyclic: Some(cyclic.to_owned()), ..DesignSpec::default() };
        spec.resolve(structure).expect("a plan").warnings
    };
    let open = warnings(&structure, "A,B");
    assert_eq!(open.len(), 1, "{open:?}");
    // Five residues further and the length of a residue.
    assert!(open[0].starts_with("`cyclic` `A,B`: C of B6 and N of B1 are 21.5 Å apart"), "{open:?}");
    for residue in &mut structure.residues {
        residue.atoms.retain(|atom| atom.name == "CA");
    }
    structure.needs = fastmpnn::structure::BackboneAtoms::Alpha;
    assert_eq!(warnings(&structure, "A"), Vec::<String>::new());
    assert!(warnings(&structure, "B")[0].contains("CA of B6 and CA of B1 are 19.0 Å apart"));
    let summary = spec().resolve(&structure).expect("a plan").summary(&structure);
    assert!(summary.contains("takes A1-12 for cyclic"), "{summary}");
    let error = DesignSpec { cyclic: Some("C".to_owned()), ..DesignSpec::default() }.resolve(&structure).unwrap_err();
    assert!(error.to_string().contains("`cyclic` `C`: no chain C"), "{error}");
}
