//! Files that `reference/make_checkpoint_files.py` had PyTorch write.

use fastmpnn::weights::Checkpoint;

use super::golden;

fn read(name: &str) -> Checkpoint {
    Checkpoint::from_bytes(&format!("folder/{name}"), &golden(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(name: &str) -> String {
    Checkpoint::from_bytes(name, &golden(name)).expect_err("a file to be refused").to_string()
}

/// The number at each place of a storage, as the script has it.
fn formula(place: usize) -> f32 {
    ((place * 7 % 31) as f32 - 15.0) / 8.0
}

fn check(checkpoint: &Checkpoint, tensor: &str, shape: &[usize], places: impl IntoIterator<Item = usize>) {
    let found = checkpoint.values(tensor, shape).unwrap_or_else(|error| panic!("{error}"));
    let expected: Vec<f32> = places.into_iter().map(formula).collect();
    assert_eq!(found, expected, "{tensor}");
}

#[test]
fn every_kind_of_number() {
    let checkpoint = read("number_types.pt");
    assert_eq!(checkpoint.tensor_names(), ["bf16", "f16", "f32", "f64"], "whole numbers are no weights");
    for name in checkpoint.tensor_names() {
        check(&checkpoint, name, &[2, 3], 0..6);
    }
    assert_eq!(checkpoint.name(), "number_types");
    assert_eq!(checkpoint.sha256().len(), 64);
}

#[test]
fn views_of_a_shared_storage() {
    for file in ["views.pt", "views_stream.pt", "views_protocol_4.pt"] {
        let checkpoint = read(file);
        check(&checkpoint, "whole", &[4, 6], 0..24);
        check(&checkpoint, "transposed", &[6, 4], (0..6).flat_map(|column| (0..4).map(move |row| 6 * row + column)));
        check(&checkpoint, "column", &[4], [1, 7, 13, 19]);
        check(&checkpoint, "every_second", &[2, 3], [6, 8, 10, 12, 14, 16]);
        check(&checkpoint, "tail", &[4], 20..24);
        check(&checkpoint, "expanded", &[3, 2], [0; 6]);
        let permuted = (0..4).flat_map(|k| (0..2).flat_map(move |i| (0..3).map(move |j| 12 * i + 4 * j + k)));
        check(&checkpoint, "permuted", &[4, 2, 3], permuted);
        check(&checkpoint, "scalar", &[], [3]);
        check(&checkpoint, "empty", &[0, 3], []);
        check(&checkpoint, "parameter", &[5], 0..5);
    }
}

#[test]
fn what_a_training_program_leaves() {
    for file in ["training.pt", "training_stream.pt"] {
        let checkpoint = read(file);
        assert_eq!(checkpoint.tensor_names(), ["bias", "weight"], "the wrapper's prefix goes, the optimizer stays out");
        check(&checkpoint, "weight", &[2, 3], 0..6);
        check(&checkpoint, "bias", &[2], 0..2);
        assert_eq!(checkpoint.neighbors().unwrap(), 30);
        assert_eq!(checkpoint.noise(), Some(0.15));
        assert_eq!(checkpoint.context_atoms().unwrap(), None);
        let other = [("epoch", "12"), ("step", "1099511627776"), ("finished", "true"), ("comment", "fine-tuned")];
        for (key, value) in other {
            assert_eq!(checkpoint.metadata(key), Some(value), "{key}");
        }
        let error = checkpoint.family().unwrap_err().to_string();
        assert!(error.contains("its 2 tensors are not those of ProteinMPNN"), "{error}");
    }
}

#[test]
fn programs_are_not_loaded() {
    let error = refused("whole_model.pt");
    assert!(error.contains("it names torch.nn.modules.linear.Linear, which"), "{error}");
    assert!(error.contains("save model.state_dict()"), "{error}");
    let error = refused("torchscript.pt");
    assert!(error.contains("it is a TorchScript program"), "{error}");
}
