//! Stage by stage against the published code: the files in `tests/golden` were made by `reference/make_goldens.py`.
//!
//! Each comparison prints the worst difference of a named tensor. Tolerances: 10⁻³ relative on features and hidden
//! states (f32 in another order of operations), 10⁻⁴ on ln p; neighbors, argmax and greedy sequences are equal.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastmpnn_kernels::{ISA_VARIABLE, Isa, Kernels};
use safetensors::SafeTensors;

use crate::chemistry::{Letter, VOCABULARY};
use crate::decode::{Allowance, DesignTask, Designer, MemoryLimit, SampleOrder};
use crate::featurize::Graph;
use crate::model::{
    EncodedGraph, GivenSequence, MemoryBudget, Model, MovedResidue, MovingOrder, Network, Precision, Workers,
};
use crate::score::{log_likelihood, mean_where};
use crate::spec::{DesignPlan, Environment, MembraneClass, OrderKind, TiedGroup};
use crate::structure::{ReadOptions, Residue, Structure, read_path};
use crate::weights::Checkpoint;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) struct Golden {
    name: String,
    bytes: Vec<u8>,
}

impl Golden {
    pub(crate) fn open(name: &str) -> Golden {
        let path = root().join(format!("tests/golden/{name}.safetensors"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Golden { name: name.to_owned(), bytes }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        SafeTensors::deserialize(&self.bytes).expect("a readable golden").tensor(key).is_ok()
    }

    pub(crate) fn tensor<T>(&self, key: &str, decode: impl Fn(&[u8]) -> T, size: usize) -> Vec<T> {
        let file = SafeTensors::deserialize(&self.bytes).expect("a readable golden");
        let view = file.tensor(key).unwrap_or_else(|error| panic!("{}: {key}: {error}", self.name));
        view.data().chunks_exact(size).map(decode).collect()
    }

    pub(crate) fn floats(&self, key: &str) -> Vec<f32> {
        self.tensor(key, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]), 4)
    }

    pub(crate) fn integers(&self, key: &str) -> Vec<i32> {
        self.tensor(key, |b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]), 4)
    }

    pub(crate) fn indexes(&self, key: &str) -> Vec<usize> {
        self.integers(key).into_iter().map(|index| index as usize).collect()
    }

    pub(crate) fn flags(&self, key: &str) -> Vec<bool> {
        self.tensor(key, |b| b[0] != 0, 1)
    }

    pub(crate) fn letters(&self, key: &str) -> Vec<Letter> {
        self.indexes(key).into_iter().map(|index| Letter::from_index(index).expect("a letter")).collect()
    }

    pub(crate) fn rank(&self, key: &str) -> Vec<u32> {
        let order = self.indexes(key);
        let mut rank = vec![0; order.len()];
        for (place, residue) in order.into_iter().enumerate() {
            rank[residue] = place as u32;
        }
        rank
    }

    /// Prints the largest difference, and fails where it is more than `most`.
    #[track_caller]
    pub(crate) fn compare(&self, key: &str, found: &[f32], most: Tolerance) {
        let expected = self.floats(key);
        assert_eq!(found.len(), expected.len(), "{}: {key}: sizes", self.name);
        let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let worst = found.iter().zip(&expected).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
        println!("{:>6} {key:<34} worst {worst:.2e} of {largest:.2e}", self.name);
        assert!(worst <= most.absolute + most.relative * largest, "{}: {key}: worst difference {worst:e}", self.name);
        assert!(found.iter().all(|value| value.is_finite()), "{}: {key}: not finite", self.name);
    }

    #[track_caller]
    pub(crate) fn compare_log_probs(&self, key: &str, found: &[[f32; VOCABULARY]]) {
        self.compare(key, &found.concat(), Tolerance::absolute(1e-4));
        let best = |row: &[f32]| (0..VOCABULARY).max_by(|&a, &b| row[a].total_cmp(&row[b]));
        for (residue, (found, expected)) in found.iter().zip(self.floats(key).chunks_exact(VOCABULARY)).enumerate() {
            assert_eq!(best(found), best(expected), "{}: {key}: argmax of residue {residue}", self.name);
        }
    }
}

/// A tolerance on hidden states: one part in a thousand of the tensor's largest value.
pub(crate) const STATES: Tolerance = Tolerance { absolute: 0.0, relative: 1e-3 };

/// |difference| ≤ absolute + relative · largest |expected| of the tensor.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) absolute: f32,
    pub(crate) relative: f32,
}

