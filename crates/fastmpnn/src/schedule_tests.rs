//! Decoding level by level gives what decoding one residue after another gives, bit for bit.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastmpnn_kernels::{Kernels, TileInstructions};

use crate::decode::{
    Allowance, DesignTask, Designer, DrawRules, MaskedMember, MemoryLimit, Orders, RandomStream, Schedule,
};
use crate::featurize::Graph;
use crate::mixture_tests::kernels_with;
use crate::model::{MemoryBudget, Model, Network, Precision, Workers};
use crate::shared::shared;
use crate::spec::{DesignSpec, Environment, OrderKind};
use crate::structure::{ReadOptions, Structure, read_path};
use crate::weights::Checkpoint;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Machine {
    network: Network,
    allowance: Allowance,
}

impl Machine {
    fn new(precision: Precision) -> Machine {
        Machine::with(Kernels::detect().expect("an instruction set"), precision, 2)
    }

    fn with(kernels: Kernels, precision: Precision, threads: usize) -> Machine {
        let checkpoint = Checkpoint::embedded().expect("the embedded checkpoint");
        Machine {
            network: Network {
                model: Arc::new(Model::load(kernels, &checkpoint, precision).expect("a loadable checkpoint")),
                workers: Workers::new(NonZeroUsize::new(threads)).expect("threads"),
            },
            allowance: Allowance { limit: MemoryLimit(1 << 30), budget: MemoryBudget::default() },
        }
    }

    /// Draws two samples both ways; returns how many levels the first took.
    fn check(&self, structure: &Structure, spec: &DesignSpec) {
        let plan = spec.resolve(structure).expect("a plan that fits");
        let Network { model, workers } = &self.network;
        let graph = Graph::new(model.kernels, structure, &Environment::default(), &model.config);
        let encoding = Arc::new(model.encode(graph, workers));
        model.keep_projections(&encoding, workers, || Some(self.allowance.indispensable(0)));
        let task = DesignTask { structure, plan: &plan };
        let designer = Designer::new(&self.network, &encoding, task, self.allowance.clone());
        let together = designer.sample(0..2, 0.3).expect("designs");
        let apart = designer.one_at_a_time().sample(0..2, 0.3).expect("designs");
        assert_eq!(together, apart, "{}", structure.name);
        assert_ne!(together[0].sequence, together[1].sequence, "{}: two samples alike", structure.name);
    }
}

