//! Structures with no more resolved residues than a residue has neighbors, so that masked ones are among them, against
//! the published code: the files that `reference/make_masked_goldens.py` made.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use fastmpnn_kernels::{Isa, Kernels};

use crate::chemistry::Letter;
use crate::featurize::{Graph, nearest_first};
use crate::golden_tests::{Golden, each_path, root};
use crate::model::{EncodedGraph, Model, Precision, Workers};
use crate::score::log_likelihood;
use crate::spec::{Environment, MembraneClass};
use crate::structure::{DamagedLines, ReadOptions, Residue, Structure, read_atom_lines, read_path};
use crate::weights::Checkpoint;
use crate::weights::Family;

struct Case {
    golden: Golden,
    structure: Structure,
    environment: Environment,
    model: Model,
    workers: Workers,
}

/// The structure as the published ProteinMPNN scripts read it: a masked X stands for each number that a chain skips, and
/// there are no atoms but those of the file.
fn as_published(mut structure: Structure, bytes: &[u8]) -> Structure {
    let lines = read_atom_lines("x.pdb", bytes, DamagedLines::Refuse).expect("readable atom lines");
    let of_file: HashSet<(&str, Option<i32>, &str)> =
        lines.atoms.iter().map(|atom| (&*atom.chain, atom.number, &*atom.name)).collect();
    for residue in &mut structure.residues {
        let (chain, number) = (residue.id.chain.clone(), residue.id.number);
        residue.atoms.retain(|atom| of_file.contains(&(&*chain, Some(number), &*atom.name)));
    }
    let mut residues: Vec<Residue> = Vec::new();
    for chain in &mut structure.chains {
        let begin = residues.len();
        for residue in &structure.residues[chain.residues.clone()] {
            let previous = if residues.len() > begin { residues.last() } else { None };
            let next = previous.map_or(residue.id.number, |previous| previous.id.number + 1);
            let absent = Residue { letter: Letter::X, atoms: Vec::new(), ..residue.clone() };
            for number in next..=residue.id.number {
                let mut residue = if number == residue.id.number { residue.clone() } else { absent.clone() };
                (residue.id.number, residue.sequence_position) = (number, (residues.len() - begin) as i32);
                residues.push(residue);
            }
        }
        chain.residues = begin..residues.len();
    }
    Structure { residues, ..structure }
}

impl Case {
    fn new(golden: &str, structure: &str, checkpoint: &Checkpoint, kernels: Kernels) -> Case {
        let model = Model::load(kernels, checkpoint, Precision::F32).expect("a loadable checkpoint");
        let family = model.config().family;
        let options = ReadOptions { needs: family.backbone_atoms(), ..ReadOptions::default() };
        let path = root().join(format!("tests/golden/masked/{structure}.pdb"));
        let golden = Golden::open(&format!("masked/{golden}"));
        let mut environment = Environment::default();
        if golden.has("labels") {
            let class = |bytes: &[u8]| MembraneClass::ALL[usize::from(bytes[0])];
            environment.membrane = golden.tensor("labels", class, 1);
        }
        let mut structure = read_path(&path, &options).expect("a readable structure");
        if family != Family::Ligand {
            structure = as_published(structure, &std::fs::read(&path).expect("a readable file"));
        }
        let workers = Workers::new(NonZeroUsize::new(2)).expect("two threads");
        Case { golden, structure, environment, model, workers }
    }

    fn graph(&self) -> Graph {
        Graph::new(self.model.kernels, &self.structure, &self.environment, &self.model.config)
    }

    /// Neighbors are the same in the same order, and so are residues and masks.
    fn check_graph(&self) -> EncodedGraph {
        let letters: Vec<_> = self.structure.residues.iter().map(|residue| residue.letter).collect();
        assert_eq!(letters, self.golden.letters("sequence"));
        let graph = self.graph();
        let resolved = self.golden.flags("resolved");
        assert_eq!(graph.resolved(), resolved);
        let expected = self.golden.integers("neighbours");
        let mut masked = 0;
        for (residue, expected) in expected.chunks_exact(graph.degree()).enumerate().filter(|&(i, _)| resolved[i]) {
            let found: Vec<i32> = graph.neighbors(residue).iter().map(|&neighbor| neighbor as i32).collect();
            assert_eq!(found, expected, "neighbours of residue {residue}");
            masked += found.iter().filter(|&&neighbor| !resolved[neighbor as usize]).count();
        }
        assert!(masked > 0, "no masked residue is a neighbor: the structure shows nothing");
        self.model.encode(graph, &self.workers)
    }