impl Tolerance {
    pub(crate) fn absolute(absolute: f32) -> Tolerance {
        Tolerance { absolute, relative: 0.0 }
    }
}

pub(crate) struct Case {
    pub(crate) golden: Golden,
    pub(crate) structure: Structure,
    pub(crate) environment: Environment,
    pub(crate) model: Arc<Model>,
    pub(crate) workers: Workers,
}

impl Case {
    pub(crate) fn new(golden: &str, structure: &str, checkpoint: &Checkpoint, kernels: Kernels) -> Case {
        Case::in_precision(Precision::F32, golden, structure, checkpoint, kernels)
    }

    pub(crate) fn in_precision(
        precision: Precision,
        golden: &str,
        structure: &str,
        checkpoint: &Checkpoint,
        kernels: Kernels,
    ) -> Case {
        let model = Model::load(kernels, checkpoint, precision).expect("a loadable checkpoint");
        Case::of(golden, structure, Arc::new(model))
    }

    pub(crate) fn of(golden: &str, structure: &str, model: Arc<Model>) -> Case {
        let path = root().join(format!("examples/{structure}.pdb"));
        let golden = Golden::open(golden);
        let mut environment = Environment::default();
        if golden.has("labels") {
            let class = |bytes: &[u8]| MembraneClass::ALL[usize::from(bytes[0])];
            environment.membrane = golden.tensor("labels", class, 1);
        }
        Case {
            golden,
            environment,
            structure: read_path(&path, &ReadOptions::default()).expect("a readable example"),
            model,
            workers: Workers::new(NonZeroUsize::new(2)).expect("two threads"),
        }
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::new(self.model.kernels, &self.structure, &self.environment, &self.model.config)
    }

    pub(crate) fn encoding(&self) -> EncodedGraph {
        self.model.encode(self.graph(), &self.workers)
    }

    /// Rows of a `[N, H]` buffer without their padding.
    pub(crate) fn rows(&self, values: &[f32], rows: &[usize]) -> Vec<f32> {
        let stride = self.model.stride();
        rows.iter().flat_map(|&row| values[row * stride..][..self.model.config.hidden].to_vec()).collect()
    }

    /// The sampled edges of a `[N, K, H]` buffer: the golden names them by residue and neighbor.
    fn edges(&self, graph: &Graph, values: &[f32]) -> Vec<f32> {
        let golden = &self.golden;
        let neighbors = golden.integers("edge_neighbours");
        let slots = neighbors.len() / golden.integers("edge_rows").len();
        let mut found = Vec::new();
        for (residue, neighbors) in golden.indexes("edge_rows").into_iter().zip(neighbors.chunks_exact(slots)) {
            for &neighbor in neighbors {
                let slot = graph.neighbors(residue).iter().position(|&found| found as i32 == neighbor);
                let edge = residue * graph.degree() + slot.expect("the neighbor is there");
                found.extend(self.rows(values, &[edge]));
            }
        }
        found
    }

    pub(crate) fn check_structure(&self) {
        let golden = &self.golden;
        let residues = &self.structure.residues;
        assert_eq!(
            residues.iter().map(|residue| residue.letter).collect::<Vec<_>>(),
            golden.letters("sequence"),
            "{}: sequence",
            golden.name
        );
        let positions: Vec<i32> = residues.iter().map(|residue| residue.sequence_position).collect();
        assert_eq!(positions, golden.integers("sequence_position"), "{}: positions", golden.name);
        let numbers: Vec<i32> = residues.iter().map(|residue| residue.id.number).collect();
        assert_eq!(numbers, golden.integers("residue_number"), "{}: numbers", golden.name);
        if golden.has("alpha") {
            let alpha = |residue: &Residue| residue.atom("CA").expect("a CA").position;
            golden.compare("alpha", &residues.iter().flat_map(alpha).collect::<Vec<f32>>(), Tolerance::absolute(0.0));
            return;
        }
        let backbone: Vec<f32> =
            residues.iter().flat_map(|residue| residue.backbone().expect("a backbone").concat()).collect();
        golden.compare("backbone", &backbone, Tolerance::absolute(0.0));
    }

    pub(crate) fn check_neighbors(&self) {
        let graph = self.graph();
        let degree = graph.degree();
        for (residue, expected) in self.golden.integers("neighbours").chunks_exact(degree).enumerate() {
            let sorted = |row: &mut dyn Iterator<Item = u32>| {
                let mut row: Vec<u32> = row.collect();
                row.sort_unstable();
                row
            };
            let found = sorted(&mut graph.neighbors(residue).iter().copied());
            let expected = sorted(&mut expected.iter().map(|&index| index as u32));
            assert_eq!(found, expected, "{}: neighbours of residue {residue}", self.golden.name);
        }
    }

