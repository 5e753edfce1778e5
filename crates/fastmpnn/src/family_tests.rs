//! The other families against the published code, stage by stage: the files that `reference/make_family_goldens.py`
//! made. Small random networks are committed with theirs.

use crate::golden_tests::{Case, each_isa, root};
use crate::model::Family;
use crate::weights::Checkpoint;

fn committed(name: &str) -> Checkpoint {
    let path = root().join(format!("tests/golden/{name}_2_2_32.safetensors"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Checkpoint::from_bytes(name, &bytes).expect("a readable checkpoint")
}

/// A committed network of 2 + 2 layers and H = 32 on 6MRR, then whatever else is checked of it.
fn small_network(name: &str, family: Family, more: impl Fn(Case)) {
    let checkpoint = committed(name);
    each_isa(|isa| {
        let case = Case::new(&format!("{name}_6MRR"), "6MRR", &checkpoint, isa);
        let config = case.model.config();
        assert_eq!((config.family, config.encoder_layers, config.hidden, config.neighbours), (family, 2, 32, 20));
        case.check_structure();
        case.check_neighbours();
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
        case.surroundings.membrane.clear();
        case.check_log_probs("log_probs.unlabelled");
    });
}