    fn check_log_probs(&self, encoding: &EncodedGraph, key: &str, rank: &[u32]) {
        let sequence = self.golden.letters("sequence");
        let logits = self.model.teacher_force(encoding, &self.workers, &sequence, rank);
        self.golden.compare_log_probs(key, &logits.iter().map(log_likelihood).collect::<Vec<_>>());
    }
}

fn committed(name: &str) -> Checkpoint {
    let bytes = std::fs::read(root().join(format!("tests/golden/{name}.safetensors"))).expect("the small checkpoint");
    Checkpoint::from_bytes(name, &bytes).expect("a readable checkpoint")
}

fn check(golden: &str, structure: &str, checkpoint: &Checkpoint) {
    each_path(|kernels| {
        let case = Case::new(golden, structure, checkpoint, kernels);
        let encoding = case.check_graph();
        case.check_log_probs(&encoding, "log_probs", &case.golden.rank("order"));
        if case.golden.has("unconditional_log_probs") {
            case.check_log_probs(&encoding, "unconditional_log_probs", &vec![0; case.structure.residues.len()]);
        }
    });
}

#[test]
fn masked_neighbors_are_those_of_the_published_code() {
    check("protein", "chain", &Checkpoint::embedded().expect("the embedded checkpoint"));
}

#[test]
fn masked_neighbors_are_those_of_the_published_code_in_ca_only_networks() {
    check("ca_only", "trace", &committed("tiny_ca_only_2_2_32"));
}

#[test]
fn masked_neighbors_are_those_of_the_published_code_in_membrane_networks() {
    check("membrane", "short", &committed("tiny_membrane_2_2_32"));
}

/// Where fewer than sixteen residues are resolved, masked ones show their side chains.
#[test]
fn masked_neighbors_are_those_of_the_published_code_in_ligand_networks() {
    let checkpoint = committed("tiny_ligand_1_1_32");
    check("ligand", "complex", &checkpoint);
    each_path(|kernels| {
        let mut case = Case::new("ligand", "complex", &checkpoint, kernels);
        case.environment.side_chains_of = case.golden.flags("designed").into_iter().map(|designed| !designed).collect();
        let encoding = case.check_graph();
        case.check_log_probs(&encoding, "side_chains.log_probs", &case.golden.rank("side_chains.order"));
    });
}

#[test]
fn of_equal_distances_those_are_chosen_that_torch_chooses() {
    let golden = Golden::open("masked/protein");
    let (distances, chosen) = (golden.floats("selection.distances"), golden.integers("selection.chosen"));
    for (distances, chosen) in distances.chunks_exact(96).zip(chosen.chunks_exact(48)) {
        let mut candidates: Vec<(f32, u32)> = distances.iter().copied().zip(0..).collect();
        nearest_first(&mut candidates, chosen.len());
        let found: Vec<i32> = candidates[..chosen.len()].iter().map(|&(_, index)| index as i32).collect();
        assert_eq!(found, chosen);
    }
}

/// A union of states, of which one has masked neighbors and the other has not, is encoded as each alone.
#[test]
fn states_of_which_one_has_masked_neighbors_are_encoded_as_if_each_were_alone() {
    let portable = Kernels::on(Isa::Scalar).expect("plain Rust");
    let case = Case::new("membrane", "short", &committed("tiny_membrane_2_2_32"), portable);
    let mut whole = case.structure.clone();
    let template = whole.residues[0].atoms.clone();
    for (place, residue) in whole.residues.iter_mut().enumerate().filter(|(_, residue)| residue.backbone().is_none()) {
        residue.atoms.clone_from(&template);
        for atom in &mut residue.atoms {
            atom.position[0] += 2.0 * place as f32;
        }
    }
    let graph = |structure| Graph::new(case.model.kernels, structure, &case.environment, &case.model.config);
    let alone = [&case.structure, &whole].map(|structure| case.model.encode(graph(structure), &case.workers));
    for order in [[0, 1], [1, 0]] {
        let structures = order.map(|state| [&case.structure, &whole][state]);
        let union = Graph::union(structures.map(graph).into()).expect("two graphs");
        let both = case.model.encode(union, &case.workers);
        let expected = order.map(|state| &alone[state].edges[..]).concat();
        assert!(both.edges[..] == expected, "edges of states in the order {order:?}");
    }
}