    pub(crate) fn check_encoder(&self) {
        let nodes = self.golden.indexes("node_rows");
        let features = self.model.encode_to_depth(self.graph(), &self.workers, 0);
        self.golden.compare("edges.embedded", &self.edges(&features.graph, &features.edges), STATES);
        for layer in 0..self.model.encoder.layers.len() {
            let encoding = self.model.encode_to_depth(self.graph(), &self.workers, layer + 1);
            let prefix = format!("encoder.{layer}");
            self.golden.compare(&format!("{prefix}.nodes"), &self.rows(&encoding.nodes, &nodes), STATES);
            self.golden.compare(&format!("{prefix}.edges"), &self.edges(&encoding.graph, &encoding.edges), STATES);
        }
    }

    pub(crate) fn check_decoder(&self) {
        let encoding = self.encoding();
        let (sequence, rank) = (self.golden.letters("sequence"), self.golden.rank("order"));
        let nodes = self.golden.indexes("node_rows");
        for layer in 0..self.model.decoder.len() {
            let states = self.model.teacher_forced_states(&encoding, &self.workers, &sequence, &rank, layer + 1);
            self.golden.compare(&format!("decoder.{layer}.nodes"), &self.rows(&states, &nodes), STATES);
        }
        let probabilities = |logits: Vec<[f32; VOCABULARY]>| logits.iter().map(log_likelihood).collect::<Vec<_>>();
        let logits = self.model.teacher_force(&encoding, &self.workers, &sequence, &rank);
        self.golden.compare_log_probs("log_probs", &probabilities(logits));
        if !self.golden.has("unconditional_log_probs") {
            return;
        }
        let none = vec![0; sequence.len()];
        let logits = self.model.teacher_force(&encoding, &self.workers, &sequence, &none);
        self.golden.compare_log_probs("unconditional_log_probs", &probabilities(logits));
        self.check_conditional(&encoding, &sequence);
    }

    /// ln p of the native sequence in the golden's order equals that tensor.
    pub(crate) fn check_log_probs(&self, key: &str) {
        let forced = (self.golden.letters("sequence"), self.golden.rank("order"));
        let logits = self.model.teacher_force(&self.encoding(), &self.workers, &forced.0, &forced.1);
        self.golden.compare_log_probs(key, &logits.iter().map(log_likelihood).collect::<Vec<_>>());
    }

    /// The worst difference from the golden's ln p, with and without letters seen, and at how many residues of all the
    /// most likely letter is the golden's.
    pub(crate) fn differences(&self) -> (f32, usize, usize) {
        self.differences_of(&["log_probs", "unconditional_log_probs"])
    }

    /// [`Case::differences`] over these tensors of the golden, each with letters seen but the `unconditional` one.
    pub(crate) fn differences_of(&self, keys: &[&str]) -> (f32, usize, usize) {
        let encoding = self.encoding();
        let sequence = self.golden.letters("sequence");
        let best = |row: &[f32]| (0..VOCABULARY).max_by(|&a, &b| row[a].total_cmp(&row[b]));
        let (mut worst, mut agreeing, mut all) = (0.0_f32, 0, 0);
        for &key in keys {
            let rank =
                if key.starts_with("unconditional") { vec![0; sequence.len()] } else { self.golden.rank("order") };
            let logits = self.model.teacher_force(&encoding, &self.workers, &sequence, &rank);
            for (logits, expected) in logits.iter().zip(self.golden.floats(key).chunks_exact(VOCABULARY)) {
                let found = log_likelihood(logits);
                for (found, expected) in found.iter().zip(expected) {
                    // NaN is the worst difference of all.
                    let difference = (found - expected).abs();
                    worst = if difference <= worst { worst } else { difference };
                }
                agreeing += usize::from(best(&found) == best(expected));
                all += 1;
            }
        }
        (worst, agreeing, all)
    }