fn read(path: &Path) -> Structure {
    read_path(path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn levels_equal_one_at_a_time_on_the_examples() {
    let machine = Machine::new(Precision::F32);
    let spec = |edit: fn(&mut DesignSpec)| {
        let mut spec = DesignSpec::default();
        edit(&mut spec);
        spec
    };
    machine.check(&read(&root().join("examples/5L33.pdb")), &DesignSpec::default());
    let fixed = spec(|spec| spec.fix = vec!["A1-50,A70".into()]);
    machine.check(&read(&root().join("examples/5L33.pdb")), &fixed);
    let tied = spec(|spec| spec.tie = vec!["A11=A12=A40".into(), "A60*1.0=A90*-0.5".into()]);
    machine.check(&read(&root().join("examples/5L33.pdb")), &tied);
    let colored = spec(|spec| spec.order = OrderKind::Colored);
    machine.check(&read(&root().join("examples/3HTN.pdb")), &colored);
    let copies = spec(|spec| spec.homo_oligomer = true);
    machine.check(&read(&root().join("examples/4GYT.pdb")), &copies);
}

#[test]
fn levels_equal_one_at_a_time_in_reduced_precision() {
    let structure = read(&root().join("examples/5L33.pdb"));
    for precision in [Precision::Q16, Precision::Bf16, Precision::F16] {
        Machine::new(precision).check(&structure, &DesignSpec::default());
    }
}

#[test]
fn levels_equal_one_at_a_time_with_split_numbers() {
    let structure = read(&root().join("examples/6MRR.pdb"));
    let tied = DesignSpec { tie: vec!["A11=A12=A40".into()], ..DesignSpec::default() };
    let soft = kernels_with(TileInstructions::Soft);
    Machine::with(soft, Precision::F32, 2).check(&structure, &tied);
    Machine::with(soft, Precision::Bf16x3, 2).check(&structure, &DesignSpec::default());
    let dots = kernels_with(TileInstructions::SoftDots);
    Machine::with(dots, Precision::Bf16, 2).check(&structure, &DesignSpec::default());
}

/// A thread more changes how many nodes go together, another number of samples how many residues of a level do.
#[test]
fn threads_and_batches_change_nothing_with_split_numbers() {
    let structure = read(&root().join("examples/6MRR.pdb"));
    let plan = DesignSpec::default().resolve(&structure).expect("a plan that fits");
    let sequence: Vec<_> = structure.residues.iter().map(|residue| residue.letter).collect();
    let rank: Vec<u32> = (0..sequence.len() as u32).collect();
    for precision in [Precision::F32, Precision::Bf16] {
        let results = [(1, 5), (3, 2)].map(|(threads, samples)| {
            let machine = Machine::with(kernels_with(TileInstructions::Soft), precision, threads);
            let Machine { network, allowance } = &machine;
            let Network { model, workers } = network;
            let graph = Graph::new(model.kernels, &structure, &Environment::default(), &model.config);
            let encoding = Arc::new(model.encode(graph, workers));
            let logits = model.teacher_force(&encoding, workers, &sequence, &rank);
            let task = DesignTask { structure: &structure, plan: &plan };
            let designer = Designer::new(network, &encoding, task, allowance.clone());
            let mut designs = designer.sample(0..samples, 0.3).expect("designs");
            designs.truncate(2);
            (encoding.nodes.to_vec(), encoding.edges.to_vec(), logits, designs)
        });
        let [one, other] = results;
        assert!(one.0 == other.0 && one.1 == other.1, "{precision}: encodings differ");
        assert!(one.2 == other.2, "{precision}: logits differ");
        assert_eq!(one.3, other.3, "{precision}");
    }
}

#[test]
fn keeping_the_edges_products_changes_nothing() {
    let structure = read(&root().join("examples/6MRR.pdb"));
    let sequence: Vec<_> = structure.residues.iter().map(|residue| residue.letter).collect();
    let rank: Vec<u32> = (0..sequence.len() as u32).rev().collect();
    let split = [Precision::F32, Precision::Bf16x3, Precision::Bf16]
        .map(|precision| Machine::with(kernels_with(TileInstructions::Soft), precision, 2));
    for machine in Precision::ALL.into_iter().map(Machine::new).chain(split) {
        let Machine { network: Network { model, workers }, allowance } = machine;
        let precision = model.precision;
        let graph = Graph::new(model.kernels, &structure, &Environment::default(), &model.config);
        let encoding = model.encode(graph, &workers);
        let without = model.teacher_force(&encoding, &workers, &sequence, &rank);
        model.keep_projections(&encoding, &workers, || Some(allowance.indispensable(0)));
        let with = model.teacher_force(&encoding, &workers, &sequence, &rank);
        assert_eq!(without, with, "{precision}");
    }
}

#[test]
fn levels_equal_one_at_a_time_on_every_shared_structure() {
    let Some(folder) = shared("structures") else { return };
    let groups = std::fs::read_dir(&folder).expect("a readable folder");
    let machine = Machine::new(Precision::F32);
    let mut checked = 0;
    for group in groups {
        for entry in std::fs::read_dir(group.expect("a folder").path()).into_iter().flatten() {
            let path = entry.expect("a file").path();
            if !path.extension().is_some_and(|ending| ending == "pdb" || ending == "cif") {
                continue;
            }
            let structure = read(&path);
            if structure.residues.iter().filter(|residue| residue.backbone().is_some()).count() < 3 {
                println!("{}: no protein to decode", structure.name);
                continue;
            }
            machine.check(&structure, &DesignSpec::default());
            checked += 1;
        }
    }
    println!("{checked} structures");
    assert!(checked > 10, "only {checked} structures");
}

#[test]
fn colors_need_fewer_levels_than_chance() {
    let machine = Machine::new(Precision::F32);
    for name in ["5L33", "3HTN"] {
        let structure = read(&root().join(format!("examples/{name}.pdb")));
        let model = &machine.network.model;
        let graph = Graph::new(model.kernels, &structure, &Environment::default(), &model.config);
        let levels = |order| {
            let plan = DesignSpec { order, ..DesignSpec::default() }.resolve(&structure).expect("a plan");
            let stream = RandomStream::new(1, &structure);
            let order = Orders::new(&graph, &plan).sample(&stream, 0);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..structure.residues.len() as u32).collect::<Vec<_>>(), "each residue once");
            let rules = DrawRules { ties: &plan.ties, masked: MaskedMember::Decides, partners: &[], fixed: 0 };
            Schedule::of_drawn(&graph, rules, &order).levels()
        };
        let (random, colored) = (levels(OrderKind::Random), levels(OrderKind::Colored));
        println!("{name}: {random} levels in a random order, {colored} by colors");
        assert!(colored < random);
    }
}
