//! The other families against the published code, stage by stage: the files that `reference/make_family_goldens.py`
//! made. Small random networks are committed with theirs.

use std::num::NonZeroUsize;

use fastmpnn_kernels::Kernels;

use crate::featurize::Graph;
use crate::golden_tests::{Case, each_path, each_path_for, root};
use crate::model::{Model, Precision, Workers};
use crate::published_checkpoint::published;
use crate::spec::Environment;
use crate::structure::{BackboneAtoms, ReadOptions, read_bytes, read_path};
use crate::weights::Checkpoint;
use crate::weights::Family;

fn committed(name: &str) -> Checkpoint {
    let path = root().join(format!("tests/golden/{name}.safetensors"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Checkpoint::from_bytes(name, &bytes).expect("a readable checkpoint")
}

/// A committed network of 2 + 2 layers and H = 32 on 6MRR, then whatever else is checked of it.
fn small_network(name: &str, family: Family, more: impl Fn(Case)) {
    let checkpoint = committed(&format!("{name}_2_2_32"));
    each_path(|kernels| {
        let case = Case::new(&format!("{name}_6MRR"), "6MRR", &checkpoint, kernels);
        let config = case.model.config();
        assert_eq!((config.family, config.encoder_layers, config.hidden, config.neighbors), (family, 2, 32, 20));
        case.check_structure();
        case.check_neighbors();
        case.check_encoder();
        case.check_decoder();
        more(case);
    });
}

#[test]
fn a_small_ca_only_network_equals_the_published_code() {
    small_network("tiny_ca_only", Family::CaOnly, |_| {});
}

#[test]
fn a_small_membrane_network_equals_the_published_code_with_labels_and_without() {
    small_network("tiny_membrane", Family::Membrane, |mut case| {
        case.environment.membrane.clear();
        case.check_log_probs("log_probs.unlabelled");
    });
}

/// Every stage of the golden, with the published checkpoint; and ln p with its sisters of other noise levels.
fn stages_of(golden: &str, entry: &str, checkpoint: &str, others: &[&str]) {
    let Some(main) = published(&format!("{checkpoint}_v_48_020")) else { return };
    each_path_for(entry, |kernels| {
        let case = Case::new(golden, entry, &main, kernels);
        case.check_structure();
        case.check_neighbors();
        case.check_encoder();
        case.check_decoder();
    });
    for noise in others {
        let Some(sister) = published(&format!("{checkpoint}_v_48_{noise}")) else { return };
        each_path_for(entry, |kernels| {
            Case::new(golden, entry, &sister, kernels).check_log_probs(&format!("log_probs.{noise}"))
        });
    }
}

#[test]
fn soluble_networks_equal_the_published_code() {
    stages_of("soluble_6MRR", "6MRR", "solublempnn", &["002", "010", "030"]);
}

#[test]
fn ca_only_networks_equal_the_published_code() {
    stages_of("ca_only_6MRR", "6MRR", "ca_proteinmpnn", &["002", "010"]);
}

/// Three chains and a gap: what stands before and after a residue in the rows of the published code.
#[test]
fn ca_only_networks_equal_the_published_code_across_chains_and_gaps() {
    stages_of("ca_only_3HTN", "3HTN", "ca_proteinmpnn", &["002", "010"]);
}

#[test]
fn membrane_networks_equal_the_published_code_with_labels_and_without() {
    for (golden, checkpoint) in [
        ("membrane_global_5L33", "global_label_membrane_mpnn"),
        ("membrane_residue_5L33", "per_residue_label_membrane_mpnn"),
    ] {
        stages_of(golden, "5L33", checkpoint, &[]);
        let Some(checkpoint) = published(&format!("{checkpoint}_v_48_020")) else { return };
        each_path(|kernels| {
            let mut case = Case::new(golden, "5L33", &checkpoint, kernels);
            case.environment.membrane.clear();
            case.check_log_probs("log_probs.unlabelled");
        });
    }
}

#[test]
fn a_trace_is_the_same_to_a_ca_only_network_as_the_whole_structure() {
    let whole = std::fs::read_to_string(root().join("examples/3HTN.pdb")).expect("an example");
    let atoms = |line: &&str| line.starts_with("ATOM") || line.starts_with("HETATM");
    let alphas = whole.lines().filter(atoms).filter(|line| &line[12..16] == " CA ");
    let trace: String = alphas.map(|line| format!("{line}\n")).collect();
    let checkpoint = committed("tiny_ca_only_2_2_32");
    let workers = Workers::new(NonZeroUsize::new(2)).expect("two threads");
    let kernels = Kernels::detect().expect("an instruction set");
    let model = Model::load(kernels, &checkpoint, Precision::F32).expect("a loadable checkpoint");
    let options = ReadOptions { needs: model.config().family.backbone_atoms(), ..ReadOptions::default() };
    assert_eq!(options.needs, BackboneAtoms::Alpha);
    let [whole, trace] = [&whole, &trace].map(|text| read_bytes("3HTN.pdb", text.as_bytes(), &options).expect("read"));
    let encodings = [&whole, &trace].map(|structure| {
        let graph = Graph::new(kernels, structure, &Environment::default(), model.config());
        assert!(graph.resolved.iter().all(|&resolved| resolved));
        model.encode(graph, &workers)
    });
    assert_eq!(trace.residues.len(), 425);
    assert!(trace.warnings.iter().all(|warning| !warning.message.contains("masked")));
    assert!(encodings[0].nodes[..] == encodings[1].nodes[..] && encodings[0].edges[..] == encodings[1].edges[..]);
}

/// States are components of one graph: each is encoded as if it were alone.
#[test]
fn states_are_encoded_as_if_each_were_alone() {
    let read = |name: &str| {
        let path = root().join(format!("examples/{name}.pdb"));
        read_path(&path, &ReadOptions::default()).expect("a readable example")
    };
    let kernels = Kernels::detect().expect("an instruction set");
    let workers = Workers::new(NonZeroUsize::new(2)).expect("two threads");
    for (name, entry) in
        [("tiny_ca_only_2_2_32", "6MRR"), ("tiny_membrane_2_2_32", "6MRR"), ("tiny_ligand_1_1_32", "3MHT")]
    {
        let structure = read(entry);
        let mut other = structure.clone();
        for (place, atom) in other.residues.iter_mut().flat_map(|residue| &mut residue.atoms).enumerate() {
            atom.position[0] += 0.5 * (0.3 * place as f32).sin();
        }
        let model = Model::load(kernels, &committed(name), Precision::F32).expect("a loadable checkpoint");
        let graph = |structure| Graph::new(kernels, structure, &Environment::default(), model.config());
        let union = Graph::union(vec![graph(&structure), graph(&other)]).expect("two graphs");
        let both = model.encode(union, &workers);
        let [first, second] = [&structure, &other].map(|structure| model.encode(graph(structure), &workers));
        assert!(both.nodes[..] == [&first.nodes[..], &second.nodes[..]].concat(), "{name}: nodes");
        assert!(both.edges[..] == [&first.edges[..], &second.edges[..]].concat(), "{name}: edges");
        assert!(first.nodes[..] != second.nodes[..], "{name}: the states are the same");
    }
}