    fn check_conditional(&self, encoding: &EncodedGraph, sequence: &[Letter]) {
        let orders = self.golden.indexes("conditional_order");
        let network = Network { model: self.model.clone(), workers: self.workers.clone() };
        let mut found = Vec::new();
        for (row, order) in self.golden.indexes("conditional_rows").into_iter().zip(orders.chunks_exact(sequence.len()))
        {
            assert_eq!(order.last(), Some(&row));
            let mut rank = vec![0; order.len()];
            for (place, &residue) in order.iter().enumerate() {
                rank[residue] = place as u32;
            }
            let last = MovedResidue { residue: row as u32, before: rank.len() as u32 };
            let given = GivenSequence { sequence, rank: &rank };
            let order = MovingOrder { encoding, given, memo: None };
            let states = Model::order_states(&network, order);
            let mut decoding = states.decoding(&self.model, encoding);
            let mut scratch = self.workers.scratch(self.model.kernels);
            let logits = self.model.decode_moved(order, &states, last, &mut decoding, &mut scratch);
            found.push(log_likelihood(&logits));
        }
        self.golden.compare_log_probs("conditional_log_probs", &found);
    }

    /// The design of a golden `greedy.KIND`, drawn at T = 0 in the golden's order, equals it letter by letter.
    pub(crate) fn check_greedy(&self, encoding: &Arc<EncodedGraph>, kind: &str) {
        let golden = &self.golden;
        let key = |name: &str| format!("greedy.{kind}.{name}");
        let plan = self.plan(kind);
        let order: Vec<u32> = golden.indexes(&key("order")).into_iter().map(|residue| residue as u32).collect();
        let (fixed, designed): (Vec<u32>, Vec<u32>) = order.iter().partition(|&&i| !plan.designed[i as usize]);
        assert_eq!(order[..fixed.len()], fixed, "the published code decodes fixed residues first");
        let network = Network { model: self.model.clone(), workers: self.workers.clone() };
        let allowance = Allowance { limit: MemoryLimit(1 << 30), budget: MemoryBudget::default() };
        let task = DesignTask { structure: &self.structure, plan: &plan };
        let designer = Designer::in_order(&network, encoding, task, fixed, allowance);
        let order = SampleOrder { sample: 0, residues: designed };
        let design = designer.sample_in_orders(&[order], 0.0).expect("a design").remove(0);
        assert_eq!(design.sequence, golden.letters(&key("sequence")), "{}: greedy {kind}", golden.name);
        assert_eq!(design.rank, golden.rank(&key("order")), "{}: greedy {kind}: order", golden.name);
        golden.compare(&key("nll"), &design.negative_log_likelihood, Tolerance::absolute(1e-4));
        let score = mean_where(&design.negative_log_likelihood, |residue| plan.designed[residue]);
        golden.compare(&key("score"), &[score.expect("designed residues") as f32], Tolerance::absolute(1e-5));
    }

    fn plan(&self, kind: &str) -> DesignPlan {
        let golden = &self.golden;
        let key = |name: &str| format!("greedy.{kind}.{name}");
        let count = self.structure.residues.len();
        let everywhere = golden.flags(&key("omitted"));
        let mut plan = DesignPlan {
            designed: golden.flags(&key("designed")),
            ties: Vec::new(),
            bias: vec![[0.0; VOCABULARY]; count],
            omitted: vec![bits(&everywhere); count],
            order: OrderKind::Random,
            ..DesignPlan::default()
        };
        if kind == "biased" {
            let (global, local) = (golden.floats(&key("bias")), golden.floats(&key("bias_at")));
            for (row, local) in plan.bias.iter_mut().zip(local.chunks_exact(VOCABULARY)) {
                *row = std::array::from_fn(|letter| global[letter] + local[letter]);
            }
            for (row, local) in plan.omitted.iter_mut().zip(golden.flags(&key("omitted_at")).chunks(VOCABULARY)) {
                *row |= bits(local);
            }
        }
        if kind == "tied" {
            let (group, weight) = (golden.integers(&key("group")), golden.floats(&key("weight")));
            for id in 0..=group.iter().copied().max().unwrap_or(-1) {
                let members: Vec<usize> = (0..count).filter(|&residue| group[residue] == id).collect();
                let weights = members.iter().map(|&member| weight[member]).collect();
                plan.ties.push(TiedGroup { members, weights });
            }
        }
        plan
    }
}

fn bits(flags: &[bool]) -> u32 {
    flags.iter().enumerate().fold(0, |bits, (letter, &flag)| bits | u32::from(flag) << letter)
}

/// With the instructions that the environment names, or else on every instruction set that this processor has, and with matrix tiles
/// where it has them.
pub(crate) fn each_path(test: impl Fn(Kernels)) {
    let detected = Kernels::detect().expect("available instructions");
    let mut paths: Vec<Kernels> = Isa::available().map(|isa| Kernels::on(isa).expect("an available set")).collect();
    if is_forced() {
        paths.clear();
    }
    if !paths.contains(&detected) {
        paths.push(detected);
    }
    for kernels in paths {
        println!("{}", kernels.plan());
        test(kernels);
    }
}

fn is_forced() -> bool {
    std::env::var_os(ISA_VARIABLE).is_some_and(|name| !name.is_empty())
}

/// As [`each_path`], but for large structures and networks, which the portable kernels take minutes for: those run here only
/// where there are no others. Smaller ones of the same kind show that they are right.
pub(crate) fn each_vector_path(test: impl Fn(Kernels)) {
    let portable_alone = is_forced() || Isa::available().all(|isa| isa == Isa::Scalar);
    each_path(|kernels| {
        if kernels.isa() != Isa::Scalar || portable_alone {
            test(kernels);
        }
    });
}

/// The structures whose goldens the portable kernels are held to as well.
const PORTABLE: [&str; 2] = ["5L33", "6MRR"];

/// With the instructions that a structure of the examples is tried on.
pub(crate) fn each_path_for(structure: &str, test: impl Fn(Kernels)) {
    if PORTABLE.contains(&structure) { each_path(test) } else { each_vector_path(test) }
}

fn stages(name: &str) {
    let checkpoint = Checkpoint::embedded().expect("the embedded checkpoint");
    each_path_for(name, |kernels| {
        let case = Case::new(name, name, &checkpoint, kernels);
        case.check_structure();
        case.check_neighbors();
        case.check_encoder();
        case.check_decoder();
    });
}

fn greedy_designs(name: &str) {
    let checkpoint = Checkpoint::embedded().expect("the embedded checkpoint");
    each_path_for(name, |kernels| {
        let case = Case::new(name, name, &checkpoint, kernels);
        let encoding = Arc::new(case.encoding());
        case.model.keep_projections(&encoding, &case.workers, || Some(MemoryBudget::default().reserve_anyway(0)));
        for kind in ["design", "fixed", "tied", "biased"] {
            case.check_greedy(&encoding, kind);
        }
    });
}

/// A test a structure, so that emulators can run a few.
macro_rules! equal_the_published_code {
    ($($module:ident: $structure:literal),* $(,)?) => {$(
        mod $module {
            #[test]
            fn stages() {
                super::stages($structure);
            }
            #[test]
            fn greedy_designs() {
                super::greedy_designs($structure);
            }
        }
    )*};
}

equal_the_published_code! {
    structure_5l33: "5L33",
    structure_6mrr: "6MRR",
    structure_3htn: "3HTN",
    structure_4gyt: "4GYT",
}

#[test]
fn a_network_of_other_sizes_equals_the_published_code() {
    let bytes = std::fs::read(root().join("tests/golden/tiny_2_2_64.safetensors")).expect("the small checkpoint");
    let checkpoint = Checkpoint::from_bytes("tiny_2_2_64", &bytes).expect("a readable checkpoint");
    each_path(|kernels| {
        let case = Case::new("tiny_5L33", "5L33", &checkpoint, kernels);
        let config = case.model.config();
        assert_eq!((config.encoder_layers, config.decoder_layers, config.hidden, config.neighbors), (2, 2, 64, 24));
        case.check_neighbors();
        case.check_encoder();
        case.check_decoder();
    });
}

/// Worst difference in ln p that is let pass, one and a half to two times the worst seen on any path, and the share of residues whose
/// most likely letter stays the same.
const REDUCED: [(Precision, f32, f32); 3] =
    [(Precision::Q16, 0.025, 0.98), (Precision::Bf16, 0.1, 0.98), (Precision::F16, 0.01, 0.98)];

#[test]
fn reduced_precisions_stay_near_the_published_code() {
    let checkpoint = Checkpoint::embedded().expect("the embedded checkpoint");
    each_path(|kernels| {
        let path = kernels.plan();
        for (precision, bound, share) in REDUCED {
            for name in ["5L33", "6MRR"] {
                let case = Case::in_precision(precision, name, name, &checkpoint, kernels);
                let (worst, agreeing, all) = case.differences();
                println!("{name:>6} {precision:<4} worst {worst:.2e}, argmax {agreeing} of {all}");
                assert!(worst <= bound, "{name}: {precision} on {path}: ln p off by {worst:e}");
                assert!(agreeing as f32 >= share * all as f32, "{name}: {precision} on {path}: {agreeing} of {all}");
                assert!(worst > 1e-4, "{name}: {precision} on {path} is as exact as f32: it was not used");
            }
        }
    });
}
